//! Two devices show the same figure otherwise, at the same time and for longer than a change takes to reach all.

use super::statement::{Detector, Said, Tier, cut, evidence_of, step_route};
use crate::finding::{Finding, Severity};
use crate::moment::Moment;
use crate::oracle::shown;
use crate::walk::{Apart, Class, StepRecord, WalkRecord};
use jiff::tz::{TimeZone, offset};
use std::collections::BTreeMap;

pub(super) const DETECTOR: Detector = Detector {
    id: "devices-disagree",
    zh: "同一数据在不同终端上不一致",
    en: "devices disagree",
    catalogue: &["PS11"],
    tier: Tier::Content,
    inspect,
};

/// How many more rows a finding names.
const ROWS_NAMED: usize = 5;

/// One finding a figure, however many rows differ. It is said in the same words whichever device saw it, and is one
/// trouble on all pages of all journeys (`kin`).
fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut topics: BTreeMap<&str, Vec<(&StepRecord, &Apart)>> = BTreeMap::new();
    for step in &record.steps {
        step.seen.apart.iter().for_each(|a| topics.entry(&a.seen.figure.topic).or_default().push((step, a)));
    }
    topics.into_values().filter_map(|rows| finding(record, &rows)).collect()
}

fn finding(record: &WalkRecord, rows: &[(&StepRecord, &Apart)]) -> Option<Finding> {
    let ((saw, first), more) = rows.split_first()?;
    let figure = &first.seen.figure;
    let led = record.steps.iter().find(|step| step.id == first.seen.led_by).unwrap_or(saw);
    let (mut zh, mut en) = told(record, first);
    if !more.is_empty() {
        let named: Vec<String> = more.iter().take(ROWS_NAMED).map(|(_, a)| cut(&a.seen.figure.key, 60)).collect();
        zh += &format!("；还有 {}，共 {} 处", named.join("、"), rows.len());
        en += &format!("; also {}: {} in all", named.join(", "), rows.len());
    }
    let severity = if figure.urgent { Severity::P1 } else { Severity::P2 };
    let zh = format!("「{}」后{}：{zh}", led.title, DETECTOR.zh);
    let said = Said::new(Class::Abnormal, severity, zh, format!("After “{}”, {}: {en}", led.title, DETECTOR.en));
    let said = said.cause(cut(&en, 500), figure.topic.clone()).deterministic().lasting();
    let finding = said.on(&DETECTOR, record, led);
    Some(Finding { route: step_route(record, saw), evidence: evidence_of(saw), ..finding })
}

/// Both devices, both values and both times, in the order of the devices' names.
fn told(record: &WalkRecord, apart: &Apart) -> (String, String) {
    let (figure, zone) = (&apart.seen.figure, &record.environment.timezone);
    let here = (record.device.as_str(), shown(&figure.value), clock(apart.at, zone));
    let there = (apart.device.as_str(), shown(&apart.value), clock(apart.there_at, zone));
    let (one, other) = if here.0 <= there.0 { (here, there) } else { (there, here) };
    let (zh, en) = (&figure.zh, &figure.en);
    let minutes = apart.together.as_secs() / 60;
    let (zh_for, en_for) = match minutes {
        0 => (String::new(), String::new()),
        n => (format!("，已有 {n} 分钟"), format!(", for {n} min")),
    };
    (
        format!("{zh}在 {} 上是 {}（{}），在 {} 上是 {}（{}）{zh_for}", one.0, one.1, one.2, other.0, other.1, other.2),
        format!("{en} is {} on {} ({}) and {} on {} ({}){en_for}", one.1, one.0, one.2, other.1, other.0, other.2),
    )
}

