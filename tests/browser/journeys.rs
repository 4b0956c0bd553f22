//! The journeys of this repository on the demo app without faults: each passes.

use super::rig::{Rig, told};
use super::walk::account;
use gengfu::config::DiskFiles;
use gengfu::demo::{Demo, DemoOptions};
use gengfu::journey::{self, Limits};
use gengfu::walk::Verdict;
use gengfu::walk::run::Pictures;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn every_demo_journey_passes() {
    let demo = Demo::start(DemoOptions::default()).await.unwrap();
    let mut rig = Rig::at(demo.app_url()).await;
    // As on patrol: the next tap's target is looked for while a picture is taken.
    rig.pictures = Pictures::All;
    rig.never = vec![("POST".into(), "/api/orders".into()), ("POST".into(), "/api/transfers".into())];
    let third_party = demo.third_party_url();
    rig.hosts.push(third_party.trim_start_matches("http://").to_owned());
    let mut failed = Vec::new();
    for entry in std::fs::read_dir("journeys").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            continue;
        }
        let (files, inside) = DiskFiles::around(Path::new(&path));
        let journey = journey::load(&inside, &files, &Limits::default()).unwrap();
        let customer = if journey.account.as_deref() == Some("tfa") { "suwq" } else { "linxt" };
        rig.account = Some(account(&demo, customer));
        let record =
            gengfu::walk::run::walk(Arc::new(journey), rig.plan(), rig.world(), CancellationToken::new()).await;
        if record.verdict != Verdict::Passed {
            failed.push(format!("{name}: {}", told(&record)));
        }
    }
    rig.browsers.shutdown().await;
    assert!(demo.tripwire().is_empty(), "an order or transfer reached the app");
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
