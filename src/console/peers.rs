//! Who holds how many of the console's connections: no address holds so many that nobody else comes in.

use super::doors::network;
use crate::moment::Moment;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often is told that somebody was turned away.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// The connections of each address. Clones are the same.
#[derive(Clone)]
pub(super) struct Peers {
    most: usize,
    /// Whether a proxy on this machine stands before the console.
    behind_proxy: bool,
    book: Arc<Mutex<Book>>,
}

#[derive(Default)]
struct Book {
    /// Only those who hold any.
    held: HashMap<String, usize>,
    turned_away: u64,
    told: Option<Moment>,
}

/// One connection of an address, until it is dropped.
pub(super) struct Seat {
    peers: Peers,
    peer: String,
}

impl Peers {
    /// Nobody is connected; each address may hold `most`, but for a proxy on this machine: all come by that one.
    pub fn new(most: usize, behind_proxy: bool) -> Self {
        Self { most, behind_proxy, book: Arc::default() }
    }

    /// One connection more of `peer`; `None` when it holds as many as it may.
    pub fn enter(&self, peer: IpAddr) -> Option<Seat> {
        let most = if self.behind_proxy && peer.to_canonical().is_loopback() { usize::MAX } else { self.most };
        let peer = network(peer);
        let mut book = self.lock();
        let held = book.held.get(&peer).copied().unwrap_or(0);
        if held >= most {
            book.turned_away += 1;
            return None;
        }
        book.held.insert(peer.clone(), held + 1);
        drop(book);
        Some(Seat { peers: self.clone(), peer })
    }

    /// How many were turned away since the last word on it, when another is due.
    pub fn to_tell(&self, now: Moment) -> Option<u64> {
        let mut book = self.lock();
        if book.turned_away == 0 || book.told.is_some_and(|told| now.since(told) < TOLD_EVERY) {
            return None;
        }
        book.told = Some(now);
        Some(std::mem::take(&mut book.turned_away))
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut book = self.peers.lock();
        match book.held.get_mut(&self.peer) {
            Some(held) if *held > 1 => *held -= 1,
            _ => drop(book.held.remove(&self.peer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_so_many_and_what_it_lets_go_is_free_again() {
        let peers = Peers::new(2, false);
        let mut check = {
            let mut seats = Vec::new();
            let peers = peers.clone();
            move |peer: &str, expected: bool| {
                let seat = peers.enter(peer.parse().unwrap());
                assert_eq!(seat.is_some(), expected, "{peer}");
                seats.extend(seat);
            }
        };
        check("10.0.0.1", true);
        check("10.0.0.1", true);
        check("10.0.0.1", false);
        check("::ffff:10.0.0.1", false);
        check("10.0.0.2", true);
        // One machine has a whole network of the new kind.
        check("2001:db8::1", true);
        check("2001:db8::2", true);
        check("2001:db8::3", false);
        check("2001:db8:0:1::1", true);
        drop(check);
        assert!(peers.lock().held.is_empty(), "nothing is remembered of who is gone");
        assert!(peers.enter("10.0.0.1".parse().unwrap()).is_some());
    }

    #[test]
    fn a_proxy_on_this_machine_brings_all_there_are() {
        let check = |peer: &str, behind_proxy: bool, expected: bool| {
            let peers = Peers::new(1, behind_proxy);
            let seats: Vec<_> = (0..2).map(|_| peers.enter(peer.parse().unwrap())).collect();
            assert_eq!(seats.iter().all(Option::is_some), expected, "{peer} {behind_proxy}");
        };
        check("127.0.0.1", true, true);
        check("::1", true, true);
        check("::ffff:127.0.0.1", true, true);
        check("127.0.0.1", false, false);
        check("10.0.0.1", true, false);
    }

    #[test]
    fn who_is_turned_away_is_counted_and_told_once_a_minute() {
        let peers = Peers::new(0, true);
        let tell = |second: i64| peers.to_tell(Moment::from_millis(second * 1_000));
        assert_eq!(tell(0), None);
        for _ in 0..3 {
            assert!(peers.enter("10.0.0.1".parse().unwrap()).is_none());
        }
        assert_eq!((tell(1), tell(2)), (Some(3), None));
        assert!(peers.enter("10.0.0.1".parse().unwrap()).is_none());
        assert_eq!((tell(60), tell(61)), (None, Some(1)));
    }
}
