//! The audit log tampered with at random, by people with and without patience: all of it is found, where it was done, and
//! no honest log is ever accused.
//!
//! Each round takes a log of some 60 entries with checkpoints, keeps in mind what one tampering changes, and compares what
//! the verifier says with that. The generator is seeded: a round that fails is repeated by its number.

#[path = "audit/ways.rs"]
mod ways;
#[path = "audit/writer.rs"]
mod writer;

use gengfu::audit::{Line, SigningKey, Standing, Tampering, v1, verify};
use std::collections::BTreeMap;
use ways::{Must, WAYS, alter, holds};
use writer::{Chance, Kept, Writer, honest};

/// Tampers in each of `rounds`, and counts how often in which way.
fn tamper_with(rounds: std::ops::Range<u64>) -> BTreeMap<&'static str, u32> {
    let mut writer = Writer::new(SigningKey::fresh().unwrap().0);
    let (public, mut honest_log, mut tally) = (writer.key.public(), None, BTreeMap::new());
    for round in rounds {
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15 ^ (round + 1).wrapping_mul(0x2545_f491_4f6c_dd1d));
        // Another log now and then; their number and that of the ways have no common divisor, so that each meets each.
        if round % 20 == 0 {
            let kept = honest(&mut writer, &mut chance);
            let clean = kept.report(&public);
            assert_eq!(
                (clean.standing(), clean.unvouched()),
                (Standing::Whole, 0),
                "round {round}: {:?}",
                clean.findings
            );
            honest_log = Some(kept);
        }
        let mut kept = honest_log.clone().unwrap();
        let victim = chance.within(4..=kept.last() - 9);
        let (name, tamper) = WAYS[(round % WAYS.len() as u64) as usize];
        let must = tamper(&mut kept, victim, &mut chance);
        let report = kept.report(&public);
        assert_eq!(report.standing(), Standing::Tampered, "round {round}: {name} at {victim} was not found");
        assert!(holds(&must, &report.findings), "round {round}: {name} at {victim}: {:?}", report.findings);
        *tally.entry(name).or_default() += 1;
    }
    tally
}

#[test]
fn ten_thousand_tamperings_are_found_and_located_and_honest_logs_never_accused() {
    let tallies = std::thread::scope(|threads| {
        let quarters = [0..2_500, 2_500..5_000, 5_000..7_500, 7_500..10_000];
        quarters.map(|rounds| threads.spawn(|| tamper_with(rounds))).map(|thread| thread.join().unwrap())
    });
    for (name, _) in WAYS {
        let times: u32 = tallies.iter().filter_map(|tally| tally.get(name)).sum();
        assert!(times >= 300, "{name}: {times}");
    }
}

