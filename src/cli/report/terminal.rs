//! What a person at a terminal reads: a line a step as it happens, and at the end why it failed and what to do.

use super::{Language, lasting, likeness};
use crate::detector::Judged;
use crate::diagnostic::{Diagnostic, printable};
use crate::evidence::EvidenceKey;
use crate::finding::{Bilingual, Finding};
use crate::journey::{Journey, Step, Verb};
use crate::walk::{Degradation, Kept, OraclesHeld, Outcome, StepRecord, Verdict, WalkRecord};
use std::time::Duration;

/// Where a person finds a picture: its key to a path or an address.
pub type Pictures<'a> = &'a dyn Fn(&EvidenceKey) -> String;

/// Columns a step's title is given.
const TITLE_COLUMNS: usize = 44;

/// The line of one step, without a line end: `  ✓ 点击“下一步”                412 ms`.
pub fn step_line(step: &StepRecord, language: Language, colour: bool) -> String {
    let (mark, paint) = match &step.outcome {
        Outcome::Passed => ('✓', GREEN),
        Outcome::Degraded(_) => ('!', YELLOW),
        Outcome::Failed(_) if step.soft => ('!', YELLOW),
        Outcome::Failed(_) => ('✗', RED),
        Outcome::Inconclusive(_) => ('?', MAGENTA),
        Outcome::Skipped(_) => ('–', DIM),
        Outcome::NotReached => ('○', DIM),
    };
    let title = fitted(&printable(&step.title), TITLE_COLUMNS);
    let took =
        if step.attempts.is_empty() && step.elapsed.is_zero() { String::new() } else { lasting(millis(step.elapsed)) };
    let note = note_of(step, language).map(|note| format!("  {}", printable(&note))).unwrap_or_default();
    let line = format!("{title} {took:>9}{note}");
    let line = if paint == DIM { painted(line.trim_end(), DIM, colour) } else { line.trim_end().to_owned() };
    format!("  {} {line}", painted(&mark.to_string(), paint, colour))
}

fn note_of(step: &StepRecord, language: Language) -> Option<String> {
    match &step.outcome {
        Outcome::Degraded(list) => Some(list.iter().map(|d| degradation(d, language)).collect::<Vec<_>>().join("; ")),
        Outcome::Failed(failure) if step.soft => Some(failure.said.clone()),
        Outcome::Failed(failure) => Some(failure.kind.word().to_owned()),
        Outcome::Inconclusive(trouble) => Some(trouble.kind.word().to_owned()),
        Outcome::Skipped(why) => Some(why.clone()),
        Outcome::Passed if step.attempts.len() > 1 => Some(format!("×{}", step.attempts.len())),
        Outcome::Passed | Outcome::NotReached => None,
    }
}

fn degradation(degradation: &Degradation, language: Language) -> String {
    match degradation {
        Degradation::SecondTap => language.of("点了两次才有反应", "took a second tap").to_owned(),
        Degradation::LateFigures { elapsed_ms } => {
            let after = lasting(*elapsed_ms);
            match language {
                Language::Zh => format!("数字过了 {after} 才对上"),
                Language::En => format!("figures agreed only after {after}"),
            }
        }
        Degradation::Slow { within_ms, .. } => {
            let within = lasting(*within_ms);
            match language {
                Language::Zh => format!("慢，应在 {within} 内"),
                Language::En => format!("slow, should take {within}"),
            }
        }
    }
}

/// The end of a walk: what is wrong drawn at its place in the journey, what else was found, and the verdict.
pub fn summary(
    record: &WalkRecord,
    judged: &Judged,
    journey: &Journey,
    pictures: Pictures<'_>,
    language: Language,
    colour: bool,
) -> String {
    let mut blocks = Vec::new();
    if let Some(diagnostic) = diagnostic(record, judged, journey, pictures, language) {
        blocks.push(diagnostic.render(colour));
    }
    let first = usize::from(judged.verdict == Verdict::Failed);
    let others = judged.findings.iter().skip(first).map(|finding| other(finding, language, colour));
    let lost = record
        .losses
        .iter()
        .map(|loss| format!("  {}{}", language.of("证据缺失：", "evidence lost: "), printable(loss)));
    let usual = (judged.usual > 0).then(|| match language {
        Language::Zh => format!("  基线：{} 项发现一向如此，不再提示", judged.usual),
        Language::En => format!("  baseline: {} findings are usual and not told", judged.usual),
    });
    let held = record.oracles.iter().map(|held| oracles_line(held, language));
    let notes: Vec<String> =
        others.chain(lost).chain(usual).chain(held).chain(likeness::lines(record, language)).collect();
    if !notes.is_empty() {
        blocks.push(notes.join("\n"));
    }
    blocks.push(verdict_line(record, judged, language, colour));
    blocks.join("\n\n") + "\n"
}

/// How much of what oracles say the walk came by: what nobody could judge or read is named.
fn oracles_line(held: &OraclesHeld, language: Language) -> String {
    // What it was not held to stands among the losses, with the reason.
    let OraclesHeld { figures, judged, unjudged, unread, unheld: _, uncompared: _ } = held;
    let mut line = match language {
        Language::Zh => format!("  事实核对：读了 {figures} 处数据，核对了 {judged} 条关系"),
        Language::En => format!("  oracles: {figures} figures read, {judged} claims judged"),
    };
    let more =
        [(unjudged, language.of("没能核对：", "not judged: ")), (unread, language.of("没有读到：", "not there: "))];
    for (names, said) in more.into_iter().filter(|(names, _)| !names.is_empty()) {
        line += &format!("\n    {said}{}", printable(&names.join("; ")));
    }
    line
}

