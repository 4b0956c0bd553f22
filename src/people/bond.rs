//! What ties a person to a sign-in provider: whoever leaves there is vouched for no more, and nobody says so here.

use crate::moment::Moment;
use std::time::Duration;

/// Since when a person is somebody at a provider, and when it last said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bond {
    /// When it was said here who they are there.
    pub joined: Moment,
    /// When the provider last vouched for them.
    pub vouched: Option<Moment>,
    /// Whether an administrator lets them come in by password, too.
    pub password_too: bool,
}

impl Bond {
    /// Until when the provider's last word is believed, if one is believed for `live`. Who was only just joined is believed
    /// for as long: an administrator has said who they are.
    pub fn holds_until(&self, live: Duration) -> Moment {
        self.vouched.map_or(self.joined, |vouched| vouched.max(self.joined)).after(live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts() {
        let at = |second: i64| Moment::from_millis(second * 1000);
        let check = |joined: i64, vouched: Option<i64>, expected: i64| {
            let bond = Bond { joined: at(joined), vouched: vouched.map(at), password_too: false };
            assert_eq!(bond.holds_until(Duration::from_secs(10)), at(expected), "{joined} {vouched:?}");
        };
        check(5, None, 15);
        check(5, Some(7), 17);
        // Joined anew, to another name there, after it had last vouched.
        check(9, Some(7), 19);
    }
}
