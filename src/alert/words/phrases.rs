//! The phrases of notices, in Chinese and English.

use crate::alert::{Bulletin, BulletinOdds, TRIAL};

/// What facts are called, and how they are put.
pub(super) struct Labels {
    zh: bool,
    pub suffering: &'static str,
    pub place: &'static str,
    pub route: &'static str,
    pub since: &'static str,
    pub recovered: &'static str,
    pub last_seen: &'static str,
    pub often: &'static str,
    pub clue: &'static str,
    pub devices: &'static str,
    pub page: &'static str,
    pub picture: &'static str,
    pub replay: &'static str,
    pub because: &'static str,
    /// The headline in the other language.
    pub other: &'static str,
}

/// The labels of a language.
pub(super) fn labels(zh: bool) -> Labels {
    if zh {
        Labels {
            zh,
            suffering: "影响",
            place: "位置",
            route: "页面",
            since: "开始",
            recovered: "恢复",
            last_seen: "最近看到",
            often: "频度",
            clue: "线索",
            devices: "设备",
            page: "查看与处理",
            picture: "截图",
            replay: "逐步重走",
            because: "发送原因",
            other: "In English",
        }
    } else {
        Labels {
            zh,
            suffering: "What customers suffer",
            place: "Where",
            route: "Page",
            since: "Since",
            recovered: "Recovered",
            last_seen: "Last seen",
            often: "How often",
            clue: "Clue",
            devices: "Devices",
            page: "Look and act",
            picture: "Screenshot",
            replay: "Walk it again, step by step",
            because: "Sent because",
            other: "中文",
        }
    }
}

impl Labels {
    /// `text`, with something beside it.
    pub(super) fn with(&self, text: &str, beside: &str) -> String {
        match (beside.is_empty(), self.zh) {
            (true, _) => text.to_owned(),
            (false, true) => format!("{text}（{beside}）"),
            (false, false) => format!("{text} ({beside})"),
        }
    }

    /// Since when, and when it was seen the very first time.
    pub(super) fn first(&self, since: &str, first: &str) -> String {
        self.with(since, &if self.zh { format!("最早 {first}") } else { format!("first {first}") })
    }

    /// That it was over before anybody could be told.
    pub(super) fn over(&self, recovered: Option<&str>) -> String {
        let at = recovered.unwrap_or_default();
        if self.zh {
            format!("注意：{}。", self.with("本通知发出之前，故障已经恢复", at))
        } else {
            format!("Note: {}.", self.with("it was over before this could be sent", at))
        }
    }

    /// That it is told only now that a maintenance window is over, which kept it quiet.
    pub(super) fn behind(&self, name: &str, from: &str, until: &str) -> String {
        if self.zh {
            format!("维护“{name}”（{from} 至 {until}）期间未发通知；维护结束后巡检仍然遇到。")
        } else {
            format!(
                "During the maintenance “{name}”, {from} to {until}, nothing was said of it; it is still there after it."
            )
        }
    }

    /// How often it was seen.
    pub(super) fn count(&self, count: u32, unconfirmed: u32, reopened: u32) -> String {
        let mut said = match (self.zh, count) {
            (true, _) => format!("{count} 次巡检看到"),
            (false, 1) => "seen by 1 walk".to_owned(),
            (false, _) => format!("seen by {count} walks"),
        };
        if unconfirmed > 0 {
            said += &if self.zh {
                format!("，另有 {unconfirmed} 次复核未重现（时有时无）")
            } else {
                format!(", not seen again at once: {unconfirmed} (it comes and goes)")
            };
        }
        if reopened > 0 {
            said += &if self.zh { format!("，复发 {reopened} 次") } else { format!(", came back: {reopened}") };
        }
        said
    }
}

/// The word in the subject for what is not simply new; its severity stands there otherwise.
pub(super) fn mark(reason: &str, over_already: bool, zh: bool) -> Option<&'static str> {
    Some(match (reason, zh) {
        (TRIAL, true) => "试发",
        (TRIAL, false) => "trial",
        _ if over_already && zh => "已恢复",
        _ if over_already => "over",
        ("recovered", true) => "已恢复",
        ("recovered", false) => "recovered",
        ("reopened", true) => "复发",
        ("reopened", false) => "back",
        ("intermittent", true) => "时有时无",
        ("intermittent", false) => "now and then",
        ("flapping", true) => "时好时坏",
        ("flapping", false) => "comes and goes",
        ("still-broken", true) => "仍未恢复",
        ("still-broken", false) => "still broken",
        ("worsened", true) => "加重",
        ("worsened", false) => "worse",
        ("assigned", true) => "指派",
        ("assigned", false) => "assigned",
        ("claim-refused", true) => "修复未生效",
        ("claim-refused", false) => "not mended",
        ("escalated", true) => "超时升级",
        ("escalated", false) => "overdue",
        ("verified-closed", true) => "已验证关闭",
        ("verified-closed", false) => "closed",
        ("set-aside", true) => "已搁置",
        ("set-aside", false) => "set aside",
        _ => return None,
    })
}

