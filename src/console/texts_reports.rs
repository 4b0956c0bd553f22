//! The texts of tags and reports, in Chinese and English side by side.

use super::texts::texts;
use serde::Serialize;

texts! {
    // Tags.
    channel: "渠道", "Channel";
    business: "业务类别", "Business";
    reason: "原因", "Reason";
    rights: "权益", "Rights";
    untagged: "未归类", "not filed";
    corrected: "人工更正", "corrected by a person";

    // Reports.
    reports: "报告", "Reports";
    weekly: "周报", "Weekly report";
    week: "周", "Week";
    owner: "责任方", "Owner";
    no_such_owner: "没有这个责任方。", "There is no such owner.";
    no_such_owner_help: "配置、旅程和事件里都没有这个名字；请从周报页上选择。", "Neither the configuration nor a journey or incident names it; choose one on the page of reports.";
    all_owners: "全部", "All";
    show: "查看", "Show";
    crowded: "同时汇总的报告太多。", "Too many reports are being gathered at once.";
    crowded_help: "大家要看的报告正在排队，稍等片刻再看。", "Others are waiting for theirs; look again in a moment.";
    too_many_help: "等您前面几份出来，再看这一份。", "Wait until those that you asked for are there, then look at this one.";
    not_yet: "这份报告还在汇总。", "This report is still being gathered.";
    not_yet_help: "稍等片刻再取。", "Fetch it again in a moment.";
    gathering: "正在汇总这一周的数据，稍后自动显示……", "The figures of this week are being gathered; they will show by themselves in a moment.";
    week_before: "上一周", "The week before";
    week_after: "下一周", "The week after";
    so_far: "本周还没过完，数字会变", "The week is not over: figures will change";
    print: "打印版", "To print";
    of_all_owners: "消息与投诉不分责任方", "Messages and complaints are of all owners";
    made: "生成于", "Made";

    // The figures at the head.
    availability: "走通率", "Got through";
    availability_says: "能判定的走查里，客户走得通的", "of the walks that could say, those in which a customer gets through";
    blocked: "阻断时长", "Blocked";
    planned: "计划维护（不计入）", "Planned, left out";
    planned_short: "维护", "planned";
    blocked_says: "各旅程走不通的时间之和", "time in which customers could not go on, all journeys added up";
    coverage: "旅程覆盖", "Journeys covered";
    coverage_says: "至少有一次能判定的走查", "with at least one walk that could say";
    steps_covered: "步骤覆盖", "Steps covered";
    steps_says: "走得最远的一次走到的步骤", "as far as the walk that came furthest";
    punctual: "准点率", "On time";
    as_of: "截至", "as of";
    punctual_says: "到点后一分钟内开走", "begun within a minute of the due time";
    walked: "按计划走完", "Walked as planned";
    opened: "新开", "Opened";
    opened_says: "含复发", "returns among them";
    fixed: "恢复", "Recovered";
    fixed_says: "走查走通了", "a walk got past it";
    still_open: "期末未恢复", "Open at the end";
    detect: "发现用时", "Time to detect";
    detect_says: "从最后一次走通到确认，至多这么久", "from the last walk that got through, at the most";
    acknowledge: "响应用时", "Time to acknowledge";
    fix: "恢复用时", "Time to fix";
    spread_says: "中位数 · 90% 不超过", "median · nine of ten within";
    acknowledged_in_time: "响应按时率", "Acknowledged in time";
    fixed_in_time: "修复按时率", "Fixed in time";
    in_time_says: "按严重级别的期限，自应通知责任方起算", "by the deadlines of their severity, from when the owner was to be told";
    first_fix: "一次修复率", "Fixed at first try";
    first_fix_says: "第一次声称修好就一直走通到关闭", "the first claim led to closing";
    repeated: "复发率", "Came back";
    repeated_says: "复发数比关闭数", "returns to closings";
    misreported: "误报率", "False alarms";
    misreported_says: "被人认定为误报的", "called false by a person";
    undelivered: "未送达消息", "Messages undelivered";
    undelivered_says: "试了几次没有送到，或已放弃；应为零", "tried in vain or given up; should be none";
    lead: "早于首次投诉", "Ahead of the first complaint";
    lead_says: "中位数，按周计数，至少这么久", "median, at the least: complaints are counted by week";
    foreseen: "投诉前已发现", "Complaints foreseen";
    foreseen_says: "所投诉的问题，机器人在那一周之前已经立案", "of something that had an incident before their week";

    // Charts and tables.
    incidents_by_day: "每日事件", "Incidents by day";
    walks_by_day: "每日走查", "Walks by day";
    blocked_by_journey: "阻断时长最多的旅程", "Journeys blocked longest";
    journeys: "旅程", "Journeys";
    journey: "旅程", "Journey";
    app: "应用", "App";
    walks: "走查", "Walks";
    passed: "通过", "passed";
    degraded: "不顺畅", "degraded";
    failed: "有故障", "failed";
    inconclusive: "无法判定", "inconclusive";
    by_owner: "按责任方", "By owner";
    by_channel: "按渠道", "By channel";
    by_business: "按业务类别", "By business";
    by_reason: "按原因", "By reason";
    by_right: "按消费者权益", "By consumer right";
    openings: "本周新开的事件", "Incidents opened this week";
    openings_cut: "只列最严重的 30 起。", "Only the 30 worst are listed.";
    severity: "级别", "Severity";
    what_met: "客户遇到的", "What customers meet";
    opened_at: "开始", "Opened";
    ended: "结果", "Outcome";
    outcome_fixed: "已恢复", "recovered";
    outcome_false: "误报", "false alarm";
    outcome_aside: "搁置或重复", "set aside";
    outcome_open: "未恢复", "open";
    came_back: "复发", "came back";
    complaints: "投诉", "Complaints";
    page: "页面", "Page";
    count: "件数", "Count";
    foreseen_before: "提前发现", "foreseen";
    foreseen_within: "同一周发现", "seen in that week";
    foreseen_missed: "未发现", "missed";
    first_time: "首次", "first";
    no_complaints: "没有导入这一周的投诉数据。用 gengfu complaints import 导入按周、页面、原因汇总的件数，就能看到机器人早了多久、漏了什么。", "No complaints of this week were imported. Import their numbers by week, page and reason with gengfu complaints import, to see how far ahead the robot was and what it missed.";
    nothing: "无", "none";
    minutes: "分钟", "min";

    // Tables for other programs.
    day: "日期", "Day";
    name: "名称", "Name";
    overview: "总览", "Overview";
    figure: "指标", "Figure";
    value: "数值", "Value";
    of: "总数", "Of";
    dimension: "维度", "Dimension";
    due: "到点", "Due";
    walked_of: "已走", "Walked";
    punctual_of: "准点", "On time";
    steps_walked: "走到的步骤", "Steps walked";
    steps_all: "全部步骤", "Steps";
    minutes_blocked: "阻断（分钟）", "Blocked (min)";
    minutes_planned: "计划维护（分钟）", "Planned (min)";
    median_minutes: "中位数（分钟）", "Median (min)";
    p90_minutes: "90%（分钟）", "p90 (min)";
    closed: "关闭", "Closed";
    reopened: "复发数", "Returns";
    lead_minutes: "提前（分钟）", "Lead (min)";

    // Nothing to show yet.
    empty_title: "这一周还没有可报告的内容", "Nothing to report of this week";
    empty: "报告由走查、事件、处理动作和消息算出：更夫走过一周，这里就有走通率、发现与修复用时、按时率和复发率，可打印，也可导出。", "Reports are made of walks, incidents, what people did about them, and messages: once Gengfu has walked for a while, you find here how often customers get through, how soon trouble is found and mended, and what comes back; to print or to export.";
    empty_try: "也可以在命令行生成：", "Or from the command line:";
}
