//! An image that a customer should see did not come.

use super::lost_stylesheet::asset_of;
use super::statement::{Detector, Said, Tier, add_once, guard_names, looks};
use crate::finding::{Finding, Severity};
use crate::walk::{BrokenImage, Class, ExchangeKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "broken-image",
    zh: "图片破损",
    en: "broken image",
    catalogue: &["BP06"],
    tier: Tier::Beside,
    inspect,
};

/// Up to this many CSS pixels wide or high, an image is a tracking pixel or a spacer.
const PIXEL_MAX: u32 = 2;

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (step, page) in looks(record) {
        for image in page.broken_images.iter().filter(|image| counts(record, image)) {
            let name = if image.alt.is_empty() { asset_of(&image.src) } else { image.alt.clone() };
            let zh = format!("「{}」时图片「{name}」显示不出来", step.title);
            let en = format!("The picture “{name}” does not show at “{}”", step.title);
            let said = Said::new(Class::Broken, Severity::P2, zh, en)
                .cause(format!("image {}", asset_of(&image.src)), format!("image {}", asset_of(&image.src)));
            add_once(&mut findings, said.deterministic().on(&DETECTOR, record, step));
        }
    }
    findings
}

/// A picture large enough to be meant for eyes, that was asked for and did not come. A lazy one that nobody
/// asked for yet is not broken, and one the guard stopped is the robot's doing.
fn counts(record: &WalkRecord, image: &BrokenImage) -> bool {
    if image.width <= PIXEL_MAX || image.height <= PIXEL_MAX {
        return false;
    }
    let guarded = record.steps.iter().flat_map(|s| &s.seen.guarded).any(|g| guard_names(g, None, &image.src));
    let asked = record.steps.iter().flat_map(|s| &s.seen.exchanges).any(|e| {
        let failed = e.error.as_deref().is_none_or(|error| !error.contains("BLOCKED_BY_CLIENT"));
        matches!(e.kind, ExchangeKind::Image | ExchangeKind::Other) && e.url == image.src && failed
    });
    !guarded && (asked || image.src.starts_with("data:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, keys, step_with, walk};

    fn check(width: u32, asked: bool, guarded: bool, expected: &[&str]) {
        let src = "https://app.test/img/banner.png".to_owned();
        let record = walk([step_with("home", |s| {
            if asked {
                s.seen.exchanges.push(exchange(ExchangeKind::Image, "GET", "/img/banner.png", 404));
            }
            if guarded {
                s.seen.guarded.push(format!("GET {src} (host)"));
            }
            s.seen.page.as_mut().unwrap().broken_images.push(BrokenImage {
                src,
                alt: String::new(),
                width,
                height: 120,
            });
        })]);
        assert_eq!(keys(&inspect(&record)), expected);
    }

    #[test]
    fn lost_pictures_speak() {
        check(350, true, false, &["home: image /img/banner.png"]);
    }

    #[test]
    fn pixels_lazy_ones_and_the_guards_doing_are_silent() {
        check(2, true, false, &[]);
        check(350, false, false, &[]);
        check(350, true, true, &[]);
    }
}
