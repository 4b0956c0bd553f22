//! What is printed.

use super::clean::Clean;
use super::pairs::{Outcome, Pair};
use super::patrol::{Series, Told};
use super::wilson::{share, wilson};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Cycles within which what always shows must be told; what customers get past is told when it lasts, after three.
const CYCLES_MAX: usize = 2;
const CYCLES_SLOW_MAX: usize = 3;

/// A series in a line, as it ends.
pub fn line(series: &Series) -> String {
    let after = |cycles: Option<usize>| cycles.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let told = series.told.iter().map(|t| {
        let wrong = match (t.class_right, t.step_right) {
            (true, true) => "",
            (false, _) => " (class wrong)",
            (_, false) => " (step wrong)",
        };
        let cause = match t.cause_right {
            Some(false) => format!(" (cause wrong: {})", t.cause.as_deref().unwrap_or("none")),
            _ => String::new(),
        };
        format!("{}{wrong}{cause} {}", t.detector, t.headline)
    });
    format!(
        "{:<5} {:>3} % found after {:>2} opened after {:>2} incidents {} walks {:>3}  {}",
        series.fault.id,
        series.percent,
        after(series.found_after),
        after(series.opened_after),
        series.told.len(),
        series.walks,
        told.collect::<Vec<_>>().join(" | ")
    )
}

/// The series by rate and group; `*` is all groups.
fn rows(all: &[Series]) -> BTreeMap<(u8, char), Vec<&Series>> {
    let mut rows: BTreeMap<(u8, char), Vec<&Series>> = BTreeMap::new();
    for series in all {
        rows.entry((100 - series.percent, series.fault.group)).or_default().push(series);
        rows.entry((100 - series.percent, '*')).or_default().push(series);
    }
    rows
}

/// The table by rate and group of the catalogue.
pub fn say(all: &[Series]) {
    println!();
    println!(
        "shares with their 95 % interval (Wilson 1927); `*` is all groups; class, step and cause are of the first"
    );
    println!(
        "incident, cause of faults that have a failing request or script; precision: incidents at a step where the fault"
    );
    println!(
        "shows (what a healthy app is told of: `--clean N`; two faults told as one: `--pairs N`); cycles are first looks of"
    );
    println!("each journey in which the fault shows, walks count confirming ones, `-` where too few were found");
    println!(
        "rate  group faults {:<18} {:<18} {:<18} {:<18} {:<18} incidents/fault cycles p50/p90 walks p50/p90",
        "recall", "precision", "class", "step", "cause"
    );
    for ((rest, group), series) in &rows(all) {
        say_row(100 - rest, *group, &Row::of(series));
    }
    for series in all.iter().filter(|s| !is_found(s)) {
        println!("not found: {}", line(series));
    }
    let mute = |s: &&Series| s.told.first().is_some_and(|t| t.cause_right == Some(false));
    for series in all.iter().filter(mute) {
        println!("cause not named: {}", line(series));
    }
    for series in all.iter().filter(|s| s.told.len() > 1) {
        println!("told more than once: {}", line(series));
    }
    let total = Row::of(&all.iter().collect::<Vec<_>>());
    println!("cause right {} (Wilson)", shown(total.cause));
    let inconclusive: usize = all.iter().map(|s| s.inconclusive).sum();
    let walks: usize = all.iter().map(|s| s.walks).sum();
    println!("{walks} walks, {inconclusive} of them inconclusive");
}

/// The same for programs.
pub fn to_json(all: &[Series]) -> Value {
    let share = |(of, all): (usize, usize)| {
        let (low, high) = wilson(of, all);
        json!({"of": of, "all": all, "low": low, "high": high})
    };
    let row = |(&(rest, group), series): (&(u8, char), &Vec<&Series>)| {
        let row = Row::of(series);
        json!({"percent": 100 - rest, "group": group.to_string(), "recall": share(row.recall),
            "precision": share(row.precision), "class": share(row.class), "step": share(row.step),
            "cause": share(row.cause), "incidents_per_fault": row.per_fault, "cycles_p50": row.cycles[0],
            "cycles_p90": row.cycles[1], "walks_p50": row.walks[0], "walks_p90": row.walks[1]})
    };
    rows(all).iter().map(row).collect()
}

