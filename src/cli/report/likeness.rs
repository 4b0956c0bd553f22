//! How pictures of a walk differ from the approved ones, in lines for the terminal.

use super::Language;
use crate::diagnostic::printable;
use crate::walk::{Likeness, WalkRecord};

/// Changes that are told of a picture.
const CHANGES_MAX: usize = 5;

/// A line a picture that has changed in a way that nobody suffers from: it waits for a person.
pub(super) fn lines(record: &WalkRecord, language: Language) -> impl Iterator<Item = String> {
    record.steps.iter().filter_map(move |step| {
        let (portrait, likeness) = (step.seen.portrait.as_ref()?, step.seen.likeness.as_ref()?);
        let waits = likeness.sure && !likeness.rejected && !likeness.told.changes.is_empty();
        waits.then(|| line(&portrait.name, likeness, language))
    })
}

fn line(name: &str, likeness: &Likeness, language: Language) -> String {
    let changes = &likeness.told.changes;
    let told = changes.iter().take(CHANGES_MAX).map(|c| format!("{} {}", c.kind.word(), printable(&c.element)));
    let more = if changes.len() > CHANGES_MAX { "; …" } else { "" };
    let told = told.collect::<Vec<_>>().join("; ");
    match language {
        Language::Zh => format!("  图片 {name} 与已批准的不同：{told}{more}（`gengfu pictures` 批准或驳回）"),
        Language::En => {
            format!(
                "  picture {name} differs from the approved one: {told}{more} (`gengfu pictures` takes your word on it)"
            )
        }
    }
}
