//! Devices, locales and time zones.

use super::reader::Reader;
use super::scalar::shortened;
use crate::journey::Device;
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};

pub(super) static DEVICE: Shape = Shape::Any(&[Shape::Word(&DEVICE_WORDS), Shape::Map(&DEVICE_KEYS)]);
const DEVICE_WORDS: [&str; 3] = ["desktop", "h5-iphone", "h5-android"];
static DEVICE_KEYS: [Field; 1] =
    [Field::must("viewport", Shape::Map(&VIEWPORT), "a viewport of its own, with a mouse")];
static VIEWPORT: [Field; 2] = [
    Field::must("width", Shape::Whole(200, 4000), "width in CSS pixels"),
    Field::must("height", Shape::Whole(200, 4000), "height in CSS pixels"),
];

impl Reader<'_> {
    /// What the journey is walked on.
    pub fn device(&mut self, node: &Node) -> Option<Device> {
        if let NodeKind::Scalar { .. } = node.kind {
            let words = [("desktop", 0), ("h5-iphone", 1), ("h5-android", 2)];
            return Some(match self.word(node, "device", &words)? {
                0 => Device::Desktop,
                1 => Device::H5Iphone,
                _ => Device::H5Android,
            });
        }
        let fields = self.fields(node, "device", &[&DEVICE_KEYS])?;
        let viewport = self.fields(fields.get("viewport")?, "viewport", &[&VIEWPORT])?;
        let width = self.whole(viewport.get("width")?, "width", 200, 4000)?;
        let height = self.whole(viewport.get("height")?, "height", 200, 4000)?;
        Some(Device::Viewport { width: u32::try_from(width).ok()?, height: u32::try_from(height).ok()? })
    }

    /// A BCP 47 language such as `zh-CN`.
    pub fn locale(&mut self, node: &Node) -> Option<String> {
        let text = self.constant(node, "locale")?;
        let mut parts = text.split('-');
        let language =
            parts.next().is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
        let right =
            language && parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !right {
            let title = format!("`{}` is not a language", shortened(&text));
            self.problem(&node.span, title, "in `locale`", "write it like `zh-CN` or `en-US`");
        }
        right.then_some(text)
    }

    /// An IANA time zone such as `Asia/Shanghai`; abbreviations are ambiguous.
    pub fn timezone(&mut self, node: &Node) -> Option<String> {
        let text = self.constant(node, "timezone")?;
        // In the database's own spelling: the browser takes no other.
        let known = jiff::tz::TimeZone::get(&text).ok().filter(|_| text == "UTC" || text.contains('/'));
        let name = known.and_then(|zone| zone.iana_name().map(str::to_owned));
        if name.is_none() {
            let title = format!("`{}` is not a time zone", shortened(&text));
            let help = "write its IANA name, like `Asia/Shanghai`; abbreviations such as CST mean several zones";
            self.problem(&node.span, title, "in `timezone`", help);
        }
        name
    }
}
