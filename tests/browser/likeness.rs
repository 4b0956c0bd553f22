//! Pages compared with their approved pictures: what moves by itself is learnt, what a customer suffers is told, what
//! merely changed waits for a person.

use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use gengfu::baseline::{Baseline, HELD_AFTER_WALKS, Lesson, Shelf as _, Subject};
use gengfu::fleet::{Experience, Finished};
use gengfu::vault::BaselineFolder;
use gengfu::walk::Verdict;
use gengfu::walk::run::walk;
use std::path::Path;
use std::sync::Arc;

/// A fund's page as a phone shows it: a yield that ticks, an advertisement that changes, a film of which every picture is
/// another, an animation without end. `?v=` breaks it.
const PAGES: Pages = &[(
    "/fund",
    "<style>
      body{margin:0;background:#f5f5f7}main{padding:12px}p,h1{margin:8px 0}
      .card{background:#fff;border-radius:12px;padding:16px;margin:12px 0}
      .ad{height:60px;margin:12px 0;color:#fff}
      #turn{width:20px;height:20px;background:#c62828;animation:turn 1s linear infinite}@keyframes turn{to{transform:rotate(1turn)}}
      button{background:#c62828;color:#fff;border:0;border-radius:20px;padding:12px 40px}
      footer{position:fixed;bottom:0;left:0;right:0;background:#fff;padding:12px}
    </style>
    <main><h1>稳健增长混合</h1><div class=ad id=ad>广告</div>
    <div class=card><p>近一年收益</p><b id=yield>3.85%</b></div>
    <p id=who></p><div class=card id=risk><p>风险等级：中低风险</p><p>过往业绩不代表未来表现</p></div>
    <div class=card id=fee><p>申购费率打一折</p><p>持有七天以上免赎回费</p></div>
    <p id=news>公告：节假日不确认</p><canvas id=film width=60 height=30></canvas><div id=turn></div></main>
    <footer><button id=buy>立即申购</button></footer>
    <script>
      const v=new URLSearchParams(location.search).get('v');
      q('#who').textContent='您好，'+['周慕青','林晓彤','苏文清'][Math.floor(Math.random()*3)];
      q('#yield').textContent=(3+Math.random()).toFixed(2)+'%';
      q('#ad').style.background=['#1565c0','#2e7d32','#6a1b9a','#ef6c00'][Math.floor(Math.random()*4)];
      setInterval(()=>{const c=q('#film').getContext('2d');c.fillStyle='hsl('+Math.random()*360+',90%,50%)';c.fillRect(0,0,60,30)},16);
      const now={
        gone:()=>q('#risk').remove(),
        unseen:()=>q('#buy').style.visibility='hidden',
        covered:()=>q('main').insertAdjacentHTML('afterend','<div style=\"position:fixed;left:0;right:0;bottom:0;height:80px;z-index:9;background:#222\"></div>'),
        clipped:()=>{q('#fee').style.height='24px';q('#fee').style.overflow='hidden'},
        banner:()=>q('main').insertAdjacentHTML('afterbegin','<p style=\"background:#fff3e0;padding:14px\">活动：新客专享</p>'),
        text:()=>q('#buy').textContent='马上购买',
        colour:()=>q('#buy').style.background='#1565c0',
        figure:()=>q('#yield').textContent='385.00%',
      }[v];
      now&&now();
    </script>",
)];

/// A walk of the page, compared with what is kept, and learnt from.
async fn look(rig: &Rig, shelf: &Arc<BaselineFolder>, v: &str) -> Finished {
    let steps = format!(
        "journey: fund\ntitle: 基金\napp: test\ndevice: h5-iphone\nsteps:\n  - open: /fund\n    see: {{text: 稳健增长混合}}\n  - open: /fund?v={v}\n  - screenshot: {{name: fund, compare: true, without: [{{css: '#ad'}}, {{css: '#who'}}]}}\n"
    );
    let record = walk(rig.journey(&steps), rig.plan(), rig.world(), rig.cancel.clone()).await;
    Experience::new(shelf.clone(), rig.vault.clone(), Lesson::Clean).judge(record).await
}

/// What is told of a walk: its verdict, its first headline, and the changes that wait for a person.
async fn check(
    rig: &Rig,
    shelf: &Arc<BaselineFolder>,
    v: &str,
    expected: (Verdict, Option<&str>, &[&str]),
) -> Option<String> {
    let walked = look(rig, shelf, v).await;
    let headline = walked.judged.findings.first().map(|finding| finding.headline.zh.as_str());
    let known: Baseline = shelf.read(&Subject::of(&walked.record)).await.unwrap();
    let waiting = known.pictures()["fund"].waiting.as_ref().map(|w| w.changes.clone()).unwrap_or_default();
    let seen = (walked.judged.verdict, headline, waiting.iter().map(String::as_str).collect::<Vec<_>>());
    let right = seen == (expected.0, expected.1, expected.2.to_vec());
    let likeness = walked.record.steps.last().and_then(|s| s.seen.likeness.as_ref()).map(|l| &l.told);
    (!right).then(|| format!("{v}: {seen:?}\n{}\n{:?}\n{likeness:#?}", told(&walked.record), walked.record.losses))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_must_look_as_it_was_approved() {
    let zoo = Zoo::open(PAGES).await;
    let rig = Rig::at(&zoo.base).await;
    let folder = tempfile::tempdir().unwrap();
    let shelf = Arc::new(BaselineFolder::open(folder.path()).unwrap());
    let mut wrong = Vec::new();
    for _ in 0..HELD_AFTER_WALKS {
        wrong.extend(check(&rig, &shelf, "right", (Verdict::Passed, None, &[])).await);
    }
    let failed = |headline: &'static str| (Verdict::Failed, Some(headline), &[] as &[&str]);
    for (v, expected) in [
        ("right", (Verdict::Passed, None, &[] as &[&str])),
        // A figure that cannot be is an oracle's to tell, not a picture's.
        ("figure", (Verdict::Passed, None, &[])),
        ("gone", failed("页面「fund」上的 <p> 风险等级：中低风险 不见了（另有 1 处）")),
        ("unseen", failed("页面「fund」上的 <button> 立即申购 不见了")),
        ("covered", failed("页面「fund」上的 <button> 立即申购 被完全盖住")),
        ("clipped", failed("页面「fund」上的 <p> 持有七天以上免赎回费 显示不全")),
        ("banner", (Verdict::Passed, None, &["added: <p> 活动：新客专享"])),
        ("text", (Verdict::Passed, None, &["text: <button> 立即申购"])),
        ("colour", (Verdict::Passed, None, &["restyled: <button> 立即申购"])),
    ] {
        wrong.extend(check(&rig, &shelf, v, expected).await);
    }
    wrong.extend(a_person_decides(&rig, &shelf).await);
    rig.browsers.shutdown().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(pictures_kept(folder.path()) >= 2);
}

/// What waits is rejected and told; then approved and right.
async fn a_person_decides(rig: &Rig, shelf: &Arc<BaselineFolder>) -> Vec<String> {
    let subject = Subject::of(&look(rig, shelf, "colour").await.record);
    let decide = async |decision: fn(&mut gengfu::baseline::KnownPicture) -> bool| {
        let was = shelf.read(&subject).await.unwrap();
        let mut with = was.clone();
        assert!(decision(with.pictures_mut().get_mut("fund").unwrap()), "a change waits");
        assert!(shelf.replace(&subject, &was, &with).await.unwrap());
    };
    let waits: &[&str] = &["restyled: <button> 立即申购"];
    let mut wrong = Vec::new();
    decide(gengfu::baseline::KnownPicture::reject).await;
    let rejected = (Verdict::Failed, Some("页面「fund」仍是未获批准的样子"), waits);
    wrong.extend(check(rig, shelf, "colour", rejected).await);
    // It is not forgotten for a walk that met the page as it was.
    wrong.extend(check(rig, shelf, "right", (Verdict::Passed, None, &[])).await);
    wrong.extend(check(rig, shelf, "colour", (Verdict::Failed, Some("页面「fund」仍是未获批准的样子"), &[])).await);
    wrong.extend(check(rig, shelf, "text", (Verdict::Passed, None, &["text: <button> 立即申购"])).await);
    decide(gengfu::baseline::KnownPicture::approve).await;
    // What of it varies by itself is learnt anew.
    for _ in 1..HELD_AFTER_WALKS {
        wrong.extend(check(rig, shelf, "text", (Verdict::Passed, None, &[])).await);
    }
    wrong.extend(check(rig, shelf, "right", (Verdict::Passed, None, &["text: <button> 马上购买"])).await);
    wrong
}

fn pictures_kept(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("pictures")).unwrap().count()
}
