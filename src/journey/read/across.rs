//! Figures that all devices must show alike.

use super::reader::{Fields, Reader};
use crate::journey::node::{Key, Node, NodeKind};
use crate::journey::oracle::{Across, Figure, Registry};
use crate::journey::shape::{Field, Shape};
use std::time::Duration;

pub(super) static ACROSS: Shape = Shape::Any(&[Shape::Word(&WORDS), Shape::Map(&KEYS)]);
const WORDS: [&str; 1] = ["devices"];
static KEYS: [Field; 2] = [
    Field::new("within", Shape::Duration, "how long what a device showed may be compared; `15m` when left out"),
    Field::new(
        "settles",
        Shape::Duration,
        "how long a change may take to reach all devices; `10m` when left out, `0s` where it does at once",
    ),
];
/// Three patrols of the usual cadence.
const WITHIN: Duration = Duration::from_secs(15 * 60);
/// A release comes in stages, and each channel has a cache of its own.
const SETTLES: Duration = Duration::from_secs(10 * 60);
const LONGEST: Duration = Duration::from_secs(24 * 3600);

impl Reader<'_> {
    pub(super) fn across(&mut self, node: &Node) -> Option<Across> {
        if let NodeKind::Scalar { .. } = node.kind {
            self.word(node, "across", &[("devices", ())])?;
            return Some(Across { within: WITHIN, settles: SETTLES });
        }
        let fields = self.fields(node, "across", &[&KEYS])?;
        let within = fields.get("within").map_or(Some(WITHIN), |node| self.duration(node, "within", LONGEST));
        let settles = match fields.get("settles") {
            // Everybody has the new value at once.
            Some(node) if node.is_text("0s") => Some(Duration::ZERO),
            Some(node) => self.duration(node, "settles", LONGEST),
            None => Some(SETTLES),
        };
        Some(Across { within: within?, settles: settles? })
    }

    /// Two devices never look at the same moment.
    pub(super) fn across_of_what_stands_still(&mut self, fields: &Fields, figure: &Figure) {
        if let Some(key) = fields.key("across").filter(|_| figure.ticks) {
            let help = "remove `across`: no two devices look at one moment";
            self.problem(
                &key.span,
                "what `ticks` differs from look to look",
                "it is compared at one moment only",
                help,
            );
        }
    }

    /// Devices are walked as whatever customer is free: what is a customer's own differs rightly.
    pub(super) fn across_of_nobodys_own(
        &mut self,
        entries: &[(Key, Node)],
        figures: &[Figure],
        registry: Option<&Registry>,
    ) {
        if !registry.is_some_and(|registry| registry.ledger) {
            return;
        }
        let across = |key: &Key| figures.iter().any(|f| f.name == key.text && f.across.is_some());
        for (key, _) in entries.iter().filter(|(key, _)| across(key)) {
            let help = "remove `across`: the ledger holds each device to what the customer owns";
            let title = format!("`{}` is each customer's own", key.text);
            self.problem(&key.span, title, "devices are walked as different customers", help);
        }
    }
}
