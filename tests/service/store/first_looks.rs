//! Which walks count as first looks.

use super::{at, filing, fresh, fund, walk_row};
use gengfu::id::WalkId;
use gengfu::incident::{Filed, Ledger as _};
use gengfu::walk::{Purpose, Verdict};

#[tokio::test]
async fn first_looks_are_what_got_to_its_end_for_its_own_sake() {
    let (_dir, store) = fresh().await;
    let look = |seconds: i64, verdict: Verdict, purpose: Purpose| {
        filing(walk_row(at(seconds), verdict, purpose), vec![], vec![])
    };
    let confirm = Purpose::Confirm { of: WalkId::fresh() };
    for filed in [
        look(10, Verdict::Passed, confirm),
        look(20, Verdict::Inconclusive, Purpose::Manual),
        look(30, Verdict::Failed, Purpose::Manual),
        look(40, Verdict::Degraded, Purpose::Manual),
    ] {
        assert_eq!(store.file(&filed).await, Ok(Filed::Written));
    }
    assert_eq!(store.known(&fund(), "wealth-h5", &[]).await.unwrap().first_looks, vec![at(40)]);
    for n in 1..=40 {
        store.file(&look(100 + n, Verdict::Passed, Purpose::Manual)).await.unwrap();
    }
    let newest: Vec<_> = (109..=140).rev().map(at).collect();
    assert_eq!(store.known(&fund(), "wealth-h5", &[]).await.unwrap().first_looks, newest);
}
