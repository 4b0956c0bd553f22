//! What a bank's apps say when something fails, grouped: one group for each trouble, however its numbers differ, and
//! never one group for two.

use gengfu::finding::{Fingerprint, normalise};
use gengfu::id::StepId;
use std::collections::BTreeMap;

/// Sightings of each trouble.
const SIGHTINGS: u64 = 50;

/// Values of the `at`-th sighting: what an app puts into its messages.
struct Volatile {
    at: u64,
}

impl Volatile {
    /// Some number below `limit`, other for each sighting.
    fn number(&self, salt: u64, limit: u64) -> u64 {
        (self.at * 7_919 + salt * 104_729 + self.at * self.at * 31) % limit
    }

    fn hex(&self, digits: usize) -> String {
        let wide = self.number(3, u64::MAX >> 8).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(self.at << 40);
        format!("{wide:016x}{:016x}", wide.rotate_left(29) ^ 0x5bd1_e995_9e37_79b9)[..digits].to_owned()
    }

    fn uuid(&self) -> String {
        let h = self.hex(32);
        format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
    }

    fn yuan(&self, salt: u64) -> String {
        let cents = self.number(salt, 900_000_000);
        let whole = (cents / 100).to_string();
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{grouped}.{:02}", cents % 100)
    }

    fn wide(text: &str) -> String {
        text.chars()
            .map(|c| if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c })
            .collect()
    }

    fn date(&self) -> String {
        format!("2026-{:02}-{:02}", 1 + self.number(1, 12), 1 + self.number(2, 28))
    }

    fn time(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.number(4, 24), self.number(5, 60), self.number(6, 60))
    }
}

/// Eight troubles as apps tell them, four in Chinese and four in English.
const TEMPLATES: [fn(&Volatile) -> String; 8] = [
    |v| {
        format!(
            "系统繁忙，请稍后再试（错误码{}，流水号{}{:08}）",
            10023,
            v.date().replace('-', ""),
            v.number(7, 100_000_000)
        )
    },
    |v| {
        let amount = if v.at.is_multiple_of(2) { v.yuan(8) } else { Volatile::wide(&v.yuan(8)) };
        format!("可用余额不足：当前可用￥{amount}，本次申购￥{}", v.yuan(9))
    },
    |v| format!("{} {} 向尾号{:04}的账户转账{}元失败，已冲正", v.date(), v.time(), v.number(10, 10_000), v.yuan(11)),
    |v| {
        let masked = format!("13{}****{:04}", v.number(12, 10), v.number(13, 10_000));
        format!("验证码已发送至{masked}，请在{}秒后重新获取", v.number(14, 60))
    },
    |v| format!("Request {} failed after {} ms (attempt {} of 3)", v.uuid(), v.number(15, 30_000), 1 + v.number(16, 3)),
    |v| format!("Insufficient balance: available CNY {}, required CNY {}", v.yuan(17), v.yuan(18)),
    |v| {
        let at = format!("{}T{}.{:03}Z", v.date(), v.time(), v.number(19, 1_000));
        format!(
            "[{at}] order {}{:06} not found on node 10.20.{}.{}:8080",
            "FD2026",
            v.number(20, 1_000_000),
            v.number(21, 255),
            v.number(22, 255)
        )
    },
    |v| {
        let place = format!("pay.js:{}:{}", 1 + v.number(24, 2_000), 1 + v.number(25, 120));
        let (node, build) = (1 + v.number(23, 300), v.number(26, 2_000));
        format!("upstream db-{node}:3306 timed out at {place}, build 3.12.0.{build}, trace={}", v.hex(32))
    },
];

/// Groups of `messages`, each with what it holds.
fn groups(messages: impl IntoIterator<Item = String>) -> BTreeMap<String, Vec<String>> {
    let mut groups = BTreeMap::<String, Vec<String>>::new();
    for message in messages {
        let journey = "fund-purchase".parse().unwrap();
        let print = Fingerprint::of(&journey, &StepId("tap".into()), "busy-notice", "/buy", &message);
        groups.entry(print.as_str().to_owned()).or_default().push(message);
    }
    groups
}

#[test]
fn four_hundred_messages_of_eight_troubles_are_eight_groups() {
    let all = TEMPLATES.iter().flat_map(|message| (0..SIGHTINGS).map(move |at| message(&Volatile { at })));
    let all: Vec<String> = all.collect();
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert!(different.len() > 390, "the messages must differ, or nothing is tried: {}", different.len());
    let groups = groups(all);
    let told: Vec<_> = groups.values().map(|g| (g.len(), normalise(&g[0]), g[0].clone())).collect();
    assert_eq!(groups.len(), TEMPLATES.len(), "{told:#?}");
    assert!(groups.values().all(|g| g.len() == SIGHTINGS as usize), "{told:#?}");
}

/// Troubles that differ in one word, one call, one code or one place in the script, as detectors name them.
fn distinct_defects() -> Vec<String> {
    let acts = ["申购", "赎回", "定投", "转账", "还款", "提现", "充值", "开户", "签约", "撤单"];
    let failures = ["失败，请稍后再试", "超过单日限额", "需要先完成风险测评", "的协议无法打开", "处理中，请勿重复提交"];
    let said = acts.iter().flat_map(|act| failures.iter().map(move |failure| format!("{act}{failure}")));
    let paths = ["/api/orders", "/api/orders/confirm", "/api/transfer", "/api/home", "/api/funds"];
    let answers =
        ["=500", "=502", "=504", "=200 =E1001", "=200 =E1002", "=200 =10023", "=200 =10024", "=404", "=429", "=0"];
    let calls = paths.iter().flat_map(|path| answers.iter().map(move |answer| format!("POST {path} {answer}")));
    let gets = paths.iter().flat_map(|path| answers.iter().map(move |answer| format!("GET {path} {answer}")));
    let names = ["nav", "fee", "risk", "period", "holder"];
    let frames = ["fund.js", "order.js", "home.js", "chart.js", "login.js"];
    let thrown = |name: &'static str| {
        let read = format!("TypeError: Cannot read properties of undefined (reading '{name}')");
        frames.iter().map(move |frame| format!("{read} {frame}"))
    };
    let called =
        |name: &'static str| frames.iter().map(move |frame| format!("ReferenceError: {name} is not defined {frame}"));
    let errors = names.into_iter().flat_map(thrown).chain(names.into_iter().flat_map(called));
    said.chain(calls).chain(gets).chain(errors).collect()
}

#[test]
fn two_hundred_defects_stay_two_hundred() {
    let all = distinct_defects();
    assert_eq!(all.len(), 200);
    let merged: Vec<_> = groups(all).into_values().filter(|g| g.len() > 1).collect();
    assert!(merged.is_empty(), "told apart no longer: {merged:#?}");
}
