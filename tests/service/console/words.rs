//! What an incident is called where people read it.

use super::fault::fund;
use super::get;
use super::world::{World, incident};
use gengfu::tags::Channel;
use gengfu::walk::Verdict;

#[tokio::test]
async fn an_incident_is_told_in_the_readers_words() {
    let world = World::empty().await;
    let walk = world.row(&fund(), world.ago(5), Verdict::Failed, "{}".into());
    let mut met = incident(&walk, "next", "tap button 下一步", "走不下去", "customers cannot go on");
    met.tags = [("channel", "移动客户端"), ("business", "申购"), ("team", "渠道一部")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let id = world.opened(met, walk).await.id;
    let served = world.serve(&[]).await;
    let check = async |path: &str, shown: &str, not: &str| {
        let page = get(&served, path).await.body;
        assert!(page.contains(shown) && !page.contains(not), "{path}: {shown}, not {not}\n{page}");
    };
    // A title that was made of verb and target is said as customers would say it.
    check("/incidents?lang=zh", "点击“下一步”", "tap button").await;
    check("/incidents?lang=en", "tap button 下一步", "点击“下一步”").await;
    let page = format!("/incidents/{id}");
    check(&format!("{page}?lang=zh"), "点击“下一步”", "tap button").await;
    // What it is filed under stands there once; the author's own words beside it.
    check(&page, "<dt>team</dt><dd>渠道一部</dd>", "<dt>channel</dt>").await;
    check(&page, "<dt>business</dt><dd>申购</dd>", "<dt>channel</dt>").await;
}

#[tokio::test]
async fn an_authors_own_word_stands_beside_what_a_person_said() {
    let world = World::empty().await;
    let walk = world.row(&fund(), world.ago(5), Verdict::Failed, "{}".into());
    let mut met = incident(&walk, "next", "下一步", "走不下去", "customers cannot go on");
    met.handling.corrected.channel = Some(Channel::Branch);
    let id = world.opened(met, walk).await.id;
    let page = get(&world.serve(&[]).await, &format!("/incidents/{id}?lang=zh")).await.body;
    for shown in ["营业现场", "<dt>channel</dt><dd>移动客户端</dd>"] {
        assert!(page.contains(shown), "{shown}\n{page}");
    }
    assert!(!page.contains("<dt>business</dt>"), "{page}");
}
