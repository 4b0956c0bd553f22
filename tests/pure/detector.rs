//! Whole stories of a fund purchase: one trouble, seen by several detectors, must give one failing finding.

use crate::walks::{api, failed, page, step, walk};
use gengfu::detector::judge;
use gengfu::id::{IncidentId, StepId};
use gengfu::incident::{Kind, Known, Policy, Walked, fold};
use gengfu::walk::*;
use std::time::Duration;

/// What is expected of a story: verdict, class, attribution, and the findings as `detector@step cause key`.
fn check(record: WalkRecord, verdict: Verdict, class: Option<Class>, whose: Option<Attribution>, findings: &[&str]) {
    let judged = judge(&record);
    let told: Vec<String> =
        judged.findings.iter().map(|f| format!("{}@{} {}", f.detector, f.step, f.cause_key)).collect();
    assert_eq!(told, findings, "{:?}", judged.headline);
    assert_eq!((judged.verdict, judged.class, judged.attribution), (verdict, class, whose));
    assert_eq!(judge(&record), judged, "the judgement is pure");
}

fn home() -> StepRecord {
    step("open", "打开首页", "/home")
}

/// A `next` step that failed, with what was seen changed.
fn next(kind: FailureKind, change: impl FnOnce(&mut Observation)) -> StepRecord {
    let mut next = failed("next", "点击“下一步”", "/funds/000123/buy", kind);
    change(&mut next.seen);
    next
}

fn thrown(text: &str) -> ScriptError {
    ScriptError { text: text.into(), frame: Some("buy.js submit".into()), own: true, offset: Duration::ZERO }
}

fn loading(page: &mut PageLook) {
    page.loading.push(LoadingMark { locus: "div.spinner".into(), age: Duration::from_secs(4) });
}

fn white(page: &mut PageLook) {
    (page.text, page.text_chars, page.main_chars, page.main_elements) = (String::new(), 0, 0, 0);
    page.grid_empty = 81;
}

const PRODUCT: Option<Attribution> = Some(Attribution::Product);

#[test]
fn healthy_walks_pass() {
    check(walk(vec![home(), step("next", "点击“下一步”", "/confirm")]), Verdict::Passed, None, None, &[]);
}

#[test]
fn a_failing_call_explains_the_blocked_step() {
    let story = next(FailureKind::NotSeen, |seen| {
        seen.exchanges.push(api("GET", "/api/banner", 500));
        seen.exchanges.push(api("POST", "/api/orders/prepare", 500));
        seen.script_errors.push(thrown("TypeError: order is undefined"));
        let page = seen.page.as_mut().unwrap();
        loading(page);
        page.text.push_str("\n合计 ¥undefined");
    });
    let record = walk(vec![home(), story]);
    let headline = judge(&record).headline.unwrap();
    assert_eq!(
        headline.zh,
        "「点击“下一步”」后没有出现「确认申购」，客户无法继续「基金申购（至确认页）」（POST /api/orders/prepare → 500）"
    );
    check(record, Verdict::Failed, Some(Class::Blocked), PRODUCT, &["api-error@next POST /api/orders/prepare =500"]);
}

#[test]
fn a_call_that_failed_before_the_form_was_filled_in_explains_it_too() {
    let check = |between: &str, expected: &[&str]| {
        let mut came = step("open", "打开首页", "/funds/000123/buy");
        came.seen.exchanges.push(api("GET", "/api/funds/000123", 500));
        let between = StepRecord { verb: between.into(), ..step("between", "填写金额", "/funds/000123/buy") };
        let record = walk(vec![came, between, next(FailureKind::NotSeen, |_| ())]);
        let told = judge(&record).findings.iter().map(|f| format!("{}@{}", f.detector, f.step)).collect::<Vec<_>>();
        assert_eq!(told, expected);
    };
    check("fill", &["api-error@next"]);
    check("tap", &["expectation-not-met@next", "api-error@open"]);
}

#[test]
fn a_white_page_is_broken_and_the_exception_is_its_cause() {
    let story = next(FailureKind::Missing, |seen| {
        white(seen.page.as_mut().unwrap());
        seen.script_errors.push(thrown("ReferenceError: app is not defined"));
    });
    let record = walk(vec![home(), story]);
    let cause = judge(&record).findings[0].cause.clone().unwrap();
    assert!(cause.ends_with("← ReferenceError: app is not defined buy.js submit"), "{cause}");
    check(record, Verdict::Failed, Some(Class::Broken), PRODUCT, &["white-screen@next white"]);
}

