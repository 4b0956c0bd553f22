//! Planned work: once or again and again, with an end, a reason and an author.

use super::{check, read};
use gengfu::maintenance::Windows;
use gengfu::moment::Moment;

const APPS: &str = "apps:\n  h5: {base: \"http://127.0.0.1:1\"}\n";

fn window(rest: &str) -> String {
    format!("{APPS}maintenance:\n  - {{name: 批量, why: 清算, by: 运维部, {rest}}}\n")
}

fn at(text: &str) -> Moment {
    Moment::from_millis(text.parse::<jiff::Timestamp>().expect("a time").as_millisecond())
}

#[test]
fn a_window_comes_again_by_cron_or_once() {
    let check = |rest: &str, from: &str, to: &str, expected: &[(&str, &str)]| {
        let config = read(&window(rest)).unwrap_or_else(|e| panic!("{rest}: {e:?}"));
        let windows = Windows::of(config.maintenance[0].within(at(from), at(to)));
        let told: Vec<_> = windows.all().iter().map(|w| (w.from, w.until)).collect();
        let expected: Vec<_> = expected.iter().map(|(from, until)| (at(from), at(until))).collect();
        assert_eq!(told, expected, "{rest}");
    };
    check(
        "cron: \"30 1 * * *\", for: 2h, timezone: Asia/Shanghai, apps: [h5]",
        "2026-11-23T00:00:00Z",
        "2026-11-25T00:00:00Z",
        &[("2026-11-23T17:30:00Z", "2026-11-23T19:30:00Z"), ("2026-11-24T17:30:00Z", "2026-11-24T19:30:00Z")],
    );
    check(
        "from: \"2026-12-05 22:00\", until: \"2026-12-06 04:00\", timezone: Asia/Shanghai, everything: true",
        "2026-12-05T15:00:00Z",
        "2026-12-07T00:00:00Z",
        &[("2026-12-05T14:00:00Z", "2026-12-05T20:00:00Z")],
    );
}

#[test]
fn what_has_no_end_no_reason_no_author_or_is_of_nothing_is_refused() {
    let cron = "cron: \"30 1 * * *\", for: 2h, timezone: UTC";
    // The caret stands where `near` begins.
    let stands = |text: &str, near: &str, title: &str, says: &str| {
        let line = text.lines().nth(3).unwrap();
        let column = line[..line.find(near).unwrap()].chars().count() + 1;
        check(text, (4, column), title, says);
    };
    let refused = |rest: &str, near: &str, title: &str, says: &str| stands(&window(rest), near, title, says);
    refused("cron: \"30 1 * * *\", timezone: UTC, apps: [h5]", "{name", "without a beginning and an end", "`for: 2h`");
    refused(&format!("{cron}, until: \"2026-12-06 04:00\", apps: [h5]"), "{name", "without a beginning", "`until:`");
    refused("cron: \"30 1 * * *\", for: 2h, apps: [h5]", "{name", "no time zone", "timezone: Asia/Shanghai");
    refused(cron, "{name", "a window of nothing", "`everything: true`");
    refused(&format!("{cron}, apps: [h5], everything: true"), "{name", "of everything and of some", "`apps:`");
    refused(&format!("{cron}, apps: [h6]"), "h6]", "no app is named `h6`", "`apps:` has h5");
    refused(&format!("{cron}, journeys: [\"基金\"]"), "\"基金", "not a journey", "fund-purchase");
    refused("cron: \"* * *\", for: 2h, timezone: UTC, apps: [h5]", "\"* * *", "not a cron pattern", "minute, hour");
    refused(
        "cron: \"*/30 * * * *\", for: 5m, timezone: UTC, apps: [h5]",
        "\"*/30",
        "less than an hour apart",
        "one window",
    );
    let daily = |lasting: &str| format!("cron: \"30 1 * * *\", for: {lasting}, timezone: UTC, apps: [h5]");
    refused(&daily("24h"), "24h", "lasts until the next begins", "shorter than the time between");
    refused(&daily("2d"), "2d", "lasts until the next begins", "shorter than the time between");
    read(&window(&daily("23h"))).expect("an hour is left");
    refused("cron: \"0 1 1 * *\", for: 8d, timezone: UTC, apps: [h5]", "8d", "too long", "`7d`");
    let once = |from: &str, until: &str| format!("from: \"{from}\", until: \"{until}\", timezone: UTC, apps: [h5]");
    refused(
        &once("2026-12-06 04:00", "2026-12-06 04:00"),
        "\"2026-12-06 04:00\", timezone",
        "it ends before it begins",
        "a later `until`",
    );
    refused(&once("tonight", "2026-12-06 04:00"), "\"tonight", "not a day and a time", "2026-12-05 22:00");
    let named = |name: &str, why: &str, by: &str| {
        format!("{APPS}maintenance:\n  - {{name: \"{name}\", why: \"{why}\", by: \"{by}\", {cron}, apps: [h5]}}\n")
    };
    stands(&named("", "清算", "运维部"), "\"\", why", "not a name", "one line of at most 80");
    stands(&named("批量", "a\\nb", "运维部"), "\"a", "not a reason", "one line of at most 500");
    stands(&named("批量", "清算", " "), "\" \"", "nobody answers for it", "by: 运维部");
    stands(&format!("{APPS}maintenance:\n  - {{name: a, why: b, {cron}}}\n"), "timezone", "`by` is missing", "add `by");
}
