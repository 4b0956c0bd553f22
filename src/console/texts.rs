//! Every text the console shows, in Chinese and English side by side: a missing translation does not compile.

use crate::incident::{DeedKind, MissReason, QueueOrder, Standing};
use crate::walk::{Attribution, Class, Verdict};
use serde::Serialize;

macro_rules! texts {
    ($($name:ident: $zh:literal, $en:literal;)*) => {
        /// The console's texts in one language. Templates see them as `t`.
        #[derive(Debug, Serialize)]
        pub struct Texts { $(#[doc = $en] pub $name: &'static str,)* }
        /// Chinese.
        pub static ZH: Texts = Texts { $($name: $zh,)* };
        /// English.
        pub static EN: Texts = Texts { $($name: $en,)* };
    };
}
pub(super) use texts;

texts! {
    // The frame around every page.
    brand: "更夫", "Gengfu";
    today: "今日", "Today";
    incidents: "事件", "Incidents";
    incident: "事件", "Incident";
    walk: "走查", "Walk";
    pages: "主导航", "Pages";
    skip: "跳到正文", "Skip to content";
    other_language: "English", "中文";
    theme_auto: "跟随系统", "Auto";
    theme_light: "浅色", "Light";
    theme_dark: "深色", "Dark";
    as_of: "数据截至", "As of";
    stale: "与更夫的连接断了，以下内容停在上面的时间。", "The connection to Gengfu is lost; what you see is as old as the time above.";
    keys_list: "j / k 上下移动，Enter 打开，/ 查找", "j / k move, Enter opens, / finds";
    keys_walk: "← → 换步骤，Home / End 到首尾", "← → change the step, Home / End jump";
    motto: "一步一步走过客户的路，有事叫醒你。", "Walks your customers’ ways, and wakes you when one is closed.";

    // Verdicts and marks.
    passed: "通过", "passed";
    degraded: "不顺畅", "degraded";
    failed: "有故障", "failed";
    inconclusive: "无法判定", "inconclusive";
    gap: "缺口：到点未走", "gap: due, not walked";
    gap_short: "缺口", "gap";
    under_way: "正在走", "under way";
    idle: "无安排", "nothing due";
    overdue: "超时未走", "overdue";
    missed_away: "机器人不在", "the robot was away";
    missed_overlap: "上一次还没走完", "the walk before was still under way";
    missed_busy: "没有空着的浏览器", "no walker was free";
    missed_lost: "走到一半中断", "the walker died";
    missed_draining: "正在停机", "shutting down";
    missed_ledger: "账本写不进去", "the ledger could not be written";
    never: "还没走过", "not walked yet";
    worst_is_shown: "每格取其中最差的结论", "each cell shows its worst verdict";

    // Today.
    all_well: "平安无事", "All is well";
    nothing_walked: "还没有走查", "Nothing walked yet";
    range: "时间范围", "Time range";
    now: "现在", "now";
    walks: "走查", "walks";
    gaps: "缺口", "gaps";
    pass_rate: "走通", "got through";
    journeys: "旅程", "journeys";
    undelivered: "未送达的告警", "Notices not delivered";
    given_up: "已放弃", "given up";
    still_trying: "仍在重试", "still trying";
    teach_today_title: "更夫正等着出门。", "The watchman is ready to go out.";
    teach_today: "一条旅程就是客户要走的一条路：登录、看基金、申购到确认页。更夫在真实浏览器里按时走，每走一次，这里就多一格。", "A journey is one way a customer goes: log in, look at a fund, buy up to the confirmation page. Gengfu walks it on schedule in a real browser; each walk adds a mark here.";
    teach_today_try: "先走一次看看：", "Walk one now:";

    // The queue.
    state: "状态", "State";
    open: "未恢复", "open";
    suspected: "疑似", "suspected";
    recovered: "已恢复", "recovered";
    set_aside: "已搁置", "set aside";
    muted: "暂停告警中", "muted";
    handling: "处理", "Handling";
    assignee: "负责人", "Seen to by";
    nobody: "尚无", "nobody yet";
    due_acknowledge: "受理时限", "To be acknowledged by";
    due_fix: "修复时限", "To be mended by";
    past_due: "已超时", "overdue";
    due_from: "自应通知负责人起算：", "counted from when its owner was to be told:";
    verified_by: "复测", "Verified by";
    claims_refused: "修复未生效", "Claims refused";
    until: "至", "until";
    duplicate_of: "与此重复", "Same as";
    mute_for: "暂停多久", "For how long";
    why: "理由", "Why";
    only_walks_close: "人可以报告修复，只有复测走通才会关闭事件。", "People may say that it is mended; only walks that get past it close it.";
    deed_assign: "指派…", "Assign…";
    deed_acknowledge: "受理", "Acknowledge";
    deed_begin_fix: "开始修复", "Begin to mend";
    deed_claim_fix: "报告已修复", "It is mended";
    deed_call_false: "判为误报…", "False alarm…";
    deed_leave_it: "不修…", "Won’t fix…";
    deed_call_duplicate: "重复…", "Duplicate…";
    deed_take_up: "重新受理", "Take up again";
    deed_mute: "暂停告警…", "Mute…";
    deed_unmute: "恢复告警", "Unmute";
    deed_retag: "更正标签…", "Correct the tags…";
    deed_note: "备注…", "Note…";
    unread_deed: "没有这种操作。", "There is no such deed.";
    unread_of: "请填写另一条事件的编号或网址。", "Name the other incident, by its id or address.";
    unread_tag: "没有这个标签。", "There is no such tag.";
    unread_hours: "请选择暂停多久。", "Choose for how long.";
    refused_not_from: "现在不能这样做：事件的状态是 ", "That is not possible now: the incident is ";
    refused_why: "请写明理由：以后看到的人需要知道为什么。", "Say why: who reads this later must know.";
    refused_often: "做得太快了，请在 {} 之后再试。什么也没有改变。", "Too much at once: try again in {}. Nothing was changed.";
    refused_long: "理由最多 500 字。", "A reason has at most 500 characters.";
    refused_nobody: "请填写负责人，最多 80 字。", "Name who sees to it, in at most 80 characters.";
    refused_mute: "暂停必须在将来结束，最长 90 天。", "A mute ends in the future, within 90 days.";
    refused_retag: "标签没有变化。", "These are its tags already.";
    refused_not_muted: "告警没有暂停。", "It is not muted.";
    refused_original: "只能与同一应用另一条未恢复、未搁置的事件重复。", "It can only be the same as another open incident of the same app that is not set aside.";
    refused_robot: "巡检自身的问题不能搁置或报告修复，最多暂停告警 8 小时。", "The watch’s own trouble cannot be set aside or claimed; it can be muted for 8 hours.";
    standing_confirmed: "已确认", "confirmed";
    standing_assigned: "已指派", "assigned";
    standing_acknowledged: "已受理", "acknowledged";
    standing_fixing: "修复中", "being mended";
    standing_fix_claimed: "报告已修复", "said to be mended";
    standing_verifying: "复测中", "verifying";
    standing_closed: "已关闭", "closed";
    standing_false_alarm: "误报", "false alarm";
    standing_wont_fix: "不修", "won’t fix";
    standing_duplicate: "重复", "duplicate";
    all: "全部", "all";
    app: "应用", "App";
    class: "类别", "Class";
    severity: "级别", "Severity";
    find: "查找", "Find";
    filter: "筛选", "Filter";
    clear: "清除筛选", "Clear filters";
    any: "不限", "any";
    blocked: "走不下去", "blocked";
    broken: "页面坏了", "broken";
    abnormal: "内容不对", "abnormal";
    slow: "太慢", "slow";
    robot_health: "机器人自身", "robot health";
    first_seen: "首见", "first seen";
    last_seen: "最近", "last seen";
    seen: "见到", "seen";
    came_back: "复发", "came back";
    none_open_title: "没有未恢复的事件。", "No open incidents.";
    none_open: "更夫还在走。某一步让客户走不下去、看到坏页面或错误的内容，并且换一个干净的浏览器再走仍然如此，这里才会出现一条事件；之后的走查又走通了，它会自己标为已恢复。", "Gengfu keeps walking. When a step blocks a customer, shows a broken page or something wrong, and walks in a fresh browser meet it again, an incident appears here; when a later walk gets past it, it is marked recovered.";
    none_open_try: "想看它怎么工作，可以在演示应用里打开一个故障：", "To see it work, switch on a fault in the demo app:";
    none_match_title: "没有符合条件的事件。", "No incident matches.";
    none_match: "放宽一个条件，或者清除全部筛选。", "Loosen a filter, or clear them all.";
    next_page: "下一页", "Next page";
    first_page: "回到第一页", "First page";
    sorted_by: "排序", "Order";
    order_worst: "最严重在前", "worst first";
    order_newest: "最近见到在前", "newest first";
    order_longest: "持续最久在前", "longest first";

    // One incident.
    since: "始于", "Since";
    occurred: "见到次数", "Seen";
    where_at: "位置", "Where";
    whose: "归因", "Whose fault";
    owner: "负责人", "Owner";
    devices: "设备", "Devices";
    what_met: "客户遇到的", "What a customer meets";
    last_good: "上次走通时", "When it last worked";
    no_good: "之前没有走通过的走查可比。", "There is no earlier passing walk to compare with.";
    filmstrip: "逐步对照", "Step by step";
    this_walk: "这次", "this walk";
    good_walk: "走通的那次", "the good walk";
    fails_here: "断在这里", "fails here";
    not_in_walk: "没有这一步", "no such step";
    cause: "原因", "Cause";
    cause_unknown: "还不知道。看失败一步的网络与控制台。", "Not known yet. Look at the failing step’s network and console.";
    detector: "检测项", "Detector";
    fingerprint: "指纹", "Fingerprint";
    ticket: "工单", "Ticket";
    ticket_waits: "等待建单", "waits to be made";
    route: "页面路由", "Route";
    history: "经过", "History";
    sightings: "历次走查", "Sightings";
    replay: "重放", "Replay";
    replay_says: "在可见窗口里一步一步重走：", "Walk it again in a visible window, step by step:";
    copy: "复制", "Copy";
    copied: "已复制", "Copied";
    previous: "上一起同样的事件", "The earlier incident with the same fingerprint";
    intermittent: "时有时无", "Intermittent";
    tags: "标签", "Tags";

    // What happened to an incident.
    what_suspected: "一次走查见到，等复查确认", "a walk saw it; another is asked";
    what_unconfirmed: "复查没有见到", "the next walk did not see it";
    what_opened: "多次走查见到，立为事件", "enough walks saw it: opened";
    what_sighted: "又见到", "seen again";
    what_worsened: "又见到，而且更严重", "seen again, and worse";
    what_narrowed: "这里已走通，别处仍然遇到", "a walk got past it here, it is still met elsewhere";
    also_met: "同样遇到它的", "Also met by";
    past: "这里已走通", "Got past here";
    still_elsewhere: "别处仍然遇到，见下", "still met elsewhere, see below";
    part_of: "已归入同一原因的这条事件", "Part of this incident of the same cause";
    what_recovered: "走查又走通了", "a walk got past it";
    what_reopened: "又回来了", "came back";
    what_passed: "又一次走通", "one more walk got past it";
    what_closed: "多次复测走通，已关闭", "enough walks got past it: closed";
    what_claim_refused: "报告已修复，复测仍然遇到", "said to be mended, and still met";
    what_escalated: "超过受理时限，已升级", "not taken up in time: escalated";
    what_escalated_fix: "超过修复时限，已升级", "not mended in time: escalated";
    what_assigned: "已指派", "assigned";
    what_acknowledged: "已受理", "acknowledged";
    what_fix_begun: "开始修复", "being mended";
    what_fix_claimed: "报告已修复，等待复测", "said to be mended: walks are to show it";
    what_called_false: "判为误报", "called a false alarm";
    what_left: "决定不修", "left as it is";
    what_called_duplicate: "判为重复", "called a duplicate";
    what_taken_up: "重新受理", "taken up again";
    what_muted: "暂停告警", "muted";
    what_unmuted: "恢复告警", "unmuted";
    what_retagged: "更正标签", "tags corrected";
    what_noted: "备注", "note";
    role_suspicion: "首次见到", "saw it first";
    role_confirmation: "确认", "confirmed it";
    role_repeat: "又见到", "saw it again";
    role_refutation: "没见到", "did not see it";
    by_robot: "机器人", "robot";

    // One walk.
    verdict: "结论", "Verdict";
    started: "开始", "Started";
    took: "用时", "Took";
    budget: "限时", "Budget";
    device: "设备", "Device";
    base: "地址", "Address";
    browser: "浏览器", "Browser";
    purpose: "缘由", "Purpose";
    purpose_patrol: "巡更到点", "a patrol’s slot";
    purpose_confirm: "确认另一次走查", "confirms another walk";
    purpose_verify: "复测事件是否已修复", "verifies that an incident is over";
    purpose_asked: "有人要求现在再走一遍", "somebody asked for it";
    purpose_manual: "手动", "by hand";
    steps: "步骤", "Steps";
    step: "步骤", "Step";
    always_section: "收尾步骤", "always";
    soft: "软", "soft";
    findings: "发现", "Findings";
    losses: "没能留下的证据", "Evidence that was lost";
    network_archive: "下载网络记录（HAR）", "Download the network archive (HAR)";
    picture: "画面", "Picture";
    network: "网络", "Network";
    console: "控制台", "Console";
    page: "页面", "Page";
    script_errors: "脚本错误", "Script errors";
    dialogs: "弹框", "Dialogs";
    navigations: "跳转", "Navigations";
    guarded: "护栏拦下的请求", "Requests the guard stopped";
    attempts: "尝试", "Attempts";
    snapshot: "页面快照（下载）", "Page snapshot (download)";
    full_picture: "原图", "Full size";
    previous_step: "上一步", "Previous step";
    next_step: "下一步", "Next step";
    outcome_passed: "走过", "passed";
    outcome_degraded: "不顺畅", "degraded";
    outcome_failed: "走不通", "failed";
    outcome_inconclusive: "无法判定", "inconclusive";
    outcome_skipped: "略过", "skipped";
    outcome_not_reached: "没走到", "not reached";
    second_tap: "第一下没反应，点了第二下", "the first tap had no effect, the second had";
    no_picture: "这一步不要求截图", "No picture was asked for at this step";
    picture_lost: "截图没拍到：", "The picture was lost: ";
    not_reached_picture: "没走到这一步", "This step was not reached";
    no_network: "这一步没有网络请求。", "No requests in this step.";
    no_console: "控制台没有输出。", "The console stayed silent.";
    no_page: "没能看到页面。", "The page could not be looked at.";
    url: "网址", "URL";
    title: "标题", "Title";
    ready_state: "加载状态", "Ready state";
    visible_text: "可见文字", "Visible text";
    characters: "字", "characters";
    unreadable_record: "这次走查的记录读不出来：格式不认识。", "This walk’s record cannot be read: its shape is not known.";

    // Refusals.
    not_found: "没有这一页。", "There is no such page.";
    not_found_help: "链接可能过了保留期，或者抄漏了几位。", "The link may be past its retention, or a few characters are missing.";
    failed_title: "账本没有答话。", "The ledger did not answer.";
    failed_help: "更夫也许还在走，只是这里读不到。过一会儿再试；原因在服务的日志里。", "Gengfu may still be walking, but it cannot be read here. Try again shortly; the service’s log says why.";
    back_today: "回到今日", "Back to Today";

    // Whose fault.
    by_product: "产品", "the product";
    by_test_data: "测试数据", "test data";
    by_protection: "防护页（验证码、WAF）", "protection (CAPTCHA, WAF)";
    by_network: "网络", "the network";
    by_robot_itself: "机器人自身", "the robot itself";
}

impl Texts {
    /// What a deed is called on its button.
    pub fn deed_word(&self, kind: DeedKind) -> &'static str {
        match kind {
            DeedKind::Assign => self.deed_assign,
            DeedKind::Acknowledge => self.deed_acknowledge,
            DeedKind::BeginFix => self.deed_begin_fix,
            DeedKind::ClaimFix => self.deed_claim_fix,
            DeedKind::CallFalse => self.deed_call_false,
            DeedKind::LeaveIt => self.deed_leave_it,
            DeedKind::CallDuplicate => self.deed_call_duplicate,
            DeedKind::TakeUp => self.deed_take_up,
            DeedKind::Mute => self.deed_mute,
            DeedKind::Unmute => self.deed_unmute,
            DeedKind::Retag => self.deed_retag,
            DeedKind::Note => self.deed_note,
        }
    }

    /// Where an incident stands in the queue.
    pub fn standing_word(&self, standing: Standing) -> &'static str {
        match standing {
            Standing::Suspected => self.suspected,
            Standing::Confirmed => self.standing_confirmed,
            Standing::Assigned => self.standing_assigned,
            Standing::Acknowledged => self.standing_acknowledged,
            Standing::Fixing => self.standing_fixing,
            Standing::FixClaimed => self.standing_fix_claimed,
            Standing::Verifying => self.standing_verifying,
            Standing::Closed => self.standing_closed,
            Standing::FalseAlarm => self.standing_false_alarm,
            Standing::WontFix => self.standing_wont_fix,
            Standing::Duplicate => self.standing_duplicate,
        }
    }

    /// What an order of the queue is called.
    pub fn order_word(&self, order: QueueOrder) -> &'static str {
        match order {
            QueueOrder::Worst => self.order_worst,
            QueueOrder::Newest => self.order_newest,
            QueueOrder::Longest => self.order_longest,
        }
    }

    /// What a verdict is called.
    pub fn verdict_word(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Passed => self.passed,
            Verdict::Degraded => self.degraded,
            Verdict::Failed => self.failed,
            Verdict::Inconclusive => self.inconclusive,
        }
    }

    /// What a class is called.
    pub fn class_word(&self, class: Class) -> &'static str {
        match class {
            Class::Blocked => self.blocked,
            Class::Broken => self.broken,
            Class::Abnormal => self.abnormal,
            Class::Slow => self.slow,
        }
    }

    /// Why a due time was not walked.
    pub fn missed_word(&self, reason: MissReason) -> &'static str {
        match reason {
            MissReason::Away => self.missed_away,
            MissReason::Overlap => self.missed_overlap,
            MissReason::Busy => self.missed_busy,
            MissReason::Lost => self.missed_lost,
            MissReason::Draining => self.missed_draining,
            MissReason::Ledger => self.missed_ledger,
        }
    }

    /// What an attribution is called.
    pub fn attribution_word(&self, attribution: Attribution) -> &'static str {
        match attribution {
            Attribution::Product => self.by_product,
            Attribution::TestData => self.by_test_data,
            Attribution::Protection => self.by_protection,
            Attribution::Network => self.by_network,
            Attribution::Robot => self.by_robot_itself,
        }
    }
}
