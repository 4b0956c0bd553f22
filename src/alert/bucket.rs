//! How often a channel may send: sliding windows over what it sent already. Pure; what was sent is the outbox's to know,
//! so that a robot that starts anew breaks no vendor's limit.

use super::SendRate;
use crate::moment::Moment;
use std::time::Duration;

/// One send, as the channel's receiver may count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The latest that it may have arrived.
    pub at: Moment,
    /// How much of the limit it took.
    pub sends: u32,
}

/// What wants to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// How much of the limit it takes.
    pub sends: u32,
    /// Whether it may take the last of it. What is not urgent leaves a quarter: it waits and is gathered meanwhile, so that
    /// what is urgent need not wait for it.
    pub urgent: bool,
}

/// The first moment from `now` on at which `wish` breaks none of `rates`; `now` when it may go out at once. What is
/// larger than a limit by itself goes out alone.
pub fn free_at(rates: &[SendRate], sent: &[Sent], wish: Wish, now: Moment) -> Moment {
    let mut sent = sent.to_vec();
    sent.sort_by_key(|sent| sent.at);
    rates.iter().map(|rate| free_of(*rate, &sent, wish, now)).max().unwrap_or(now)
}

/// The longest time that any of `rates` looks back.
pub fn longest(rates: &[SendRate]) -> Duration {
    rates.iter().map(|rate| rate.per).max().unwrap_or_default()
}

fn free_of(rate: SendRate, sent: &[Sent], wish: Wish, now: Moment) -> Moment {
    // What arrives exactly `per` later may still be counted with the first.
    let counted_until = |sent: &Sent| sent.at.after(rate.per);
    let counted = || sent.iter().filter(|sent| counted_until(sent) >= now);
    let at_most = rate.at_most.max(1);
    let left = if wish.urgent { 0 } else { at_most / 4 };
    let room = at_most.saturating_sub(wish.sends.saturating_add(left));
    let mut used: u32 = counted().map(|sent| sent.sends).sum();
    let mut free = now;
    for sent in counted() {
        if used <= room {
            break;
        }
        used -= sent.sends;
        free = counted_until(sent).after(Duration::from_millis(1));
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> Moment {
        Moment::from_millis(ms)
    }

    fn rate(at_most: u32, ms: u64) -> SendRate {
        SendRate { at_most, per: Duration::from_millis(ms) }
    }

    #[test]
    fn there_is_room_again_when_the_oldest_is_forgotten() {
        let checked = |rates: &[SendRate], sent: &[(i64, u32)], wish: Wish, now: i64, expected: i64| {
            let sent: Vec<Sent> = sent.iter().map(|(ms, sends)| Sent { at: at(*ms), sends: *sends }).collect();
            assert_eq!(free_at(rates, &sent, wish, at(now)), at(expected), "{rates:?} {sent:?} {wish:?} at {now}");
        };
        let check = |rates: &[SendRate], sent: &[(i64, u32)], sends: u32, now: i64, expected: i64| {
            checked(rates, sent, Wish { sends, urgent: true }, now, expected);
        };
        let two_a_second = rate(2, 1000);
        check(&[], &[(0, 9)], 9, 0, 0);
        check(&[two_a_second], &[], 1, 5, 5);
        check(&[two_a_second], &[(0, 1)], 1, 5, 5);
        check(&[two_a_second], &[(0, 1), (4, 1)], 1, 5, 1001);
        check(&[two_a_second], &[(4, 1), (0, 1)], 2, 5, 1005);
        check(&[two_a_second], &[(0, 2)], 1, 1000, 1001);
        check(&[two_a_second], &[(0, 2)], 1, 1001, 1001);
        // Under way: it has not arrived yet, and counts all the same.
        check(&[two_a_second], &[(30_000, 2)], 1, 5, 31_001);
        // Larger than the limit: alone, when nothing else is counted.
        check(&[two_a_second], &[(0, 1)], 3, 5, 1001);
        check(&[two_a_second], &[], 3, 5, 5);
        // All of them hold.
        check(&[rate(1, 10), rate(3, 60_000)], &[(0, 1), (100, 1), (200, 1)], 1, 205, 60_001);
        // What is not urgent leaves a quarter to what is.
        let eight_a_second = [rate(8, 1000)];
        for (urgent, expected) in [(true, 5), (false, 1001)] {
            checked(&eight_a_second, &[(0, 6)], Wish { sends: 1, urgent }, 5, expected);
            checked(&eight_a_second, &[(0, 5)], Wish { sends: 1, urgent }, 5, 5);
        }
        checked(&[two_a_second], &[(0, 1)], Wish { sends: 1, urgent: false }, 5, 5);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whenever somebody wants to send and however long it takes to arrive: no window holds more than it may, and
        /// nobody waits longer than needed.
        #[test]
        fn no_window_holds_more_than_at_most(
            rates in proptest::collection::vec((1..6u32, 1..2_000u64), 1..4),
            wishes in proptest::collection::vec((0..500i64, 1..3u32, 0..300i64, proptest::bool::ANY), 1..80),
        ) {
            let rates: Vec<SendRate> = rates.into_iter().map(|(at_most, per)| rate(at_most, per)).collect();
            let (mut now, mut sent) = (0, Vec::new());
            for (pause, sends, way, urgent) in wishes {
                now += pause;
                let wish = Wish { sends, urgent };
                let free = free_at(&rates, &sent, wish, at(now)).as_millis();
                prop_assert_eq!(free_at(&rates, &sent, wish, at(free)), at(free));
                prop_assert!(free == now || free_at(&rates, &sent, wish, at(free - 1)) == at(free));
                now = free;
                // It leaves at `now` and is known to have arrived at most `way` later, before the next is sent.
                sent.push(Sent { at: at(now + way), sends });
                now += way;
            }
            for rate in &rates {
                for first in &sent {
                    let window = sent.iter().filter(|s| s.at >= first.at && s.at <= first.at.after(rate.per));
                    let (alone, held) = (first.sends.max(rate.at_most), window.map(|s| s.sends).sum::<u32>());
                    prop_assert!(held <= alone, "{held} in one window of {rate:?}: {sent:?}");
                }
            }
        }
    }
}
