//! Group D: it works and is wrong. The faults customers remember.

use super::Asked;
use super::Effect::{self, Append, Bytes, Json, Replace};
use crate::demo::customer::{self, Customer};
use crate::demo::product::{DISCLOSURE, figure};
use crate::money::Decimal;
use serde_json::{Value, json};

pub(super) const PS01: &[Effect] = &[Json("/api/home", |answer, _| {
    for part in ["total", "cash", "funds", "wealth"] {
        answer["data"]["assets"][part] = json!("0.00");
    }
    answer["data"]["holdings"] = json!([]);
    answer["data"]["yesterday_gain"] = json!("0.00");
})];

pub(super) const PS02: &[Effect] =
    &[Json("/api/funds/*", |answer, _| change(&mut answer["data"]["nav"], |nav| nav + Decimal::new(36, 4)))];

pub(super) const PS03: &[Effect] = &[Json("/api/home", |answer, _| {
    change(&mut answer["data"]["assets"]["total"], |total| total + Decimal::from(8_888))
})];

pub(super) const PS04: &[Effect] = &[Json("/api/loans", |answer, _| {
    items(answer).for_each(|loan| change(&mut loan["apr"], |apr| apr * Decimal::from(100)));
})];

pub(super) const PS05: &[Effect] = &[
    Json("/api/funds", |answer, _| {
        answer["data"]["nav_date"] = json!("2025-01-06");
        items(answer).for_each(|fund| fund["nav_date"] = json!("2025-01-06"));
    }),
    Json("/api/funds/*", |answer, _| answer["data"]["nav_date"] = json!("2025-01-06")),
];

pub(super) const PS06: &[Effect] = &[
    Json("/api/orders/prepared/*", |answer, _| hundredfold(&mut answer["data"]["amount"])),
    Json("/api/transfers/prepared/*", |answer, _| hundredfold(&mut answer["data"]["amount"])),
];

pub(super) const PS08: &[Effect] = &[Json("/api/funds", |answer, _| {
    if let Some(items) = answer["data"]["items"].as_array_mut() {
        items.retain(|fund| fund["code"] != "000123");
    }
})];

pub(super) const PS09: &[Effect] = &[Json("/api/funds", |answer, _| {
    if let Some(items) = answer["data"]["items"].as_array_mut() {
        items.extend(items.first().cloned());
    }
})];

pub(super) const PS10: &[Effect] = &[
    Json("/api/wealth", |answer, _| items(answer).for_each(open_for_ever)),
    Json("/api/wealth/*", |answer, _| open_for_ever(&mut answer["data"])),
];

// The cache of the web's own gateway was not cleared: list and detail show the same old figure there.
pub(super) const PS11: &[Effect] = &[
    Json("/api/funds", |answer, asked| {
        if !asked.on_phone {
            items(answer).for_each(|fund| change(&mut fund["nav"], |nav| nav - Decimal::new(57, 4)));
        }
    }),
    Json("/api/funds/*", |answer, asked| {
        if !asked.on_phone {
            change(&mut answer["data"]["nav"], |nav| nav - Decimal::new(57, 4));
        }
    }),
];

pub(super) const PS11B: &[Effect] = &[
    Json("/api/funds", |answer, asked| {
        if asked.on_phone {
            items(answer).for_each(|fund| change(&mut fund["year_return"], |year| year + Decimal::new(5, 1)));
        }
    }),
    Json("/api/funds/*", |answer, asked| {
        if asked.on_phone {
            change(&mut answer["data"]["year_return"], |year| year + Decimal::new(5, 1));
        }
    }),
];

// The web does not know of the discount.
pub(super) const PS11C: &[Effect] = &[Json("/api/funds/*", |answer, asked| {
    if !asked.on_phone {
        answer["data"]["fee_shown"] = answer["data"]["fee_base"].clone();
    }
})];

pub(super) const PS12: &[Effect] = &[Json("/api/wealth/*", |answer, _| answer["data"]["risk"] = json!("R4"))];

pub(super) const PS14: &[Effect] =
    &[Json("/api/orders/prepared/*", |answer, _| change(&mut answer["data"]["fee"], |fee| fee * Decimal::TEN))];

pub(super) const PS16: &[Effect] =
    &[Bytes("/wealth/*", |page, _| without_disclosure(&page)), Bytes("/funds/*", |page, _| without_disclosure(&page))];

pub(super) const PS19: &[Effect] = &[Replace("/wealth/*", "本产品不保证本金，", "本产品保本保收益，稳赚不赔，")];

