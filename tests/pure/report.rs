//! Reports on four walks of one journey: passed, degraded, failed, inconclusive. Snapshots pin what people and machines read.

use crate::walks::{api, failed, page, step, walk};
use gengfu::cli::report::{Language, html, json, junit, step_line, summary};
use gengfu::detector::{Judged, judge};
use gengfu::evidence::{EvidenceKey, EvidenceKind};
use gengfu::journey::{self, FileProblem, Files, Journey, Limits, Section};
use gengfu::walk::v1::{WalkV1, WalkV1Error, schema};
use gengfu::walk::*;
use std::time::Duration;

const JOURNEY: &str = "journey: fund-purchase
title: 基金申购（至确认页）
app: wealth-h5
steps:
  - open: /home
    name: 打开首页
    see: {text: 总资产}
  - tap: {role: link, name: 基金}
    name: 点击“基金”
    see: {text: 稳健增长混合}
  - tap: {role: button, name: 下一步}
    name: 点击“下一步”
    see: {text: 确认申购}
  - see: {text: 申购成功}
    name: 申购成功
always:
  - tap: {role: link, name: 退出登录}
    name: 退出登录
    soft: true
";

struct OneFile;

impl Files for OneFile {
    fn read(&self, _path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        Ok(JOURNEY.as_bytes().to_vec())
    }
}

fn journey() -> Journey {
    journey::load("journeys/fund-purchase.yaml", &OneFile, &Limits::default())
        .unwrap_or_else(|problems| panic!("{}", problems[0].render(false)))
}

/// The healthy steps of the journey, changed by number from 1.
fn steps(change: impl Fn(usize, &mut StepRecord)) -> Vec<StepRecord> {
    let journey = journey();
    let always = journey.always.iter().map(|s| (s, Section::Always));
    let written = journey.steps.iter().map(|s| (s, Section::Steps)).chain(always);
    let paths = ["/home", "/funds", "/funds/000123/buy", "/confirm", "/login"];
    let mut records = Vec::new();
    for (at, (written, section)) in written.enumerate() {
        let mut record = step(&written.id.0, &written.title, paths[at]);
        (record.section, record.soft) = (section, written.soft);
        record.offset = Duration::from_millis(500 * at as u64);
        record.picture = Kept::At(EvidenceKey::of(paths[at].as_bytes(), EvidenceKind::Png));
        record.seen.exchanges.push(api("GET", &format!("/api{}", paths[at]), 200));
        change(at + 1, &mut record);
        records.push(record);
    }
    records
}

fn passed() -> WalkRecord {
    walk(steps(|_, _| ()))
}

fn degraded() -> WalkRecord {
    walk(steps(|number, step| match number {
        2 => step.outcome = Outcome::Degraded(vec![Degradation::SecondTap]),
        3 => {
            step.elapsed = Duration::from_millis(6_240);
            step.outcome = Outcome::Degraded(vec![Degradation::Slow { elapsed_ms: 6_240, within_ms: 5_000 }]);
        }
        _ => {}
    }))
}

/// Everything a record can hold: the shape's snapshot is made of it.
fn blocked() -> WalkRecord {
    let mut record = walk(steps(|number, step| match number {
        1 => step.seen.page.as_mut().expect("a healthy step was looked at").text.push_str("\n收益率 NaN%"),
        3 => {
            let broken = failed(&step.id.0, &step.title, "/funds/000123/buy", FailureKind::NotSeen);
            (step.outcome, step.elapsed) = (broken.outcome, broken.elapsed);
            step.attempts
                .insert(0, Attempt { failure: Some("no `确认申购` within 2 s".into()), ..step.attempts[0].clone() });
            let wrong = Exchange {
                business_code: Some("E1001".into()),
                business_message: Some("系统处理失败 <b>".into()),
                content_type: Some("application/json".into()),
                offset: Duration::from_millis(1_200),
                elapsed: Duration::from_millis(640),
                ..api("POST", "/api/orders/prepare", 500)
            };
            let third = Exchange { own: false, url: "https://stat.test/p".into(), ..api("GET", "", 204) };
            step.seen.exchanges.extend([wrong, third]);
            let at = Duration::from_millis(1_900);
            let text = "POST /api/orders/prepare 500".to_owned();
            step.seen.console.push(ConsoleLine { level: ConsoleLevel::Error, text, offset: at });
            let text = "TypeError: order is undefined".to_owned();
            step.seen.script_errors.push(ScriptError {
                text,
                frame: Some("buy.js submit".into()),
                own: true,
                offset: at,
            });
            let text = "提交失败".to_owned();
            step.seen.dialogs.push(DialogSeen { kind: "alert".into(), text, accepted: true });
            let url = "https://app.test/funds/000123/buy#step2".to_owned();
            step.seen.navigations.push(Navigation { url, same_document: true, error: None, offset: at });
            step.seen.guarded.push("GET https://ads.test/a (host)".into());
            step.seen.tap = Some(TapTrace { taps: 1, round_trips: 3, effect: true, left_open: None });
            step.snapshot = Kept::At(EvidenceKey::of(b"html", EvidenceKind::Html));
        }
        4 => {
            (step.outcome, step.attempts, step.elapsed) = (Outcome::NotReached, Vec::new(), Duration::ZERO);
            (step.seen, step.picture) = (Observation::default(), Kept::NotAsked);
        }
        5 => {
            step.outcome = failed("x", "x", "/", FailureKind::Missing).outcome;
            step.picture = Kept::Lost("the window was gone".into());
        }
        _ => {}
    }));
    record.losses.push("network: 3 events lost in step 3".into());
    record
}

