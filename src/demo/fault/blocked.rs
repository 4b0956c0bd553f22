//! Group A: the customer cannot go on.

use super::Effect::{self, Instead};
use super::effect::answer;

pub(super) const BF10: &[Effect] = &[
    Instead("/api/orders/prepare", |_| answer(500, "application/json", r#"{"error":"Internal Server Error"}"#)),
    Instead("/api/transfers/prepare", |_| answer(500, "application/json", r#"{"error":"Internal Server Error"}"#)),
];
