//! Pictures compared: what a person would say of two of them, and what is made of bytes that are no picture.

use gengfu::picture::{Approved, ChangeKind, Comparison, Element, PictureError, Rect, Scene, Veil, changes, compare};
use image::{ImageEncoder as _, RgbImage, codecs::png::PngEncoder};
use proptest::prelude::*;

const WIDTH: u32 = 400;
const HEIGHT: u32 = 900;

/// A page of cards, each with a dark line of "text"; `paint` changes it.
fn page(paint: impl FnOnce(&mut RgbImage)) -> Vec<u8> {
    let mut page = RgbImage::from_pixel(WIDTH, HEIGHT, image::Rgb([245, 245, 247]));
    for card in 0..8 {
        let y = 20 + card * 110;
        fill(&mut page, place(card), [255, 255, 255]);
        // No two cards look the same.
        for letter in 0..12 + card {
            fill(&mut page, rect(30 + letter * 14, y + 20, 8, 8 + letter * 5 % 11), [30, 30, 30]);
        }
        fill(&mut page, rect(280, y + 50, 90, 30), [198, 40, 40]);
    }
    paint(&mut page);
    png(&page)
}

fn png(page: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(page.as_raw(), page.width(), page.height(), image::ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect { x, y, width, height }
}

/// Where a card lies.
fn place(card: u32) -> Rect {
    rect(10, 20 + card * 110, 380, 100)
}

fn fill(page: &mut RgbImage, place: Rect, colour: [u8; 3]) {
    for y in place.y..place.bottom().min(page.height()) {
        for x in place.x..place.right().min(page.width()) {
            page.put_pixel(x, y, image::Rgb(colour));
        }
    }
}

/// Takes the rows out and moves what is below up, or puts a banner of so many rows in.
fn shifted(page: &RgbImage, at: u32, rows: i32) -> RgbImage {
    let height = page.height().checked_add_signed(rows).unwrap();
    RgbImage::from_fn(page.width(), height, |x, y| {
        let inserted = rows.max(0).unsigned_abs();
        match y {
            y if y < at => *page.get_pixel(x, y),
            // A banner has words, too: no two of its rows are the same.
            y if y < at + inserted => image::Rgb([255, 224, if (x / 6 + y) % 9 < 4 { 60 } else { 178 }]),
            y => *page.get_pixel(x, y.checked_add_signed(-rows).unwrap()),
        }
    })
}

fn compared(fresh: &[u8], veil: &Veil) -> Comparison {
    compare(&Approved::of(&page(|_| {})).unwrap(), fresh, 2.0, veil).unwrap()
}

/// How many regions differ and how many blocks moved.
fn check(fresh: &[u8], expected: (usize, usize)) {
    let told = compared(fresh, &Veil::default());
    assert_eq!((told.regions.len(), told.moved.len()), expected, "{told:?}");
}

#[test]
fn what_differs_is_a_region_and_what_moved_has_not_changed() {
    check(&page(|_| {}), (0, 0));
    // Of a white card on a light ground, its words and its button are what is seen.
    check(&page(|p| fill(p, place(3), [245, 245, 247])), (2, 0));
    check(&page(|p| fill(p, rect(280, 70, 90, 30), [21, 101, 192])), (1, 0));
    // Two cards far apart; the words of the lower one reach its button.
    check(&page(|p| [1, 6].into_iter().for_each(|card| fill(p, place(card), [245, 245, 247]))), (3, 0));
    let whole = image::load_from_memory(&page(|_| {})).unwrap().to_rgb8();
    check(&png(&shifted(&whole, 240, 60)), (1, 1));
    check(&png(&shifted(&whole, 240, -110)), (1, 1));
}

#[test]
fn what_no_person_sees_is_silent() {
    // A digit, a shade, scattered noise.
    check(&page(|p| fill(p, rect(300, 500, 8, 12), [30, 30, 30])), (0, 0));
    let shade = |p: &mut RgbImage| p.pixels_mut().filter(|p| p.0 == [255; 3]).for_each(|p| p.0 = [252, 252, 253]);
    check(&page(shade), (0, 0));
    check(&page(|p| (0..900).for_each(|n| p.put_pixel(n * 37 % WIDTH, n, image::Rgb([90, 90, 90])))), (0, 0));
}

#[test]
fn what_is_veiled_is_not_compared() {
    let fresh = page(|p| fill(p, place(3), [0, 0, 0]));
    let veil = Veil { old: vec![place(3)], new: Vec::new() };
    assert!(compared(&fresh, &veil).regions.is_empty());
    let elsewhere = Veil { old: vec![place(4)], new: vec![place(5)] };
    assert_eq!(compared(&fresh, &elsewhere).regions.len(), 1);
}

/// A page that says where its cards are.
fn scene(elements: impl IntoIterator<Item = Element>) -> Scene {
    Scene { elements: elements.into_iter().collect(), scale_percent: 200, ..Scene::default() }
}

fn card(number: u32, words: &str) -> Element {
    Element { tag: "p".into(), words: words.into(), place: place(number), shown_percent: 100, ..Element::default() }
}

/// What became of the cards 甲, 乙 and 丙, the first three.
fn check_elements(fresh: &[u8], now: impl IntoIterator<Item = Element>, expected: &[(ChangeKind, &str)]) {
    let approved = Approved::of(&page(|_| {})).unwrap();
    let was = scene([card(0, "甲"), card(1, "乙"), card(2, "丙")]);
    let told = changes((&approved, &was), (fresh, &scene(now))).unwrap();
    let told: Vec<_> = told.changes.iter().map(|change| (change.kind, change.element.as_str())).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_difference_is_named_by_its_element() {
    use ChangeKind::{Added, Clipped, Covered, Missing, Moved, Overlapped, Restyled, Text};
    let ground = [245, 245, 247];
    let all = || [card(0, "甲"), card(1, "乙"), card(2, "丙")];
    let without = page(|p| fill(p, place(1), ground));
    check_elements(&page(|_| {}), all(), &[]);
    check_elements(&without, [card(0, "甲"), card(2, "丙")], &[(Missing, "<p> 乙")]);
    let covered = |points| [card(0, "甲"), Element { covered_points: points, ..card(1, "乙") }, card(2, "丙")];
    check_elements(&without, covered(5), &[(Covered, "<p> 乙")]);
    check_elements(&without, covered(2), &[(Overlapped, "<p> 乙")]);
    check_elements(
        &without,
        [card(0, "甲"), Element { shown_percent: 40, ..card(1, "乙") }, card(2, "丙")],
        &[(Clipped, "<p> 乙")],
    );
    check_elements(&page(|p| fill(p, rect(280, 180, 90, 30), [21, 101, 192])), all(), &[]);
    check_elements(&page(|p| fill(p, place(1), [21, 101, 192])), all(), &[(Restyled, "<p> 乙")]);
    check_elements(&without, [card(0, "甲"), card(1, "丁"), card(2, "丙")], &[(Text, "<p> 乙")]);
    check_elements(
        &page(|p| fill(p, rect(10, 900 - 20, 380, 20), [0, 0, 0])),
        all().into_iter().chain([Element { place: rect(10, 880, 380, 20), ..card(7, "新") }]),
        &[(Added, "<p> 新")],
    );
    // What stands where nothing moved around it.
    let aside = Element { place: rect(40, 130, 380, 100), ..card(1, "乙") };
    check_elements(&without, [card(0, "甲"), aside, card(2, "丙")], &[(Moved, "<p> 乙")]);
}

#[test]
fn what_the_picture_does_not_show_is_not_said() {
    // The page says that it is covered, by something that nobody sees: others tell of that.
    let covered = [card(0, "甲"), Element { covered_points: 5, ..card(1, "乙") }, card(2, "丙")];
    check_elements(&page(|p| p.put_pixel(0, 0, image::Rgb([0, 0, 0]))), covered, &[]);
    // What moved with the page is where it should be.
    let whole = image::load_from_memory(&page(|_| {})).unwrap().to_rgb8();
    let down = |number, words| Element { place: rect(10, 80 + number * 110, 380, 100), ..card(number, words) };
    check_elements(&png(&shifted(&whole, 10, 60)), [down(0, "甲"), down(1, "乙"), down(2, "丙")], &[]);
}

#[test]
fn what_slides_out_of_the_window_or_was_not_looked_at_is_not_gone() {
    // A notice came in at the top of a window that stays as high: the last card is below it now.
    let whole = image::load_from_memory(&page(|_| {})).unwrap().to_rgb8();
    let window = image::imageops::crop_imm(&shifted(&whole, 10, 130), 0, 0, WIDTH, HEIGHT).to_image();
    let approved = Approved::of(&page(|_| {})).unwrap();
    let was = [card(0, "甲"), card(1, "乙"), card(7, "丙")];
    let down = |number: u32, words| Element { place: rect(10, 150 + number * 110, 380, 100), ..card(number, words) };
    let check = |fresh: &RgbImage, now: Scene, expected: &[ChangeKind]| {
        let told = changes((&approved, &scene(was.clone())), (&png(fresh), &now)).unwrap();
        assert_eq!(told.changes.iter().map(|change| change.kind).collect::<Vec<_>>(), expected);
    };
    check(&window, scene([down(0, "甲"), down(1, "乙")]), &[]);
    // The bar at the bottom stays, and a card goes under it.
    let under = Element { covered_points: 5, ..down(1, "乙") };
    let mut barred = window.clone();
    fill(&mut barred, under.place, [30, 30, 30]);
    check(&barred, scene([down(0, "甲"), under]), &[ChangeKind::Moved]);
    // Of a page of which not all was looked at nobody knows what is gone.
    let mut gone = whole.clone();
    fill(&mut gone, place(1), [245, 245, 247]);
    check(&gone, scene([card(0, "甲"), card(7, "丙")]), &[ChangeKind::Missing]);
    check(&gone, Scene { cut: true, ..scene([card(0, "甲"), card(7, "丙")]) }, &[]);
}

#[test]
fn a_figure_is_not_looked_at_where_it_still_stands() {
    let approved = Approved::of(&page(|_| {})).unwrap();
    let figure = |place| Element {
        tag: "b".into(),
        words: "#%".into(),
        figure: Some(place),
        place,
        shown_percent: 100,
        ..Default::default()
    };
    let was = scene([figure(place(1))]);
    let fresh = page(|p| fill(p, place(1), [0, 0, 0]));
    let told = changes((&approved, &was), (&fresh, &scene([figure(place(1))]))).unwrap();
    assert!(told.changes.is_empty() && told.regions.is_empty(), "{told:?}");
    let gone = changes((&approved, &was), (&fresh, &scene([]))).unwrap();
    assert_eq!(gone.changes.iter().map(|c| c.kind).collect::<Vec<_>>(), [ChangeKind::Missing]);
}

#[test]
fn another_width_cannot_be_compared() {
    let wide = RgbImage::from_pixel(WIDTH + 1, HEIGHT, image::Rgb([245, 245, 247]));
    let told = compared(&png(&wide), &Veil::default());
    assert_eq!(told.resized, Some([(400, 900), (401, 900)]));
}

#[test]
fn bytes_that_are_no_picture_are_refused() {
    let approved = Approved::of(&page(|_| {})).unwrap();
    let whole = page(|p| fill(p, place(1), [0, 0, 0]));
    for cut in [0, 7, 40, whole.len() / 2] {
        let refused = compare(&approved, &whole[..cut], 2.0, &Veil::default());
        assert!(matches!(refused, Err(PictureError::Unreadable(_))), "{cut}: {refused:?}");
    }
    // A head that promises 4,000,000,000 pixels.
    let mut bomb = whole.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    assert!(matches!(Approved::of(&bomb), Err(PictureError::TooLarge { .. })));
}

#[test]
fn what_is_kept_is_what_was_approved() {
    let approved = Approved::of(&page(|_| {})).unwrap();
    let kept = Approved::parse(&approved.to_bytes()).unwrap();
    assert_eq!(kept.print(), approved.print());
    assert_eq!(kept.to_png().unwrap(), approved.to_png().unwrap());
    assert!(compare(&kept, &page(|_| {}), 2.0, &Veil::default()).unwrap().equal);
    assert!(compare(&kept, &kept.to_png().unwrap(), 2.0, &Veil::default()).unwrap().equal);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever the disk gives back, it is refused or compared, and nothing panics.
    #[test]
    fn a_damaged_file_is_refused(at in 0_usize..4_000, byte: u8, cut in 0_usize..4_000) {
        let mut kept = Approved::of(&page(|_| {})).unwrap().to_bytes();
        let length = kept.len();
        kept[at % length] = byte;
        kept.truncate(length - cut % length.min(50));
        if let Ok(damaged) = Approved::parse(&kept) {
            let fresh = page(|p| fill(p, place(3), [0, 0, 0]));
            let _ = compare(&damaged, &fresh, 2.0, &Veil::default());
            let _ = damaged.to_png();
        }
    }
}
