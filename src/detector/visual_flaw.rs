//! The page works and looks wrong: a figure cut off, text nobody can read, text over text, an empty chart; and links to
//! elsewhere that only machines see.

use super::statement::{Detector, Said, Tier, cut, lasting_looks};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, Flaw, FlawKind, PageLook, WalkRecord};

pub(super) const CLIPPED: Detector = Detector {
    id: "clipped-figure",
    zh: "数字显示不全",
    en: "figure cut off",
    catalogue: &["VB04"],
    tier: Tier::Beside,
    inspect: |record| found(record, &CLIPPED, FlawKind::ClippedFigure, 1),
};

pub(super) const INVISIBLE: Detector = Detector {
    id: "invisible-text",
    zh: "文字看不清",
    en: "text in the colour of its background",
    catalogue: &["VB05"],
    tier: Tier::Beside,
    inspect: |record| found(record, &INVISIBLE, FlawKind::InvisibleText, 1),
};

pub(super) const OVERLAPPING: Detector = Detector {
    id: "overlapping-text",
    zh: "文字重叠",
    en: "texts lie over each other",
    catalogue: &["VB01"],
    tier: Tier::Beside,
    // One pair may be meant so, as a badge on a word.
    inspect: |record| found(record, &OVERLAPPING, FlawKind::OverlappingText, 2),
};

pub(super) const BLANK: Detector = Detector {
    id: "blank-chart",
    zh: "图表空白",
    en: "blank chart",
    catalogue: &["BP16"],
    tier: Tier::Beside,
    inspect: |record| found(record, &BLANK, FlawKind::BlankCanvas, 1),
};

pub(super) const HIDDEN: Detector = Detector {
    id: "hidden-link",
    zh: "隐藏的外链",
    en: "hidden link to elsewhere",
    catalogue: &["SC10"],
    tier: Tier::Beside,
    inspect: |record| found(record, &HIDDEN, FlawKind::HiddenLink, 1),
};

pub(super) const SPLIT: Detector = Detector {
    id: "split-figure",
    zh: "数字断行",
    en: "figure over two lines",
    catalogue: &["VB14"],
    tier: Tier::Beside,
    inspect: |record| found(record, &SPLIT, FlawKind::SplitFigure, 1),
};

pub(super) const MEDIA: Detector = Detector {
    id: "dead-media",
    zh: "视频无法播放",
    en: "film that does not play",
    catalogue: &["BP17"],
    tier: Tier::Beside,
    inspect: |record| found(record, &MEDIA, FlawKind::DeadMedia, 1),
};

pub(super) const KEYPAD: Detector = Detector {
    id: "blank-keypad",
    zh: "安全键盘没有显示",
    en: "blank keypad",
    catalogue: &["BF22"],
    tier: Tier::Waiting,
    inspect: |record| found(record, &KEYPAD, FlawKind::BlankKeypad, 1),
};

pub(super) const DOUBLED: Detector = Detector {
    id: "doubled-block",
    zh: "同一内容出现两遍",
    en: "block stands twice",
    catalogue: &["BP14"],
    tier: Tier::Beside,
    inspect: |record| found(record, &DOUBLED, FlawKind::DoubledBlock, 1),
};

pub(super) const CONTRARY: Detector = Detector {
    id: "contrary-colour",
    zh: "涨跌颜色与正负号相反",
    en: "colour against the sign",
    catalogue: &["PS07"],
    tier: Tier::Beside,
    inspect: |record| found(record, &CONTRARY, FlawKind::ContraryColour, 1),
};

pub(super) const TICKED: Detector = Detector {
    id: "ticked-consent",
    zh: "协议被默认勾选",
    en: "consent ticked beforehand",
    catalogue: &["SC14"],
    tier: Tier::Content,
    inspect: |record| found(record, &TICKED, FlawKind::TickedConsent, 1),
};

pub(super) const TOFU: Detector = Detector {
    id: "missing-glyph",
    zh: "生僻字显示为方框",
    en: "character without a picture",
    catalogue: &["BP07", "CT08"],
    tier: Tier::Content,
    inspect: |record| found(record, &TOFU, FlawKind::MissingGlyph, 1),
};

/// One finding a page that has at least `least` flaws of this kind, and still has them when it is looked at again.
fn found(record: &WalkRecord, detector: &Detector, kind: FlawKind, least: usize) -> Vec<Finding> {
    let of_kind = |page: &PageLook| page.flaws.iter().filter(|f| f.kind == kind).cloned().collect::<Vec<Flaw>>();
    let mut findings: Vec<Finding> = Vec::new();
    let styled = |page: &PageLook| page.style_rules > 0 || kind == FlawKind::HiddenLink;
    for (step, page) in lasting_looks(record, |page| styled(page) && of_kind(page).len() >= least) {
        let flaws = of_kind(page);
        let finding = said(&step.title, kind, &flaws[0]).deterministic().on(detector, record, step);
        if !findings.iter().any(|f| f.route == finding.route && f.cause_key == finding.cause_key) {
            findings.push(finding);
        }
    }
    findings
}

