//! What was done, and what it was done to.

use crate::evidence::EvidenceKey;
use crate::id::{IncidentId, LogId, PersonId, WalkId, WindowId};
use std::fmt;

/// The longest name of a file, in characters.
const FILE_CHARS_MAX: usize = 400;

/// What was done. The words are kept in logs for years: one that is there is never given another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// The log itself began: its first entry, which names it.
    LogBegun,
    /// The robot began to keep watch.
    WatchBegun,
    /// It ended, as it was asked to.
    WatchEnded,
    /// An incident moved: `what` and `state` say how.
    IncidentMoved,
    /// A file that says what the robot does is another than when it last began, or is gone.
    ConfigChanged,
    /// Somebody looked at a walk, an incident or a piece of evidence.
    EvidenceSeen,
    /// Somebody was shown something while nothing could be recorded: how often, and since when.
    EvidenceSeenUnrecorded,
    /// No checkpoint could be kept from now on.
    CheckpointFailed,
    /// Checkpoints are kept again.
    CheckpointResumed,
    /// The newest checkpoint is not of this log as it is.
    CheckpointContradicted,
    /// Somebody was given an account, and a code that makes its password.
    PersonInvited,
    /// They made their password by it.
    PersonAdmitted,
    /// An account is another than before: `what` says how.
    PersonChanged,
    /// Somebody signed in.
    SignedIn,
    /// A stay at the console was ended by its person.
    SignedOut,
    /// Somebody made a token for a program.
    TokenMade,
    /// They ended it.
    TokenEnded,
    /// Complaint counts were taken in; what was known of their weeks is replaced.
    ComplaintsImported,
    /// Somebody asked for a walk now, or joined who did.
    WalkAsked,
    /// Somebody declared a maintenance window.
    MaintenanceDeclared,
    /// Somebody ended one early, or called it off.
    MaintenanceEnded,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 21] = [
        Action::LogBegun,
        Action::WatchBegun,
        Action::WatchEnded,
        Action::IncidentMoved,
        Action::ConfigChanged,
        Action::EvidenceSeen,
        Action::EvidenceSeenUnrecorded,
        Action::CheckpointFailed,
        Action::CheckpointResumed,
        Action::CheckpointContradicted,
        Action::PersonInvited,
        Action::PersonAdmitted,
        Action::PersonChanged,
        Action::SignedIn,
        Action::SignedOut,
        Action::TokenMade,
        Action::TokenEnded,
        Action::ComplaintsImported,
        Action::WalkAsked,
        Action::MaintenanceDeclared,
        Action::MaintenanceEnded,
    ];

    /// The word in logs.
    pub fn word(self) -> &'static str {
        match self {
            Action::LogBegun => "log-begun",
            Action::WatchBegun => "watch-begun",
            Action::WatchEnded => "watch-ended",
            Action::IncidentMoved => "incident-moved",
            Action::ConfigChanged => "config-changed",
            Action::EvidenceSeen => "evidence-seen",
            Action::EvidenceSeenUnrecorded => "evidence-seen-unrecorded",
            Action::CheckpointFailed => "checkpoint-failed",
            Action::CheckpointResumed => "checkpoint-resumed",
            Action::CheckpointContradicted => "checkpoint-contradicted",
            Action::PersonInvited => "person-invited",
            Action::PersonAdmitted => "person-admitted",
            Action::PersonChanged => "person-changed",
            Action::SignedIn => "signed-in",
            Action::SignedOut => "signed-out",
            Action::TokenMade => "token-made",
            Action::TokenEnded => "token-ended",
            Action::ComplaintsImported => "complaints-imported",
            Action::WalkAsked => "walk-asked",
            Action::MaintenanceDeclared => "maintenance-declared",
            Action::MaintenanceEnded => "maintenance-ended",
        }
    }
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    /// The log itself.
    Log(LogId),
    /// The watch as a whole.
    Watch,
    /// An incident.
    Incident(IncidentId),
    /// A walk.
    Walk(WalkId),
    /// A piece of evidence.
    Evidence(EvidenceKey),
    /// Somebody's account. A name that is given away anew is another person.
    Person(PersonId),
    /// A maintenance window.
    Window(WindowId),
    /// What customers complained of, as the bank counts it.
    Complaints,
    /// A file of the configuration, a journey or what it is held to, by its name as seen from the config file.
    File(String),
}

/// The kinds of objects, by which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// Files.
    File,
    /// Incidents.
    Incident,
}

impl ObjectKind {
    /// What the words of its objects begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            ObjectKind::File => "file/",
            ObjectKind::Incident => "incident/",
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Object::Log(id) => write!(f, "log/{id}"),
            Object::Watch => f.write_str("watch"),
            Object::Complaints => f.write_str("complaints"),
            Object::Incident(id) => write!(f, "{}{id}", ObjectKind::Incident.prefix()),
            Object::Walk(id) => write!(f, "walk/{id}"),
            Object::Window(id) => write!(f, "maintenance/{id}"),
            Object::Evidence(key) => write!(f, "evidence/{key}"),
            Object::Person(id) => write!(f, "person/{id}"),
            Object::File(name) => {
                let tame = name.chars().take(FILE_CHARS_MAX).map(|c| if c.is_control() { '\u{fffd}' } else { c });
                write!(f, "{}{}", ObjectKind::File.prefix(), tame.collect::<String>())
            }
        }
    }
}

/// The log that the word of an object names, if it names one.
pub(super) fn named_log(word: &str) -> Option<LogId> {
    word.strip_prefix("log/")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_action_has_a_word_of_its_own() {
        let words: BTreeSet<_> = Action::ALL.iter().map(|action| action.word()).collect();
        assert_eq!(words.len(), Action::ALL.len());
    }

    #[test]
    fn objects_are_words_of_one_line() {
        let check = |object: Object, expected: &str| assert_eq!(object.to_string(), expected);
        check(Object::Watch, "watch");
        check(Object::File("journeys/a\n.yaml".into()), "file/journeys/a\u{fffd}.yaml");
        let log = LogId::fresh();
        assert_eq!(named_log(&Object::Log(log).to_string()), Some(log));
        assert_eq!(named_log("log/x"), None);
    }
}
