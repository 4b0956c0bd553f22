//! The complaint entrance.

use super::{ok, refuse};
use crate::demo::gate::Signed;
use crate::demo::site::Shared;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

const KINDS: [&str; 5] =
    ["服务设施、设备、业务系统", "产品信息与风险揭示", "收费与计息", "服务态度与效率", "个人信息保护"];
const COMPLAINTS_MAX: usize = 50;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/api/complaints", get(list).post(file))
}

async fn list(signed: Signed) -> Json<Value> {
    ok(json!({"kinds": KINDS, "items": signed.session(|s| s.complaints.clone())}))
}

#[derive(Deserialize)]
struct Complaint {
    kind: String,
    text: String,
    #[serde(default)]
    rating: u8,
}

async fn file(signed: Signed, Json(typed): Json<Complaint>) -> Json<Value> {
    if !KINDS.contains(&typed.kind.as_str()) {
        return refuse("E6001", "请选择投诉类型");
    }
    if typed.text.trim().chars().count() < 5 {
        return refuse("E6002", "投诉内容至少 5 个字");
    }
    let today = signed.site.today();
    let filed = signed.session(|s| {
        if s.complaints.len() >= COMPLAINTS_MAX {
            return None;
        }
        let number = format!("TS{}{:03}", today.strftime("%Y%m%d"), s.complaints.len() + 1);
        let filed = json!({
            "number": number, "kind": typed.kind, "text": typed.text.trim(), "rating": typed.rating.min(5), "status": "处理中",
        });
        s.complaints.push(filed.clone());
        Some(filed)
    });
    filed.map_or_else(|| refuse("E6003", "提交过于频繁，请稍后再试"), ok)
}
