//! The texts of walks that people ask for from a page. Templates see them as `a`.

use super::texts::texts;
use serde::Serialize;

texts! {
    walk_again: "现在再走一遍", "Walk again now";
    says: "值守的更夫马上走一遍同一条旅程，每一步走完就显示在这里。", "The robot on watch walks this journey at once; each step shows here as it ends.";
    as_customer: "测试客户来自", "test customer of";
    other_device: "这条旅程现在走的设备不是当时出故障的设备。", "The journey is now walked on another device than the fault was met on.";
    the_walk: "再走一遍", "The walk asked for";
    asked_by: "要求者", "asked by";
    this_walk: "看这次走查的全部记录", "See all that this walk recorded";
    no_picture: "图片还没到", "no picture yet";
    step_under_way: "正在走", "under way";

    // Two walks beside each other.
    outcome: "结果", "Outcome";
    request: "请求", "Request";
    on_the_page: "页面上", "On the page";
    kin: "共同的原因", "What they have in common";
    siblings: "同一原因的其他事件", "Others of the same cause";
    alone: "目前没有别的旅程或步骤遇到同样的原因。", "No other journey or step meets the same cause so far.";
    no_such_request: "没有这个请求", "no such request";
    first_differs: "从这里开始不同", "first differs here";
    same_page: "同一页，在这一步之前", "the same page, before this step";
    good_was: "走通时", "when it worked";
    marks_say: "框出两次图片的差别：＋ 新出现，－（斜线）不见了，≠ 变了，↕ 只是移了位。金额等数字不在此列，由对账规则核对。", "Boxes mark where the pictures differ: + is new, − (hatched) is gone, ≠ has changed, ↕ has only moved. Figures are not judged by it; oracles read them.";

    // How far it is.
    waits: "在排队", "Waiting";
    waits_says: "等这条旅程自己的走查走完，或等巡更队空出一个位子。", "Until the journey’s own walk has ended, or the fleet has a seat free.";
    prepares: "在准备", "Getting ready";
    prepares_says: "租用一位测试客户，打开一条干净的通道。", "A test customer is leased, and a fresh lane opened.";
    walks: "正在走", "Walking";
    walks_says: "走完一步，显示一步。", "Each step shows when it ends.";

    // How it ended.
    still: "故障还在", "The fault is still there";
    still_says: "这次又遇到了同一个故障，已记在历史里。", "This walk met the same fault again; the history has it.";
    passed: "走通了，计入验证", "It got past, and counts";
    closed: "走通了，事件已验证关闭", "It got past: the incident is closed";
    closed_says: "这是关闭所需的最后一次。", "It was the last walk that closing wanted.";
    not_seen: "这次没有出现", "Not seen this time";
    not_seen_says: "它还只是疑似；再有走查遇到它才会立案。", "It was only suspected; it becomes an incident when walks meet it again.";
    uncounted: "走通了，但不计入关闭", "It got through, and does not count";
    uncounted_says: "事件已经关闭或被搁置，或者还要连续走通几次才算恢复。", "The incident is closed or set aside, or more walks in a row have to get past before it is held to be gone.";
    elsewhere: "停在了别的故障上", "Another fault stopped it";
    elsewhere_says: "所以这次说明不了这个故障是否还在。", "So this walk does not say whether this one is gone.";
    nothing: "这次说明不了什么", "This walk says nothing of the app";
    nothing_says: "更夫自己出了状况（网络、防护或测试客户），不怪应用，也不计入关闭。", "The robot had trouble of its own (the network, a protection, the test customer); it neither blames the app nor counts.";
    got_through: "走通了", "It got through";
    degraded: "走通了，但不顺畅", "It got through, not smoothly";
    failed: "有故障", "It failed";
    unfiled: "走完了，还没记进账本", "Walked, and not filed yet";
    unfiled_says: "账本现在写不进去；写得进去时会补记，到时看历史。", "The ledger does not take it now; it is filed as soon as it does, and the history has it then.";
    no_room: "一直没有空位，没有走", "No seat came free: nothing was walked";
    no_room_says: "巡更队一直忙着。请稍后再按一次。", "The fleet was busy all the time. Ask again later.";
    stopped: "更夫停了，没有走完", "The robot was stopped";
    stopped_says: "这次走查没有走到头，什么也说明不了，也不计入关闭。更夫重新启动后请再按一次。", "The walk did not come to its end: it says nothing and does not count. Ask again once the robot is back.";
    lost: "走到一半断了", "The walk was lost";
    lost_says: "是更夫的缺陷，原因在服务的日志里。这次不计入关闭，请再按一次。", "A defect of the robot; the service’s log says why. It does not count. Ask again.";
    unknown: "更夫不认识这次走查", "This robot knows of no such walk";
    unknown_says: "更夫在那之后重新启动过。走完了的话，下面的历史里有它；没有走完就什么也说明不了，请再按一次。", "It was started anew since. If the walk came to its end, the history below has it; if not, it says nothing. Ask again.";

    // Why none is made.
    not_watched: "这条旅程不在当前的值守里，没法马上走；可以用下面的命令自己走。", "This journey is not on the watch, so it cannot be walked from here; the command below can.";
    leaves_traces: "这条旅程会在应用里留下东西，只按它自己的时间走，谁也不能让它多走。", "This journey may leave something behind in the app: its schedule alone has it walked, whoever asks.";
    stopping: "更夫正在停下，不再走新的。", "The robot is stopping and begins no walk.";
    crowded: "已经有太多人要求的走查在排队，请等一等。", "Too many walks that people asked for wait already. Wait a little.";
    too_often: "要求得太频繁了，请在 {} 之后再试。", "Asked for too often: try again in {}.";
    unrecorded: "审计日志现在写不进去；不记下是谁要求的，就不走。", "The audit log cannot be written now, and nothing is walked for whom it does not name.";
}
