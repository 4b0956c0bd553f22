//! Shares with their interval.

/// A share with its 95 % interval: `3/4 0.30-0.95`.
pub fn share(of: usize, all: usize) -> String {
    let (low, high) = wilson(of, all);
    // Below a thousandth, two decimals would say nothing.
    let digits = if high < 0.02 { 5 } else { 2 };
    format!("{of}/{all} {low:.digits$}-{high:.digits$}")
}

/// The 95 % interval of a share (Wilson 1927).
pub fn wilson(of: usize, all: usize) -> (f64, f64) {
    if all == 0 {
        return (0.0, 1.0);
    }
    let (n, z) = (all as f64, 1.96_f64);
    let p = of as f64 / n;
    let middle = p + z * z / (2.0 * n);
    let width = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z * z / n;
    // What is 0 or 1 but for rounding.
    (((middle - width) / whole).max(0.0), ((middle + width) / whole).min(1.0))
}
