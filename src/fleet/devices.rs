//! A walk's figures beside those that walks on other devices read.

use super::experience::SHELF_WITHIN;
use crate::baseline::{Sheet, SheetOf, Shelf, ShelfError, Usual};
use crate::detector::judge_beyond;
use crate::walk::{Verdict, WalkRecord};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How often something is written anew because another walk wrote the same sheet meanwhile.
const TRIES_MAX: usize = 5;

/// What the devices of each app showed last. Clones share it.
#[derive(Clone)]
pub(super) struct Devices {
    shelf: Arc<dyn Shelf>,
    turn: Arc<Mutex<()>>,
}

impl Devices {
    /// Devices compared by what is kept on `shelf`.
    pub(super) fn new(shelf: Arc<dyn Shelf>) -> Self {
        Self { shelf, turn: Arc::default() }
    }

    /// Writes into the record what other devices show otherwise, and keeps what this one showed. A walk that failed
    /// neither decides nor is kept: its page is not what the device shows. What could not be done stands in its losses.
    pub(super) async fn compare(&self, record: &mut WalkRecord, usual: &Usual) {
        record.steps.iter_mut().for_each(|step| step.seen.apart.clear());
        let nothing = record.steps.iter().all(|step| step.seen.alike.is_empty());
        if nothing || !matches!(judge_beyond(record, usual).verdict, Verdict::Passed | Verdict::Degraded) {
            return;
        }
        let (of, mut compared) = (SheetOf::of(record), false);
        let late = |_| ShelfError { place: of.app.clone(), said: "it could not be had in time".into() };
        let done = tokio::time::timeout(SHELF_WITHIN, self.compare_and_keep(&of, record, &mut compared)).await;
        if let Err(error) = done.map_err(late).and_then(|done| done) {
            record.losses.push(match compared {
                true => format!("the walk's figures were not kept for other devices to be compared with: {error}"),
                false => format!("the walk's figures were compared with no other device's: {error}"),
            });
        }
    }

    async fn compare_and_keep(
        &self,
        of: &SheetOf,
        record: &mut WalkRecord,
        compared: &mut bool,
    ) -> Result<(), ShelfError> {
        // Between processes the shelf decides; within this one nobody has to try again for another's sake.
        let _turn = self.turn.lock().await;
        for _ in 0..TRIES_MAX {
            let was: Sheet = self.shelf.sheet(of).await?;
            was.compare(record);
            *compared = true;
            let mut with = was.clone();
            if !with.learn(record) || self.shelf.replace_sheet(of, &was, &with).await? {
                return Ok(());
            }
        }
        Err(ShelfError { place: of.app.clone(), said: "others write its figures all the time".into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Lesson;
    use crate::detector::sample::{step, step_with, walk};
    use crate::fleet::Experience;
    use crate::fleet::experience::tests::{no_pictures, one};
    use crate::journey::Value;
    use crate::journey::oracle::{Across, Tolerance};
    use crate::moment::Moment;
    use crate::money::Decimal;
    use crate::oracle::Alike;
    use crate::walk::{AlikeSeen, ScriptError};
    use std::time::Duration;

    const MINUTE: Duration = Duration::from_secs(60);

    /// A walk on a device so many minutes after the first, which reads this value; `thrown` where its page is broken, too.
    fn look(device: &str, minute: u32, nav: i64, thrown: bool) -> WalkRecord {
        let figure = Alike {
            topic: "products/fund.nav".into(),
            key: "A1".into(),
            zh: "净值".into(),
            en: "NAV".into(),
            urgent: true,
            value: Value::Figure(Decimal::from(nav)),
            read: Duration::ZERO,
            tolerance: Tolerance::Amount(Decimal::ZERO),
            across: Across { within: 15 * MINUTE, settles: MINUTE },
        };
        let led_by = step("funds").id;
        let mut record = walk([step_with("funds", |s| {
            s.seen.alike = vec![AlikeSeen { figure, led_by }];
            let error = || ScriptError { text: "a is null".into(), frame: None, own: true, offset: Duration::ZERO };
            s.seen.script_errors = thrown.then(error).into_iter().collect();
        })]);
        (record.device, record.started) = (device.into(), Moment::from_millis(0).after(minute * MINUTE));
        record
    }

    /// Whether the last of these walks is told that another device differs.
    async fn check(walks: Vec<WalkRecord>, expected: bool) {
        let experience = Experience::new(one(Some(Default::default())), no_pictures(), Lesson::Clean);
        let mut told = None;
        for record in walks {
            let walked = experience.judge(record).await;
            assert_eq!(walked.record.losses, Vec::<String>::new());
            told =
                Some((walked.judged.verdict, walked.judged.findings.iter().any(|f| f.detector == "devices-disagree")));
        }
        let verdict = if expected { Verdict::Degraded } else { Verdict::Passed };
        assert_eq!(told, Some((verdict, expected)));
    }

    /// PS11.
    #[tokio::test]
    async fn a_walk_is_compared_with_those_on_other_devices() {
        let (web, h5) = ("desktop", "h5-iphone");
        let looks = |nav| vec![look(web, 0, 1, false), look(h5, 1, nav, false), look(web, 3, 1, false)];
        check([looks(2), vec![look(h5, 4, 2, false)]].concat(), true).await;
        check([looks(1), vec![look(h5, 4, 1, false)]].concat(), false).await;
        // Addresses have nothing to do with each other.
        let elsewhere = WalkRecord { base: "https://staging.test".into(), ..look(h5, 4, 2, false) };
        check([looks(2), vec![elsewhere]].concat(), false).await;
    }

    #[tokio::test]
    async fn what_a_broken_page_shows_is_silent() {
        let (web, h5) = ("desktop", "h5-iphone");
        let broken = look(h5, 1, 2, true);
        check(vec![look(web, 0, 1, false), broken, look(web, 3, 1, false), look(h5, 4, 2, false)], false).await;
    }

    /// However many walks end together.
    #[tokio::test]
    async fn walks_that_end_together_are_all_kept() {
        let experience = Experience::new(one(Some(Default::default())), no_pictures(), Lesson::Clean);
        let devices: Vec<String> = (0..10).map(|number| format!("device-{number}")).collect();
        let walks = devices.iter().map(|device| experience.judge(look(device, 0, 1, false)));
        for walked in futures_util::future::join_all(walks).await {
            assert_eq!(walked.record.losses, Vec::<String>::new());
        }
    }
}
