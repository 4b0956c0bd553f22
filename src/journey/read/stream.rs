//! Sockets that must be heard from.

use super::reader::Reader;
use super::scalar::shortened;
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};
use crate::journey::stream::{Stream, TradingHours};
use std::time::Duration;

/// The keys of a stream.
pub(super) static STREAM: [Field; 6] = [
    Field::must("socket", Shape::Text, "the path of the web socket, as a glob"),
    Field::must("within", Shape::Duration, "how long its first word may take, at most `10s`"),
    Field::new("title", Shape::Text, "what people call it"),
    Field::new(
        "on",
        Shape::Any(&[Shape::Text, Shape::List(&Shape::Text)]),
        "paths of the pages that must open it, as globs; when left out, only one that was opened is told of",
    ),
    Field::new("hours", Shape::List(&Shape::Text), "`09:30-11:30`, of trading days; always when left out"),
    Field::new("severity", Shape::Word(&super::oracle::SEVERITIES), "P2 when left out"),
];
/// Longer no customer waits for a quote, and a walk for a socket.
const LONGEST: Duration = Duration::from_secs(10);

impl Reader<'_> {
    pub(super) fn stream(&mut self, node: &Node) -> Option<Stream> {
        let fields = self.fields(node, "streams", &[&STREAM])?;
        let socket = self.page_glob(fields.get("socket")?, "socket");
        let within = self.duration(fields.get("within")?, "within", LONGEST);
        let on = match fields.get("on") {
            Some(Node { kind: NodeKind::List(items), .. }) => {
                items.iter().filter_map(|n| self.page_glob(n, "on")).collect()
            }
            Some(node) => self.page_glob(node, "on").into_iter().collect(),
            None => Vec::new(),
        };
        let hours = self.listed(&fields, "hours", Self::trading_hours);
        let title = self.constant_if_any(&fields, "title");
        let urgent = self.urgent(&fields, false);
        let socket = socket?;
        Some(Stream { title: title.unwrap_or_else(|| socket.clone()), socket, on, within: within?, hours, urgent })
    }

    fn trading_hours(&mut self, node: &Node) -> Option<TradingHours> {
        let text = self.scalar(node, "hours")?;
        let hours = TradingHours::parse(text);
        if hours.is_none() {
            let label = format!("found `{}`", shortened(text));
            self.problem(&node.span, "`hours` needs parts of the day", label, "write each like `\"09:30-11:30\"`");
        }
        hours
    }
}
