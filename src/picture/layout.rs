//! What stands where on a page: what a customer could read or use of it, as the page itself says. Two of them tell what a
//! difference of their pictures is.

use super::{Reading, Rect};

/// Elements of a page that are remembered.
pub const ELEMENTS_MAX: usize = 600;

/// Something on a page that a customer can read or use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// `button`, `img`, `p`.
    pub tag: String,
    /// What its authors call it: its test id, or its id; empty when they call it nothing.
    pub name: String,
    /// Its text or label, masked and cut, each figure as `#`: figures are read, not compared.
    pub words: String,
    /// Where the figures of its text stand, in pixels of the picture.
    pub figure: Option<Rect>,
    /// Where it is, as far as it is in the picture, in its pixels.
    pub place: Rect,
    /// How much of it its ancestors leave to be seen, in hundredths.
    pub shown_percent: u8,
    /// Of five points of it, how many something else lies over.
    pub covered_points: u8,
}

impl Element {
    /// As people are told of it: `button 立即申购`.
    pub fn label(&self) -> String {
        let words = if self.words.is_empty() { &self.name } else { &self.words };
        if words.is_empty() { format!("<{}>", self.tag) } else { format!("<{}> {words}", self.tag) }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.tag == other.tag && self.name == other.name && self.words == other.words
    }
}

/// For each element of the approved page, which one of the fresh page it is, if it is still there.
pub(super) fn matched(old: &[Element], new: &[Element], reading: &Reading, near: u32) -> Vec<Option<usize>> {
    let mut matching = Matching { old, new, found: vec![None; old.len()], taken: vec![false; new.len()] };
    let places: Vec<_> = old.iter().map(|element| reading.place(element.place)).collect();
    // The same thing where it should be, then wherever it went.
    matching.pair(|at, is, element| {
        let place = places[at].filter(|_| is.is_like(element))?;
        Some(apart(place, element.place)).filter(|far| *far <= near)
    });
    matching.pair(|at, is, element| is.is_like(element).then(|| apart(places[at].unwrap_or(is.place), element.place)));
    // Its authors' name stays when its text changes; where it has none, another text in its very place is its own.
    matching.pair(|at, is, element| {
        let named = !is.name.is_empty() && (&is.name, &is.tag) == (&element.name, &element.tag);
        named.then(|| apart(places[at].unwrap_or(is.place), element.place))
    });
    matching.pair(|at, is, element| {
        let place = places[at].filter(|_| is.tag == element.tag)?;
        overlap(place, element.place).then(|| apart(place, element.place))
    });
    matching.found
}

struct Matching<'a> {
    old: &'a [Element],
    new: &'a [Element],
    found: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Matching<'_> {
    /// Pairs what is left, nearest first; `far` says how far apart the two are, and `None` when they are not the same.
    fn pair(&mut self, far: impl Fn(usize, &Element, &Element) -> Option<u32>) {
        let left: Vec<usize> = (0..self.old.len()).filter(|at| self.found[*at].is_none()).collect();
        let free: Vec<usize> = (0..self.new.len()).filter(|at| !self.taken[*at]).collect();
        let mut pairs = Vec::new();
        for at in left {
            let to = |new: &usize| Some((far(at, &self.old[at], &self.new[*new])?, at, *new));
            pairs.extend(free.iter().filter_map(to));
        }
        pairs.sort_unstable();
        for (_, old, new) in pairs {
            if self.found[old].is_none() && !self.taken[new] {
                self.found[old] = Some(new);
                self.taken[new] = true;
            }
        }
    }
}

/// How far their upper left corners are apart, along the axes.
pub(super) fn apart(a: Rect, b: Rect) -> u32 {
    a.x.abs_diff(b.x) + a.y.abs_diff(b.y)
}

/// Whether at least half of the larger lies in the other.
fn overlap(a: Rect, b: Rect) -> bool {
    a.shared(b).is_some_and(|shared| shared.area() * 2 >= a.area().max(b.area()))
}