fn said(title: &str, kind: FlawKind, flaw: &Flaw) -> Said {
    let words = cut(&flaw.words, 40);
    let (zh, en) = match kind {
        FlawKind::ClippedFigure => (format!("数字「{words}」显示不全"), format!("the figure “{words}” is cut off")),
        FlawKind::InvisibleText => {
            (format!("文字「{words}」与背景同色，看不清"), format!("“{words}” has the colour of its background"))
        }
        FlawKind::OverlappingText => {
            (format!("文字重叠：「{words}」"), format!("texts lie over each other: “{words}”"))
        }
        FlawKind::BlankCanvas => ("图表是空白的".to_owned(), "a chart is blank".to_owned()),
        FlawKind::SplitFigure => {
            (format!("数字「{words}」被拆成两行，容易看错"), format!("the figure “{words}” is broken over two lines"))
        }
        FlawKind::DeadMedia => ("视频或音频无法播放".to_owned(), "a film or recording does not play".to_owned()),
        FlawKind::BlankKeypad => ("安全键盘没有显示出来，无法输入密码".to_owned(), "the keypad is blank".to_owned()),
        FlawKind::DoubledBlock => {
            (format!("「{words}」一块出现了两遍"), format!("the block “{words}” stands there twice"))
        }
        FlawKind::ContraryColour => (
            format!("数字「{words}」的颜色与涨跌相反"),
            format!("the colour of “{words}” says the opposite of its sign"),
        ),
        FlawKind::TickedConsent => {
            (format!("「{words}」被默认勾选"), format!("“{words}” is ticked before anybody has read it"))
        }
        FlawKind::MissingGlyph => (format!("有字显示成方框：{words}"), format!("a character shows as a box: {words}")),
        FlawKind::HiddenLink => {
            (format!("页面藏着外站链接「{words}」"), format!("the page hides a link to elsewhere: “{words}”"))
        }
    };
    // A link planted there is somebody's doing; the others are accidents.
    let (class, severity) = match kind {
        FlawKind::HiddenLink | FlawKind::TickedConsent => (Class::Abnormal, Severity::P1),
        FlawKind::BlankKeypad => (Class::Blocked, Severity::P1),
        FlawKind::ContraryColour | FlawKind::MissingGlyph => (Class::Abnormal, Severity::P2),
        _ => (Class::Broken, Severity::P2),
    };
    let (zh, en) = (format!("「{title}」时{zh}"), format!("At “{title}” {en}"));
    // The figures themselves change; the element does not.
    Said::new(class, severity, zh, en).cause(format!("{}: {words}", flaw.locus), format!("{kind:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{page_with, step, walk};

    fn check(detector: &Detector, kinds: &[FlawKind], expected: &[(&str, Class)]) {
        let flaw = |kind: &FlawKind| Flaw { kind: *kind, locus: "<p>".into(), words: "123,456.00".into() };
        let flawed = || page_with("home", |p| p.flaws = kinds.iter().map(flaw).collect());
        let findings = (detector.inspect)(&walk([flawed(), flawed()]));
        assert_eq!(findings.iter().map(|f| (f.detector, f.class)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_flaw_speaks_once_a_page() {
        check(&CLIPPED, &[FlawKind::ClippedFigure], &[("clipped-figure", Class::Broken)]);
        check(&INVISIBLE, &[FlawKind::InvisibleText], &[("invisible-text", Class::Broken)]);
        check(&BLANK, &[FlawKind::BlankCanvas], &[("blank-chart", Class::Broken)]);
        check(&SPLIT, &[FlawKind::SplitFigure], &[("split-figure", Class::Broken)]);
        check(&MEDIA, &[FlawKind::DeadMedia], &[("dead-media", Class::Broken)]);
        check(&KEYPAD, &[FlawKind::BlankKeypad], &[("blank-keypad", Class::Blocked)]);
        check(&DOUBLED, &[FlawKind::DoubledBlock], &[("doubled-block", Class::Broken)]);
        check(&CONTRARY, &[FlawKind::ContraryColour], &[("contrary-colour", Class::Abnormal)]);
        check(&TICKED, &[FlawKind::TickedConsent], &[("ticked-consent", Class::Abnormal)]);
        check(&TOFU, &[FlawKind::MissingGlyph], &[("missing-glyph", Class::Abnormal)]);
        check(&HIDDEN, &[FlawKind::HiddenLink], &[("hidden-link", Class::Abnormal)]);
        check(&OVERLAPPING, &[FlawKind::OverlappingText; 2], &[("overlapping-text", Class::Broken)]);
        check(&OVERLAPPING, &[FlawKind::OverlappingText], &[]);
        check(&CLIPPED, &[FlawKind::BlankCanvas], &[]);
    }

    #[test]
    fn what_was_only_on_its_way_is_silent() {
        let coming = page_with("home", |p| {
            p.flaws = vec![Flaw { kind: FlawKind::BlankCanvas, locus: "<canvas>".into(), words: String::new() }];
        });
        assert_eq!((BLANK.inspect)(&walk([coming, step("next")])).len(), 0);
    }
}
