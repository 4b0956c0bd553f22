//! Whether a person sees a difference between two pixels, and whether it is one of how edges are smoothed.
//!
//! Distance: HyAB in OKLab with the toe of its author (Björn Ottosson, "A perceptual color space" and "Okhsv and Okhsl";
//! Abasi, Tehran and Fairchild, "Distance metrics for very large color differences"). Smoothed edges: Vyšniauskas, "Anti-
//! aliased Pixel and Intensity Slope Detector" (2009), as other comparers use it.

use super::PIXEL_BYTES;
use std::sync::LazyLock;

/// Below it a difference is none: OKLab's lightness goes from 0 to 1.
const DISTANCE_MIN: f32 = 0.1;

/// Reads rows of one of the two pictures; `None` beyond its edge.
pub(super) trait Rows {
    fn row(&self, y: usize) -> Option<&[u8]>;
}

/// One pixel.
pub(super) type Pixel = [u8; PIXEL_BYTES];

/// Whether a person sees that `a` is not `b`.
pub(super) fn differs(a: Pixel, b: Pixel) -> bool {
    let (a, b) = (oklab(a), oklab(b));
    (a[0] - b[0]).abs() + (a[1] - b[1]).hypot(a[2] - b[2]) > DISTANCE_MIN
}

fn oklab(pixel: Pixel) -> [f32; 3] {
    let [r, g, b] = [channel(pixel, 0), channel(pixel, 1), channel(pixel, 2)];
    let l = cube_root(0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b);
    let m = cube_root(0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b);
    let s = cube_root(0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b);
    [
        toe(0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s),
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

/// Linear light of a channel; what is transparent lies on white.
fn channel(pixel: Pixel, which: usize) -> f32 {
    static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
        std::array::from_fn(|value| {
            let value = f32::from(u8::try_from(value).unwrap_or(u8::MAX)) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    });
    LINEAR[usize::from(on_white(pixel, which))]
}

fn on_white(pixel: Pixel, which: usize) -> u8 {
    if pixel[3] == u8::MAX {
        return pixel[which];
    }
    let alpha = u32::from(pixel[3]);
    u8::try_from((u32::from(pixel[which]) * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}

/// Two steps of Newton from a guess by the exponent: right to one part in 10,000.
fn cube_root(value: f32) -> f32 {
    if value <= 0.0 {
        return 0.0;
    }
    let mut root = f32::from_bits(value.to_bits() / 3 + 709_921_077);
    for _ in 0..2 {
        root = (2.0 * root + value / (root * root)) / 3.0;
    }
    root
}

/// OKLab makes much of differences in what is nearly black; this is how its author mends it.
fn toe(lightness: f32) -> f32 {
    const K1: f32 = 0.206;
    const K2: f32 = 0.03;
    const K3: f32 = (1.0 + K1) / (1.0 + K2);
    let shifted = K3 * lightness - K1;
    0.5 * (shifted + (shifted * shifted + 4.0 * K2 * K3 * lightness).sqrt())
}

/// Whether the pixel at `x` is part of a smoothed edge in either picture: `old` and `new` with the row it is in.
pub(super) fn smoothed(old: (&dyn Rows, usize), new: (&dyn Rows, usize), x: usize) -> bool {
    is_edge(old, new, x) || is_edge(new, old, x)
}

/// The pixel lies on a slope between a darker and a lighter neighbour, one of which is part of an area in both pictures.
fn is_edge((of, y): (&dyn Rows, usize), (other, other_y): (&dyn Rows, usize), x: usize) -> bool {
    let Some(here) = of.row(y).and_then(|row| pixel(row, x)) else { return false };
    let here = brightness(here);
    let (mut equal, mut darkest, mut lightest) = (0, (0, None), (0, None));
    for (dx, dy) in AROUND {
        let Some(near) = at(of, x, y, dx, dy) else {
            equal += 1; // beyond the picture's edge: as its neighbour
            continue;
        };
        let slope = brightness(near) - here;
        if slope == 0 {
            equal += 1;
        } else if slope < darkest.0 {
            darkest = (slope, Some((dx, dy)));
        } else if slope > lightest.0 {
            lightest = (slope, Some((dx, dy)));
        }
        if equal > 2 {
            return false;
        }
    }
    let (Some(darkest), Some(lightest)) = (darkest.1, lightest.1) else { return false };
    let in_area = |(dx, dy)| has_alike(of, x, y, dx, dy) && has_alike(other, x, other_y, dx, dy);
    in_area(darkest) || in_area(lightest)
}

/// Whether the neighbour at `dx`, `dy` has three of its own neighbours of its colour or more.
fn has_alike(of: &dyn Rows, x: usize, y: usize, dx: isize, dy: isize) -> bool {
    let (Some(x), Some(y)) = (x.checked_add_signed(dx), y.checked_add_signed(dy)) else { return false };
    let Some(here) = of.row(y).and_then(|row| pixel(row, x)) else { return false };
    let alike = AROUND.iter().filter(|(dx, dy)| at(of, x, y, *dx, *dy).is_none_or(|near| near == here));
    alike.count() >= 3
}

const AROUND: [(isize, isize); 8] = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];

fn at(of: &dyn Rows, x: usize, y: usize, dx: isize, dy: isize) -> Option<Pixel> {
    pixel(of.row(y.checked_add_signed(dy)?)?, x.checked_add_signed(dx)?)
}

/// The pixel at `x` of a row.
pub(super) fn pixel(row: &[u8], x: usize) -> Option<Pixel> {
    row.get(x * PIXEL_BYTES..(x + 1) * PIXEL_BYTES)?.try_into().ok()
}

/// Rec. 601 luma in 256ths.
fn brightness(pixel: Pixel) -> i32 {
    let part = |which| i32::from(on_white(pixel, which));
    77 * part(0) + 150 * part(1) + 29 * part(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check((a, b): (u32, u32), expected: bool) {
        let pixel = |[_, r, g, b]: [u8; 4]| [r, g, b, 255];
        let (one, other) = (pixel(a.to_be_bytes()), pixel(b.to_be_bytes()));
        assert_eq!(differs(one, other), expected, "{a:06x} {b:06x}");
        assert_eq!(differs(other, one), expected, "{b:06x} {a:06x}");
    }

    #[test]
    fn a_difference_is_what_a_person_sees() {
        check((0xffffff, 0xffffff), false);
        check((0x000000, 0xffffff), true);
        // Red is a rise and green a fall in Chinese markets: of much the same lightness.
        check((0xd32f2f, 0x2e7d32), true);
        // A hairline, the rounding of a colour profile, a shade of nearly black.
        check((0xffffff, 0xf2f2f2), false);
        check((0xd32f2f, 0xd53130), false);
        check((0x000000, 0x080808), false);
        // Grey text on white, and a button that is greyed out.
        check((0xffffff, 0x999999), true);
        check((0xd32f2f, 0xf5c6c6), true);
    }

    #[test]
    fn what_is_transparent_lies_on_white() {
        assert!(!differs([0, 0, 0, 0], [255, 255, 255, 255]));
        assert!(differs([0, 0, 0, 128], [255, 255, 255, 255]));
    }

    #[test]
    fn cube_roots_are_near_enough() {
        for value in [0.000_1_f32, 0.01, 0.2, 0.5, 1.0] {
            assert!((cube_root(value) - value.cbrt()).abs() < 2e-4 * value.cbrt().max(0.05), "{value}");
        }
    }
}
