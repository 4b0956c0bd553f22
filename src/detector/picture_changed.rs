//! The page does not look as it does in the approved picture: something that always stood there is gone, covered or cut off.
//! What merely looks different is a person's to approve, and only what a person has rejected is told.

use super::statement::{Detector, Said, Tier, cut};
use crate::finding::{Finding, Severity, normalise};
use crate::picture::{Change, ChangeKind};
use crate::walk::{Class, Likeness, WalkRecord};

pub(super) const SUFFERED: Detector = Detector {
    id: "picture-broken",
    zh: "页面缺了内容",
    en: "part of the page is gone",
    catalogue: &["VB02", "VB13"],
    tier: Tier::Looks,
    inspect: |record| found(record, &SUFFERED, suffered),
};

pub(super) const REJECTED: Detector = Detector {
    id: "picture-rejected",
    zh: "页面仍是未获批准的样子",
    en: "page looks as a person rejected it",
    catalogue: &["VB13"],
    tier: Tier::Looks,
    inspect: |record| found(record, &REJECTED, rejected),
};

/// One finding a picture.
fn found(record: &WalkRecord, detector: &Detector, said: fn(&str, &str, &Likeness) -> Option<Said>) -> Vec<Finding> {
    let compared = record.steps.iter().filter_map(|step| {
        let (portrait, likeness) = (step.seen.portrait.as_ref()?, step.seen.likeness.as_ref()?);
        let said = said(&portrait.name, &step.title, likeness)?;
        Some(said.deterministic().on(detector, record, step))
    });
    compared.collect()
}

/// The gravest change speaks; how many more there are stands behind it.
fn suffered(name: &str, _: &str, likeness: &Likeness) -> Option<Said> {
    let suffered: Vec<&Change> = likeness.told.changes.iter().filter(|change| change.kind.is_suffered()).collect();
    let first = suffered.first().filter(|_| likeness.sure)?;
    let (zh, en) = words(first.kind);
    let element = cut(&first.element, 40);
    let (more_zh, more_en) = match suffered.len() {
        1 => (String::new(), String::new()),
        all => (format!("（另有 {} 处）", all - 1), format!(" ({} more)", all - 1)),
    };
    let said = Said::new(
        Class::Broken,
        Severity::P2,
        format!("页面「{name}」上的 {element} {zh}{more_zh}"),
        format!("on the page “{name}” {element} {en}{more_en}"),
    );
    Some(said.cause(
        format!("{}: {element}", first.kind.word()),
        format!("{name} {} {}", first.kind.word(), normalise(&element)),
    ))
}

fn rejected(name: &str, _: &str, likeness: &Likeness) -> Option<Said> {
    let changes = likeness.told.changes.iter().map(|change| format!("{}: {}", change.kind.word(), change.element));
    let changes = cut(&changes.collect::<Vec<_>>().join("; "), 200);
    likeness.rejected.then(|| {
        Said::new(
            Class::Abnormal,
            Severity::P3,
            format!("页面「{name}」仍是未获批准的样子"),
            format!("the page “{name}” still looks as it was rejected"),
        )
        .cause(changes, name)
    })
}

fn words(kind: ChangeKind) -> (&'static str, &'static str) {
    match kind {
        ChangeKind::Covered => ("被完全盖住", "is covered"),
        ChangeKind::Overlapped => ("被部分盖住", "is covered in part"),
        ChangeKind::Clipped => ("显示不全", "is cut off"),
        _ => ("不见了", "is gone"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{step_with, walk};
    use crate::evidence::{EvidenceKey, EvidenceKind};
    use crate::picture::{Scene, Told};
    use crate::walk::Portrait;

    fn check((sure, rejected, kinds): (bool, bool, &[ChangeKind]), expected: &[&str]) {
        let picture = EvidenceKey::of(b"picture", EvidenceKind::Png);
        let change =
            |kind: &ChangeKind| Change {
                kind: *kind, element: "<button> 立即申购".into(), place: Default::default()
            };
        let told = Told { changes: kinds.iter().map(change).collect(), ..Told::default() };
        let record = walk([step_with("screenshot home", |s| {
            let name = "home".to_owned();
            s.seen.portrait = Some(Portrait { name, picture: picture.clone(), scene: Scene::default() });
            s.seen.likeness = Some(Likeness { approved: picture, sure, rejected, told });
        })]);
        let findings = [SUFFERED, REJECTED].iter().flat_map(|d| (d.inspect)(&record)).collect::<Vec<_>>();
        assert_eq!(findings.iter().map(|f| f.headline.zh.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_a_customer_suffers_is_told_and_what_looks_different_is_not() {
        use ChangeKind::{Added, Clipped, Missing, Moved, Restyled, Text};
        check((true, false, &[Missing]), &["页面「home」上的 <button> 立即申购 不见了"]);
        check((true, false, &[Missing, Missing, Moved]), &["页面「home」上的 <button> 立即申购 不见了（另有 1 处）"]);
        check((true, false, &[Clipped]), &["页面「home」上的 <button> 立即申购 显示不全"]);
        check((true, false, &[Text, Moved, Restyled, Added]), &[]);
        check((true, false, &[]), &[]);
        // Too few walks have shown what varies by itself.
        check((false, false, &[Missing]), &[]);
        check((true, true, &[Restyled]), &["页面「home」仍是未获批准的样子"]);
    }
}