/// How a customer suffers.
pub(super) fn suffering(class: Option<&str>, zh: bool) -> &'static str {
    match (class, zh) {
        (Some("blocked"), true) => "客户无法继续办理",
        (Some("blocked"), false) => "customers cannot go on",
        (Some("broken"), true) => "页面或其中一部分不能用",
        (Some("broken"), false) => "the page, or a part of it, does not work",
        (Some("abnormal"), true) => "能办理，但内容是错的",
        (Some("abnormal"), false) => "it works and shows what is wrong",
        (Some(_), true) => "能办理，但太慢",
        (Some(_), false) => "it works and takes too long",
        (None, true) => "应用情况不明：巡检自身受阻",
        (None, false) => "nothing is known of the app: the watch itself is hindered",
    }
}

/// What the answer to "whose fault" is called.
pub(super) fn fault_label(zh: bool) -> &'static str {
    if zh { "归因" } else { "Whose fault" }
}

/// Whose fault it is.
pub(super) fn fault(attribution: &str, zh: bool) -> &'static str {
    match (attribution, zh) {
        ("product", true) => "应用本身",
        ("product", false) => "the app's own",
        ("test-data", true) => "测试客户（被锁、过期或余额不足）",
        ("test-data", false) => "the test customer's: locked, expired or emptied",
        ("protection", true) => "安全防护拦截了巡检",
        ("protection", false) => "a protection page that stopped the robot",
        ("network", true) => "巡检机到应用之间的网络",
        ("network", false) => "the network between robot and app",
        (_, true) => "巡检程序自身",
        (_, false) => "the robot's own",
    }
}

/// Why it is sent, with the odds of what not every walk meets.
pub(super) fn because(bulletin: &Bulletin, zh: bool) -> String {
    let why = because_of(bulletin.reason(), bulletin.kind == "robot", zh);
    let why = match bulletin.intermittent {
        Some(BulletinOdds { met, walks }) if zh => format!("{why}（{walks} 次巡检中 {met} 次）"),
        Some(BulletinOdds { met, walks }) => format!("{why} ({met} of {walks} walks)"),
        None => why.to_owned(),
    };
    let why = match &bulletin.escalated_to {
        Some(owner) if zh => format!("{why}；已同时上报“{owner}”"),
        Some(owner) => format!("{why}; `{owner}` is told, too"),
        None => why,
    };
    match &bulletin.instead_of {
        Some(others) if zh => format!("{why}；渠道“{others}”未能及时送达，改由本渠道通知"),
        Some(others) => format!("{why}; told here because `{others}` did not accept it in time"),
        None => why,
    }
}

fn because_of(reason: &str, robot: bool, zh: bool) -> &'static str {
    match (reason, zh) {
        ("intermittent", true) if robot => "并非每次都出现，但已多到不是偶然",
        ("intermittent", false) if robot => "not every walk meets it, but too many to be chance",
        ("intermittent", true) => "并非每次都出现，但已多到不是巡检的偶然误差：部分客户会遇到",
        ("intermittent", false) => "not every walk meets it, but more than robots err: some customers do",
        ("first-seen", true) => "首次发现，且在全新环境中复核重现",
        ("first-seen", false) => "seen for the first time, and again in a fresh lane",
        ("worsened", true) => "比之前更严重",
        ("worsened", false) => "it became worse",
        ("still-broken", true) => "长时间仍未恢复",
        ("still-broken", false) => "it is still there after a long time",
        ("recovered", true) => "最近一次巡检已能通过",
        ("recovered", false) => "the last walk got past it",
        ("reopened", true) => "恢复之后再次出现",
        ("reopened", false) => "it came back after it had recovered",
        ("flapping", true) => "短时间内反复出现和恢复；平稳下来之前不再逐次告知",
        ("flapping", false) => "it keeps coming and going; you will hear again when it has calmed",
        ("assigned", true) => "指派给了您或您的团队",
        ("assigned", false) => "it was assigned to you or your team",
        ("claim-refused", true) => "有人报告已修复，但复测时仍然出现",
        ("claim-refused", false) => "somebody said that it is mended; a walk met it all the same",
        ("escalated", true) => "超过时限仍未受理或未修复",
        ("escalated", false) => "it was not taken up, or not mended, in time",
        ("verified-closed", true) => "多次复测均已通过，事件关闭",
        ("verified-closed", false) => "enough walks in a row got past it: it is closed",
        ("set-aside", true) => "已有人搁置或静音，此处的告警随之结束；问题可能仍在",
        ("set-aside", false) => "people set it aside or muted it: the alert ends here, whether or not it is mended",
        (_, true) => "渠道试发：内容是示例，应用没有发生故障",
        (_, false) => "somebody tries this channel out: an example, nothing happened to the app",
    }
}
