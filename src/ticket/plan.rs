//! What a ticket is to be told next. Pure.

use super::{EarlyClosing, Meaning, Opened, Rule, Ticket, Turn};
use crate::alert::{Happening, Language, one_line};
use crate::incident::{Incident, Standing, State};
use crate::moment::Moment;

/// A line of a comment is no longer than this, in characters.
const LINE_CHARS_MAX: usize = 600;

/// One thing to be done about a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// It is moved.
    Turn(Turn),
    /// A word is left.
    Comment(String),
}

/// Of tickets that were found, the one to go on with: an open one, or one that ended lately and not because nobody
/// mends it.
pub fn adopted<'a>(rule: &Rule, found: &'a [Opened], now: Moment) -> Option<&'a Opened> {
    let done = |one: &&Opened| one.seen.as_ref().is_some_and(|seen| seen.category == super::Category::Done);
    let lately = |one: &&Opened| {
        let Some(seen) = &one.seen else { return false };
        let within = seen.ended.is_none_or(|ended| now.since(ended) <= rule.reopen_within);
        within && rule.mapping.reopen.is_some() && rule.mapping.meaning(seen) != Meaning::WontFix
    };
    found.iter().find(|one| !done(one)).or_else(|| found.iter().find(lately))
}

/// What `ticket` is to be told of `news`, and where it is to be moved, with the incident as it is now.
pub fn plan(
    rule: &Rule,
    ticket: &Ticket,
    incident: &Incident,
    news: &[(u64, Happening)],
    language: Language,
) -> Vec<Doing> {
    let own = format!("system:{}", ticket.system);
    let zh = language == Language::Zh;
    let news: Vec<&Happening> = news.iter().map(|(_, happening)| happening).filter(|h| h.actor != own).collect();
    let standing = incident.standing();
    let came_back = news.iter().any(|h| h.what() == "reopened") && incident.state == State::Open;
    let mut doings = Vec::new();
    let mut lines: Vec<String> = news.iter().filter_map(|happening| line(happening, zh)).collect();
    if standing == Standing::Closed {
        // What is over is not told step by step.
        lines.clear();
        if news.iter().any(|h| h.what() == "closed") {
            doings.extend((!ticket.done && rule.mapping.resolve.is_some()).then_some(Doing::Turn(Turn::Resolve)));
            lines.push(closed(incident, zh));
        }
    } else if ticket.done && came_back {
        doings.extend(rule.mapping.reopen.is_some().then_some(Doing::Turn(Turn::Reopen)));
    } else if ticket.done && lasts(incident) {
        // Somebody closed it: they are told once, and left alone.
        lines.clear();
        if !ticket.answered {
            let reopens = rule.closed_early == EarlyClosing::Reopen && rule.mapping.reopen.is_some();
            doings.extend(reopens.then_some(Doing::Turn(Turn::Reopen)));
            lines.push(still(incident, zh));
        }
    }
    if !lines.is_empty() {
        doings.push(Doing::Comment(lines.join("\n")));
    }
    doings
}

/// Whether customers meet it, and nobody's word that it is mended is still to be looked into.
pub(super) fn lasts(incident: &Incident) -> bool {
    let claimed = incident.standing() == Standing::FixClaimed;
    incident.state == State::Open && !claimed && !incident.handling.stage.is_set_aside()
}

fn line(happening: &Happening, zh: bool) -> Option<String> {
    let says = match (happening.what(), zh) {
        ("worsened", true) => "影响加重",
        ("worsened", false) => "it got worse",
        ("recovered", true) => "巡检已能通过，正在复核",
        ("recovered", false) => "a walk got past it; it is being verified",
        ("reopened", true) => "故障复发",
        ("reopened", false) => "it came back",
        ("claim-refused", true) => "称已修复，但复检仍能看到故障",
        ("claim-refused", false) => "it was said to be mended, and a walk still met it",
        ("escalated", true) => "已超时，升级处理",
        ("escalated", false) => "it is overdue and was escalated",
        ("fix-claimed", true) => "有人称已修复，等待复检",
        ("fix-claimed", false) => "somebody says that it is mended; walks will show",
        ("called-false", true) => "被认定为误报",
        ("called-false", false) => "it was called a false alarm",
        ("left-as-it-is", true) => "决定不修复",
        ("left-as-it-is", false) => "it stays as it is",
        ("called-duplicate", true) => "与另一事件重复",
        ("called-duplicate", false) => "it is another incident's trouble",
        ("taken-up", true) => "重新受理",
        ("taken-up", false) => "it was taken up again",
        ("noted", true) => "备注",
        ("noted", false) => "a note",
        _ => return None,
    };
    let by = happening.actor.split_once(':').map(|(_, name)| format!(" · {name}")).unwrap_or_default();
    // What the robot says of its own moves is said above.
    let why = happening.facts.why.as_ref().filter(|_| !by.is_empty()).map(|why| format!(": {why}")).unwrap_or_default();
    Some(one_line(&format!("[gengfu {}] {says}{by}{why}", happening.facts.occurred_at), LINE_CHARS_MAX))
}

fn closed(incident: &Incident, zh: bool) -> String {
    let at = incident.handling.closed.map(|at| at.to_string()).unwrap_or_default();
    let passes = incident.handling.passes.count;
    if zh {
        format!("[gengfu {at}] 连续 {passes} 次复检通过，事件已关闭")
    } else {
        format!("[gengfu {at}] {passes} walks in a row got past it: the incident is closed")
    }
}

fn still(incident: &Incident, zh: bool) -> String {
    let seen = incident.last_seen;
    if zh {
        format!("[gengfu] 工单已关闭，但故障仍在：最近一次看到是 {seen}。此说明只发一次；是否重新打开由处理人决定")
    } else {
        format!(
            "[gengfu] this ticket is closed and the fault lasts: last seen {seen}. This is said once; whether to open it \
             again is for people to decide"
        )
    }
}
