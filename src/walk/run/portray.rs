//! Pictures that a journey asks for by name.

use super::super::port::Mishap;
use super::super::{Portrait, TroubleKind};
use super::engine::Walking;
use super::mishaps::trouble;
use super::verbs::Done;
use crate::evidence::{EvidenceKey, EvidenceKind};
use crate::journey::Locator;
use std::time::Duration;

impl Walking<'_> {
    /// A picture that a `screenshot` step asked for, kept under the step.
    pub(super) async fn named_picture(
        &mut self,
        target: Option<&Locator>,
    ) -> Result<Result<EvidenceKey, String>, Mishap> {
        let target = target.map(|t| self.scope.target(t)).transpose()?;
        let picture = self.lane.picture(target.as_ref()).await;
        Ok(self.keeping.store_picture(picture, EvidenceKind::Jpeg).await)
    }

    /// The page for a comparison. Where it cannot be had there is none, and the walk says so.
    pub(super) async fn portray(
        &mut self,
        name: &str,
        without: &[Locator],
        within: Duration,
        done: &mut Done,
    ) -> Result<(), Mishap> {
        let without: Vec<_> = without.iter().map(|locator| self.scope.target(locator)).collect::<Result<_, _>>()?;
        let (picture, scene) = match self.lane.pose(&without, within).await {
            Ok(posed) => (Ok(posed.picture), Some(posed.scene)),
            Err(why) => (Err(why), None),
        };
        let kept = self.keeping.store_picture(picture, EvidenceKind::Png).await;
        match (&kept, scene) {
            (Ok(key), Some(scene)) => {
                done.portrait = Some(Box::new(Portrait { name: name.to_owned(), picture: key.clone(), scene }));
            }
            (Err(why), _) => self.losses.push(format!("the picture `{name}` was not compared: {why}")),
            (Ok(_), None) => return Err(trouble(TroubleKind::Defect, "a picture without a scene")),
        }
        done.picture = Some(kept);
        Ok(())
    }
}