pub(super) const PS20: &[Effect] = &[
    Json("/api/transactions", |answer, asked| {
        let sentinel = other(asked).sentinel();
        if let Some(line) = items(answer).next() {
            line["remark"] = json!(sentinel);
        }
    }),
    Json("/api/profile", |answer, asked| {
        let other = other(asked);
        answer["data"]["name"] = json!(other.name);
        answer["data"]["phone"] = json!(other.masked_phone());
    }),
    Json("/api/home", |answer, asked| answer["data"]["hello"] = json!(format!("您好，{}", other(asked).name))),
];

pub(super) const PS21: &[Effect] = &[Json("/api/transactions", |answer, _| {
    if let Some(items) = answer["data"]["items"].as_array_mut()
        && items.len() > 3
    {
        items[2] = items[1].clone();
    }
})];

pub(super) const PS23: &[Effect] =
    &[Json("/api/wealth/*", |answer, _| change(&mut answer["data"]["quota"], |quota| -quota - Decimal::ONE))];

pub(super) const PS24: &[Effect] =
    &[Json("/api/wealth/*", |answer, _| answer["data"]["maturity"] = answer["data"]["offer_start"].clone())];

pub(super) const PS26: &[Effect] = &[Replace("/assets/js/home.js", "TC.grouped(a.loans)", "TC.grouped(a.wealth)")];

pub(super) const PS29: &[Effect] = &[Json("/api/funds", |answer, _| {
    let Some(items) = answer["data"]["items"].as_array_mut() else { return };
    let Some(mut leaked) = items.last().cloned() else { return };
    leaked["code"] = json!("999999");
    leaked["name"] = json!("测试产品请勿购买test");
    items.push(leaked);
})];

pub(super) const PS02B: &[Effect] =
    &[Json("/api/funds", |answer, _| items(answer).for_each(|fund| fund["year_return"] = json!("6.12")))];

pub(super) const PS04B: &[Effect] = &[Json("/api/funds", |answer, _| {
    items(answer).for_each(|fund| change(&mut fund["year_return"], |year| year * Decimal::ONE_HUNDRED));
})];

pub(super) const PS04C: &[Effect] = &[Json("/api/funds/*", |answer, _| answer["data"]["nav"] = json!("0.0000"))];

pub(super) const PS05B: &[Effect] =
    &[Json("/api/funds/*", |answer, _| answer["data"]["nav_date"] = json!("2031-01-06"))];

pub(super) const PS08B: &[Effect] = &[Json("/api/wealth", |answer, _| {
    if let Some(items) = answer["data"]["items"].as_array_mut() {
        items.retain(|product| product["code"] != "TC2605");
    }
})];

pub(super) const PS09B: &[Effect] = &[Json("/api/wealth", |answer, _| {
    if let Some(items) = answer["data"]["items"].as_array_mut() {
        items.extend(items.first().cloned());
    }
})];

pub(super) const PS12B: &[Effect] = &[Json("/api/funds/*", |answer, _| answer["data"]["risk"] = json!("R1"))];

pub(super) const PS16B: &[Effect] = &[Bytes("/funds/*", |page, _| without_disclosure(&page))];

// The interval of past performance is no longer filled in.
pub(super) const PS17: &[Effect] = &[
    Replace("/assets/js/wealth-product.js", "period: w.performance_from + ' 至 ' + w.performance_to,", ""),
    Replace("/assets/js/fund.js", "period: f.performance_from + ' 至 ' + f.performance_to,", ""),
];

pub(super) const PS19B: &[Effect] = &[Replace("/funds/*", "交易规则</h2>", "交易规则</h2><p>名师掌舵，稳赚不赔</p>")];

pub(super) const PS22: &[Effect] = &[Replace("/home", "总资产（元）", "总资产（美元）")];

