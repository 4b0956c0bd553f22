//! The texts of the pages that show how the watch itself is kept: journeys, the fleet, notices. Templates see them as `w`.

use super::texts::texts;
use crate::alert::NoticeState;
use serde::Serialize;

texts! {
    journeys: "旅程", "Journeys";
    fleet: "巡更队", "Fleet";
    notices: "告警", "Notices";

    // Journeys.
    availability: "走通率", "Got through";
    last_day: "24 小时", "24 h";
    last_week: "7 天", "7 days";
    trend: "走势", "Trend";
    trend_better: "比这一周好", "better than its week";
    trend_worse: "比这一周差", "worse than its week";
    trend_same: "与这一周持平", "as its week";
    coverage: "走到的步骤", "Steps reached";
    last_walk: "最近一次", "Last walk";
    next_due: "下一次", "Next due";
    open_incidents: "未恢复的事件", "Incidents";
    source: "脚本", "Script";
    source_changed: "文件在开始值守之后改过。现在走的还是旧的脚本，重新启动 gengfu serve 才会换上新的。", "The file has changed since the watch began. Walks are still made by what it was; start gengfu serve anew to take it up.";
    source_broken: "文件现在有错，下次启动时这条旅程走不了：", "The file is broken now; after the next start this journey could not be walked:";
    source_withheld: "脚本的内容和其中的错误，只给有权编写旅程的人看。", "What stands in it, and what is wrong there, is for those who write journeys.";
    source_gone: "文件读不到了。现在走的还是读到它时的脚本。", "The file cannot be read any more. Walks are still made by what it was.";
    source_unknown: "这条旅程不在当前的值守里，所以没有脚本可看。走过的记录还在。", "This journey is not on the watch, so there is no script to show. What was walked is kept.";
    steps_lately: "各步骤近况", "Steps lately";
    of_walks: "最近的走查", "Newest walks";
    went: "走到 / 走过", "Reached / passed";
    took_usually: "通常用时", "Usual time";
    took_lately: "用时走势", "Time, oldest first";
    slower: "变慢", "slower";
    faster: "变快", "faster";
    no_steps: "还没有走查记录，走过一次之后这里会有每一步的近况。", "No walk is recorded yet. After the first one, each step stands here with how it went.";
    its_incidents: "它的事件", "Its incidents";
    no_incidents: "没有事件。", "No incidents.";
    its_walks: "它的走查", "Its walks";
    no_walks: "还没有走过。", "Not walked yet.";
    teach_journeys_title: "还没有旅程。", "No journeys yet.";
    teach_journeys: "一条旅程是一个 YAML 文件：客户要走的一条路，一步一行。把它写进配置的 patrols:，更夫就会按时去走。", "A journey is a YAML file: one way a customer goes, a step a line. Name it under patrols: in the config, and Gengfu walks it on schedule.";
    teach_journeys_try: "先看一个例子：", "See an example:";
    none_found_title: "没有这样的旅程。", "No such journey.";
    find_journey: "旅程、应用", "journey, app";

    // The fleet.
    walker: "巡更人", "Walker";
    lanes: "通道", "Lanes";
    lanes_used: "在用", "in use";
    seats: "同时走", "Walks at once";
    waiting_walks: "排队等位", "Waiting for a seat";
    backlog: "等待入账", "Waiting to be filed";
    backlog_none: "没有", "none";
    late_now: "晚了", "Late";
    under_way: "正在走", "Under way";
    nobody_walks: "现在没有人在走。", "Nobody walks now.";
    waits_for_seat: "等一个空位", "waits for a seat";
    since: "已经", "for";
    within: "限时", "budget";
    due_next: "接下来", "Due next";
    nothing_due: "没有安排。", "Nothing is scheduled.";
    late_by: "晚了", "late by";
    in_time: "之后", "in";
    blocked_by_walk: "上一次还没走完，又到点", "due again while its walk is under way";
    not_walked: "到点没走（24 小时）", "Due, and not walked (24 h)";
    all_walked: "过去 24 小时到点都走了。", "All that fell due in the last 24 hours was walked.";
    reason: "原因", "Reason";
    how_often: "次数", "Times";
    newest: "最近", "Newest";
    browsers: "浏览器", "Browsers";
    browsers_none: "还没有浏览器：第一次走查时启动。", "No browser yet: the first walk starts one.";
    browsers_busy: "正在启动或更换浏览器。", "A browser is being started or replaced.";
    lent_of: "已借出 / 到数更换", "Lent / replaced at";
    broken_browser: "已坏，等最后一条通道结束", "broken, ends with its last lane";
    own_trouble: "机器人自己的问题", "The robot’s own trouble";
    no_own_trouble: "没有。", "None.";
    stopping: "正在停机：不再开始新的走查。", "Stopping: no new walk begins.";
    teach_fleet_title: "看不到巡更队。", "The fleet cannot be seen.";
    teach_fleet: "值守还没开始，或者这个控制台只是打开了账本。用 gengfu serve 值守时，这里是谁在走、谁晚了、浏览器有几个。", "The watch has not begun, or this console only opened the ledger. Under gengfu serve, this page says who walks, what is late, and which browsers there are.";

    // Notices.
    tab_undelivered: "未送达", "not delivered";
    tab_waiting: "待发送", "waiting";
    tab_delivered: "已送达", "delivered";
    tab_together: "合并送达", "told together";
    tab_needless: "不必再发", "not needed";
    channel: "渠道", "Channel";
    to_whom: "收件人", "To";
    about: "事件", "Incident";
    tries: "尝试", "Tries";
    next_try: "下次尝试", "Next try";
    answered: "对方回答", "Answer";
    no_answer: "还没有回答", "no answer yet";
    queued: "入队", "Queued";
    accepted: "接收于", "Accepted";
    told_by: "由这条消息一起告知", "told by this message";
    tells: "同时告知", "also tells of";
    stands_in: "替补", "stands in for";
    state_waiting: "等待发送", "waiting";
    state_retrying: "重试中", "being tried again";
    state_delivered: "已送达", "delivered";
    state_undeliverable: "已放弃", "given up";
    state_superseded: "被更新的取代", "replaced by a newer one";
    state_gathered: "合并送达", "told together";
    state_standby: "候补", "standing by";
    state_spared: "不必补发", "not needed";
    state_withdrawn: "已撤回", "withdrawn";
    because_first_seen: "新事件", "first seen";
    because_intermittent: "时有时无", "intermittent";
    because_worsened: "变重", "worsened";
    because_still_broken: "仍未恢复", "still broken";
    because_recovered: "已恢复", "recovered";
    because_reopened: "复发", "came back";
    because_flapping: "反复出现", "comes and goes";
    because_assigned: "指派", "assigned";
    because_claim_refused: "修复未生效", "claim refused";
    because_escalated: "超时升级", "escalated";
    because_closed: "复测关闭", "verified closed";
    because_set_aside: "搁置", "set aside";
    because_digest: "汇总", "digest";
    of_incident: "只看这条事件", "Only of this incident";
    teach_notices_title: "还没有告警。", "No notices yet.";
    teach_notices: "事件确认、变重、恢复、关闭，都按负责人表发给人。发出去的每一条、对方怎么回答、下次什么时候再试，都在这里。", "When an incident is confirmed, gets worse, recovers or closes, its owner is told. Every message, what its receiver answered and when it is tried again stand here.";
    teach_notices_try: "先试一条渠道：", "Try a channel:";
    all_delivered_title: "没有送不到的。", "Nothing is undelivered.";
    none_match_title: "没有符合条件的告警。", "No notice matches.";
}