fn is_found(series: &Series) -> bool {
    let most = if series.fault.group == 'E' { CYCLES_SLOW_MAX } else { CYCLES_MAX };
    series.found_after.is_some_and(|after| series.percent < 100 || after <= most)
}

/// One row of the table; shares as so many of so many.
struct Row {
    faults: usize,
    recall: (usize, usize),
    precision: (usize, usize),
    class: (usize, usize),
    step: (usize, usize),
    cause: (usize, usize),
    per_fault: f64,
    /// At the median and the ninth decile.
    cycles: [Option<usize>; 2],
    walks: [Option<usize>; 2],
}

impl Row {
    fn of(series: &[&Series]) -> Self {
        let first: Vec<&Told> = series.iter().filter_map(|s| s.told.first()).collect();
        let told: Vec<&Told> = series.iter().flat_map(|s| &s.told).collect();
        let of_first = |right: fn(&Told) -> bool| (first.iter().filter(|t| right(t)).count(), first.len());
        let caused = first.iter().filter(|t| t.cause_right.is_some()).count();
        Self {
            faults: series.len(),
            recall: (series.iter().filter(|s| is_found(s)).count(), series.len()),
            precision: (told.iter().filter(|t| t.step_right).count(), told.len()),
            class: of_first(|t| t.class_right),
            step: of_first(|t| t.step_right),
            cause: (first.iter().filter(|t| t.cause_right == Some(true)).count(), caused),
            per_fault: told.len() as f64 / first.len().max(1) as f64,
            cycles: at_shares(series.iter().map(|s| s.found_after)),
            walks: at_shares(series.iter().map(|s| s.walks_to_found)),
        }
    }
}

/// The median and the ninth decile; who was not found stands behind everyone.
fn at_shares(all: impl Iterator<Item = Option<usize>>) -> [Option<usize>; 2] {
    let mut all: Vec<usize> = all.map(|one| one.unwrap_or(usize::MAX)).collect();
    all.sort_unstable();
    [0.5, 0.9].map(|share| {
        let at = (share * all.len().saturating_sub(1) as f64).ceil() as usize;
        all.get(at).copied().filter(|one| *one < usize::MAX)
    })
}

fn shown((of, all): (usize, usize)) -> String {
    share(of, all)
}

fn say_row(percent: u8, group: char, row: &Row) {
    let two = |[one, other]: [Option<usize>; 2]| {
        [one, other].map(|n| n.map_or("-".into(), |n: usize| n.to_string())).join("/")
    };
    println!(
        "{percent:>3} % {group:>5} {:>6} {:<18} {:<18} {:<18} {:<18} {:<18} {:<15.2} {:<14} {}",
        row.faults,
        shown(row.recall),
        shown(row.precision),
        shown(row.class),
        shown(row.step),
        shown(row.cause),
        row.per_fault,
        two(row.cycles),
        two(row.walks),
    );
}

/// What became of pairs: merged are wrong merges; a hidden fault may have been behind the other, and says nothing of them.
pub fn say_pairs(all: &[Pair]) {
    let count = |outcome| all.iter().filter(|pair| pair.outcome == outcome).count();
    let (apart, merged) = (count(Outcome::Apart), count(Outcome::Merged));
    println!();
    for pair in all.iter().filter(|pair| pair.outcome == Outcome::Merged) {
        println!("merged: {}", pair.line());
    }
    println!("wrong merges {} of pairs of which both were told (95 %, Wilson)", share(merged, apart + merged));
    println!(
        "{} pairs: {apart} apart, {merged} merged, {} with one hidden behind the other, {} with none told",
        all.len(),
        count(Outcome::Hidden),
        count(Outcome::Neither)
    );
    println!("{} walks", all.iter().map(|pair| pair.walks).sum::<usize>());
}

/// What a patrol of the healthy demo was told of.
pub fn say_clean(clean: &Clean) {
    println!();
    clean.incidents.iter().for_each(|said| println!("false incident: {said}"));
    clean.suspicions.iter().for_each(|said| println!("suspicion that nobody was told of: {said}"));
    println!("false incidents per clean walk {} (95 %, Wilson)", share(clean.incidents.len(), clean.walks));
    println!("suspicions {}, {} walks inconclusive", clean.suspicions.len(), clean.inconclusive);
}
