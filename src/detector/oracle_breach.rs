//! What cannot be true of the app, as its oracles say: figures, how they stand to each other, products, phrases.

use super::kin::kin_of;
use super::statement::{Detector, Said, Tier, cut, evidence_of, step_route};
use crate::finding::{Finding, Severity};
use crate::oracle::BreachKind;
use crate::walk::{BreachSeen, Class, WalkRecord};

pub(super) const UNREADABLE: Detector = Detector {
    id: "figure-unreadable",
    zh: "该显示数字的地方不是数字",
    en: "no figure where one belongs",
    catalogue: &["PS17"],
    tier: Tier::Content,
    inspect: |record| found(record, &UNREADABLE, BreachKind::Unreadable),
};

pub(super) const IMPLAUSIBLE: Detector = Detector {
    id: "figure-implausible",
    zh: "数值不合常理",
    en: "figure that cannot be",
    catalogue: &["PS01", "PS04", "PS22", "PS23"],
    tier: Tier::Content,
    inspect: |record| found(record, &IMPLAUSIBLE, BreachKind::Implausible),
};

pub(super) const STALE: Detector = Detector {
    id: "figure-stale",
    zh: "日期过旧或在未来",
    en: "date too old, or to come",
    catalogue: &["PS05"],
    tier: Tier::Content,
    inspect: |record| found(record, &STALE, BreachKind::Stale),
};

pub(super) const DISAGREEMENT: Detector = Detector {
    id: "figures-disagree",
    zh: "同一数据各处不一致",
    en: "places disagree",
    catalogue: &["PS02", "PS12", "PS25", "PS26"],
    tier: Tier::Content,
    inspect: |record| found(record, &DISAGREEMENT, BreachKind::Disagreement),
};

pub(super) const CLAIM: Detector = Detector {
    id: "claim-broken",
    zh: "数据之间的关系不成立",
    en: "figures do not stand to each other as they must",
    catalogue: &["PS03", "PS10", "PS14", "PS15", "PS24"],
    tier: Tier::Content,
    inspect: |record| found(record, &CLAIM, BreachKind::Claim),
};

pub(super) const MISSING: Detector = Detector {
    id: "product-missing",
    zh: "台账里的产品不见了",
    en: "listed product is missing",
    catalogue: &["PS08"],
    tier: Tier::Content,
    inspect: |record| found(record, &MISSING, BreachKind::Missing),
};

pub(super) const UNLISTED: Detector = Detector {
    id: "product-unlisted",
    zh: "出现了不该上架的产品",
    en: "product that should not be there",
    catalogue: &["PS29"],
    tier: Tier::Content,
    inspect: |record| found(record, &UNLISTED, BreachKind::Unlisted),
};

pub(super) const REPEATED: Detector = Detector {
    id: "product-repeated",
    zh: "同一产品重复出现",
    en: "product listed twice",
    catalogue: &["PS09"],
    tier: Tier::Content,
    inspect: |record| found(record, &REPEATED, BreachKind::Repeated),
};

pub(super) const FORBIDDEN: Detector = Detector {
    id: "phrase-forbidden",
    zh: "出现了不得使用的宣传用语",
    en: "forbidden phrase",
    catalogue: &["PS19"],
    tier: Tier::Content,
    inspect: |record| found(record, &FORBIDDEN, BreachKind::Forbidden),
};

pub(super) const UNSAID: Detector = Detector {
    id: "phrase-missing",
    zh: "缺少必须有的提示语",
    en: "required phrase is missing",
    catalogue: &["CT12", "PS16", "PS17"],
    tier: Tier::Content,
    inspect: |record| found(record, &UNSAID, BreachKind::Unsaid),
};

pub(super) const NOT_OWNED: Detector = Detector {
    id: "ledger-broken",
    zh: "与客户台账不符",
    en: "not what the customer owns",
    catalogue: &["PS01", "PS21"],
    tier: Tier::Content,
    inspect: |record| found(record, &NOT_OWNED, BreachKind::NotOwned),
};

pub(super) const FOREIGN: Detector = Detector {
    id: "foreign-data",
    zh: "出现了别的客户的信息",
    en: "another customer's data",
    catalogue: &["PS20"],
    tier: Tier::Content,
    inspect: |record| found(record, &FOREIGN, BreachKind::Foreign),
};

/// Whether what a detector tells of is there at the page's later steps, too: what a journey looks for or compares there
/// itself fails of it.
pub(super) fn lasts(id: &str) -> bool {
    let cards = [UNREADABLE, IMPLAUSIBLE, STALE, DISAGREEMENT, CLAIM, MISSING, UNLISTED, REPEATED, NOT_OWNED, FOREIGN];
    cards.iter().any(|card| card.id == id)
}

/// One finding a breach: each part of an oracle is told for itself, however many rows break it. It stands at the step that
/// led to the page, with the pictures of the one that saw it.
pub(super) fn found(record: &WalkRecord, detector: &Detector, kind: BreachKind) -> Vec<Finding> {
    let of_kind = |seen: &&BreachSeen| seen.breach.kind == kind;
    let breaches = record.steps.iter().flat_map(|s| s.seen.breaches.iter().filter(of_kind).map(move |b| (s, b)));
    breaches
        .map(|(saw, BreachSeen { breach, led_by })| {
            let led = record.steps.iter().find(|step| step.id == *led_by).unwrap_or(saw);
            let severity = if breach.urgent { Severity::P1 } else { Severity::P2 };
            let zh = format!("「{}」后{}：{}", led.title, detector.zh, cut(&breach.zh, 300));
            let en = format!("After “{}”, {}: {}", led.title, detector.en, cut(&breach.en, 300));
            let said = Said::new(Class::Abnormal, severity, zh, en).cause(cut(&breach.en, 500), breach.topic.clone());
            let finding = said.deterministic().on(detector, record, led);
            let route = step_route(record, saw);
            let kin = kin_of(detector, &route, &finding.cause_key, None);
            Finding { kin, route, evidence: evidence_of(saw), ..finding }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::ALL;
    use crate::detector::sample::{keys, step, step_with, walk};
    use crate::id::StepId;
    use crate::oracle::Breach;

    const KINDS: [BreachKind; 13] = [
        BreachKind::Unreadable,
        BreachKind::Implausible,
        BreachKind::Stale,
        BreachKind::Disagreement,
        BreachKind::Claim,
        BreachKind::Missing,
        BreachKind::Unlisted,
        BreachKind::Repeated,
        BreachKind::Forbidden,
        BreachKind::Unsaid,
        BreachKind::NotOwned,
        BreachKind::Foreign,
        BreachKind::Unheard,
    ];

    #[test]
    fn every_breach_has_its_one_detector() {
        for kind in KINDS {
            let breach = Breach {
                kind,
                topic: "products/fund.nav".into(),
                urgent: true,
                zh: "公募基金 000123 的单位净值是 0".into(),
                en: "NAV of fund 000123 is 0".into(),
            };
            let seen = BreachSeen { breach, led_by: StepId("open".into()) };
            let record = walk([step("open"), step_with("funds", |s| s.seen.breaches = vec![seen])]);
            let found: Vec<Finding> = ALL.iter().flat_map(|d| (d.inspect)(&record)).collect();
            assert_eq!(keys(&found), ["open: products/fund.nav"], "{kind:?}");
            assert!(found[0].failing && found[0].class == Class::Abnormal);
        }
    }
}
