//! What a customer calls things, for headlines.

/// What a customer calls a target: `text "确认申购"` is 确认申购.
pub(super) fn plain(locus: &str) -> &str {
    let quoted = locus.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')).map(|(inner, _)| inner);
    quoted.filter(|inner| !inner.is_empty() && !inner.contains('"')).unwrap_or(locus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_called_by_their_text() {
        let check = |locus: &str, expected: &str| assert_eq!(plain(locus), expected);
        check("text \"确认申购\"", "确认申购");
        check("button \"下一步\" in \"申购\"", "button \"下一步\" in \"申购\"");
        check("下一步", "下一步");
        check("text \"\"", "text \"\"");
    }
}