#[test]
fn a_page_without_its_script_is_white_and_the_script_is_its_cause() {
    let story = next(FailureKind::Missing, |seen| {
        white(seen.page.as_mut().unwrap());
        seen.exchanges.push(Exchange { kind: ExchangeKind::Script, ..api("GET", "/static/app.js", 404) });
    });
    let record = walk(vec![home(), story]);
    let cause = judge(&record).findings[0].cause.clone().unwrap();
    assert!(cause.ends_with("← script /static/app.js → 404"), "{cause}");
    check(record, Verdict::Failed, Some(Class::Broken), PRODUCT, &["white-screen@next white"]);
}

#[test]
fn waiting_explains_what_does_not_come() {
    let story = next(FailureKind::Missing, |seen| loading(seen.page.as_mut().unwrap()));
    check(
        walk(vec![home(), story]),
        Verdict::Failed,
        Some(Class::Blocked),
        PRODUCT,
        &["endless-loading@next loading div.spinner"],
    );
}

#[test]
fn a_programmers_word_explains_a_figure_that_cannot_be_read() {
    let story = next(FailureKind::Unreadable, |seen| seen.page.as_mut().unwrap().text.push_str("\n合计 ¥NaN"));
    check(walk(vec![home(), story]), Verdict::Failed, Some(Class::Abnormal), PRODUCT, &["placeholder-text@next =NaN"]);
}

#[test]
fn a_dead_button_keeps_its_name_and_gets_the_exception_as_cause() {
    let story = next(FailureKind::NoEffect, |seen| seen.script_errors.push(thrown("TypeError: submit is undefined")));
    let record = walk(vec![home(), story]);
    let headline = judge(&record).headline.unwrap();
    assert!(headline.zh.starts_with("「点击“下一步”」后没有任何反应，客户无法继续「基金申购"), "{}", headline.zh);
    check(record, Verdict::Failed, Some(Class::Blocked), PRODUCT, &["tap-without-effect@next no-effect 确认申购"]);
}

#[test]
fn a_trouble_on_another_step_stands_beside_once() {
    let mut spoilt = home();
    spoilt.seen.page.as_mut().unwrap().text.push_str("\n尊敬的{{name}}");
    let again = StepRecord { id: StepId("again".into()), ..spoilt.clone() };
    let record = walk(vec![spoilt, again, next(FailureKind::NoEffect, |_| ())]);
    check(
        record,
        Verdict::Failed,
        Some(Class::Blocked),
        PRODUCT,
        &["tap-without-effect@next no-effect 确认申购", "placeholder-text@open ={{…}}"],
    );
}

#[test]
fn what_follows_the_failed_step_follows_from_it() {
    let mut logout = failed("logout", "退出登录", "/error", FailureKind::Missing);
    logout.section = gengfu::journey::Section::Always;
    logout.seen.exchanges.push(api("POST", "/api/logout", 500));
    check(
        walk(vec![home(), next(FailureKind::NoEffect, |_| ()), logout]),
        Verdict::Failed,
        Some(Class::Blocked),
        PRODUCT,
        &["tap-without-effect@next no-effect 确认申购"],
    );
}

#[test]
fn steps_that_passed_do_not_save_a_wrong_page() {
    let mut spoilt = home();
    spoilt.seen.page.as_mut().unwrap().text.push_str("\n收益率 NaN%");
    let record = walk(vec![spoilt]);
    check(record, Verdict::Failed, Some(Class::Abnormal), PRODUCT, &["placeholder-text@open =NaN"]);
}

#[test]
fn a_step_that_was_slow_degrades_and_is_told_once() {
    let mut slow = home();
    slow.outcome = Outcome::Degraded(vec![Degradation::Slow { elapsed_ms: 6_000, within_ms: 5_000 }]);
    let answer = Exchange { elapsed: Duration::from_millis(5_500), ..api("GET", "/api/home", 200) };
    slow.seen.exchanges.push(answer);
    check(walk(vec![slow]), Verdict::Degraded, Some(Class::Slow), PRODUCT, &["step-over-budget@open slow"]);
}

