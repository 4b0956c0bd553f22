//! Whose copy is whose, and when one is gone.

use super::*;

#[tokio::test]
async fn the_copy_of_another_address_is_none_and_does_not_stay() {
    let bank = Bank::open(five).await;
    let stage = Stage::of(&format!("{}/old", bank.base), "");
    stage.check(5, "").await;
    let old = stage.copy();
    let others = stage.folder.path().join("registries/bank.products.funds.0a1b2c3d.json");
    std::fs::copy(&old, &others).unwrap();
    let stage = Stage { oracles: Stage::of(&format!("{}/new", bank.base), "").oracles, ..stage };
    bank.answers(down);
    stage.check(0, "there is no copy of it").await;
    bank.answers(two);
    stage.later(60);
    stage.check(2, "").await;
    let size = |path: &Path| path.metadata().unwrap().len();
    assert!(size(&old) > 0, "another robot may still be served by it");
    stage.later(24 * 3600);
    stage.check(2, "").await;
    assert_eq!((size(&old), size(&others) > 0), (0, true));
}

/// Two robots, or two apps, that keep copies in one folder: what the one keeps is no word of the other's.
#[tokio::test]
async fn what_one_registry_keeps_makes_no_other_believe_what_shrank() {
    let said = async |app: &str, quiet: u64| {
        let (here, there) = (Bank::open(five).await, Bank::open(five).await);
        let stage = Stage::of(&here.base, "");
        stage.check(5, "").await;
        let text = text(&there.base, "").replace("app: bank", &format!("app: {app}"));
        let other = load_oracle("oracles/products.yaml", &File(text), &Limits::default()).unwrap();
        let registries = registries(stage.folder.path(), &stage.clock);
        stage.later(quiet);
        registries.supply(&[Arc::new(other)], false).await;
        here.answers(two);
        stage.later(600);
        let losses = stage.registries.supply(&stage.oracles, false).await.losses;
        format!("{app} after {quiet} s: {}", losses.join("\n"))
    };
    let all = [said("bank-web", 600).await, said("bank", 600).await, said("bank", 25 * 3600).await];
    let believed: Vec<_> = all.iter().filter(|said| !said.contains("has 2 rows where it had 5")).collect();
    assert_eq!(believed, Vec::<&String>::new());
}

#[tokio::test]
async fn a_disk_that_is_not_there_is_nobodys_word() {
    let bank = Bank::open(five).await;
    let stage = Stage::of(&bank.base, "");
    stage.check(5, "").await;
    let folder = stage.folder.path().join("registries");
    std::fs::rename(&folder, folder.with_extension("away")).unwrap();
    bank.answers(two);
    stage.later(600);
    stage.check(2, "has 2 rows where it had 5").await;
}
