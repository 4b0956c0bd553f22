//! `gengfu pictures`: what a person sees of approved pictures, and what their word changes.

#![expect(clippy::unwrap_used, reason = "a program that cannot be started or read has failed its test")]

use super::cli::gengfu;
use gengfu::baseline::Shelf as _;
use gengfu::evidence::{EvidenceKey, EvidenceKind};
use gengfu::picture::Approved;
use gengfu::vault::BaselineFolder;
use image::ImageEncoder as _;
use std::path::Path;

/// What `gengfu pictures FOLDER …` says, and how it ends.
fn check((folder, arguments): (&Path, &[&str]), expected: (i32, &str)) {
    let folder = folder.to_str().unwrap();
    let output = gengfu(&[&["pictures", folder], arguments].concat()).output().unwrap();
    let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!((output.status.code(), all.trim().replace(folder, "DIR").as_str()), (Some(expected.0), expected.1));
}

fn png(grey: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.write_image(&[grey; 40 * 80], 40, 80, image::ExtendedColorType::L8).unwrap();
    bytes
}

/// A folder with one picture that has changed.
async fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let shelf = BaselineFolder::open(folder.path()).unwrap();
    let mut keys = Vec::new();
    for picture in [png(255), png(40)] {
        let key = EvidenceKey::of(&picture, EvidenceKind::Png);
        shelf.keep_pixels(&key, Approved::of(&picture).unwrap().to_bytes()).await.unwrap();
        keys.push(key.to_string());
    }
    let scene = serde_json::json!({"scale_percent": 100, "elements": []});
    let baseline = serde_json::json!({"shape": "baseline.v2", "walks": 9, "routes": {}, "pictures": {"home": {
        "picture": keys[0], "scene": scene, "walks": 9,
        "waiting": {"picture": keys[1], "scene": scene, "changes": ["restyled: <main>"]},
    }}});
    std::fs::write(folder.path().join("login.desktop.h5.bank.example-443.json"), baseline.to_string()).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_what_waits_and_decides() {
    let kept = folder().await;
    let at = kept.path();
    let plain = "login.desktop.h5.bank.example-443/home";
    let name = &format!("{plain}@{}", &EvidenceKey::of(&png(40), EvidenceKind::Png).to_string()[..8]);
    let other = format!("{plain}@00000000");
    check((at, &["--approve", &other]), (2, &format!("error: `{other}` must be one of these:\n  {name}")));
    check((at, &[]), (0, &format!("{name}: changed, waits for a person\n    restyled: <main>")));
    check((at, &["--reject", "login/home"]), (0, &format!("{name}: it is told for as long as it shows")));
    check((at, &[]), (0, &format!("{name}: rejected, and still so\n    restyled: <main>")));
    let shown = |which: &str| format!("DIR/login.desktop.h5.bank.example-443.home.{which}.png");
    let both = format!("{}\n{}", shown("approved"), shown("waiting"));
    check((at, &["--into", at.to_str().unwrap()]), (0, &both));
    let waiting = image::open(at.join("login.desktop.h5.bank.example-443.home.waiting.png")).unwrap().to_luma8();
    assert_eq!((waiting.dimensions(), waiting.get_pixel(5, 5).0), ((40, 80), [40]));
    check((at, &["--approve", name]), (0, &format!("{name}: from now on it looks so")));
    check((at, &[]), (0, &format!("{plain}: learning: 1 clean walks")));
    check((at, &["--approve", "login/home"]), (0, &format!("{plain}: that does not wait there any more: look again")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_name_or_folder_is_told() {
    let kept = folder().await;
    let key = EvidenceKey::of(&png(40), EvidenceKind::Png).to_string();
    let listed = format!("error: `home` must be one of these:\n  login.desktop.h5.bank.example-443/home@{}", &key[..8]);
    check((kept.path(), &["--approve", "home"]), (2, &listed));
    let missing = kept.path().join("none");
    let said = "error: the baseline `DIR`: there is no such folder: `gengfu walk --baseline DIR` makes it";
    check((&missing, &[]), (2, said));
    let empty = tempfile::tempdir().unwrap();
    let said = "no picture yet: a step `screenshot: {name: home, compare: true}` makes one";
    check((empty.path(), &[]), (0, said));
}