#[test]
fn whose_fault_it_is() {
    let trouble = Trouble { kind: TroubleKind::BrowserLost, said: "the browser is gone".into() };
    let mut lost = home();
    lost.outcome = Outcome::Inconclusive(trouble);
    lost.seen.exchanges.push(api("GET", "/api/home", 500));
    check(walk(vec![lost]), Verdict::Inconclusive, None, Some(Attribution::Robot), &[]);

    let refused = |error: &str| next(FailureKind::NavigationFailed { error: error.into() }, |_| ());
    let uplink = walk(vec![refused("net::ERR_NAME_NOT_RESOLVED")]);
    check(uplink, Verdict::Inconclusive, Some(Class::Blocked), Some(Attribution::Network), &[]);
    let down = walk(vec![refused("net::ERR_CONNECTION_REFUSED")]);
    let told = ["navigation-failed@next =gateway"];
    check(down, Verdict::Failed, Some(Class::Blocked), PRODUCT, &told);

    let guarded = next(FailureKind::Guarded { request: "POST https://app.test/api/orders".into() }, |seen| {
        seen.page.as_mut().unwrap().text.push_str("\n网络异常，请稍后再试");
    });
    let told = ["guard-stopped@next guarded POST /api/orders"];
    check(walk(vec![guarded]), Verdict::Failed, Some(Class::Blocked), Some(Attribution::Robot), &told);

    let limited = next(FailureKind::NotSeen, |seen| seen.exchanges.push(api("POST", "/api/orders/prepare", 429)));
    check(walk(vec![limited]), Verdict::Inconclusive, Some(Class::Blocked), Some(Attribution::Protection), &[]);
}

/// What a detector saw is filed as what it is, not as a defect of the robot's.
#[test]
fn robot_trouble_is_filed_as_what_it_is() {
    let check = |step: StepRecord, expected: TroubleKind| {
        let (record, known) = (walk(vec![home(), step]), Known::default());
        let judged = judge(&record);
        let trouble = judged.trouble.as_ref();
        let walked = Walked { record: &record, verdict: judged.verdict, findings: &judged.findings, trouble };
        let changes = fold(&known, &walked, &Policy::default(), &mut IncidentId::fresh);
        let [change] = &changes[..] else { panic!("one incident, not {changes:?}") };
        assert_eq!((change.after.kind, change.after.attribution), (Kind::Robot, expected.attribution()));
        assert_eq!(trouble.map(|t| t.kind), Some(expected));
        assert!(change.after.cause.as_ref().is_some_and(|c| !c.contains("does not say why")), "{change:?}");
    };
    let protected = next(FailureKind::NotSeen, |seen| {
        let page = seen.page.as_mut().unwrap();
        (page.text, page.text_chars) = ("您的访问存在异常，请完成安全验证".into(), 16);
    });
    check(protected, TroubleKind::Protection);
    let limited = next(FailureKind::NotSeen, |seen| seen.exchanges.push(api("POST", "/api/orders/prepare", 429)));
    check(limited, TroubleKind::Protection);
    let unresolved = FailureKind::NavigationFailed { error: "net::ERR_NAME_NOT_RESOLVED".into() };
    check(next(unresolved, |_| ()), TroubleKind::Uplink);
}

#[test]
fn third_parties_and_lost_looks_say_nothing() {
    let mut quiet = home();
    quiet.seen.exchanges.push(Exchange { own: false, ..api("GET", "/collect", 503) });
    quiet.seen.script_errors.push(ScriptError { own: false, ..thrown("TypeError: ad is null") });
    let mut blind = step("next", "点击“下一步”", "/confirm");
    blind.seen.page = None;
    let hidden = StepRecord {
        seen: Observation { page: Some(PageLook { visible: false, ..page("/x") }), ..Observation::default() },
        ..home()
    };
    check(walk(vec![quiet, blind, hidden]), Verdict::Passed, None, None, &[]);
}

