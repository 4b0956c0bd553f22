//! Rows of a page for the oracles, and the answers behind them.

use super::super::answers::newest_json;
use super::{BidiLane, Deadline};
use crate::walk::port::{Mishap, PartWanted, RowRead, RowsRead, RowsWanted};
use serde_json::{Value, json};
use std::time::Duration;

impl BidiLane {
    /// Reads what the page shows now, all at one time.
    pub(super) async fn read_rows(&mut self, wanted: &[RowsWanted], deadline: Deadline) -> Result<RowsRead, Mishap> {
        let part = |part: &PartWanted| json!({"target": part.target, "attribute": part.attribute});
        let wire = |rows: &RowsWanted| {
            let read: Vec<Value> = rows.read.iter().map(|(name, at)| json!([name, part(at)])).collect();
            json!({"each": rows.each, "key": rows.key.as_ref().map(part), "read": read})
        };
        let args = json!({"wanted": wanted.iter().map(wire).collect::<Vec<_>>()});
        let told = self.ask(&self.current.clone(), "rows", &args, Duration::ZERO, deadline).await?;
        let masker = self.masker();
        let text = |value: &Value| masker.text(value.as_str().unwrap_or_default()).into_owned();
        let row = |row: &Value| RowRead {
            key: row["key"].as_str().map(|_| text(&row["key"])),
            read: row["read"].as_object().into_iter().flatten().map(|(name, at)| (name.clone(), text(at))).collect(),
        };
        let rows = |told: &Value| match told["rows"].as_array() {
            Some(all) => Ok(all.iter().map(row).collect()),
            None => Err(text(&told["lost"])),
        };
        let url = masker.url(told["url"].as_str().unwrap_or_default());
        Ok(RowsRead { url, rows: told["rows"].as_array().into_iter().flatten().map(rows).collect() })
    }

    /// The newest JSON answer of the app's own at a path.
    pub(super) fn json_answer(&self, path: &str) -> Option<Value> {
        newest_json(&self.feed.lock().book, path).cloned()
    }
}
