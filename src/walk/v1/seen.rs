//! What was seen during a step, as it is written: enough to show the walk again, not the page's whole text.

use super::millis;
use crate::walk::{
    ConsoleLevel, ConsoleLine, DialogSeen, Exchange, ExchangeKind, Navigation, Observation, PageLook, ScriptError,
    TapTrace,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything seen from a step's start to the next step's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SeenV1 {
    /// HTTP exchanges, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<ExchangeV1>,
    /// Console lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub console: Vec<ConsoleV1>,
    /// Uncaught exceptions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub script_errors: Vec<ScriptErrorV1>,
    /// Dialogs that opened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dialogs: Vec<DialogV1>,
    /// Navigations of the page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub navigations: Vec<NavigationV1>,
    /// Requests the guard stopped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guarded: Vec<String>,
    /// The tap, where the step made one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tap: Option<TapV1>,
    /// The page at the step's end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageV1>,
}

/// One HTTP exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeV1 {
    /// The method.
    pub method: String,
    /// The URL, secrets masked.
    pub url: String,
    /// `document`, `frame`, `style`, `script`, `image`, `font`, `api` or `other`.
    pub kind: String,
    /// The status; absent when there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The browser's error, when there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The answer's content type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// From the walk's start.
    pub offset_ms: u64,
    /// From request to last byte.
    pub elapsed_ms: u64,
    /// Whether it went to the app's own hosts.
    pub own: bool,
    /// How many redirects led here.
    #[serde(default)]
    pub redirects: u32,
    /// The business code in the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_code: Option<String>,
    /// The message beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_message: Option<String>,
}

/// A console line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsoleV1 {
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// Its text.
    pub text: String,
    /// From the walk's start.
    pub offset_ms: u64,
}

/// An uncaught exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScriptErrorV1 {
    /// Its text.
    pub text: String,
    /// The first frame in the app's own files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<String>,
    /// Whether it is the app's own.
    pub own: bool,
    /// From the walk's start.
    pub offset_ms: u64,
}

/// A dialog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DialogV1 {
    /// `alert`, `confirm`, `prompt`, `beforeunload`.
    pub kind: String,
    /// Its text.
    pub text: String,
    /// Whether it was accepted.
    pub accepted: bool,
}

/// A navigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NavigationV1 {
    /// Where to.
    pub url: String,
    /// Whether the document stayed.
    pub same_document: bool,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// From the walk's start.
    pub offset_ms: u64,
}

/// A tap and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TapV1 {
    /// How many taps were made.
    pub taps: u32,
    /// Round trips to the browser.
    pub round_trips: u32,
    /// Whether anything moved.
    pub effect: bool,
}

/// The page at a step's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageV1 {
    /// Its URL, secrets masked.
    pub url: String,
    /// Its title.
    pub title: String,
    /// `document.readyState`.
    pub ready_state: String,
    /// Characters of visible text.
    pub text_chars: u32,
}

impl From<&Observation> for SeenV1 {
    fn from(seen: &Observation) -> Self {
        Self {
            exchanges: seen.exchanges.iter().map(Into::into).collect(),
            console: seen.console.iter().map(Into::into).collect(),
            script_errors: seen.script_errors.iter().map(Into::into).collect(),
            dialogs: seen.dialogs.iter().map(Into::into).collect(),
            navigations: seen.navigations.iter().map(Into::into).collect(),
            guarded: seen.guarded.clone(),
            tap: seen.tap.as_ref().map(Into::into),
            page: seen.page.as_ref().map(Into::into),
        }
    }
}

impl From<&Exchange> for ExchangeV1 {
    fn from(exchange: &Exchange) -> Self {
        let kind = match exchange.kind {
            ExchangeKind::Document => "document",
            ExchangeKind::Frame => "frame",
            ExchangeKind::Style => "style",
            ExchangeKind::Script => "script",
            ExchangeKind::Image => "image",
            ExchangeKind::Font => "font",
            ExchangeKind::Api => "api",
            ExchangeKind::Other => "other",
        };
        Self {
            method: exchange.method.clone(),
            url: exchange.url.clone(),
            kind: kind.into(),
            status: exchange.status,
            error: exchange.error.clone(),
            content_type: exchange.content_type.clone(),
            bytes: exchange.bytes,
            offset_ms: millis(exchange.offset),
            elapsed_ms: millis(exchange.elapsed),
            own: exchange.own,
            redirects: exchange.redirects,
            business_code: exchange.business_code.clone(),
            business_message: exchange.business_message.clone(),
        }
    }
}

impl From<&ConsoleLine> for ConsoleV1 {
    fn from(line: &ConsoleLine) -> Self {
        let level = match line.level {
            ConsoleLevel::Debug => "debug",
            ConsoleLevel::Info => "info",
            ConsoleLevel::Warn => "warn",
            ConsoleLevel::Error => "error",
        };
        Self { level: level.into(), text: line.text.clone(), offset_ms: millis(line.offset) }
    }
}

impl From<&ScriptError> for ScriptErrorV1 {
    fn from(error: &ScriptError) -> Self {
        let ScriptError { text, frame, own, offset } = error.clone();
        Self { text, frame, own, offset_ms: millis(offset) }
    }
}

impl From<&DialogSeen> for DialogV1 {
    fn from(dialog: &DialogSeen) -> Self {
        let DialogSeen { kind, text, accepted } = dialog.clone();
        Self { kind, text, accepted }
    }
}

impl From<&Navigation> for NavigationV1 {
    fn from(navigation: &Navigation) -> Self {
        let Navigation { url, same_document, error, offset } = navigation.clone();
        Self { url, same_document, error, offset_ms: millis(offset) }
    }
}

impl From<&TapTrace> for TapV1 {
    fn from(tap: &TapTrace) -> Self {
        Self { taps: tap.taps, round_trips: tap.round_trips, effect: tap.effect }
    }
}

impl From<&PageLook> for PageV1 {
    fn from(page: &PageLook) -> Self {
        Self {
            url: page.url.clone(),
            title: page.title.clone(),
            ready_state: page.ready_state.clone(),
            text_chars: page.text_chars,
        }
    }
}
