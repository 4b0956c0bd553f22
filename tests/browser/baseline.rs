//! What clean walks of the demo teach: a header or a cookie's flag that gets lost is told, and only then; and so is a step
//! that has become slower.

use super::faults::{load, misjudged};
use super::rig::{Rig, told};
use super::walk::account;
use gengfu::baseline::{Baseline, HELD_AFTER_WALKS, Lesson, PACE_KNOWN_AFTER_LOOKS, Shelf as _, Subject};
use gengfu::demo::{Demo, DemoOptions, Rate};
use gengfu::detector::{Judged, judge_beyond};
use gengfu::vault::BaselineFolder;
use gengfu::walk::run::walk;
use gengfu::walk::{Verdict, WalkRecord};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A walk, compared with what is kept, and learnt from.
async fn walked(rig: &Rig, shelf: &BaselineFolder, lesson: Lesson) -> (WalkRecord, Judged) {
    let mut record = walk(load("login"), rig.plan(), rig.world(), CancellationToken::new()).await;
    let subject = Subject::of(&record);
    let mut known: Baseline = shelf.read(&subject).await.unwrap();
    if lesson == Lesson::Clean {
        known.compare(&mut record);
    }
    let judged = judge_beyond(&record, known.usual());
    let was = known.clone();
    known.learn(&record, judged.verdict, &judged.findings, lesson);
    assert!(shelf.replace(&subject, &was, &known).await.unwrap());
    (record, judged)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clean_walks_were_promised_is_missed_when_it_is_gone() {
    let demo = Demo::start(DemoOptions::default()).await.unwrap();
    let mut rig = Rig::at(demo.app_url()).await;
    rig.hosts.push(demo.third_party_url().trim_start_matches("http://").to_owned());
    rig.account = Some(account(&demo, "linxt"));
    rig.step_within = Duration::from_secs(4);
    let folder = tempfile::tempdir().unwrap();
    let shelf = BaselineFolder::open(folder.path()).unwrap();
    let mut wrong = Vec::new();
    for _ in 0..HELD_AFTER_WALKS {
        let (record, judged) = walked(&rig, &shelf, Lesson::Clean).await;
        if judged.verdict != Verdict::Passed {
            wrong.push(format!("clean: {:?}\n{}", judged.findings, told(&record)));
        }
    }
    for (id, detector) in [("SC05", "header-regression"), ("SC13", "cookie-regression")] {
        assert!(demo.switch(id, Rate::Always));
        let (record, judged) = walked(&rig, &shelf, Lesson::Clean).await;
        demo.mend_all();
        wrong.extend(misjudged(&judged, id, detector).map(|said| format!("{id}: {said}\n{}", told(&record))));
    }
    // Whoever says that it should be so takes it as it is.
    assert!(demo.switch("SC05", Rate::Always));
    let (_, vouched) = walked(&rig, &shelf, Lesson::Vouched).await;
    let (_, after) = walked(&rig, &shelf, Lesson::Clean).await;
    rig.browsers.shutdown().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert_eq!((vouched.verdict, after.verdict), (Verdict::Passed, Verdict::Passed), "{:?}", after.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_has_become_slower_is_told_though_it_holds_its_limits() {
    let demo = Demo::start(DemoOptions::default()).await.unwrap();
    let mut rig = Rig::at(demo.app_url()).await;
    rig.hosts.push(demo.third_party_url().trim_start_matches("http://").to_owned());
    rig.account = Some(account(&demo, "linxt"));
    let folder = tempfile::tempdir().unwrap();
    let shelf = BaselineFolder::open(folder.path()).unwrap();
    let mut wrong = Vec::new();
    for _ in 0..PACE_KNOWN_AFTER_LOOKS {
        let (record, judged) = walked(&rig, &shelf, Lesson::Clean).await;
        if judged.verdict != Verdict::Passed {
            wrong.push(format!("clean: {:?}\n{}", judged.findings, told(&record)));
        }
    }
    assert!(demo.switch("SD02", Rate::Always));
    let mut slow = Vec::new();
    for _ in 0..5 {
        slow.push(walked(&rig, &shelf, Lesson::Clean).await);
    }
    rig.browsers.shutdown().await;
    // One slow look is no news; the fifth is.
    if let Some((record, judged)) = slow.first().filter(|(_, judged)| judged.verdict != Verdict::Passed) {
        wrong.push(format!("the first: {:?}\n{}", judged.findings, told(record)));
    }
    if let Some((record, judged)) = slow.last() {
        let said = misjudged(judged, "SD02", "slower-than-usual");
        let seen: Vec<_> = record.steps.iter().map(|s| (&s.id.0, s.elapsed, &s.seen.slowness)).collect();
        wrong.extend(said.map(|said| format!("the fifth: {said}\n{seen:#?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