pub(super) const PS22B: &[Effect] =
    &[Replace("/transfer", r#"aria-hidden="true">¥</span>"#, r#"aria-hidden="true">$</span>"#)];

pub(super) const PS24B: &[Effect] =
    &[Json("/api/wealth/*", |answer, _| answer["data"]["offer_end"] = answer["data"]["offer_start"].clone())];

pub(super) const PS25: &[Effect] = &[Json("/api/loans", |answer, _| {
    items(answer).for_each(|loan| change(&mut loan["apr"], |apr| apr + Decimal::new(45, 2)));
})];

pub(super) const PS26B: &[Effect] =
    &[Replace("/assets/js/home.js", "cash: TC.grouped(a.cash)", "cash: TC.grouped(a.funds)")];

pub(super) const PS27: &[Effect] = &[Json("/api/messages", |answer, _| {
    if let Some(items) = answer["data"]["items"].as_array_mut() {
        items.reverse();
    }
})];

pub(super) const PS28: &[Effect] =
    &[Replace("/assets/js/funds.js", "(f.name + f.code).includes(state.text)", "f.name.includes(state.text)")];

// The file server gives every product the first one's papers.
pub(super) const PS30: &[Effect] = &[
    Replace("/funds/*/prospectus", "稳健增长混合", "潮汐科技先锋混合"),
    Replace("/funds/*/prospectus", "000123", "000821"),
];

pub(super) const PS07: &[Effect] =
    &[Replace("/assets/js/app.js", "startsWith('-') ? 'down' : 'up'", "startsWith('-') ? 'up' : 'down'")];

pub(super) const PS07B: &[Effect] =
    &[Append("/assets/app.css", ".page-fund .signed[data-tone=up] { color: var(--down); }")];

pub(super) const PS02C: &[Effect] =
    &[Json("/api/wealth/*", |answer, _| answer["data"]["benchmark_high"] = json!("3.75"))];

pub(super) const PS05C: &[Effect] =
    &[Json("/api/funds/*", |answer, _| answer["data"]["nav_date"] = json!("2026-01-05"))];

pub(super) const PS08C: &[Effect] = &[Json("/api/funds", |answer, _| {
    if let Some(items) = answer["data"]["items"].as_array_mut() {
        items.retain(|fund| fund["code"] != "000264");
    }
})];

pub(super) const PS09C: &[Effect] = &[Json("/api/funds", |answer, _| {
    if let Some(items) = answer["data"]["items"].as_array_mut() {
        items.extend(items.last().cloned());
    }
})];

pub(super) const PS12C: &[Effect] =
    &[Replace("/funds/*/prospectus", r#"data-testid="prospectus-risk">R3"#, r#"data-testid="prospectus-risk">R1"#)];

pub(super) const PS16C: &[Effect] = &[Bytes("/wealth/*", |page, _| without_disclosure(&page))];

pub(super) const PS19C: &[Effect] =
    &[Json("/api/home", |answer, _| answer["data"]["banner"]["text"] = json!("零风险，天天有收益"))];

pub(super) const PS22C: &[Effect] =
    &[Replace("/funds/*/buy", r#"aria-hidden="true">¥</span>"#, r#"aria-hidden="true">$</span>"#)];

pub(super) const PS24C: &[Effect] =
    &[Json("/api/wealth/*", |answer, _| answer["data"]["value_date"] = json!("2031-01-06"))];

pub(super) const PS26C: &[Effect] = &[Replace(
    "/assets/js/home.js",
    "loans: TC.grouped(a.loans)",
    "loans: TC.grouped(a.loans.slice(0, -4) + a.loans.slice(-3))",
)];

pub(super) const PS25B: &[Effect] = &[Json("/api/loans", |answer, _| {
    items(answer).filter(|loan| loan["code"] == "L02").for_each(|loan| loan["apr"] = json!("3.59"));
})];

// The rates of two loans have changed places.
pub(super) const PS25C: &[Effect] = &[Json("/api/loans", |answer, _| {
    items(answer).filter(|loan| loan["code"] == "L01").for_each(|loan| loan["apr"] = json!("3.95"));
    items(answer).filter(|loan| loan["code"] == "L02").for_each(|loan| loan["apr"] = json!("4.35"));
})];

fn items(answer: &mut Value) -> impl Iterator<Item = &mut Value> {
    answer["data"]["items"].as_array_mut().into_iter().flatten()
}

/// Changes a figure and keeps its decimals.
fn change(value: &mut Value, by: fn(Decimal) -> Decimal) {
    let Some(text) = value.as_str() else { return };
    let before = figure(text);
    let mut after = by(before);
    after.rescale(before.scale());
    *value = json!(after.to_string());
}

fn hundredfold(value: &mut Value) {
    change(value, |amount| amount * Decimal::ONE_HUNDRED);
}

/// The product whose offer has ended can be bought all the same.
fn open_for_ever(product: &mut Value) {
    if product["buyable"] == false {
        product["buyable"] = json!(true);
        product["status"] = json!("募集中");
    }
}

fn without_disclosure(page: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(page).replace(DISCLOSURE, "").into_bytes()
}

/// The customer whose data leaks into this one's pages.
fn other(asked: &Asked) -> Customer {
    let mut everyone = customer::all();
    let next = (asked.customer.unwrap_or(0) + 1) % everyone.len();
    everyone.swap_remove(next)
}
