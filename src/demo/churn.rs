//! Benign churn: what changes on a healthy site and must never raise anything.

use super::chance::{falls_within, mix};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Share of visitors who meet the marketing popup on their first home page.
const POPUP_PERCENT: u8 = 20;

/// Whether the site churns, and how.
pub(super) struct Churn {
    seed: u64,
    on: AtomicBool,
    third_party_requests: AtomicU64,
}

impl Churn {
    pub(super) fn new(seed: u64, on: bool) -> Self {
        Self { seed, on: AtomicBool::new(on), third_party_requests: AtomicU64::new(0) }
    }

    pub(super) fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    pub(super) fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    /// The banner of the day's rotation; always the first one while churn is off.
    pub(super) fn banner(&self, tick: u64) -> Value {
        const BANNERS: [(&str, &str, &str); 3] = [
            ("/assets/img/banner-tide.svg", "听潮起，见从容", "专业投研团队，陪您走过市场的潮起潮落"),
            ("/assets/img/banner-spring.svg", "定投，积小潮成大海", "每月一笔，用时间平滑波动"),
            ("/assets/img/banner-safe.svg", "守护账户每一夜", "全天候风控，登录异常即时提醒"),
        ];
        let (image, title, text) = BANNERS[(tick / 2 % 3) as usize];
        json!({"image": image, "title": title, "text": text})
    }

    /// The marketing popup, for the visitors who get it.
    pub(super) fn popup(&self, visitor: u64) -> Option<Value> {
        let shown = self.is_on() && falls_within(self.seed ^ visitor, "marketing-popup", POPUP_PERCENT);
        shown
            .then(|| json!({"title": "开户礼遇", "text": "完成风险测评，领取投教好书一册。活动长期有效，与收益无关。"}))
    }

    /// How long the third party keeps its next request waiting, in milliseconds.
    pub(super) fn third_party_delay_millis(&self) -> u64 {
        let request = self.third_party_requests.fetch_add(1, Ordering::Relaxed);
        if self.is_on() { 300 + mix(self.seed ^ request, "third-party") % 1500 } else { 0 }
    }

    /// A greeting that knows the hour.
    pub(super) fn greeting(&self, hour: i8) -> &'static str {
        match hour {
            _ if !self.is_on() => "您好",
            5..=10 => "早上好",
            11..=12 => "中午好",
            13..=17 => "下午好",
            _ => "晚上好",
        }
    }
}
