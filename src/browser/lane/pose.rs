//! A page that stands still for a picture that is compared: animations just before their end, fonts and pictures come, two
//! pictures in a row the same.

use super::picture::Of;
use super::{BidiLane, Deadline};
use crate::picture::{Approved, ELEMENTS_MAX, Element, Rect, Scene, VEILED_MAX, Veil, compare};
use crate::walk::port::{Posed, Target};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// So many pictures are taken at most until two are the same.
const TRIES_MAX: usize = 4;
/// Longest text of an element that is remembered.
const WORDS_CHARS_MAX: usize = 40;
/// How long a page is given to stand before it is let go again.
const UNPOSE_WITHIN: Duration = Duration::from_secs(2);

impl BidiLane {
    /// What never stands still is veiled: it is not compared.
    pub(super) async fn posed(&mut self, without: &[Target], within: Duration) -> Result<Posed, String> {
        let (deadline, began) = (self.until(within), Instant::now());
        let posed = self.pictures_alike(without, deadline).await;
        let (page, soon) = (self.current.clone(), self.until(UNPOSE_WITHIN));
        let _ = self.ask(&page, "unpose", &json!({}), Duration::ZERO, soon).await;
        // Looking closely is the robot's time.
        self.own_time += began.elapsed();
        posed
    }

    async fn pictures_alike(&mut self, without: &[Target], deadline: Deadline) -> Result<Posed, String> {
        let (mut before, mut moving): (Option<Vec<u8>>, Vec<Rect>) = (None, Vec::new());
        for turn in 1..=TRIES_MAX {
            let page = self.current.clone();
            let told = self.ask(&page, "pose", &json!({"veil": without}), Duration::ZERO, deadline).await;
            let told = told.map_err(|mishap| super::ask::Unanswered::Mishap(mishap).words())?;
            let mut scene = self.scene(&told);
            let picture = self.take_picture(Of::Pixels).await?;
            match before.take() {
                Some(last) if last == picture => return Ok(Posed { picture, scene }),
                Some(last) => {
                    moving.extend(restless(last, picture.clone(), scene.scale()).await?);
                    if turn == TRIES_MAX || deadline.over() {
                        scene.veiled.extend(moving);
                        scene.veiled.truncate(VEILED_MAX);
                        return Ok(Posed { picture, scene });
                    }
                    before = Some(picture);
                }
                None => before = Some(picture),
            }
        }
        Err("the page did not stand still".to_owned())
    }

    /// What the page said of itself, masked; places as pixels of the picture.
    fn scene(&self, told: &Value) -> Scene {
        let masker = self.masker();
        let scale = told["scale"].as_f64().unwrap_or(1.0).clamp(0.25, 8.0);
        let text = |value: &Value| {
            let masked = masker.text(value.as_str().unwrap_or_default());
            masked.chars().filter(|c| !c.is_control()).take(WORDS_CHARS_MAX).collect::<String>()
        };
        let element = |told: &Value| Element {
            tag: text(&told["tag"]),
            name: without_figures(&text(&told["name"])),
            words: without_figures(&text(&told["words"])),
            figure: told["figure"].is_object().then(|| place(&told["figure"], scale)),
            place: place(&told["place"], scale),
            shown_percent: byte(&told["shown"]).min(100),
            covered_points: byte(&told["covered"]),
        };
        let each = |key: &str| told[key].as_array().map(Vec::as_slice).unwrap_or_default();
        Scene {
            elements: each("elements").iter().take(ELEMENTS_MAX).map(element).collect(),
            veiled: each("veiled").iter().take(VEILED_MAX).map(|told| place(told, scale)).collect(),
            cut: told["cut"] != false,
            scale_percent: number(scale * 100.0),
        }
    }
}

/// Where two pictures of one page differ that were taken one after the other.
async fn restless(before: Vec<u8>, after: Vec<u8>, scale: f32) -> Result<Vec<Rect>, String> {
    let compared = tokio::task::spawn_blocking(move || {
        let before = Approved::of(&before)?;
        compare(&before, &after, scale, &Veil::default())
    });
    let told = compared.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
    Ok(told.regions.into_iter().flat_map(|region| [region.old, region.new]).flatten().collect())
}

/// A place of the page as pixels of its picture; what lies left of or above it is cut off.
fn place(told: &Value, scale: f64) -> Rect {
    let edge = |key: &str| told[key].as_f64().unwrap_or_default() * scale;
    let (left, top) = (edge("x"), edge("y"));
    let (x, y) = (number(left), number(top));
    Rect {
        x,
        y,
        width: number(left + edge("width")).saturating_sub(x),
        height: number(top + edge("height")).saturating_sub(y),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn number(value: f64) -> u32 {
    value.round().clamp(0.0, 1e6) as u32
}

/// Each figure as `#`, however many digits it has: `¥1,286.52 元` is `¥# 元`.
fn without_figures(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let goes_on = matches!(c, '.' | ',') && words.ends_with('#') && chars.peek().is_some_and(char::is_ascii_digit);
        if !c.is_ascii_digit() && !goes_on {
            words.push(c);
        } else if !words.ends_with('#') {
            words.push('#');
        }
    }
    words
}

fn byte(told: &Value) -> u8 {
    told.as_u64().and_then(|n| u8::try_from(n).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(without_figures(text), expected);
    }

    #[test]
    fn figures_are_not_compared() {
        check("立即申购", "立即申购");
        check("¥1,286,430.52 元", "¥# 元");
        check("3.85%", "#%");
        check("R2 · 90天", "R# · #天");
        check("截至 2026-11-20。", "截至 #-#-#。");
        check("1. 首页, 2", "#. 首页, #");
    }
}