/// What is wrong in the header of every page is one trouble, met first on the first of them.
#[test]
fn one_fault_of_a_shared_part_is_told_once() {
    let on = |path: &str, id: &str, line: &str| {
        let mut step = step(id, id, path);
        step.seen.page.as_mut().unwrap().text.push_str(line);
        step
    };
    let header = "\nundefined，您好";
    let pages = || vec![on("/home", "open", header), on("/funds", "funds", header), on("/loans", "loans", header)];
    let told = ["placeholder-text@open =undefined"];
    check(walk(pages()), Verdict::Failed, Some(Class::Abnormal), PRODUCT, &told);
    // The same word in another place is another trouble.
    let apart = vec![on("/home", "open", header), on("/orders", "orders", "\n持有undefined份")];
    let told = ["placeholder-text@open =undefined", "placeholder-text@orders =undefined"];
    check(walk(apart), Verdict::Failed, Some(Class::Abnormal), PRODUCT, &told);
}

#[test]
fn trouble_while_leaving_only_degrades() {
    let mut leaving = step("logout", "退出登录", "/home");
    leaving.section = gengfu::journey::Section::Always;
    leaving.soft = true;
    leaving.outcome =
        Outcome::Inconclusive(Trouble { kind: TroubleKind::BrowserLost, said: "the browser is gone".into() });
    let got_through = WalkRecord { verdict: Verdict::Degraded, ..walk(vec![home(), leaving.clone()]) };
    check(got_through, Verdict::Degraded, None, None, &[]);
    let stopped = next(FailureKind::NoEffect, |_| ());
    let told = ["tap-without-effect@next no-effect 确认申购"];
    let failed = WalkRecord { verdict: Verdict::Failed, ..walk(vec![home(), stopped, leaving]) };
    check(failed, Verdict::Failed, Some(Class::Blocked), PRODUCT, &told);
}

/// The page says 系统异常 because its own call failed: the call is the cause, whatever words the page finds for it.
#[test]
fn a_failing_call_is_the_cause_of_a_busy_notice() {
    let story = next(FailureKind::NotSeen, |seen| {
        seen.exchanges.push(api("GET", "/api/orders/quote", 500));
        seen.page.as_mut().unwrap().text.push_str("\n系统异常，请稍后再试");
    });
    let told = ["api-error@next GET /api/orders/quote =500"];
    check(walk(vec![home(), story]), Verdict::Failed, Some(Class::Blocked), PRODUCT, &told);
}

#[test]
fn no_headline_says_after_twice() {
    let kind = FailureKind::WrongResponse { request: "POST /api/x".into(), status: Some(500), code: None };
    let headline = judge(&walk(vec![home(), next(kind, |_| ())])).headline.unwrap();
    assert!(!headline.zh.contains("后后"), "{}", headline.zh);
}

#[test]
fn a_headline_names_the_request_once() {
    let check = |rule: &str, asked: &str, expected: &str| {
        let kind = FailureKind::WrongResponse { request: rule.into(), status: Some(500), code: None };
        let story = next(kind, |seen| seen.exchanges.push(api("POST", asked, 500)));
        let headline = judge(&walk(vec![home(), story])).headline.unwrap();
        assert_eq!(headline.zh, format!("「点击“下一步”」时后台应答不对{expected}"), "{rule}");
        assert_eq!(headline.en.matches("/api/").count(), headline.zh.matches("/api/").count(), "{}", headline.en);
    };
    check("POST /api/x", "/api/x", "，客户无法继续（POST /api/x → 500）");
    check("POST /api/orders/20261124001", "/api/orders/20261124001", "，客户无法继续（POST /api/orders/:id → 500）");
    check("any /api/x", "/api/x", "，客户无法继续（POST /api/x → 500）");
    check("POST /api/orders/*", "/api/orders/prepare", "，客户无法继续（POST /api/orders/prepare → 500）");
}

/// The table of faults names detectors that are there; two faults wait for what was usual on clean walks.
#[test]
fn faults_expect_detectors_that_are_there() {
    let later = ["header-regression", "cookie-regression"];
    let known = |id: &str| later.contains(&id) || gengfu::detector::ALL.iter().any(|d| d.id == id);
    let unknown: Vec<_> = gengfu::demo::FAULTS.iter().filter(|f| !known(f.expected_detector)).map(|f| f.id).collect();
    assert_eq!(unknown, Vec::<&str>::new());
}
