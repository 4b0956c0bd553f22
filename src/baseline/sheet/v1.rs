//! The shape sheets are kept in: `figures.v1`, JSON.

use super::{Cell, Sheet, Showing};
use crate::baseline::BaselineError;
use crate::journey::Value;
use crate::moment::Moment;
use crate::money::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SHAPE: &str = "figures.v1";

#[derive(Serialize, Deserialize)]
struct SheetV1 {
    shape: String,
    figures: Vec<CellV1>,
}

#[derive(Serialize, Deserialize)]
struct CellV1 {
    /// Which part of which oracle: `products/fund.nav`.
    topic: String,
    /// Whose.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    key: String,
    /// What each device shows.
    devices: BTreeMap<String, ShowingV1>,
}

#[derive(Serialize, Deserialize)]
struct ShowingV1 {
    value: ValueV1,
    /// The first and the last of the looks in a row that read it, in milliseconds since 1970.
    since: i64,
    newest: i64,
    /// What the first read, where it is not the same to the last digit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    began: Option<ValueV1>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ValueV1 {
    Text(String),
    /// Digits and a point: no float touches a figure.
    Figure(String),
}

impl Sheet {
    /// As it is kept.
    pub fn to_json(&self) -> String {
        let showing = |showing: &Showing| ShowingV1 {
            value: ValueV1::of(&showing.value),
            since: showing.since.as_millis(),
            newest: showing.newest.as_millis(),
            began: (showing.began != showing.value).then(|| ValueV1::of(&showing.began)),
        };
        let cell = |(cell, devices): (&Cell, &BTreeMap<String, Showing>)| CellV1 {
            topic: cell.topic.clone(),
            key: cell.key.clone(),
            devices: devices.iter().map(|(device, shows)| (device.clone(), showing(shows))).collect(),
        };
        let shape = SheetV1 { shape: SHAPE.into(), figures: self.0.iter().map(cell).collect() };
        serde_json::to_string_pretty(&shape).expect("invariant: maps of texts and numbers")
    }

    /// From what is kept.
    ///
    /// # Errors
    /// When it is damaged, or of another shape.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let damaged = |said: String| BaselineError::Damaged(said);
        let shape: SheetV1 = serde_json::from_str(text).map_err(|e| damaged(e.to_string()))?;
        if shape.shape != SHAPE {
            return Err(damaged(format!("its shape is `{}`, this gengfu knows `{SHAPE}`", shape.shape)));
        }
        let mut sheet = Self::default();
        for CellV1 { topic, key, devices } in shape.figures {
            let devices = devices.into_iter().map(|(device, shows)| Ok((device, shows.read()?)));
            let devices: Result<_, String> = devices.collect();
            sheet.0.insert(Cell { topic, key }, devices.map_err(damaged)?);
        }
        Ok(sheet)
    }
}

impl ShowingV1 {
    fn read(self) -> Result<Showing, String> {
        let value = self.value.read()?;
        let began = self.began.map_or_else(|| Ok(value.clone()), ValueV1::read)?;
        let (since, newest) = (Moment::from_millis(self.since), Moment::from_millis(self.newest));
        Ok(Showing { value, since, began, newest })
    }
}

impl ValueV1 {
    fn of(value: &Value) -> Self {
        match value {
            Value::Figure(figure) => ValueV1::Figure(figure.to_string()),
            other => ValueV1::Text(other.plain()),
        }
    }

    fn read(self) -> Result<Value, String> {
        match self {
            ValueV1::Text(text) => Ok(Value::Text(text)),
            ValueV1::Figure(text) => {
                Decimal::from_str_exact(&text).map(Value::Figure).map_err(|_| format!("`{text}` is no figure"))
            }
        }
    }
}
