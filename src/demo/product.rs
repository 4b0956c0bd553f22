//! What the financier sells: funds, wealth products and loans. Constant, so that every figure a walk reads has one truth.

use crate::money::Decimal;
use jiff::civil::{Date, Weekday};
use serde_json::{Value, json};
use std::str::FromStr;

/// The sentence the banking association prescribes beside past performance.
pub(super) const DISCLOSURE: &str = "过往业绩不代表其未来表现，不等于理财产品实际收益，投资须谨慎";

/// A fund. Figures are decimals in text.
pub(super) struct Fund {
    pub code: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    pub risk: &'static str,
    pub nav: &'static str,
    pub day_change: &'static str,
    pub year_return: &'static str,
    pub min_amount: &'static str,
    pub fee_base: &'static str,
    pub fee_shown: &'static str,
    pub manager: &'static str,
    pub company: &'static str,
}

macro_rules! funds {
    ($($code:literal $name:literal $category:literal $risk:literal $nav:literal $day:literal $year:literal $min:literal $base:literal $shown:literal $manager:literal;)*) => {
        &[$(Fund {
            code: $code, name: $name, category: $category, risk: $risk, nav: $nav, day_change: $day,
            year_return: $year, min_amount: $min, fee_base: $base, fee_shown: $shown, manager: $manager,
            company: "听潮资产管理",
        }),*]
    };
}

/// All funds on sale, best year first.
pub(super) const FUNDS: &[Fund] = funds! {
    "000821" "潮汐科技先锋混合" "混合" "R4" "2.4817" "1.26" "18.42" "10.00" "1.50" "0.15" "沈知行";
    "000316" "海岳沪深300指数增强" "指数" "R4" "1.6640" "0.73" "12.07" "10.00" "1.20" "0.12" "陆闻舟";
    "000588" "蓝岸消费精选混合" "混合" "R4" "1.9325" "-0.42" "9.88" "10.00" "1.50" "0.15" "江予安";
    "000123" "稳健增长混合" "混合" "R3" "1.3862" "0.31" "7.65" "10.00" "1.50" "0.15" "顾南乔";
    "000457" "听潮红利低波指数" "指数" "R3" "1.2748" "0.18" "6.93" "10.00" "1.00" "0.10" "许怀瑾";
    "000702" "潮生均衡配置混合" "混合" "R3" "1.1509" "-0.09" "5.71" "10.00" "1.20" "0.12" "叶清和";
    "000264" "安澜双利债券A" "债券" "R2" "1.0936" "0.05" "4.36" "10.00" "0.80" "0.08" "程砚秋";
    "000935" "安澜纯债一年定开" "债券" "R2" "1.0621" "0.02" "3.58" "100.00" "0.60" "0.06" "程砚秋";
    "000640" "岸芷信用债券" "债券" "R2" "1.0478" "0.03" "3.41" "10.00" "0.60" "0.06" "白景行";
    "000119" "听潮短债A" "债券" "R2" "1.0385" "0.01" "2.62" "10.00" "0.40" "0.04" "白景行";
    "000777" "潮平活期宝货币" "货币" "R1" "1.0000" "0.00" "1.52" "1.00" "0.00" "0.00" "苏晚棠";
    "000908" "听潮现金添利货币" "货币" "R1" "1.0000" "0.00" "1.47" "1.00" "0.00" "0.00" "苏晚棠";
};

/// A wealth product of the bank's own shelf.
pub(super) struct Wealth {
    pub code: &'static str,
    pub name: &'static str,
    pub risk: &'static str,
    /// The performance benchmark in percent, lower and upper end.
    pub benchmark: (&'static str, &'static str),
    pub term_days: i64,
    pub min_amount: &'static str,
    /// Days from today until the offer ends; negative when it has ended.
    pub ends_in_days: i64,
    pub quota: &'static str,
    pub annualised: &'static str,
}

macro_rules! wealth {
    ($($code:literal $name:literal $risk:literal $low:literal $high:literal $term:literal $min:literal $ends:literal $quota:literal $annualised:literal;)*) => {
        &[$(Wealth {
            code: $code, name: $name, risk: $risk, benchmark: ($low, $high), term_days: $term, min_amount: $min,
            ends_in_days: $ends, quota: $quota, annualised: $annualised,
        }),*]
    };
}

/// All wealth products on the shelf.
pub(super) const WEALTH: &[Wealth] = wealth! {
    "TC2601" "听潮稳利90天A" "R2" "2.35" "2.75" 90 "10000.00" 12 "38500000.00" "2.58";
    "TC2602" "听潮稳利180天A" "R2" "2.55" "2.95" 180 "10000.00" 9 "21600000.00" "2.77";
    "TC2603" "听潮月月盈" "R1" "1.95" "2.20" 30 "1.00" 26 "96000000.00" "2.08";
    "TC2605" "潮信固收增强1年" "R3" "3.05" "3.65" 365 "50000.00" 5 "12800000.00" "3.32";
    "TC2607" "潮信绿色债主题270天" "R2" "2.70" "3.10" 270 "10000.00" 18 "45200000.00" "2.91";
    "TC2588" "听潮稳利60天（第8期）" "R2" "2.20" "2.50" 60 "10000.00" -6 "0.00" "2.37";
};

