//! Some faults of the demo, one after another: each gives one verdict of the right class, at the right step, by the
//! right detector; and the mended app passes again. `ci/bench faults` does the same for all of them.

use super::rig::{Rig, told};
use super::walk::account;
use gengfu::config::DiskFiles;
use gengfu::demo::{Demo, DemoOptions, Rate, find};
use gengfu::detector::{Judged, judge};
use gengfu::journey::{self, Journey, Limits};
use gengfu::walk::run::walk;
use gengfu::walk::{Verdict, WalkRecord};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A fault, a journey it shows in, and the detector that names it.
const FAULTS: [(&str, &str, &str); 15] = [
    ("BF04", "transfer-confirm", "element-disabled"),
    ("BF03", "fund-purchase", "element-missing"),
    ("BF24", "statement-download", "download-wrong"),
    ("BP01", "home-assets", "white-screen"),
    ("BP06", "home-assets", "broken-image"),
    ("VB05", "home-assets", "invisible-text"),
    ("PS01", "home-assets", "ledger-broken"),
    ("PS02", "fund-purchase", "figures-disagree"),
    ("PS19", "wealth-product", "phrase-forbidden"),
    ("PS20", "settings-privacy", "foreign-data"),
    ("PS21", "transactions", "ledger-broken"),
    ("SD13", "fund-purchase", "silent-stream"),
    ("SD13B", "prospectus-popup", "silent-stream"),
    ("SC06", "transactions", "unmasked-pii"),
    ("CT07", "transactions", "mojibake"),
];

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_named_and_the_mended_app_passes() {
    let demo = Demo::start(DemoOptions::default()).await.unwrap();
    let mut rig = Rig::at(demo.app_url()).await;
    rig.hosts.push(demo.third_party_url().trim_start_matches("http://").to_owned());
    rig.account = Some(account(&demo, "linxt"));
    rig.step_within = Duration::from_secs(4);
    let mut wrong = Vec::new();
    for (id, name, detector) in FAULTS {
        assert!(demo.switch(id, Rate::Always));
        let record = walked(&rig, name).await;
        demo.mend_all();
        wrong.extend(misjudged(&judge(&record), id, detector).map(|said| format!("{id}: {said}\n{}", told(&record))));
    }
    for name in ["home-assets", "transactions"] {
        let record = walked(&rig, name).await;
        let judged = judge(&record);
        if judged.verdict != Verdict::Passed || !judged.findings.is_empty() {
            wrong.push(format!("mended {name}: {:?}\n{}", judged.findings, told(&record)));
        }
    }
    rig.browsers.shutdown().await;
    assert!(demo.tripwire().is_empty(), "an order or transfer reached the app");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

async fn walked(rig: &Rig, name: &str) -> WalkRecord {
    walk(load(name), rig.plan(), rig.world(), CancellationToken::new()).await
}

pub fn load(name: &str) -> Arc<Journey> {
    let (files, inside) = DiskFiles::around(Path::new(&format!("journeys/{name}.yaml")));
    Arc::new(journey::load(&inside, &files, &Limits::default()).unwrap())
}

/// What is wrong with the judgement, if anything.
pub fn misjudged(judged: &Judged, id: &str, detector: &str) -> Option<String> {
    let fault = find(id).unwrap();
    let first = judged.findings.first();
    let class = judged.class.is_some_and(|c| c.word() == fault.class.name());
    let step = first.is_some_and(|f| fault.shows_at(&f.step.0, &f.step_title));
    let named = first.is_some_and(|f| f.detector == detector);
    (!class || !step || !named).then(|| format!("class {class}, step {step}, detector {named}: {first:?}"))
}
