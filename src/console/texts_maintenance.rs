//! The texts of maintenance windows. Templates see them as `m`.

use super::texts::texts;
use crate::incident::Untold;
use serde::Serialize;

texts! {
    maintenance: "维护窗口", "Maintenance";
    in_force: "维护中", "Maintenance now";
    coming: "即将维护", "Maintenance to come";
    past: "已结束", "Over";
    times: "共 {} 次，最近一次", "{} times, last";
    quiet_because: "维护中，暂不告警", "Quiet: maintenance";
    untold_until: "下一次走查仍见到才告知", "the next walk that still sees it tells";
    untold_opened: "维护期间出现，尚未告知", "Opened in maintenance, not told yet";
    untold_worsened: "维护期间变重，尚未告知", "Worse in maintenance, not told yet";
    untold_lasting: "维护期间未再提醒", "No reminder in maintenance";
    everything: "全部旅程", "every journey";
    until: "到", "until";
    from: "从", "from";
    left: "还有", "for";
    begins_in: "之后开始", "begins in";
    by: "负责", "by";
    of_config: "来自配置", "from the config";
    ended_by: "提前结束：", "ended early by";
    called_off: "已取消", "called off";
    called_off_by: "取消：", "called off by";
    kept_quiet: "未告警的事件", "Incidents kept quiet";
    end_now: "现在结束", "End now";
    call_off: "取消", "Call off";
    says: "巡检照常走、照常记录；维护期间不告警、不建工单，处理时限暂停。维护结束后仍在的问题，会作为新问题告知。巡检自身的问题、误下单的拦截和信息泄露照样告警。", "Walks go on and are kept. Meanwhile nobody is called, no ticket is made, and deadlines stand still; what is still there afterwards is told as news. The robot’s own trouble, orders that the guard stopped, and leaks are told all the same.";

    // The form.
    declare: "登记维护窗口", "Declare a window";
    name: "名称", "Name";
    name_hint: "核心系统升级", "Core system upgrade";
    why: "原因", "Why";
    begins: "开始", "Begins";
    begins_hint: "留空即现在", "empty means now";
    ends: "结束", "Ends";
    times_in: "时间按", "Times are of";
    what_of: "范围", "What it is of";
    only_these: "只这些", "only these";
    apps: "应用", "Apps";
    journeys: "旅程", "Journeys";

    // Nothing there.
    teach_title: "没有登记过维护窗口。", "No maintenance is planned.";
    teach: "应用要升级或割接时，先在下面登记：到什么时候、为什么。定期的维护写进配置：", "Before the app is upgraded or taken down, say so below: until when, and why. What comes again and again stands in the config:";

    // What was wrong.
    unread_from: "看不懂开始时间。", "That is no time to begin at.";
    unread_until: "看不懂结束时间：窗口必须有结束。", "That is no time to end at: a window has an end.";
    unread_covers: "请选择范围：全部旅程，或者至少一个应用或旅程。", "Say what it is of: every journey, or at least one app or journey.";
    unread_unknown: "不在值守里：", "Not on the watch:";
    wrong_name: "名称要写，一行，最多 80 个字。", "It needs a name: one line, 80 characters at most.";
    wrong_why: "原因要写，一行，最多 500 个字。", "It needs a reason: one line, 500 characters at most.";
    wrong_past: "不能从过去开始：已经发生的不算计划内。", "It cannot begin in the past: what is over by now was not planned.";
    wrong_ahead: "最多提前 90 天登记。", "A window is declared 90 days ahead at most.";
    wrong_order: "结束要在开始之后。", "It has to end after it begins.";
    wrong_long: "太长了，最多", "That is too long; at most";
    too_many: "未结束的窗口太多了：先结束不再需要的。", "Too many windows are not over: end those that nobody needs.";
    over_already: "这个窗口已经结束。", "This window is over.";
    absent: "没有这个窗口。", "There is no such window.";
}

impl Texts {
    /// What is not told yet.
    pub(super) fn untold_word(&self, untold: Untold) -> &'static str {
        match untold {
            Untold::Opened => self.untold_opened,
            Untold::Worsened => self.untold_worsened,
            Untold::Lasting => self.untold_lasting,
        }
    }
}
