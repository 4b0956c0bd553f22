//! Journey files: the whole language loads, and what is wrong is said in full.

use gengfu::journey::title::in_chinese;
use gengfu::journey::{self, FileProblem, Files, FillValue, Journey, Limits, Step, Value, Verb};
use std::collections::BTreeMap;

/// Files held in memory.
pub struct TextFiles(pub BTreeMap<&'static str, Vec<u8>>);

impl Files for TextFiles {
    fn read(&self, path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        self.0.get(path).cloned().ok_or(FileProblem::Missing)
    }
}

/// Loads `journey.yaml` beside the given parts; problems as people see them.
fn load(text: &str, parts: &[(&'static str, &str)]) -> Result<Journey, String> {
    let mut files = BTreeMap::from([("journey.yaml", text.as_bytes().to_vec())]);
    files.extend(parts.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())));
    journey::load("journey.yaml", &TextFiles(files), &Limits::default())
        .map_err(|problems| problems.iter().map(|p| p.render(false)).collect::<Vec<_>>().join("\n\n"))
}

fn ids(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.id.0.as_str()).collect()
}

const WHOLE: &str = include_str!("whole.yaml");
const LOGIN: &str = "part: login
params:
  username: text
  password: {type: secret, default: account.password}
steps:
  - open: /login
  - fill: {label: 手机号, text: \"${username}\"}
  - fill: {label: 登录密码, secret: \"${password}\"}
  - tap: {role: button, name: 登录}
    see: {testid: total}
  - capture: {greeting: {css: .greeting}}
";

#[test]
fn the_whole_language_loads() {
    let journey = load(WHOLE, &[("shared/login.yaml", LOGIN)]).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(journey.id.as_str(), "whole");
    insta::assert_snapshot!(ids(&journey.steps).join("\n"));
    insta::assert_debug_snapshot!(journey.steps.iter().map(|s| s.title.as_str()).collect::<Vec<_>>());
    assert_eq!(journey.always.len(), 1);
    // Where people read Chinese, no title that was made up is English.
    let said: Vec<String> = journey.steps.iter().map(|step| in_chinese(&step.title)).collect();
    assert!(said.iter().all(|said| !said.starts_with(|c: char| c.is_ascii())), "{said:#?}");
    insta::assert_debug_snapshot!(said);
}

fn sample(steps: &str) -> String {
    format!("journey: sample\napp: demo\naccount: retail\nsteps:\n{steps}")
}

#[test]
fn inserting_a_step_leaves_the_other_names_alone() {
    let check = |steps: &str, expected: &[&str]| {
        let journey = load(&sample(steps), &[]).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(ids(&journey.steps), expected);
    };
    check("  - open: /home\n  - tap: 基金\n    see: 基金超市\n", &["open-home", "tap-基金"]);
    check(
        "  - open: /home\n  - tap: 消息\n  - tap: 基金\n    see: 基金超市\n  - tap: 基金\n",
        &["open-home", "tap-消息", "tap-基金", "tap-基金~2"],
    );
    let twins = "  - tap: 下一步\n  - see: 风险揭示\n  - tap: 下一步\n  - see: 确认申购\n";
    check(twins, &["tap-下一步", "see-风险揭示", "tap-下一步~see-风险揭示", "see-确认申购"]);
    check(
        "  - tap: 下一步\n  - see: 产品说明\n  - tap: 下一步\n  - see: 风险揭示\n  - tap: 下一步\n  - see: 确认申购\n",
        &[
            "tap-下一步",
            "see-产品说明",
            "tap-下一步~see-产品说明",
            "see-风险揭示",
            "tap-下一步~see-风险揭示",
            "see-确认申购",
        ],
    );
}

#[test]
fn parameters_stand_in_texts_expressions_and_secrets() {
    let part = "part: pay
params: {who: text, pin: secret, most: decimal, note: {type: text, default: 无}}
steps:
  - fill: {label: 附言, text: \"给${who}：${note}\"}
  - fill: {label: 交易密码, secret: \"${pin}\"}
  - capture: {fee: {testid: fee, as: money}}
  - assert: fee <= most and who != '空'
";
    let steps = "  - capture: {payee: {testid: payee}}
  - use: pay
    with: {who: \"${payee}\", pin: account.trade_pin, most: 12.50}
  - assert: fee >= 0
";
    let journey = load(&sample(steps), &[("shared/pay.yaml", part)]).unwrap_or_else(|why| panic!("{why}"));
    let Verb::Fill { value: FillValue::Text(text), .. } = &journey.steps[1].verb else { panic!("a fill") };
    assert_eq!(text.to_string(), "给${payee}：无");
    let Verb::Fill { value: FillValue::Secret(reference), .. } = &journey.steps[2].verb else { panic!("a secret") };
    assert_eq!(reference, "account.trade_pin");
    let Verb::Assert { expression, .. } = &journey.steps[4].verb else { panic!("an assertion") };
    assert_eq!(expression.names(), ["fee", "payee"]);
    let value_of = |name: &str| match name {
        "fee" => Some(Value::Figure("12.50".parse().unwrap())),
        _ => Some(Value::Text("林晓棠".into())),
    };
    assert_eq!(expression.holds(&value_of), Ok(true));
    assert_eq!(journey.steps[1].source.name, "shared/pay.yaml");
    assert_eq!(journey.steps[1].id.0, "pay.fill-附言");
}

#[test]
fn the_digest_covers_every_file_used() {
    let steps = "  - use: look\n";
    let digest = |part: &str| load(&sample(steps), &[("shared/look.yaml", part)]).unwrap().digest;
    let first = digest("part: look\nsteps:\n  - see: 总资产\n");
    assert_eq!(first, digest("part: look\nsteps:\n  - see: 总资产\n"));
    assert_ne!(first, digest("part: look\nsteps:\n  - see: 现金\n"));
    assert_eq!(first.len(), 64);
}

#[test]
fn what_is_right_is_not_refused() {
    let check = |steps: &str| {
        if let Err(why) = load(&sample(steps), &[]) {
            panic!("refused without need:\n{why}");
        }
    };
    check("  - open: http://127.0.0.1:8080/home\n    see: 总资产\n");
    check("  - open: https://bank.example\n    see: 总资产\n");
    check("  - open: /q?filter=account:%22x%22\n    see: 总资产\n");
    check("  - open: /home\n    not_see: [undefined, NaN, \"{{\", \"$${\"]\n");
    check("  - tap: {role: button, name: 确认支付方式}\n    see: 选择支付方式\n");
    check("  - tap: {role: button, name: 提交订单}\n    see: 请先同意协议\n    note: 未勾选协议，不会下单\n");
    check("  - fill: {label: 手机号, text: \"13800010001\"}\n    see: 获取验证码\n");
    check("  - fill: {label: 订单号, text: \"2026112200000001\"}\n    see: 查询\n");
    check("  - tap: {css: \"a[href='/x(1)']:not(.off)\"}\n    see: 详情\n");
    check("  - see: {text: no, exact: true}\n");
    check("  - capture: {no_rate: {testid: rate}}\n  - assert: no_rate != '--'\n");
    check("\u{20} - see: 总资产\r\n    within: 5s\r\n");
}
