//! Mishaps: those that come from the journey and not from the page, and what is said of any.

use super::super::port::{Mishap, Sight};
use super::super::{Failure, FailureKind, Trouble, TroubleKind};
use crate::journey::UnknownName;

impl From<UnknownName> for Mishap {
    fn from(unknown: UnknownName) -> Self {
        journey(unknown.to_string())
    }
}

/// The journey is wrong for this page.
pub(super) fn journey(said: impl Into<String>) -> Mishap {
    failure(FailureKind::Journey, said)
}

/// A failure without detail.
pub(super) fn failure(kind: FailureKind, said: impl Into<String>) -> Mishap {
    Mishap::Failure(Failure { kind, said: said.into(), detail: None, locus: None })
}

/// The robot cannot say.
pub(super) fn trouble(kind: TroubleKind, said: impl Into<String>) -> Mishap {
    Mishap::Trouble(Trouble { kind, said: said.into() })
}

/// Whether the page answers nothing any more, so that asking it for evidence would only cost time.
pub(super) fn is_mute(mishap: &Mishap) -> bool {
    match mishap {
        Mishap::Trouble(_) => true,
        Mishap::Failure(failure) => matches!(
            failure.kind,
            FailureKind::Unresponsive | FailureKind::Crashed | FailureKind::DialogStorm | FailureKind::PopupStorm
        ),
    }
}

pub(super) fn mishap_words(mishap: &Mishap) -> String {
    match mishap {
        Mishap::Failure(failure) => failure.said.clone(),
        Mishap::Trouble(trouble) => trouble.said.clone(),
    }
}

pub(super) fn sight_words(sight: &Sight) -> String {
    match sight {
        Sight::See { target, .. } | Sight::NotSee(target) => target.words.clone(),
        Sight::Path(glob) | Sight::UrlMatches(glob) => glob.clone(),
        Sight::Response(rule) => rule.path.clone(),
    }
}
