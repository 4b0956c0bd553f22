//! Two walks beside each other: which step first differs, and boxes where the pictures do.

use super::record::{Told, walk_v1};
use super::*;
use gengfu::evidence::{EvidenceKey, EvidenceKind, Vault};

/// A page, with a button or without.
async fn page(world: &World, button: bool) -> EvidenceKey {
    let mut drawn = image::RgbImage::from_pixel(390, 844, image::Rgb([247, 244, 238]));
    for (x, y) in (20..370).flat_map(|x| (700..756).map(move |y| (x, y))).filter(|_| button) {
        drawn.put_pixel(x, y, image::Rgb([168, 68, 11]));
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    drawn.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    world.vault.put(bytes.into_inner(), EvidenceKind::Png).await.unwrap()
}

/// A walk of three steps, whose last looked like this.
fn told(before: &EvidenceKey, last: &EvidenceKey) -> Vec<Told> {
    let step = |(id, picture): (&'static str, &EvidenceKey)| Told {
        id,
        title: id.into(),
        verb: "tap",
        picture: Some(picture.clone()),
        snapshot: None,
    };
    [("open", before), ("tap-fund", before), ("tap-buy", last)].map(step).into()
}

#[tokio::test]
async fn the_film_says_where_two_walks_differ_and_marks_it_on_both() {
    let world = World::empty().await;
    let (there, gone) = (page(&world, true).await, page(&world, false).await);
    let way = fund();
    let json = walk_v1(&way, world.ago(90), Verdict::Passed, &told(&there, &there), 2, "x");
    let good = world.patrolled(world.row(&way, world.ago(90), Verdict::Passed, json)).await;
    let json = walk_v1(&way, world.ago(10), Verdict::Failed, &told(&there, &gone), 2, "x");
    let row = world.row(&way, world.ago(10), Verdict::Failed, json);
    let mut found = world::incident(&row, "tap-buy", "点“申购”", "找不到申购按钮", "no Buy button");
    let id = found.id;
    found.good_walk = Some(good.walk);
    world.opened(found, row.clone()).await;
    let served = world.serve(&[]).await;
    let shown = get(&served, &format!("/incidents/{id}?lang=en")).await.body.replace("&#x2f;", "/");
    let (this, that) =
        (format!("/evidence/{gone}/against/{there}"), format!("/evidence/{there}/against/{gone}?is=before"));
    for words in [this.as_str(), that.as_str(), "fails here", "Outcome", "are not judged by it"] {
        assert!(shown.contains(words), "{words} is not on {shown}");
    }
    assert_eq!(shown.matches("/against/").count(), 4, "of the pair that matters alone: large, and in the film");
    // What is drawn over each lies where the button was.
    for path in [&this, &that] {
        let drawing = get(&served, path).await;
        assert_eq!((drawing.status, drawing.headers["content-type"].as_str()), (200, "image/svg+xml"));
        assert!(drawing.headers["content-security-policy"].contains("sandbox"), "{:?}", drawing.headers);
        let place = drawing.body.split("<g class=\"changed\">").nth(1).unwrap_or_else(|| panic!("{}", drawing.body));
        let read = |name: &str| -> u32 {
            let value = place.split(&format!(" {name}=\"")).nth(1).unwrap();
            value.split('"').next().unwrap().parse().unwrap()
        };
        assert!((680..=700).contains(&read("y")) && (0..=20).contains(&read("x")), "{place}");
    }
    // An incident that never had a good walk says so.
    let json = walk_v1(&way, world.ago(9), Verdict::Failed, &told(&there, &gone), 1, "x");
    let other = world::Way::new("other", "另一条", "wealth-h5", "h5-iphone");
    let row = world.row(&other, world.ago(9), Verdict::Failed, json);
    let lone = world::incident(&row, "tap-fund", "点基金", "打不开", "does not open");
    let lone = world.opened(lone, row.clone()).await;
    let shown = get(&served, &format!("/incidents/{}?lang=en", lone.id)).await.body.replace("&#x2f;", "/");
    assert!(shown.contains("no earlier passing walk") && !shown.contains("/against/"), "{shown}");
}

#[tokio::test]
async fn nothing_is_drawn_over_what_is_not_kept_or_is_no_picture() {
    let (world, names) = one_fault("x").await;
    let (there, gone) = (page(&world, true).await, page(&world, false).await);
    let served = world.serve(&[]).await;
    let check = async |one: &EvidenceKey, other: &EvidenceKey, status: u16| {
        assert_eq!(get(&served, &format!("/evidence/{one}/against/{other}")).await.status, status, "{one} {other}");
    };
    check(&there, &there, 200).await;
    check(&there, &names.snapshot, 404).await;
    check(&there, &EvidenceKey::of(b"never kept", EvidenceKind::Png), 404).await;
    let broken = world.vault.put(b"\x89PNG, not".to_vec(), EvidenceKind::Png).await.unwrap();
    check(&there, &broken, 404).await;
    world.vault.alter(&gone);
    check(&there, &gone, 404).await;
}
