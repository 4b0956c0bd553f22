//! What becomes of the secret that is sent to a registry.

use super::*;
use std::os::unix::fs::PermissionsExt as _;

/// A stage with this secret.
fn staged(url: &str, secret: &str) -> Stage {
    let stage = Stage::of(url, ", authorization: \"file:token\"");
    let file = stage.folder.path().join("token");
    std::fs::write(&file, secret).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    stage
}

#[tokio::test]
async fn an_answer_that_repeats_it_is_neither_read_nor_quoted_nor_kept() {
    let check = async |secret: &str, answer: fn() -> Response, says: &str| {
        let bank = Bank::open(answer).await;
        let stage = staged(&bank.base, secret);
        let said = stage.check(0, says).await.losses.join("\n");
        let canary = secret.split_once(' ').unwrap().1;
        assert!(!said.contains(canary) && !said.contains("hunter2"), "{said}");
        assert!(!stage.folder.path().join("registries").exists(), "a copy of it was kept");
    };
    let repeats = "its answer repeats the secret that was sent to it";
    check("Bearer hunter2", || axum::Json(serde_json::json!([{"code": "Bearer hunter2"}])).into_response(), repeats)
        .await;
    check("Bearer hunter2", || axum::Json(serde_json::json!({"hunter2": 1})).into_response(), repeats).await;
    check("Bearer hunter2", || "code,name\nA1,hunter2\n".into_response(), repeats).await;
    check("Bearer s3cr3t/t0k3n", || r#"[{"code": "s3cr3t\/t0k3n"}]"#.into_response(), repeats).await;
    // lin:hunter2
    check("Basic bGluOmh1bnRlcjI=", || "code,name\nA1,hunter2\n".into_response(), repeats).await;
    let media = || ([(header::CONTENT_TYPE, "text/csv; for=hunter2")], "code\nA1\n").into_response();
    check("Bearer hunter2", media, repeats).await;
    let elsewhere = || (StatusCode::FOUND, [(header::LOCATION, "https://bank.test/for/hunter2")]).into_response();
    check("Bearer hunter2", elsewhere, "sends on to https://bank.test/for/‹authorization›").await;
}

#[tokio::test]
async fn one_that_takes_its_time_to_be_had_holds_up_nobody_else() {
    let bank = Bank::open(five).await;
    let folder = tempfile::tempdir().unwrap();
    let (began, go) = (folder.path().join("began"), folder.path().join("go"));
    let (touch, wait) = (began.display(), go.display());
    let command = format!("exec:touch {touch}; until test -e {wait}; do :; done; echo Bearer hunter2");
    let stage = Stage::of(&bank.base, &format!(", authorization: \"{command}\""));
    let walk = stage.check(5, "");
    let somebody_else = async {
        while !began.exists() {
            tokio::task::yield_now().await;
        }
        std::fs::write(&go, "").unwrap();
    };
    futures_util::future::join(walk, somebody_else).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_to_no_proxy_on_the_way_to_this_machine() {
    let (bank, proxy) = (Bank::open(five).await, Bank::open(five).await);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("journeys/oracles")).unwrap();
    let oracle = text(&format!("{}/products", bank.base), "");
    std::fs::write(folder.path().join("journeys/oracles/products.yaml"), oracle).unwrap();
    let journey = "journey: list\napp: bank\nsteps:\n  - open: /funds\n    see: {role: heading, name: 基金}\n";
    std::fs::write(folder.path().join("journeys/list.yaml"), journey).unwrap();
    let mut command = gengfu(&["check", "journeys/", "--fetch"]);
    command.current_dir(folder.path()).env("HTTP_PROXY", &proxy.base).env("ALL_PROXY", &proxy.base);
    let output = command.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    assert_eq!((output.status.code(), bank.asked(), proxy.asked()), (Some(0), 1, 0));
}