#[test]
fn a_log_put_back_to_an_earlier_state_is_found_whether_or_not_it_went_on() {
    let (key, _) = SigningKey::fresh().unwrap();
    let public = key.public();
    let mut writer = Writer::new(key);
    for round in 0..1_000_u64 {
        let mut chance = Chance(0xd1b5_4a32_d192_ed03 ^ (round + 1).wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut kept = honest(&mut writer, &mut chance);
        let signed = *kept.signed().last().unwrap();
        let back_to = chance.within(4..=kept.last() - 3);
        kept.lines.truncate(back_to as usize);
        let told = kept.report(&public).findings;
        assert!(holds(&Must::Truncated { from: back_to + 1, to: signed }, &told), "round {round}: {told:?}");
        // The robot goes on from there, and signs it: less far than before, as far, or farther.
        let agreed = kept.signed().into_iter().filter(|signed| *signed <= back_to).max().unwrap_or(0);
        let entries = chance.within(1..=60);
        writer.go_on(&mut kept, entries, true, &mut chance);
        let told = kept.report(&public).findings;
        assert!(
            holds(&Must::RolledBack { first: back_to + 1, after: agreed }, &told),
            "round {round}: {back_to} {told:?}"
        );
    }
}

#[test]
fn what_is_newer_than_the_last_checkpoint_is_held_by_the_next_one_alone() {
    let mut writer = Writer::new(SigningKey::fresh().unwrap().0);
    let (public, mut chance) = (writer.key.public(), Chance(7));
    let mut kept = honest(&mut writer, &mut chance);
    (0..5).for_each(|_| writer.append(&mut kept, &mut chance));
    let report = kept.report(&public);
    assert_eq!((report.standing(), report.unvouched()), (Standing::Whole, 5));
    let cut = Kept { lines: kept.lines[..kept.lines.len() - 3].to_vec(), ..kept.clone() };
    assert_eq!(cut.report(&public).unvouched(), 2, "nobody can tell, and the report says how many are so");
    writer.sign(&mut kept);
    let cut = Kept { lines: cut.lines, ..kept.clone() };
    let (last, told) = (kept.last(), cut.report(&public).findings);
    assert!(holds(&Must::Truncated { from: last - 2, to: last }, &told), "{told:?}");
}

#[test]
fn without_checkpoints_the_chain_alone_vouches_for_nothing() {
    let mut writer = Writer::new(SigningKey::fresh().unwrap().0);
    let (public, mut chance) = (writer.key.public(), Chance(9));
    let kept = honest(&mut writer, &mut chance);
    let bare = Kept { checkpoints: Vec::new(), ..kept.clone() };
    assert_eq!(bare.report(&public).standing(), Standing::Unvouched);
    // The oldest put away: the first that is left vouches for all before it.
    let later = Kept { checkpoints: kept.checkpoints[1..].to_vec(), ..kept.clone() };
    let report = later.report(&public);
    assert_eq!((report.standing(), report.begins_at), (Standing::Whole, Some(2)));
    let none = Kept { lines: Vec::new(), ..kept.clone() };
    let told = none.report(&public).findings;
    assert!(holds(&Must::Truncated { from: 1, to: kept.last() }, &told), "{told:?}");
    let thief = SigningKey::fresh().unwrap().0.public();
    assert_eq!(kept.report(&thief).findings.len(), kept.checkpoints.len(), "another key than the one that signed");
}

#[test]
fn several_tamperings_are_told_each_at_its_place() {
    let mut writer = Writer::new(SigningKey::fresh().unwrap().0);
    let (public, mut chance) = (writer.key.public(), Chance(11));
    let mut kept = honest(&mut writer, &mut chance);
    let copy = kept.lines[3].clone();
    kept.lines.insert(30, copy);
    kept.lines.drain(19..22);
    alter(&mut kept.lines[9], &mut chance);
    assert_eq!(
        kept.report(&public).findings,
        [
            Tampering::Edited { from: 10, to: 10, since: None },
            Tampering::Removed { from: 20, to: 22 },
            Tampering::Inserted { after: 30, count: 1 },
        ]
    );
    // A log that was torn to pieces costs no more than one that was not, and is not told line by line.
    let every_third: Vec<Line> = kept.lines.iter().cloned().cycle().step_by(3).take(60_000).map(Line::Entry).collect();
    let report = verify(every_third, kept.checkpoints.clone(), &[public]);
    assert!(matches!(report.findings.last(), Some(Tampering::AndMore { .. })), "{}", report.findings.len());
    assert!(report.findings.len() < 5_000);
}

#[test]
fn any_bit_of_an_exported_log_that_is_flipped_is_found() {
    let mut writer = Writer::new(SigningKey::fresh().unwrap().0);
    let (public, mut chance) = (writer.key.public(), Chance(13));
    let mut kept = writer.begin();
    writer.go_on(&mut kept, 9, true, &mut chance);
    let text: String = kept.lines.iter().map(|entry| v1::entry_line(entry) + "\n").collect();
    let read = |text: &str| -> Vec<Line> {
        let line = |line: &str| match v1::read_entry(line) {
            Ok(entry) => Line::Entry(entry),
            Err(said) => Line::Unreadable { seq: None, at: None, said },
        };
        text.lines().map(line).collect()
    };
    assert_eq!(verify(read(&text), kept.checkpoints.clone(), &[public]).standing(), Standing::Whole);
    for _ in 0..2_000 {
        let mut bytes = text.clone().into_bytes();
        let at = chance.within(0..=bytes.len() as u64 - 1) as usize;
        bytes[at] ^= 1 << chance.within(0..=7);
        let flipped = String::from_utf8_lossy(&bytes).into_owned();
        let lines = read(&flipped);
        // White space between words, and another spelling of the same text, are the same entries.
        let same = lines == read(&text);
        let found = verify(lines, kept.checkpoints.clone(), &[public]).standing() == Standing::Tampered;
        assert!(same || found, "bit of byte {at}: {flipped}");
    }
}

#[test]
fn entries_that_changed_places_over_any_distance_are_known_again() {
    let mut writer = Writer::new(SigningKey::fresh().unwrap().0);
    let (public, mut chance) = (writer.key.public(), Chance(17));
    let mut kept = writer.begin();
    (0..3_000).for_each(|_| writer.append(&mut kept, &mut chance));
    writer.sign(&mut kept);
    kept.lines.swap(99, 2_499);
    (kept.lines[99].seq, kept.lines[2_499].seq) = (100, 2_500);
    let moved = [Tampering::Moved { from: 100, to: 100 }, Tampering::Moved { from: 2_500, to: 2_500 }];
    assert_eq!(kept.report(&public).findings, moved);
}
