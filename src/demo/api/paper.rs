//! Paper: statements to download, proofs to upload, the contract to sign.

use super::{ok, refuse};
use crate::demo::gate::Signed;
use crate::demo::site::Shared;
use crate::demo::{customer::money, page, pdf};
use axum::body::Body;
use axum::extract::{Multipart, Path};
use axum::http::{Response, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::civil::Date;
use serde_json::{Value, json};

const PROOF_BYTES_MAX: usize = 2 * 1024 * 1024;
const PROOFS_MAX: usize = 50;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/statements", get(statements))
        .route("/statements/{file}", get(statement))
        .route("/api/proofs", get(proofs).post(upload))
        .route("/api/esign/sign", post(sign))
}

/// The last six whole months, newest first.
fn months(today: Date) -> Vec<Date> {
    (1..=6).map(|back| today.first_of_month().saturating_sub(jiff::Span::new().months(back))).collect()
}

async fn statements(signed: Signed) -> Json<Value> {
    let item = |m: &Date| {
        json!({
            "month": m.strftime("%Y年%m月").to_string(), "file": m.strftime("%Y-%m.pdf").to_string(),
        })
    };
    ok(json!({"items": months(signed.site.today()).iter().map(item).collect::<Vec<_>>()}))
}

async fn statement(signed: Signed, Path(file): Path<String>) -> Response<Body> {
    let today = signed.site.today();
    let Some(month) = months(today).into_iter().find(|m| m.strftime("%Y-%m.pdf").to_string() == file) else {
        return page::missing(signed).await;
    };
    let customer = signed.customer();
    let [cash, funds, wealth, loans] = customer.assets(today);
    let lines = [
        format!("听潮财富  电子月结单  {}", month.strftime("%Y年%m月")),
        format!("客户 {}  账户尾号 {}", customer.name, customer.card_tail()),
        format!("现金 {} 元", money(cash)),
        format!("基金 {} 元", money(funds)),
        format!("理财 {} 元", money(wealth)),
        format!("贷款 {} 元", money(loans)),
    ];
    let disposition = format!("attachment; filename=\"tingchao-statement-{file}\"");
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, pdf::document(&lines)).into_response()
}

async fn proofs(signed: Signed) -> Json<Value> {
    ok(json!({"items": signed.session(|s| s.proofs.clone())}))
}

async fn upload(signed: Signed, mut form: Multipart) -> Json<Value> {
    let (mut kind, mut proof) = (String::new(), None);
    while let Ok(Some(field)) = form.next_field().await {
        match field.name() {
            Some("kind") => kind = field.text().await.unwrap_or_default(),
            Some("file") => {
                let name = field.file_name().unwrap_or("未命名").to_owned();
                match field.bytes().await {
                    Ok(bytes) => proof = Some((name, bytes.len())),
                    Err(_) => return refuse("E7002", "文件过大，请压缩后上传"),
                }
            }
            _ => {}
        }
    }
    let Some((name, size)) = proof.filter(|(_, size)| *size > 0) else { return refuse("E7001", "请选择文件") };
    if size > PROOF_BYTES_MAX {
        return refuse("E7002", "文件过大，请压缩后上传");
    }
    let kept = json!({"kind": kind, "name": name, "bytes": size, "status": "审核中"});
    signed.session(|s| {
        if s.proofs.len() < PROOFS_MAX {
            s.proofs.push(kept.clone());
        }
    });
    ok(kept)
}

async fn sign(signed: Signed) -> Json<Value> {
    signed.session(|s| s.esign_signed = true);
    ok(json!({"number": format!("HT{}", signed.site.today().strftime("%Y%m%d"))}))
}
