//! What a difference of two pictures is: which element, and what became of it.

use super::layout::{Element, apart, matched};
use super::{Approved, Comparison, PictureError, Print, Reading, Rect, Region, Veil};

/// What became of an element, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// It is not there any more.
    Missing,
    /// Something lies over all of it.
    Covered,
    /// Something lies over a part of it.
    Overlapped,
    /// Less of it is left to be seen than was.
    Clipped,
    /// It says something else.
    Text,
    /// It stands elsewhere than what is around it.
    Moved,
    /// It looks different.
    Restyled,
    /// It was not there before.
    Added,
}

impl ChangeKind {
    /// All of them, the gravest first.
    pub const ALL: [Self; 8] = [
        Self::Missing,
        Self::Covered,
        Self::Overlapped,
        Self::Clipped,
        Self::Text,
        Self::Moved,
        Self::Restyled,
        Self::Added,
    ];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Covered => "covered",
            Self::Overlapped => "overlapped",
            Self::Clipped => "clipped",
            Self::Text => "text",
            Self::Moved => "moved",
            Self::Restyled => "restyled",
            Self::Added => "added",
        }
    }

    /// Whether a customer suffers from it: everything else is how apps change, and a person's to approve.
    pub fn is_suffered(self) -> bool {
        self <= Self::Clipped
    }
}

/// What became of one element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub kind: ChangeKind,
    /// Which element, as people are told: `<button> 立即申购`.
    pub element: String,
    /// Where it was, or is when it was not, in pixels of that picture.
    pub place: Rect,
}

/// Places of a page that are left out of a comparison.
pub const VEILED_MAX: usize = 1_000;

/// A page as it was pictured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scene {
    /// What stands where.
    pub elements: Vec<Element>,
    /// What is not compared: what the journey's author leaves out, what would not stand still.
    pub veiled: Vec<Rect>,
    /// Whether there is more on the page than its elements: then nobody knows what is gone.
    pub cut: bool,
    /// The picture's pixels in a hundred of the page's.
    pub scale_percent: u32,
}

impl Scene {
    /// The picture's pixels in one of the page's.
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    pub fn scale(&self) -> f32 {
        self.scale_percent as f32 / 100.0
    }
}

/// What two pictures of a page tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// What became of elements, the gravest first.
    pub changes: Vec<Change>,
    /// Where pixels differ, if it is of no element, too.
    pub regions: Vec<Region>,
    /// Both sizes, where the page is of another width.
    pub resized: Option<[(usize, usize); 2]>,
    /// How much of the approved picture is not compared, in hundredths; what is veiled twice counts twice.
    pub veiled_percent: u8,
}

/// Page pixels by which an element may stand elsewhere.
const MOVED_MIN: f32 = 6.0;
/// Page pixels within which the same thing is taken for the same without looking further.
const NEAR: f32 = 4.0;
/// Hundredths less of an element that make it clipped.
const CLIPPED_PERCENT: u8 = 20;

/// Compares a fresh picture of a page with the approved one.
///
/// # Errors
/// When the PNG cannot be read or is too large, or what was kept is damaged.
pub fn changes(approved: (&Approved, &Scene), fresh: (&[u8], &Scene)) -> Result<Told, PictureError> {
    let reading = Reading::new(approved.0, fresh.0)?;
    let (was, is) = (&approved.1.elements, &fresh.1.elements);
    let scale = fresh.1.scale();
    let found = matched(was, is, &reading, pixels(NEAR, scale));
    let veil = veil(approved.1, fresh.1, &found);
    let compared = reading.compare(scale, &veil)?;
    let print = approved.0.print();
    let mut told = Told { resized: compared.resized, veiled_percent: share(&veil.old, print), ..Told::default() };
    if compared.equal {
        return Ok(told);
    }
    let (down, height) = (slid(was, is, &found), u32::try_from(print.height).unwrap_or(u32::MAX));
    let cut = approved.1.cut || fresh.1.cut;
    for (at, (old, new)) in was.iter().zip(&found).enumerate() {
        let new = new.map(|at| &is[at]);
        // What never stands still, or is left out, is not judged.
        if varies(old.place, &approved.1.veiled) || new.is_some_and(|new| varies(new.place, &fresh.1.veiled)) {
            continue;
        }
        // What slid out of the window is further down, and what was not looked at is anywhere.
        if new.is_none() && (cut || old.place.y.saturating_add(down[at]).saturating_add(old.place.height) > height) {
            continue;
        }
        if let Some(kind) = became(old, new, reading.place(old.place), &compared, scale) {
            told.changes.push(Change { kind, element: old.label(), place: old.place });
        }
    }
    let came = (0..is.len()).filter(|at| !found.contains(&Some(*at))).map(|at| &is[at]);
    let came = came.filter(|element| !cut && compared.is_dense_now(element.place));
    let added = |element: &Element| Change { kind: ChangeKind::Added, element: element.label(), place: element.place };
    let added: Vec<_> = came.map(added).collect();
    told.changes.extend(added);
    told.changes.sort_by_key(|change| change.kind);
    told.regions = compared.regions;
    Ok(told)
}

