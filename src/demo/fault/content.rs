//! Group G: what stands there is not what should stand there.

use super::Effect::{self, Json, Replace};
use serde_json::{Value, json};

pub(super) const CT01: &[Effect] = &[
    Replace("/assets/js/home.js", "TC.signed(data.yesterday_gain)", "TC.signed(String(Number(data.yesterdayGain)))"),
    Replace("/assets/js/fund.js", "fee_shown: f.fee_shown + '%'", "fee_shown: f.feeShown + '%'"),
];

pub(super) const CT02: &[Effect] =
    &[Json("/api/home", |answer, _| answer["data"]["hello"] = json!("您好，{{customer.name}}"))];

pub(super) const CT03: &[Effect] = &[
    Replace("/transfer", "可用余额", "transfer.form.available.label"),
    Replace("/funds/*/buy", "可用现金", "purchase.form.available.label"),
];

pub(super) const CT04: &[Effect] = &[Replace(
    "/settings/privacy",
    "除法律法规另有规定或取得您的单独同意外，我们不会向第三方提供您的个人信息。",
    "Lorem ipsum dolor sit amet，此处为占位文案，TODO 待法务确认。",
)];

pub(super) const CT05: &[Effect] = &[Json("/api/messages", |answer, _| {
    each(answer, "title", |text| encoding_rs::GBK.decode(text.as_bytes()).0.into_owned());
})];

pub(super) const CT06: &[Effect] = &[Json("/api/home", |answer, _| {
    let text = answer["data"]["banner"]["text"].as_str().unwrap_or("").to_owned();
    answer["data"]["banner"]["text"] = json!(text.bytes().map(char::from).collect::<String>());
})];

pub(super) const CT07: &[Effect] =
    &[Json("/api/transactions", |answer, _| each(answer, "title", |_| "锟斤拷锟斤拷\u{fffd}".to_owned()))];

pub(super) const CT09: &[Effect] = &[Replace("/loans", "请理性借贷，", "请理性借贷&amp;nbsp;&amp;nbsp;&lt;br/&gt;")];

pub(super) const CT10: &[Effect] = &[
    Json("/api/funds/*", |answer, _| answer["data"]["nav_date"] = json!("1970-01-01")),
    Json("/api/home", |answer, _| answer["data"]["as_of"] = json!("Invalid Date")),
];

pub(super) const CT11: &[Effect] = &[
    Json("/api/funds/*", |answer, _| answer["data"]["day_change"] = json!("0.30000000000000004")),
    Json("/api/payees", |answer, _| answer["data"]["available"] = json!("6.656898e+21")),
];

pub(super) const CT15: &[Effect] =
    &[Replace("/help", "400-000-8866", "400-001-9977"), Replace("/help/complaint", "400-000-8866", "400-001-9977")];

fn each(answer: &mut Value, key: &str, change: fn(&str) -> String) {
    for item in answer["data"]["items"].as_array_mut().into_iter().flatten() {
        if let Some(text) = item[key].as_str() {
            item[key] = json!(change(text));
        }
    }
}
