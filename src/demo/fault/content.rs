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

pub(super) const CT10: &[Effect] = &[Json("/api/home", |answer, _| answer["data"]["as_of"] = json!("Invalid Date"))];

pub(super) const CT11: &[Effect] = &[
    Json("/api/funds/*", |answer, _| answer["data"]["day_change"] = json!("0.30000000000000004")),
    Json("/api/payees", |answer, _| answer["data"]["available"] = json!("6.656898e+21")),
];

pub(super) const CT15: &[Effect] =
    &[Replace("/help", "400-000-8866", "400-001-9977"), Replace("/help/complaint", "400-000-8866", "400-001-9977")];

pub(super) const CT01B: &[Effect] =
    &[Replace("/assets/js/transfer.js", "TC.grouped(data.available)", "TC.grouped(data.balance)")];

pub(super) const CT01C: &[Effect] =
    &[Replace("/assets/js/loans.js", "TC.grouped(l.limit", "TC.grouped(String(Number(l.max))")];

pub(super) const CT02B: &[Effect] = &[Replace("/funds/*", "管理公司</dt>", "管理公司 ${company.name}</dt>")];

pub(super) const CT03B: &[Effect] = &[Replace("/loans", "利息试算</h2>", "loan.calc.title</h2>")];

pub(super) const CT05B: &[Effect] = &[Json("/api/transactions", |answer, _| {
    each(answer, "title", |text| encoding_rs::GBK.decode(text.as_bytes()).0.into_owned());
})];

pub(super) const CT07B: &[Effect] =
    &[Json("/api/messages", |answer, _| each(answer, "title", |text| format!("{text}锟斤拷")))];

pub(super) const CT09B: &[Effect] = &[Replace("/help", "7×24 小时", "7×24&amp;nbsp;小时")];

pub(super) const CT10B: &[Effect] =
    &[Json("/api/messages", |answer, _| each(answer, "date", |_| "1970-01-01".to_owned()))];

pub(super) const CT11B: &[Effect] =
    &[Json("/api/home", |answer, _| answer["data"]["yesterday_gain"] = json!("59.370000000000005"))];

// A character of the core system's own private area, which no font of a customer has.
pub(super) const CT08: &[Effect] =
    &[Json("/api/messages", |answer, _| each(answer, "title", |text| format!("{text}（李\u{e6a1}）")))];

pub(super) const CT12: &[Effect] =
    &[Replace("/transfer", "单笔限额 200,000.00 元。我行不会以任何理由要求您向陌生账户转账。", "")];

pub(super) const CT13: &[Effect] = &[Replace(
    "/help/complaint",
    "我们将在 15 日内告知处理结果。您也可拨打 12378 反映。",
    "We will let you know the outcome within 15 days. You can also call 12378.",
)];

pub(super) const CT13B: &[Effect] = &[Replace(
    "/loans",
    "以上利率均为年化利率，采用单利方法计算。实际利率以审批结果为准。请理性借贷，按时还款。",
    "All rates are annual and simple. Your rate is subject to approval. Please borrow sensibly.",
)];

pub(super) const CT14: &[Effect] = &[Json("/api/home", |answer, _| {
    answer["data"]["banner"]["text"] = json!("新客开户礼 活动时间 2026-01-01 至 2026-03-31，立即参与");
})];

pub(super) const CT02C: &[Effect] =
    &[Json("/api/messages", |answer, _| each(answer, "title", |text| format!("{{{{userName}}}}，{text}")))];

pub(super) const CT03C: &[Effect] = &[Replace("/help", "<dt>服务时间</dt>", "<dt>help.contact.service_hours</dt>")];

pub(super) const CT05C: &[Effect] = &[Json("/api/home", |answer, _| {
    let text = answer["data"]["banner"]["text"].as_str().unwrap_or("").to_owned();
    answer["data"]["banner"]["text"] = json!(encoding_rs::GBK.decode(text.as_bytes()).0);
})];

pub(super) const CT07C: &[Effect] =
    &[Json("/api/home", |answer, _| answer["data"]["banner"]["text"] = json!("专业投研团队锟斤拷陪您走过"))];

pub(super) const CT09C: &[Effect] = &[Replace("/settings/privacy", "审计等措施", "审计等措施&lt;br&gt;")];

pub(super) const CT10C: &[Effect] =
    &[Json("/api/loans", |answer, _| answer["data"]["mine"] = json!({"owed": "86000.00", "due": "Invalid Date"}))];

pub(super) const CT11C: &[Effect] =
    &[Replace("/assets/js/wealth-product.js", "TC.grouped(w.quota)", "Number(w.quota).toExponential()")];

pub(super) const CT13C: &[Effect] = &[Replace(
    "/messages",
    "条未读</p>",
    "条未读</p><p class=\"quiet\">Messages are kept for one year. Please save what you need.</p>",
)];

pub(super) const CT04B: &[Effect] = &[Replace("/help", "7×24 小时", "7×24 小时（此处为占位文字）")];

pub(super) const CT04C: &[Effect] = &[Replace(
    "/funds/*",
    "交易规则</h2>",
    "交易规则</h2><p>Lorem ipsum dolor sit amet, consectetur adipiscing elit</p>",
)];

pub(super) const CT06B: &[Effect] =
    &[Json("/api/messages", |answer, _| each(answer, "title", |text| text.bytes().map(char::from).collect()))];

pub(super) const CT06C: &[Effect] =
    &[Json("/api/transactions", |answer, _| each(answer, "title", |text| text.bytes().map(char::from).collect()))];

fn each(answer: &mut Value, key: &str, change: fn(&str) -> String) {
    for item in answer["data"]["items"].as_array_mut().into_iter().flatten() {
        if let Some(text) = item[key].as_str() {
            item[key] = json!(change(text));
        }
    }
}
