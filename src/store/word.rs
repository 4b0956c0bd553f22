//! The words stored for closed sets, read back.

use super::trouble::unreadable;
use crate::alert::NoticeState;
use crate::finding::Severity;
use crate::incident::{Kind, LedgerError, MissReason, SightingRole, Stage, Standing, State, Untold, What};
use crate::people::{Role, Stage as SignInStage, Standing as PersonStanding, Way as SignInWay};
use crate::walk::{Attribution, Class, Verdict};

/// A closed set whose members are stored as words.
pub(super) trait Worded: Copy + 'static {
    const ALL: &'static [Self];
    fn word(self) -> &'static str;
}

macro_rules! worded {
    ($($kind:ident: $($member:ident)*;)*) => {
        $(impl Worded for $kind {
            const ALL: &'static [Self] = &[$($kind::$member),*];
            fn word(self) -> &'static str {
                $kind::word(self)
            }
        })*
    };
}

worded! {
    Verdict: Passed Degraded Failed Inconclusive;
    Class: Blocked Broken Abnormal Slow;
    Attribution: Product TestData Protection Network Robot;
    Severity: P1 P2 P3;
    Kind: App Robot;
    State: Suspected Open Recovered;
    SightingRole: Suspicion Confirmation Repeat Refutation;
    What: Suspected Unconfirmed Opened Sighted Worsened Narrowed Recovered Reopened Passed Closed ClaimRefused Escalated
        Assigned Acknowledged FixBegun FixClaimed CalledFalse LeftAsItIs CalledDuplicate TakenUp Muted Unmuted Retagged Noted;
    Stage: New Assigned Acknowledged Fixing FixClaimed FalseAlarm WontFix Duplicate;
    Standing: Suspected Confirmed Assigned Acknowledged Fixing FixClaimed Verifying Closed FalseAlarm WontFix Duplicate;
    Untold: Opened Worsened Lasting;
    MissReason: Away Overlap Busy Lost Draining Ledger;
    Role: Viewer Operator Author Approver Administrator Auditor;
    PersonStanding: Active Invited Disabled;
    SignInStage: Halfway In;
    SignInWay: Password Provider;
    NoticeState: Waiting Delivered Undeliverable Superseded Gathered Standby Spared Withdrawn;
}

/// The member that `word` stands for.
pub(super) fn parse<T: Worded>(column: &str, word: &str) -> Result<T, LedgerError> {
    T::ALL.iter().copied().find(|m| m.word() == word).ok_or_else(|| unreadable(column, word))
}