/// A loan the financier offers. `apr` is simple interest a year, in percent.
pub(super) struct Loan {
    pub code: &'static str,
    pub name: &'static str,
    pub apr: &'static str,
    pub limit: &'static str,
    pub months: &'static str,
    pub repayment: &'static str,
}

/// All loans on offer.
pub(super) const LOANS: &[Loan] = &[
    Loan {
        code: "L01", name: "听潮易贷", apr: "4.35", limit: "200000.00", months: "3–36", repayment: "等额本息"
    },
    Loan {
        code: "L02", name: "安居装修贷", apr: "3.95", limit: "500000.00", months: "12–60", repayment: "等额本息"
    },
    Loan {
        code: "L03", name: "小微经营贷", apr: "3.60", limit: "1000000.00", months: "6–36", repayment: "先息后本"
    },
];

/// Reads a figure that stands in a table of this module.
pub(super) fn figure(text: &str) -> Decimal {
    Decimal::from_str(text).expect("invariant: the demo's tables hold decimals")
}

/// The fund with this code.
pub(super) fn fund(code: &str) -> Option<&'static Fund> {
    FUNDS.iter().find(|f| f.code == code)
}

/// The wealth product with this code.
pub(super) fn wealth(code: &str) -> Option<&'static Wealth> {
    WEALTH.iter().find(|w| w.code == code)
}

/// The last working day before `today`: the day whose net asset value is published.
pub(super) fn nav_date(today: Date) -> Date {
    let mut day = today.saturating_sub(jiff::Span::new().days(1));
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.saturating_sub(jiff::Span::new().days(1));
    }
    day
}

impl Fund {
    /// The estimate of the day. `bucket` is the tick: everyone who asks within it sees the same figure.
    pub(super) fn estimate(&self, bucket: u64) -> Decimal {
        let wave = i64::try_from(super::chance::mix(bucket, self.code) % 201).unwrap_or(0) - 100;
        let nav = figure(self.nav);
        (nav + nav * Decimal::new(wave, 5)).round_dp(4)
    }

    /// The row of the list.
    pub(super) fn row(&self, today: Date, bucket: u64) -> Value {
        json!({
            "code": self.code, "name": self.name, "category": self.category, "risk": self.risk, "nav": self.nav,
            "nav_date": nav_date(today).to_string(), "day_change": self.day_change, "year_return": self.year_return,
            "estimate": self.estimate(bucket).to_string(), "min_amount": self.min_amount, "status": "开放申购",
        })
    }

    /// Everything the detail page shows.
    pub(super) fn detail(&self, today: Date, bucket: u64) -> Value {
        let mut all = self.row(today, bucket);
        let to = nav_date(today);
        all["fee_base"] = json!(self.fee_base);
        all["fee_shown"] = json!(self.fee_shown);
        all["fee_discount"] = json!("0.1");
        all["manager"] = json!(self.manager);
        all["company"] = json!(self.company);
        all["performance_from"] = json!(to.saturating_sub(jiff::Span::new().years(1)).to_string());
        all["performance_to"] = json!(to.to_string());
        all["history"] = self.history(to);
        all
    }

    /// Thirty daily values that end with the published one.
    fn history(&self, to: Date) -> Value {
        let nav = figure(self.nav);
        let flat = self.category == "货币";
        let points = (0..30i64).map(|back| {
            let wave =
                i64::try_from(super::chance::mix(u64::try_from(back).unwrap_or(0), self.code) % 120).unwrap_or(0);
            let drop = if back == 0 || flat { 0 } else { back * 9 + wave - 60 };
            let value = (nav - nav * Decimal::new(drop, 4) / Decimal::from(3)).round_dp(4);
            json!({"date": to.saturating_sub(jiff::Span::new().days(back)).to_string(), "nav": value.to_string()})
        });
        let mut all: Vec<Value> = points.collect();
        all.reverse();
        Value::Array(all)
    }
}

impl Wealth {
    /// The product as list and detail show it.
    pub(super) fn row(&self, today: Date) -> Value {
        let end = today.saturating_add(jiff::Span::new().days(self.ends_in_days));
        let value_date = end.saturating_add(jiff::Span::new().days(1));
        json!({
            "code": self.code, "name": self.name, "risk": self.risk,
            "benchmark_low": self.benchmark.0, "benchmark_high": self.benchmark.1, "term_days": self.term_days,
            "min_amount": self.min_amount, "quota": self.quota, "annualised": self.annualised,
            "offer_start": end.saturating_sub(jiff::Span::new().days(30)).to_string(), "offer_end": end.to_string(),
            "value_date": value_date.to_string(),
            "maturity": value_date.saturating_add(jiff::Span::new().days(self.term_days)).to_string(),
            "performance_from": today.saturating_sub(jiff::Span::new().years(1)).to_string(),
            "performance_to": nav_date(today).to_string(),
            "status": if self.ends_in_days < 0 { "已结束" } else { "募集中" },
            "buyable": self.ends_in_days >= 0,
        })
    }
}
