//! One journey that worked and then broke, as the ledger keeps it.

use super::record::{Told, walk_v1};
use super::world::{Way, World, incident};
use gengfu::evidence::{EvidenceKey, EvidenceKind, Vault};
use gengfu::incident::MissReason;
use gengfu::walk::Verdict;

/// A picture that a browser draws, 39 × 84.
fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let drawn = image::RgbImage::from_pixel(39, 84, image::Rgb([200, 16, 46]));
    drawn.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The journey.
pub fn fund() -> Way {
    Way::new("fund-purchase", "基金申购（至确认页）", "wealth-h5", "h5-iphone")
}

/// Steps of a walk, each with the picture.
fn told(picture: Option<&EvidenceKey>, snapshot: Option<&EvidenceKey>) -> Vec<Told> {
    [("open", "打开首页"), ("tap-fund", "点“稳健增长混合”"), ("tap-buy", "点“申购”"), ("logout", "退出登录")]
        .map(|(id, title)| Told {
            id,
            title: title.into(),
            verb: "tap",
            picture: picture.cloned(),
            snapshot: snapshot.cloned(),
        })
        .into()
}

/// Names of what `one_fault` filed.
pub struct Names {
    pub incident: String,
    pub failing: String,
    pub good: String,
    pub picture: EvidenceKey,
    pub snapshot: EvidenceKey,
}

/// One journey that passed, then broke, with `page` as the text the app put on its pages.
pub async fn one_fault(page: &str) -> (World, Names) {
    let world = World::empty().await;
    let mut way = fund();
    way.title = format!("{} {page}", way.title);
    let picture = world.vault.put(picture(), EvidenceKind::Png).await.unwrap();
    let snapshot = world.vault.put(page.as_bytes().to_vec(), EvidenceKind::Html).await.unwrap();
    let told = |i: &str| -> Vec<Told> {
        let mut told = told(Some(&picture), Some(&snapshot));
        told.iter_mut().for_each(|t| t.title = format!("{} {page} {i}", t.title));
        told
    };
    let json = walk_v1(&way, world.ago(90), Verdict::Passed, &told("good"), 2, page);
    let good = world.patrolled(world.row(&way, world.ago(90), Verdict::Passed, json)).await;
    world.missed(&way, world.ago(60), MissReason::Away).await;
    let json = walk_v1(&way, world.ago(10), Verdict::Failed, &told("bad"), 2, page);
    let row = world.row(&way, world.ago(10), Verdict::Failed, json);
    let headline = format!("客户找不到“申购”按钮 {page}");
    let mut found = incident(&row, "tap-buy", &format!("点“申购” {page}"), &headline, &format!("no Buy button {page}"));
    found.good_walk = Some(good.walk);
    found.picture = Some(picture.clone());
    found.cause = Some(format!("GET /api/funds/000123/status → 500 {page}"));
    found.tags.insert(format!("tag {page}"), page.into());
    found.owner = Some(page.into());
    found.route = format!("/funds/{page}");
    let found = world.opened(found, row.clone()).await;
    let names = Names {
        incident: found.id.to_string(),
        failing: row.walk.to_string(),
        good: good.walk.to_string(),
        picture,
        snapshot,
    };
    (world, names)
}