fn troubled() -> WalkRecord {
    walk(steps(|number, step| match number {
        1 => {}
        2 => {
            let said = "the driver does not answer: connection reset".into();
            step.outcome = Outcome::Inconclusive(Trouble { kind: TroubleKind::DriverLost, said });
            step.picture = Kept::Lost("the driver is gone".into());
            step.seen.page = None;
        }
        _ => {
            (step.outcome, step.attempts, step.elapsed) = (Outcome::NotReached, Vec::new(), Duration::ZERO);
            (step.seen, step.picture) = (Observation::default(), Kept::NotAsked);
        }
    }))
}

fn all() -> [(&'static str, WalkRecord); 4] {
    [("passed", passed()), ("degraded", degraded()), ("failed", blocked()), ("inconclusive", troubled())]
}

fn v1(record: &WalkRecord) -> WalkV1 {
    WalkV1::from((record, &judge(record)))
}

fn terminal(record: &WalkRecord, language: Language, colour: bool) -> String {
    let judged: Judged = judge(record);
    let lines: Vec<String> = record.steps.iter().map(|step| step_line(step, language, colour)).collect();
    let picture = |key: &EvidenceKey| format!("evidence/{}", key.path());
    format!("{}\n\n{}", lines.join("\n"), summary(record, &judged, &journey(), &picture, language, colour))
}

#[test]
fn the_terminal_tells_each_verdict() {
    for (name, record) in all() {
        insta::assert_snapshot!(format!("terminal_{name}_zh"), terminal(&record, Language::Zh, false));
        insta::assert_snapshot!(format!("terminal_{name}_en"), terminal(&record, Language::En, false));
    }
}

#[test]
fn colour_changes_no_letter() {
    let codes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    for (_, record) in all() {
        let (plain, coloured) = (terminal(&record, Language::Zh, false), terminal(&record, Language::Zh, true));
        assert!(coloured.contains("\u{1b}["));
        assert_eq!(squeezed(&codes.replace_all(&coloured, "")), squeezed(&plain));
    }
}

/// The drawer of diagnostics pads coloured lines.
fn squeezed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_published_shape_is_pinned() {
    insta::assert_snapshot!("walk_v1", json(&[v1(&blocked())]));
    insta::assert_snapshot!("walk_v1_schema", schema());
}

#[test]
fn a_document_reads_back_and_ignores_what_it_does_not_know() {
    for (name, record) in all() {
        let written = v1(&record);
        assert_eq!(WalkV1::parse(&written.to_json()).unwrap(), written, "{name}");
        let mut newer: serde_json::Value = serde_json::from_str(&written.to_json()).unwrap();
        newer["mood"] = "calm".into();
        newer["steps"][0]["seen"]["sound"] = "none".into();
        assert_eq!(WalkV1::parse(&newer.to_string()).unwrap(), written, "{name}");
    }
    let other = v1(&passed()).to_json().replace("walk.v1", "walk.v9");
    assert!(matches!(WalkV1::parse(&other), Err(WalkV1Error::Shape(shape)) if shape == "walk.v9"));
    assert!(matches!(WalkV1::parse("{}"), Err(WalkV1Error::Json(_))));
}

#[test]
fn build_servers_see_failures_and_errors_apart() {
    let walks: Vec<WalkV1> = all().iter().map(|(_, record)| v1(record)).collect();
    insta::assert_snapshot!("junit", junit(&walks));
}

#[test]
fn several_walks_are_an_array() {
    let walks = [v1(&passed()), v1(&blocked())];
    let read: Vec<WalkV1> = serde_json::from_str(&json(&walks)).unwrap();
    assert_eq!(read, walks);
}

#[test]
fn the_page_holds_everything_and_runs_nothing() {
    let mut record = blocked();
    record.title = "<script>alert(1)</script>".into();
    let picture = |_: &EvidenceKey| Some(b"\x89PNG".to_vec());
    let written = html(&[v1(&record)], &picture, Language::Zh).replace("&#x2f;", "/");
    assert!(!written.contains("<script"), "a title must not become a tag");
    assert!(written.contains("default-src &#x27;none&#x27;") || written.contains("default-src 'none'"));
    assert!(!written.contains("src=\"http") && !written.contains("url(http") && !written.contains("href=\"http"));
    let pictures = record.steps.iter().filter(|s| matches!(s.picture, Kept::At(_))).count();
    assert_eq!(written.matches("data:image/png;base64,").count(), pictures, "each picture is inlined once");
    for text in
        ["POST /api/orders/prepare", "E1001", "no `确认申购` within 2 s", "buy.js submit", "提交失败", "ads.test"]
    {
        assert!(written.contains(text), "{text}");
    }
    assert!(written.contains("id=\"zh\" checked"));
    assert!(html(&[v1(&record)], &|_| None, Language::En).contains("id=\"en\" checked"));
}

#[test]
fn pages_hold_no_more_than_was_seen() {
    let record = WalkRecord { steps: Vec::new(), ..passed() };
    assert!(html(&[v1(&record)], &|_| None, Language::Zh).contains("</html>"));
    assert_eq!(page("/x").url, "https://app.test/x");
}

#[test]
fn what_a_page_says_obeys_no_terminal_and_paints_nothing() {
    let hostile = "\u{1b}]52;c;aGVsbG8=\u{7}\u{1b}[32m✓ 通过\u{1b}[0m\u{202e}\r\u{9b}2J";
    let said = gengfu::diagnostic::printable(hostile);
    assert!(!said.chars().any(|c| c.is_control() || c == '\u{202e}'), "{said:?}");
    let mut record = step("tap", hostile, "/home");
    record.outcome = Outcome::Skipped(hostile.into());
    let line = step_line(&record, Language::En, false);
    assert!(!line.chars().any(char::is_control), "{line:?}");
}