/// The failed (or troubled) step at its place in the journey, with what to look at and what to type next.
fn diagnostic(
    record: &WalkRecord,
    judged: &Judged,
    journey: &Journey,
    pictures: Pictures<'_>,
    language: Language,
) -> Option<Diagnostic> {
    if !matches!(judged.verdict, Verdict::Failed | Verdict::Inconclusive) {
        return None;
    }
    let troubled = || record.steps.iter().find(|s| matches!(s.outcome, Outcome::Inconclusive(_)));
    let found = || judged.findings.first().and_then(|f| record.steps.iter().find(|s| s.id == f.step));
    let step = record.failed_step().or_else(troubled).or_else(found)?;
    let written = step_of(&journey.steps, step).or_else(|| step_of(&journey.always, step))?;
    let cause = judged.findings.first().and_then(|f| f.cause.clone());
    let label = match &step.outcome {
        Outcome::Failed(failure) => failure.said.clone(),
        Outcome::Inconclusive(trouble) => trouble.said.clone(),
        _ => cause.unwrap_or_default(),
    };
    let picture = match &step.picture {
        Kept::At(key) => Some(format!("{} {}", language.of("截图", "picture"), pictures(key))),
        Kept::Lost(why) => Some(format!("{}{why}", language.of("截图没有留下：", "no picture: "))),
        Kept::NotAsked => None,
    };
    let replay = format!("{} gengfu replay {}", language.of("重放", "replay"), record.walk);
    let nothing = || Bilingual::new("没有走完", "did not finish");
    let headline = judged.headline.clone().unwrap_or_else(nothing);
    Some(Diagnostic {
        title: language.of(&headline.zh, &headline.en).to_owned(),
        source: written.source.clone(),
        span: written.span.clone(),
        label,
        context: None,
        help: Some(picture.into_iter().chain([replay]).collect::<Vec<_>>().join("\n")),
    })
}

/// The written step behind a record, also inside `when`, `first_of` and `repeat`.
fn step_of<'a>(steps: &'a [Step], record: &StepRecord) -> Option<&'a Step> {
    steps.iter().find_map(|step| {
        if step.id == record.id {
            return Some(step);
        }
        match &step.verb {
            Verb::When { steps, .. } | Verb::Repeat { steps, .. } => step_of(steps, record),
            Verb::FirstOf(branches) => branches.iter().find_map(|branch| step_of(&branch.steps, record)),
            _ => None,
        }
    })
}

fn other(finding: &Finding, language: Language, colour: bool) -> String {
    let paint = if finding.failing { RED } else { YELLOW };
    let card = format!("{} {}", finding.severity.word(), finding.class.word());
    let text = printable(language.of(&finding.headline.zh, &finding.headline.en));
    let cause = finding.cause.as_deref().map(|cause| format!("\n      ← {}", printable(cause))).unwrap_or_default();
    format!("  {} {text}{cause}", painted(&card, paint, colour))
}

fn verdict_line(record: &WalkRecord, judged: &Judged, language: Language, colour: bool) -> String {
    let (paint, zh) = match judged.verdict {
        Verdict::Passed => (GREEN, "通过"),
        Verdict::Degraded => (YELLOW, "有瑕疵"),
        Verdict::Failed => (RED, "失败"),
        Verdict::Inconclusive => (MAGENTA, "无法判断"),
    };
    let words = [
        Some(language.of(zh, judged.verdict.word()).to_owned()),
        judged.class.map(|class| class.word().to_owned()),
        judged.attribution.map(|attribution| attribution.word().to_owned()),
    ];
    let words = words.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let reached =
        record.steps.iter().filter(|s| !matches!(s.outcome, Outcome::NotReached | Outcome::Skipped(_))).count();
    let total = record.steps.len();
    let steps = match language {
        Language::Zh => format!("{total} 步走了 {reached} 步"),
        Language::En => format!("{reached} of {total} steps"),
    };
    let took = lasting(millis(record.elapsed));
    format!("{}  {} ({})  {steps}, {took}", painted(&words, paint, colour), record.title, record.journey)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

const GREEN: &str = "32";
const YELLOW: &str = "33";
const RED: &str = "1;31";
const MAGENTA: &str = "35";
const DIM: &str = "2";

fn painted(text: &str, paint: &str, colour: bool) -> String {
    if colour { format!("\u{1b}[{paint}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// The text in exactly so many terminal columns, cut or padded.
fn fitted(text: &str, columns: usize) -> String {
    let width: usize = text.chars().map(columns_of).sum();
    if width <= columns {
        return format!("{text}{}", " ".repeat(columns - width));
    }
    let (mut out, mut used) = (String::new(), 0);
    for c in text.chars() {
        if used + columns_of(c) > columns - 1 {
            break;
        }
        used += columns_of(c);
        out.push(c);
    }
    format!("{out}…{}", " ".repeat(columns - 1 - used))
}

/// Terminal columns of a character: Chinese, full-width forms and pictures take two.
fn columns_of(c: char) -> usize {
    match c {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}
