//! Who holds how many of the live streams: nobody so many that another's page is not live.
//!
//! A page that is not in sight holds none, so that only somebody with many windows comes to the limit. Then the newest page
//! is the one that is looked at, and the one that listened longest, which may be of a machine that went to sleep, is
//! displaced. It is told so, and asks for its page now and then instead: two that displace each other again and again would
//! both be worse off.

use crate::id::PersonId;
use std::cmp::Reverse;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// Streams at once.
const LISTENERS_MAX: usize = 64;
/// And of one person's pages.
const LISTENERS_EACH: usize = 8;

/// The streams that are open. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Listeners(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    /// In the order in which they came.
    held: Vec<Held>,
    entered: u64,
}

struct Held {
    number: u64,
    /// None where no sign-in is asked for: nobody is told from another then.
    whose: Option<PersonId>,
    displaced: CancellationToken,
}

/// One stream's place, until it is dropped.
pub(super) struct Place {
    listeners: Listeners,
    number: u64,
    displaced: CancellationToken,
}

impl Listeners {
    /// A place for one stream more of `whose`, if need be that of the oldest of their own, or of who holds most. `None` when
    /// all are held by people who have no more of them.
    pub fn enter(&self, whose: Option<PersonId>) -> Option<Place> {
        let mut book = self.lock();
        let own = book.of(whose);
        let most = if whose.is_some() { LISTENERS_EACH } else { LISTENERS_MAX };
        let out = if own >= most {
            book.held.iter().position(|held| held.whose == whose)
        } else if book.held.len() >= LISTENERS_MAX {
            // Who gives one up still has as many as who gets it.
            Some(book.largest().filter(|(held, _)| *held > own + 1)?.1)
        } else {
            None
        };
        if let Some(out) = out {
            book.held.remove(out).displaced.cancel();
        }
        book.entered += 1;
        let (number, displaced) = (book.entered, CancellationToken::new());
        book.held.push(Held { number, whose, displaced: displaced.clone() });
        Some(Place { listeners: self.clone(), number, displaced })
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn of(&self, whose: Option<PersonId>) -> usize {
        self.held.iter().filter(|held| held.whose == whose).count()
    }

    /// How many who holds most has, and where the oldest of them stands.
    fn largest(&self) -> Option<(usize, usize)> {
        let counted = self.held.iter().enumerate().map(|(at, held)| (self.of(held.whose), Reverse(at)));
        counted.max().map(|(held, Reverse(at))| (held, at))
    }
}

impl Place {
    /// Until another stream has this place.
    pub async fn displaced(&self) {
        self.displaced.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.listeners.lock().held.retain(|held| held.number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Streams of `of` people, `each` of them one's own; and the people.
    fn held(of: usize, each: usize) -> (Listeners, Vec<Option<PersonId>>, Vec<Place>) {
        let listeners = Listeners::default();
        let people: Vec<Option<PersonId>> = (0..of).map(|_| somebody()).collect();
        let mut places = Vec::new();
        for whose in people.iter().copied() {
            places.extend((0..each).map(|_| listeners.enter(whose).unwrap()));
        }
        (listeners, people, places)
    }

    fn somebody() -> Option<PersonId> {
        Some(PersonId::fresh())
    }

    /// Which of the places were given to another.
    fn displaced(places: &[Place]) -> Vec<usize> {
        (0..places.len()).filter(|at| places[*at].displaced.is_cancelled()).collect()
    }

    #[test]
    fn a_person_displaces_the_oldest_of_their_own() {
        let (listeners, people, places) = held(2, LISTENERS_EACH);
        let _more = listeners.enter(people[1]).unwrap();
        assert_eq!(displaced(&places), [LISTENERS_EACH]);
        let _another = listeners.enter(people[1]).unwrap();
        assert_eq!(displaced(&places), [LISTENERS_EACH, LISTENERS_EACH + 1]);
    }

    #[test]
    fn when_all_are_held_who_holds_most_gives_one_to_who_has_fewer() {
        let check = |of: usize, each: usize, has: usize, expected: &[usize]| {
            let (listeners, _, places) = held(of, each);
            let newcomer = somebody();
            let mut own: Vec<Option<Place>> = (0..=has).map(|_| listeners.enter(newcomer)).collect();
            assert_eq!(displaced(&places), expected, "{of} × {each}, {has} of their own");
            assert_eq!(own.pop().unwrap().is_some(), has < expected.len(), "{of} × {each}, {has}");
        };
        check(8, 8, 0, &[0]);
        check(8, 8, 1, &[0, 8]);
        check(32, 2, 0, &[0]);
        check(32, 2, 1, &[0]);
        check(64, 1, 0, &[]);
    }

    #[test]
    fn where_nobody_signs_in_all_places_are_everybodys() {
        let listeners = Listeners::default();
        let places: Vec<Place> = (0..=LISTENERS_MAX).map(|_| listeners.enter(None).unwrap()).collect();
        assert_eq!(displaced(&places), [0]);
    }

    #[test]
    fn what_is_let_go_is_free_again() {
        let (listeners, people, mut places) = held(1, LISTENERS_EACH);
        places.swap_remove(3);
        places.push(listeners.enter(people[0]).unwrap());
        assert_eq!(displaced(&places), Vec::<usize>::new());
        drop(places);
        assert!(listeners.lock().held.is_empty());
    }
}
