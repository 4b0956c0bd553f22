//! What is printed.

use super::patrol::{Series, Told};
use std::collections::BTreeMap;

/// Cycles within which what always shows must be told; what customers get past is told when it lasts, after three.
const CYCLES_MAX: usize = 2;
const CYCLES_SLOW_MAX: usize = 3;

/// A series in a line, as it ends.
pub fn line(series: &Series) -> String {
    let after = |cycles: Option<usize>| cycles.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let told = series.told.iter().map(|t| {
        let wrong = match (t.class_right, t.step_right) {
            (true, true) => "",
            (false, _) => " (class wrong)",
            (_, false) => " (step wrong)",
        };
        format!("{}{wrong} {}", t.detector, t.headline)
    });
    format!(
        "{:<5} {:>3} % found after {:>2} opened after {:>2} incidents {} walks {:>3}  {}",
        series.fault.id,
        series.percent,
        after(series.found_after),
        after(series.opened_after),
        series.told.len(),
        series.walks,
        told.collect::<Vec<_>>().join(" | ")
    )
}

/// The table by rate and group of the catalogue.
pub fn say(all: &[Series]) {
    let mut rows: BTreeMap<(u8, char), Vec<&Series>> = BTreeMap::new();
    for series in all {
        rows.entry((100 - series.percent, series.fault.group)).or_default().push(series);
        rows.entry((100 - series.percent, '*')).or_default().push(series);
    }
    println!();
    println!(
        "shares with their 95 % interval (Wilson 1927); `*` is all groups; class and step are of the first incident;"
    );
    println!("cycles are first looks of each journey in which the fault shows, `-` where too few were found");
    println!(
        "rate  group faults recall             class              step               incidents/fault  cycles p50/p90"
    );
    for ((rest, group), series) in &rows {
        say_row(100 - rest, *group, series);
    }
    for series in all.iter().filter(|s| !is_found(s)) {
        println!("not found: {}", line(series));
    }
    for series in all.iter().filter(|s| s.told.len() > 1) {
        println!("told more than once: {}", line(series));
    }
    let inconclusive: usize = all.iter().map(|s| s.inconclusive).sum();
    let walks: usize = all.iter().map(|s| s.walks).sum();
    println!("{walks} walks, {inconclusive} of them inconclusive");
}

fn is_found(series: &Series) -> bool {
    let most = if series.fault.group == 'E' { CYCLES_SLOW_MAX } else { CYCLES_MAX };
    series.found_after.is_some_and(|after| series.percent < 100 || after <= most)
}

fn say_row(percent: u8, group: char, series: &[&Series]) {
    let opened: Vec<&Told> = series.iter().filter_map(|s| s.told.first()).collect();
    let share = |of: usize, all: usize| {
        let (low, high) = wilson(of, all);
        format!("{of}/{all} {:.2}-{:.2}", low, high)
    };
    let told: usize = series.iter().map(|s| s.told.len()).sum();
    let per_fault = told as f64 / opened.len().max(1) as f64;
    let mut cycles: Vec<usize> = series.iter().map(|s| s.found_after.unwrap_or(usize::MAX)).collect();
    cycles.sort_unstable();
    let at = |share: f64| {
        let at = (share * cycles.len().saturating_sub(1) as f64).ceil() as usize;
        cycles.get(at).copied().filter(|cycle| *cycle < usize::MAX)
    };
    println!(
        "{percent:>3} % {group:>5} {:>6} {:<18} {:<18} {:<18} {per_fault:<16.2} {}/{}",
        series.len(),
        share(series.iter().filter(|s| is_found(s)).count(), series.len()),
        share(opened.iter().filter(|t| t.class_right).count(), opened.len()),
        share(opened.iter().filter(|t| t.step_right).count(), opened.len()),
        at(0.5).map_or("-".into(), |n| n.to_string()),
        at(0.9).map_or("-".into(), |n| n.to_string()),
    );
}

/// The 95 % interval of a share (Wilson 1927).
fn wilson(of: usize, all: usize) -> (f64, f64) {
    if all == 0 {
        return (0.0, 1.0);
    }
    let (n, z) = (all as f64, 1.96_f64);
    let p = of as f64 / n;
    let middle = p + z * z / (2.0 * n);
    let width = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z * z / n;
    ((middle - width) / whole, (middle + width) / whole)
}
