//! Two walks of one journey side by side, aligned by step. Pure.

use super::scene::StepView;
use serde::Serialize;

/// One step in both walks.
#[derive(Debug, Serialize)]
pub(super) struct Pair<'a> {
    pub title: &'a str,
    /// Whether the failing walk broke here.
    pub fails: bool,
    pub this: Option<&'a StepView>,
    pub good: Option<&'a StepView>,
}

/// Aligns `good` to `this` by the steps' names, each name's n-th turn with its n-th turn, in the order of `this`;
/// steps that only the good walk has stand where it had them.
pub(super) fn align<'a>(this: &'a [StepView], good: &'a [StepView], fails: Option<usize>) -> Vec<Pair<'a>> {
    let mut pairs = Vec::with_capacity(this.len().max(good.len()));
    let mut next = 0;
    for step in this {
        let found = good[next..].iter().position(|g| g.id == step.id).map(|i| next + i);
        if let Some(found) = found {
            // What the good walk had in between and this walk has nowhere.
            let between = good[next..found].iter().filter(|g| !this.iter().any(|s| s.id == g.id));
            pairs.extend(between.map(|g| Pair { title: &g.title, fails: false, this: None, good: Some(g) }));
            next = found + 1;
        }
        pairs.push(Pair {
            title: &step.title,
            fails: fails == Some(step.n),
            this: Some(step),
            good: found.map(|i| &good[i]),
        });
    }
    let rest = good[next..].iter().filter(|g| !this.iter().any(|s| s.id == g.id));
    pairs.extend(rest.map(|g| Pair { title: &g.title, fails: false, this: None, good: Some(g) }));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(ids: &str) -> Vec<StepView> {
        let step = |(i, id): (usize, char)| StepView { n: i + 1, id: id.to_string(), ..StepView::default() };
        ids.chars().enumerate().map(step).collect()
    }

    #[test]
    fn steps_meet_by_name() {
        let check = |this: &str, good: &str, expected: &str| {
            let (this, good) = (walk(this), walk(good));
            let name = |step: Option<&StepView>| step.map_or("-".to_owned(), |s| s.id.clone());
            let pairs: Vec<String> =
                align(&this, &good, None).iter().map(|p| format!("{}{}", name(p.this), name(p.good))).collect();
            assert_eq!(pairs.join(" "), expected);
        };
        check("abc", "abc", "aa bb cc");
        check("abc", "ac", "aa b- cc");
        check("ac", "abcd", "aa -b cc -d");
        check("aab", "aaab", "aa aa bb");
        check("", "a", "-a");
        check("a", "", "a-");
        check("ba", "ab", "bb a-");
    }
}