/// The time of day that customers have.
fn clock(at: Moment, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or_else(|_| TimeZone::fixed(offset(8)));
    at.timestamp().to_zoned(zone).strftime("%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Sheet;
    use crate::detector::sample::{keys, step, step_with, walk};
    use crate::id::StepId;
    use crate::journey::Value;
    use crate::journey::oracle::{Across, Tolerance};
    use crate::money::Decimal;
    use crate::oracle::Alike;
    use crate::walk::{AlikeSeen, OraclesHeld};
    use std::time::Duration;

    const MINUTE: Duration = Duration::from_secs(60);
    const WEB: &str = "desktop";
    const H5: &str = "h5-iphone";

    /// A look at the net asset value of funds on a device, so many minutes after the first.
    type Look<'l> = (&'l str, u64, &'l [(&'l str, &'l str)]);

    fn seen(key: &str, nav: &str) -> AlikeSeen {
        let figure = Alike {
            topic: "products/fund.nav".into(),
            key: key.into(),
            zh: format!("基金 {key} 的净值"),
            en: format!("NAV of fund {key}"),
            urgent: true,
            value: Value::Figure(Decimal::from_str_exact(nav).unwrap()),
            read: Duration::ZERO,
            tolerance: Tolerance::Amount(Decimal::new(1, 4)),
            across: Across { within: 15 * MINUTE, settles: 10 * MINUTE },
        };
        AlikeSeen { figure, led_by: StepId("funds".into()) }
    }

    fn record((device, minute, navs): &Look) -> WalkRecord {
        let alike = navs.iter().map(|(key, nav)| seen(key, nav)).collect();
        let mut record = walk([step("funds"), step_with("detail", |s| s.seen.alike = alike)]);
        record.device = (*device).into();
        record.started = Moment::from_millis(0).after(*minute as u32 * MINUTE);
        record.environment.timezone = "Asia/Shanghai".into();
        record
    }

    /// What the last of these looks tells; what is kept goes to a file and back between them.
    fn told_of(looks: &[Look]) -> Vec<Finding> {
        told_where(looks, 10 * MINUTE)
    }

    /// The same where a change takes so long to reach all.
    fn told_where(looks: &[Look], settles: Duration) -> Vec<Finding> {
        let (mut sheet, mut found) = (Sheet::default(), Vec::new());
        for look in looks {
            let mut record = record(look);
            record.steps[1].seen.alike.iter_mut().for_each(|a| a.figure.across.settles = settles);
            sheet.compare(&mut record);
            found = inspect(&record);
            sheet.learn(&record);
            let kept = Sheet::parse(&sheet.to_json()).unwrap();
            assert_eq!(kept, sheet);
        }
        found
    }

    fn check(looks: &[Look], expected: bool) {
        let found = told_of(looks);
        assert_eq!(keys(&found), if expected { &["funds: products/fund.nav"][..] } else { &[] }, "{looks:?}");
        assert!(found.iter().all(|f| f.lasting && !f.failing && f.class == Class::Abnormal));
    }

    /// PS11: both devices kept to their own value, look after look.
    #[test]
    fn devices_that_keep_differing_are_told_alike_by_both() {
        let looks: [Look; 6] = [
            (WEB, 0, &[("A1", "1.5000")]),
            (H5, 2, &[("A1", "1.6000")]),
            (WEB, 6, &[("A1", "1.5000")]),
            (H5, 8, &[("A1", "1.6000")]),
            (WEB, 13, &[("A1", "1.5000")]),
            (H5, 15, &[("A1", "1.6000")]),
        ];
        check(&looks, true);
        let en = "NAV of fund A1 is 1.5000 on desktop (08:13:00) and 1.6000 on h5-iphone (08:15:00), for 11 min";
        assert_eq!(told_of(&looks)[0].cause.as_deref(), Some(en));
        let mut more = looks.to_vec();
        more.push((WEB, 18, &[("A1", "1.5000")]));
        check(&more, true);
        let (h5, web) = (told_of(&looks), told_of(&more));
        assert_eq!((h5[0].fingerprint(), &h5[0].kin), (web[0].fingerprint(), &web[0].kin));
    }

    #[test]
    fn rows_of_one_figure_are_one_finding() {
        let navs: &[(&str, &str)] = &[("A1", "1.5"), ("B2", "2.5"), ("C3", "3")];
        let others: &[(&str, &str)] = &[("A1", "1.6"), ("B2", "2.6"), ("C3", "3")];
        let found = told_of(&[(WEB, 0, navs), (H5, 1, others), (WEB, 12, navs), (H5, 13, others)]);
        assert_eq!(found.len(), 1);
        assert!(found[0].headline.zh.ends_with("；还有 B2，共 2 处"), "{}", found[0].headline.zh);
    }

    /// PS11's pitfall: a release comes in stages, and each channel has a cache of its own.
    #[test]
    fn a_staged_release_is_silent() {
        let (old, new): (&[_], &[_]) = (&[("A1", "1.5")], &[("A1", "1.6")]);
        // It has only just changed here; the other's next look may be the new one, too.
        check(&[(WEB, 0, old), (H5, 1, old), (WEB, 5, new)], false);
        // The other still has the old one, for less than a change may take.
        check(&[(WEB, 0, old), (H5, 1, old), (WEB, 5, new), (H5, 6, old), (WEB, 10, new), (H5, 11, old)], false);
        // It has come there, too.
        check(&[(WEB, 0, old), (H5, 1, old), (WEB, 5, new), (H5, 6, old), (WEB, 17, new), (H5, 18, new)], false);
        // Before the other has been looked at again.
        check(&[(H5, 0, old), (WEB, 1, old), (H5, 12, old), (WEB, 13, new), (WEB, 16, new)], false);
    }

    /// Where a change reaches all at once, one look between two of the other device is enough, and less is not.
    #[test]
    fn what_has_only_just_changed_is_silent_whatever_the_release() {
        let (old, new): (&[_], &[_]) = (&[("A1", "1.5")], &[("A1", "1.6")]);
        let looks: [Look; 4] = [(WEB, 0, old), (H5, 1, old), (WEB, 5, new), (H5, 6, old)];
        assert_eq!(told_where(&looks[..3], Duration::ZERO), []);
        assert_eq!(told_where(&looks, Duration::ZERO).len(), 1);
    }

    /// PS11: what nobody can say.
    #[test]
    fn what_cannot_be_compared_is_silent() {
        let (low, high): (&[_], &[_]) = (&[("A1", "1.5")], &[("A1", "1.6")]);
        // Too long ago; what it showed meanwhile is not known either.
        check(&[(WEB, 0, low), (H5, 1, high), (WEB, 12, low), (H5, 13, high), (H5, 27, high)], true);
        check(&[(WEB, 0, low), (H5, 1, high), (WEB, 12, low), (H5, 13, high), (H5, 28, high)], false);
        check(&[(WEB, 0, low), (H5, 0, high), (WEB, 20, low), (H5, 20, high)], false);
        // Within the tolerance; another row; the same device.
        check(&[(WEB, 0, low), (H5, 1, &[("A1", "1.5001")]), (WEB, 12, low), (H5, 13, &[("A1", "1.5001")])], false);
        check(&[(WEB, 0, low), (H5, 1, &[("B2", "1.6")]), (WEB, 12, low), (H5, 13, &[("B2", "1.6")])], false);
        check(&[(WEB, 0, low), (WEB, 1, high), (WEB, 12, low), (WEB, 13, high)], false);
    }

    /// Who cannot be compared has not got past the difference.
    #[test]
    fn what_could_not_be_compared_is_said() {
        let check = |looks: &[Look], known: bool| {
            let (mut sheet, mut left) = (Sheet::default(), Vec::new());
            for look in looks {
                let uncompared = vec!["products/fund.fee".to_owned(), "products/fund.nav".to_owned()];
                let held = OraclesHeld { uncompared, ..OraclesHeld::default() };
                let mut record = WalkRecord { oracles: Some(held), ..record(look) };
                sheet.compare(&mut record);
                sheet.learn(&record);
                // However often it is compared.
                sheet.compare(&mut record);
                left = record.oracles.unwrap().uncompared;
            }
            let expected = if known { &["products/fund.fee"][..] } else { &["products/fund.fee", "products/fund.nav"] };
            assert_eq!(left, expected, "{looks:?}");
        };
        let (low, high): (&[_], &[_]) = (&[("A1", "1.5")], &[("A1", "1.6")]);
        check(&[(WEB, 0, low), (H5, 1, low)], true);
        check(&[(WEB, 0, low), (H5, 1, high), (WEB, 12, low), (H5, 13, high)], true);
        check(&[(WEB, 0, low)], false);
        check(&[(WEB, 0, low), (WEB, 1, low)], false);
        // The other was looked at too long ago, whatever it showed.
        check(&[(WEB, 0, low), (H5, 16, low)], false);
        check(&[(WEB, 0, low), (H5, 16, high)], false);
        // Both have changed, and not for long enough.
        check(&[(WEB, 0, low), (H5, 1, high), (WEB, 12, high), (H5, 13, &[("A1", "1.7")])], false);
        // One row of two; one that the other device does not have says nothing.
        check(&[(WEB, 0, &[("A1", "1.5"), ("B2", "2")]), (H5, 1, &[("A1", "1.5"), ("B2", "3")])], false);
        check(&[(WEB, 0, low), (H5, 1, &[("A1", "1.5"), ("B2", "3")])], true);
        // A third device that shows the same does not speak for the one that did not.
        check(&[(H5, 0, high), ("android", 20, low), (WEB, 21, low)], false);
    }

    /// A comparison that never happens would be silent for ever.
    #[test]
    fn who_is_compared_with_nobody_says_so() {
        let check = |looks: &[Look], alone: bool| {
            let (mut sheet, mut said) = (Sheet::default(), Vec::new());
            for look in looks {
                let mut record = WalkRecord { oracles: Some(OraclesHeld::default()), ..record(look) };
                sheet.compare(&mut record);
                // Others have written meanwhile: once more.
                sheet.compare(&mut record);
                sheet.learn(&record);
                said = record.oracles.unwrap().unjudged;
            }
            let sentence = "products/fund.nav across devices (no other device has shown it within 15 min)";
            assert_eq!(said, vec![sentence; usize::from(alone)], "{looks:?}");
        };
        let (low, high): (&[_], &[_]) = (&[("A1", "1.5")], &[("A1", "1.6")]);
        check(&[(WEB, 0, low)], true);
        check(&[(WEB, 0, low), (WEB, 5, low)], true);
        check(&[(WEB, 0, low), (H5, 16, low)], true);
        check(&[(WEB, 0, low), (H5, 16, high)], true);
        check(&[(WEB, 0, low), (H5, 15, high)], false);
        check(&[(WEB, 0, low), (H5, 1, &[("A1", "1.5"), ("B2", "3")])], false);
    }

    /// Whatever a page shows, what is kept of it has an end, and what is looked at stays.
    #[test]
    fn what_is_remembered_is_bounded() {
        let told = |more: &[(&str, &str)]| {
            let (low, high): (&[_], &[_]) = (&[("A1", "1.5")], &[("A1", "1.6")]);
            told_of(&[(WEB, 0, more), (WEB, 1, low), (H5, 2, high), (WEB, 12, low), (H5, 13, high)]).len()
        };
        let keys: Vec<String> = (0..5_000).map(|n| format!("N{n}")).collect();
        let many: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "1")).collect();
        assert_eq!(told(&many), 1);
        let mut sheet = Sheet::default();
        let long = "长".repeat(101);
        assert!(!sheet.learn(&record(&(WEB, 0, &[(&long, "1.5")]))));
        let mut text = record(&(WEB, 0, &[("A1", "1.5")]));
        text.steps[1].seen.alike[0].figure.value = Value::Text("长".repeat(301));
        assert!(!sheet.learn(&text));
        assert_eq!(sheet, Sheet::default());
        // The same once more, seconds later.
        let soon = |seconds| {
            let record = record(&(WEB, 0, &[("A1", "1.5")]));
            WalkRecord { started: record.started.after(Duration::from_secs(seconds)), ..record }
        };
        assert!(sheet.learn(&soon(0)) && !sheet.clone().learn(&soon(9)) && sheet.learn(&soon(10)));
    }

    /// PS11: what moves by no more than the tolerance, look by look, has not kept to its value.
    #[test]
    fn a_figure_that_drifts_is_silent() {
        let drifts: [Look; 6] = [
            (WEB, 0, &[("A1", "1.5000")]),
            (H5, 1, &[("A1", "1.5000")]),
            (WEB, 5, &[("A1", "1.5001")]),
            (H5, 6, &[("A1", "1.5000")]),
            (WEB, 11, &[("A1", "1.5002")]),
            (H5, 12, &[("A1", "1.5000")]),
        ];
        check(&drifts, false);
        // It is kept to from there on.
        let (low, high): (&[_], &[_]) = (&[("A1", "1.5000")], &[("A1", "1.5002")]);
        let kept: [Look; 4] = [(WEB, 16, high), (H5, 17, low), (WEB, 21, high), (H5, 22, low)];
        check(&[&drifts[..], &kept].concat(), true);
    }
}
