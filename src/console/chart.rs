//! Charts as shapes with numbers on them, which a template draws: no script, no style that a strict policy forbids.

use serde::Serialize;

const WIDTH: u64 = 640;
/// Of columns: from the top, room for the figures above them; at the bottom, for the days.
const TOP: u64 = 24;
const BASE: u64 = 190;
const HEIGHT: u64 = 214;
/// Larger figures run into each other above columns that stand side by side; the chart's words have them.
const BESIDE_MAX: u64 = 1_000;
const ROW: u64 = 30;
const NAME_WIDTH: u64 = 200;
const FIGURE_WIDTH: u64 = 110;
/// Characters of a name that fit beside its bar.
const NAME_CHARS_MAX: usize = 16;

/// A chart, in a box of its own units.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    /// What it is called.
    name: &'static str,
    /// All of it in words.
    says: String,
    width: u64,
    height: u64,
    bars: Vec<Bar>,
    labels: Vec<Label>,
    /// Name and class of each series.
    legend: Vec<(&'static str, &'static str)>,
    /// Whether there is nothing to see.
    empty: bool,
}

#[derive(Debug, Serialize)]
struct Bar {
    x: u64,
    y: u64,
    width: u64,
    height: u64,
    class: &'static str,
}

#[derive(Debug, Serialize)]
struct Label {
    x: u64,
    y: u64,
    anchor: &'static str,
    text: String,
}

/// One kind of thing, counted for each day.
pub(super) struct Series {
    class: &'static str,
    name: &'static str,
    counts: Vec<u64>,
}

impl Series {
    pub fn new(class: &'static str, name: &'static str, counts: Vec<u64>) -> Self {
        Self { class, name, counts }
    }
}

/// Columns for each of `labels`: the series beside each other, or one upon the other.
pub(super) fn columns(name: &'static str, labels: &[String], series: &[Series], stacked: bool) -> Chart {
    let at = |series: &Series, day: usize| series.counts.get(day).copied().unwrap_or(0);
    let days = labels.len().max(1) as u64;
    let heights = (0..labels.len()).map(|day| {
        let counts = series.iter().map(|series| at(series, day));
        if stacked { counts.sum::<u64>() } else { counts.max().unwrap_or(0) }
    });
    let highest = heights.max().unwrap_or(0);
    let (slot, room) = (WIDTH / days, BASE - TOP);
    let scaled = |count: u64| if count == 0 { 0 } else { (count * room / highest.max(1)).max(2) };
    let (mut bars, mut drawn) = (Vec::new(), Vec::new());
    for (day, label) in labels.iter().enumerate() {
        let left = slot * day as u64;
        drawn.push(Label { x: left + slot / 2, y: HEIGHT - 4, anchor: "middle", text: label.clone() });
        let mut base = BASE;
        for (n, one) in series.iter().enumerate() {
            let (count, wide) = (at(one, day), slot * 7 / 10);
            let (x, width) = if stacked {
                (left + (slot - wide) / 2, wide)
            } else {
                let each = wide / series.len().max(1) as u64;
                (left + (slot - wide) / 2 + each * n as u64, each.saturating_sub(2))
            };
            let height = scaled(count).min(base - TOP.min(base));
            if height > 0 {
                bars.push(Bar { x, y: base - height, width, height, class: one.class });
            }
            if !stacked && (1..BESIDE_MAX).contains(&count) {
                drawn.push(Label { x: x + width / 2, y: base - height - 5, anchor: "middle", text: count.to_string() });
            }
            base -= if stacked { height } else { 0 };
        }
        let sum: u64 = series.iter().map(|one| at(one, day)).sum();
        if stacked && sum > 0 {
            drawn.push(Label { x: left + slot / 2, y: base - 5, anchor: "middle", text: sum.to_string() });
        }
    }
    let told = series.iter().map(|one| {
        let counts: Vec<String> =
            labels.iter().enumerate().map(|(day, label)| format!("{label} {}", at(one, day))).collect();
        format!("{}: {}", one.name, counts.join(", "))
    });
    Chart {
        name,
        says: format!("{name}. {}", told.collect::<Vec<_>>().join("; ")),
        width: WIDTH,
        height: HEIGHT,
        bars,
        labels: drawn,
        legend: series.iter().map(|one| (one.class, one.name)).collect(),
        empty: highest == 0,
    }
}

/// A bar for each of `all`: its name, its size and its size in words.
pub(super) fn rows(name: &'static str, all: impl Iterator<Item = (String, u64, String)>) -> Chart {
    let all: Vec<(String, u64, String)> = all.collect();
    let longest = all.iter().map(|(_, size, _)| *size).max().unwrap_or(0).max(1);
    let (mut bars, mut labels) = (Vec::new(), Vec::new());
    for (n, (title, size, words)) in all.iter().enumerate() {
        let y = n as u64 * ROW;
        let width = (size * (WIDTH - NAME_WIDTH - FIGURE_WIDTH) / longest).max(2);
        let short: String = title.chars().take(NAME_CHARS_MAX).collect();
        let shown = if short == *title { short } else { format!("{short}…") };
        labels.push(Label { x: NAME_WIDTH - 10, y: y + 20, anchor: "end", text: shown });
        bars.push(Bar { x: NAME_WIDTH, y: y + 5, width, height: ROW - 10, class: "blocked" });
        labels.push(Label { x: NAME_WIDTH + width + 8, y: y + 20, anchor: "start", text: words.clone() });
    }
    let told: Vec<String> = all.iter().map(|(title, _, words)| format!("{title} {words}")).collect();
    Chart {
        name,
        says: format!("{name}. {}", told.join("; ")),
        width: WIDTH,
        height: (all.len() as u64 * ROW).max(1),
        bars,
        labels,
        legend: Vec::new(),
        empty: all.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_leaves_its_box_and_none_that_counts_is_invisible() {
        let labels: Vec<String> = (1..=7).map(|day| day.to_string()).collect();
        for stacked in [true, false] {
            let series = [
                Series::new("a", "A", vec![0, 1, 100_000, u64::from(u32::MAX), 5, 5, 5]),
                Series::new("b", "B", vec![0, 1, 100_000, 3, 1, 1]),
            ];
            let chart = columns("chart", &labels, &series, stacked);
            assert_eq!(chart.bars.len(), 11, "one for each count that is not none");
            assert!(chart.bars.iter().all(|bar| bar.height >= 1 && bar.y + bar.height <= BASE));
            assert!(chart.bars.iter().all(|bar| bar.x + bar.width <= WIDTH));
        }
        assert!(columns("chart", &labels, &[Series::new("a", "A", vec![])], true).empty);
        assert!(rows("rows", std::iter::empty()).empty);
    }
}
