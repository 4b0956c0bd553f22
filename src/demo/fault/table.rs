//! The one table of faults: what each is, where it shows and who should say so. What each does stands in its group's file.
//! A further instance of a fault has a letter behind its id.

use super::{ExpectedClass, Fault};
use std::sync::LazyLock;

macro_rules! faults {
    ($($group:literal $file:ident {$(
        $id:ident $class:ident $zh:literal $en:literal
            in [$($journey:literal)*] at $step:literal by $detector:literal
            steps [$($title:literal)*];
    )*})*) => {
        vec![$($(Fault {
            id: stringify!($id), group: $group, title_zh: $zh, title_en: $en, class: ExpectedClass::$class,
            shows_in: &[$($journey),*], expected_step_hint: $step, expected_detector: $detector,
            expected_steps: &[$($title),*],
            effects: crate::demo::fault::$file::$id,
        }),*),*]
    };
}

mod content;
mod pages;

/// Every fault of the demo, in the order of the catalogue.
pub static FAULTS: LazyLock<Vec<Fault>> =
    LazyLock::new(|| pages::faults().into_iter().chain(content::faults()).collect());

#[cfg(test)]
mod tests {
    use super::FAULTS;

    #[test]
    fn the_catalogue_is_broad_enough() {
        let check = |group: char, least: usize| {
            let have = FAULTS.iter().filter(|f| f.group == group).count();
            assert!(have >= least, "group {group}: {have} of {least}");
        };
        check('A', 12);
        check('B', 8);
        check('C', 3);
        check('D', 8);
        check('E', 2);
        check('F', 3);
        check('G', 4);
        let ids: std::collections::BTreeSet<_> = FAULTS.iter().map(|f| f.id).collect();
        assert_eq!(ids.len(), FAULTS.len(), "an id stands twice");
        assert!(FAULTS.iter().all(|f| !f.shows_in.is_empty() && !f.effects.is_empty() && !f.expected_steps.is_empty()));
    }
}