impl Texts {
    /// Where a notice stands.
    pub fn notice_word(&self, state: NoticeState, tries: u32) -> &'static str {
        match state {
            NoticeState::Waiting if tries > 0 => self.state_retrying,
            NoticeState::Waiting => self.state_waiting,
            NoticeState::Delivered => self.state_delivered,
            NoticeState::Undeliverable => self.state_undeliverable,
            NoticeState::Superseded => self.state_superseded,
            NoticeState::Gathered => self.state_gathered,
            NoticeState::Standby => self.state_standby,
            NoticeState::Spared => self.state_spared,
            NoticeState::Withdrawn => self.state_withdrawn,
        }
    }

    /// Why somebody is told; a reason of a later gengfu as it is written.
    pub fn because(&self, reason: &str) -> String {
        let known = match reason {
            "first-seen" => self.because_first_seen,
            "intermittent" => self.because_intermittent,
            "worsened" => self.because_worsened,
            "still-broken" => self.because_still_broken,
            "recovered" => self.because_recovered,
            "reopened" => self.because_reopened,
            "flapping" => self.because_flapping,
            "assigned" => self.because_assigned,
            "claim-refused" => self.because_claim_refused,
            "escalated" => self.because_escalated,
            "verified-closed" => self.because_closed,
            "set-aside" => self.because_set_aside,
            "digest" => self.because_digest,
            other => other,
        };
        known.to_owned()
    }
}
