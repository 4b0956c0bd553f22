//! Figures as people read them.

/// A number with its thousands apart.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let first = (digits.len() - 1) % 3 + 1;
    let (head, rest) = digits.split_at(first);
    rest.as_bytes()
        .chunks(3)
        .fold(head.to_owned(), |text, three| format!("{text},{}", std::str::from_utf8(three).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let check = |n: u64, expected: &str| assert_eq!(grouped(n), expected);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(100_000, "100,000");
        check(1_234_567, "1,234,567");
    }
}