/// A number of the page's pixels as pixels of the picture.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
fn pixels(of_page: f32, scale: f32) -> u32 {
    (of_page * scale.clamp(0.5, 8.0)).round() as u32
}

/// Figures that are still there are read, not looked at.
fn veil(was: &Scene, is: &Scene, found: &[Option<usize>]) -> Veil {
    let mut veil = Veil { old: was.veiled.clone(), new: is.veiled.clone() };
    for (old, new) in was.elements.iter().zip(found) {
        if let Some((old, new)) = old.figure.zip(new.and_then(|at| is.elements[at].figure)) {
            veil.old.push(old);
            veil.new.push(new);
        }
    }
    veil
}

/// For each element, how far what stands above it has slid down at most.
fn slid(was: &[Element], is: &[Element], found: &[Option<usize>]) -> Vec<u32> {
    let pairs = was.iter().zip(found).filter_map(|(old, new)| Some((old.place, is[(*new)?].place)));
    let mut slides: Vec<_> = pairs.map(|(old, new)| (old.y, new.y.saturating_sub(old.y))).collect();
    slides.sort_unstable();
    let above = |y: u32| slides.iter().take_while(|(top, _)| *top <= y).map(|(_, down)| *down).max();
    was.iter().map(|old| above(old.place.y).unwrap_or_default()).collect()
}

/// Whether most of a place is veiled.
fn varies(place: Rect, veiled: &[Rect]) -> bool {
    let shared: u64 = veiled.iter().filter_map(|veil| veil.shared(place)).map(Rect::area).sum();
    shared * 2 > place.area()
}

/// How much of a picture is veiled, in hundredths.
fn share(veil: &[Rect], print: &Print) -> u8 {
    let (veiled, all) = (veil.iter().map(|rect| rect.area()).sum::<u64>(), (print.width * print.height) as u64);
    u8::try_from((veiled * 100).checked_div(all).unwrap_or_default().min(100)).unwrap_or(100)
}

/// What became of an element. What the page says of it must show in the picture, too; what only the picture shows must be
/// dense enough to be more than noise.
fn became(
    old: &Element,
    new: Option<&Element>,
    place: Option<Rect>,
    compared: &Comparison,
    scale: f32,
) -> Option<ChangeKind> {
    let dense = compared.is_dense_before(old.place);
    let differs = dense || place.is_some_and(|place| compared.differs_in(place));
    let Some(new) = new else {
        return (differs && old.shown_percent > 0 && old.covered_points < ALL_POINTS).then_some(ChangeKind::Missing);
    };
    let shows = differs || compared.is_dense_now(new.place) || compared.differs_in(new.place);
    // What went elsewhere with the page around it goes under what stands still there, as when a customer scrolls.
    let slid = apart(old.place, new.place) > pixels(MOVED_MIN, scale) && old.words == new.words;
    if slid && (new.covered_points > old.covered_points || new.shown_percent < old.shown_percent) {
        return shows.then_some(ChangeKind::Moved);
    }
    if old.covered_points == 0 && new.covered_points > 0 && shows {
        let whole = new.covered_points >= ALL_POINTS;
        return Some(if whole { ChangeKind::Covered } else { ChangeKind::Overlapped });
    }
    if shows && new.shown_percent + CLIPPED_PERCENT <= old.shown_percent {
        return Some(ChangeKind::Clipped);
    }
    if old.words != new.words && shows {
        return Some(ChangeKind::Text);
    }
    let moved = place.is_none_or(|place| apart(place, new.place) > pixels(MOVED_MIN, scale));
    if moved && shows {
        return Some(ChangeKind::Moved);
    }
    dense.then_some(ChangeKind::Restyled)
}

/// Points of an element that are looked at for what lies over it.
const ALL_POINTS: u8 = 5;
