//! "Did you mean": the nearest of the words that would have been right.

/// The candidate that `found` was probably meant to be.
pub(super) fn nearest<'c>(found: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let found = plain(found);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&found, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| {
            *distance <= candidate.chars().count().max(2) / 3 + usize::from(candidate.len() > 3)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A sentence that offers the nearest candidate, or all of them.
pub(super) fn advice<'c>(found: &str, candidates: impl IntoIterator<Item = &'c str> + Clone) -> String {
    match nearest(found, candidates.clone()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => {
            let all: Vec<String> = candidates.into_iter().map(|c| format!("`{c}`")).collect();
            format!("expected {}", or(&all))
        }
    }
}

/// `a`, `b` or `c`.
pub(super) fn or(words: &[String]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_find_their_neighbour() {
        let words = ["tap", "fill", "assert", "not_see", "expect-url", "within"];
        let check = |found: &str, expected: Option<&str>| assert_eq!(nearest(found, words), expected, "{found}");
        check("asert", Some("assert"));
        check("Tap", Some("tap"));
        check("tpa", Some("tap"));
        check("notsee", Some("not_see"));
        check("expect_url", Some("expect-url"));
        check("wihtin", Some("within"));
        check("banana", None);
        check("", None);
    }
}
