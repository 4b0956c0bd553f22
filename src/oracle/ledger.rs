//! What a known customer owns, and what of others they must never see. Their values are personal: they are told veiled.
//!
//! All that is wrong with what a customer owns is one breach an oracle, as one backend's figures go wrong together; so is all
//! that is others'.

use super::breach::{BreachKind, Said};
use super::judgement::{Judging, Met, agree};
use super::tell::veiled;
use super::witness::Rows;
use crate::journey::Value;
use crate::journey::oracle::{Oracle, Place, Private, Registry, Subject, plain_text};
use std::collections::BTreeSet;

/// What stands behind an oracle's name in the topic of what its customers own.
const OWNED: &str = "/ledger";
/// And in that of what is others'.
const OTHERS: &str = "/others";

/// The topic of what an oracle's customers own.
pub(super) fn topic_of(held: &Oracle) -> String {
    format!("{}{OWNED}", held.id)
}

/// Whether a figure's topic is one of those that `told` was told for.
pub(super) fn is_topic_of(told: &str, figure: &str) -> bool {
    told.strip_suffix(OWNED).is_some_and(|oracle| figure.split('/').next() == Some(oracle))
}

impl<'w> Judging<'w> {
    /// A row's figures against the customer's ledger. What places and claims say of them is told before: it says more.
    pub(super) fn hold_to_ledger(&mut self, met: &Met<'w>) {
        let registry = met.of.registry.as_ref().filter(|registry| registry.ledger);
        let Some(owned) = registry.and_then(|registry| self.rows(registry)?.get(&met.key)) else { return };
        for (name, shown) in &met.values {
            let Some((figure, owned)) = met.of.figure(name).zip(owned.get(name)) else { continue };
            if figure.ticks || self.is_told_of(met, name) || agree(shown, owned, figure.tolerance) {
                continue;
            }
            let (title, place) = (&figure.title, met.at.source.shown());
            let zh = format!("{place} 上的{title}是 {}，客户台账里是 {}", said(shown), said(owned));
            let en = format!("{title} is {} at {place} and {} in the customer's ledger", said(shown), said(owned));
            self.set_wrong(met, name);
            self.tell(met.held, met.of, (title.clone(), zh, en));
        }
    }

    /// A list against what the customer owns: `whole` when it shows all of it.
    pub(super) fn owned(
        &mut self,
        rows: &Rows,
        (held, of, at): (&'w Oracle, &'w Subject, &'w Place),
        registry: &'w Registry,
        whole: bool,
    ) {
        let Some(owned) = self.rows(registry) else {
            let why = match self.witness.account.first() {
                Some(_) if registry.accounts.is_empty() => format!("{} could not be read", registry.name),
                Some(account) => format!("{} has no account {account}", registry.name),
                None => "the journey is walked without an account".to_owned(),
            };
            return self.unjudged(format!("{}/{}: ledger", held.id, of.id), why);
        };
        let (place, title) = (at.source.shown(), &of.title);
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for key in rows.rows.iter().map(|row| row.key.as_str()) {
            if !seen.insert(key) {
                let zh = format!("{place} 上的{title} {} 出现了不止一次", veiled(key));
                let en = format!("{title} {} stands more than once at {place}", veiled(key));
                self.tell(held, of, (format!("{title} {}", veiled(key)), zh, en));
            }
        }
        if !whole {
            return;
        }
        let listed: Vec<&String> =
            owned.iter().filter(|(_, row)| self.is_listed(registry, row)).map(|(key, _)| key).collect();
        for key in listed.iter().filter(|key| !seen.contains(key.as_str())) {
            let zh = format!("客户台账里的{title} {} 没有显示在 {place}", veiled(key));
            let en = format!("{title} {} of the customer's ledger is not at {place}", veiled(key));
            self.tell(held, of, (format!("{title} {}", veiled(key)), zh, en));
        }
        for key in seen.iter().filter(|key| !owned.contains_key(**key)) {
            let zh = format!("{place} 上有{title} {}，客户台账里没有", veiled(key));
            let en = format!("{title} {} is at {place} and not in the customer's ledger", veiled(key));
            self.tell(held, of, (format!("{title} {}", veiled(key)), zh, en));
        }
    }

    /// What a page shows that is another customer's alone.
    pub(super) fn strangers(&mut self, text: &str) {
        let witness = self.witness;
        if witness.account.is_empty() {
            return;
        }
        let text = plain_text(text);
        for held in &witness.oracles {
            let Some(customers) = &held.customers else { continue };
            let is_own = |private: &&Private| witness.account.contains(&private.account);
            let mut own: Vec<&str> = customers.private.iter().filter(is_own).map(|p| p.text.as_str()).collect();
            if own.is_empty() {
                // Nobody knows whose page this is: their own name would be told as another's.
                let why = format!("{} has no account {}", customers.file, witness.account.join(" or "));
                self.unjudged(format!("{}: customers", held.id), why);
                continue;
            }
            // What is their own may hold what is another's: 王伟 in 王伟民.
            own.sort_by_key(|text| std::cmp::Reverse(text.len()));
            let foreign = own.iter().fold(text.clone(), |text, own| text.replace(own, "\u{fffc}"));
            let others = customers.private.iter().filter(|p| !is_own(p) && !own.contains(&p.text.as_str()));
            for Private { title, text: theirs, .. } in others.filter(|p| stands_in(&p.text, &foreign)) {
                let zh = format!("页面上出现了别的客户的{title}：{}", veiled(theirs));
                let en = format!("the page shows another customer's {title}: {}", veiled(theirs));
                let said = Said { key: format!("{title} {}", veiled(theirs)), zh, en };
                self.gathered.add(BreachKind::Foreign, format!("{}{OTHERS}", held.id), true, said);
            }
        }
    }

    fn tell(&mut self, held: &Oracle, of: &Subject, (key, zh, en): (String, String, String)) {
        self.gathered.add(BreachKind::NotOwned, topic_of(held), of.urgent, Said { key, zh, en });
    }
}

/// Nothing is nobody's secret.
fn said(value: &Value) -> String {
    match value {
        Value::Figure(figure) if figure.is_zero() => "0".to_owned(),
        value => veiled(&value.plain()),
    }
}

/// Whether a text stands in another as itself: no part of a longer number or word. Chinese words have no gaps between them:
/// a name of two characters is one only where no other stands beside it, as 何山 is none in 任何山区.
fn stands_in(theirs: &str, text: &str) -> bool {
    let short = theirs.chars().count() <= 2;
    let joins = |inner: Option<char>, outer: Option<char>, beyond: Option<char>| {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || (short && c.is_alphabetic()));
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let point = outer.is_some_and(|c| matches!(c, '.' | ','));
        (word(inner) && word(outer)) || (point && digit(inner) && digit(beyond))
    };
    text.match_indices(theirs).any(|(at, found)| {
        let (mut before, mut after) = (text[..at].chars().rev(), text[at + found.len()..].chars());
        let (first, last) = (found.chars().next(), found.chars().next_back());
        !joins(first, before.next(), before.next()) && !joins(last, after.next(), after.next())
    })
}

#[cfg(test)]
mod tests {
    use super::stands_in;

    #[test]
    fn a_part_of_a_longer_number_is_nobodys() {
        let check = |theirs: &str, text: &str, expected: bool| {
            assert_eq!(stands_in(theirs, text), expected, "{theirs} in {text}");
        };
        check("周慕青", "您好,周慕青先生", true);
        check("138****0002", "手机 138****0002", true);
        check("138****0002", "手机 138****00021", false);
        check("PATROL-7F3A", "转账(PATROL-7F3A)", true);
        check("PATROL-7F3A", "XPATROL-7F3A, PATROL-7F3AB", false);
        check("50000", "150000 和 50000", true);
        check("50000", "50000.25 或 1,50000", false);
        check("50000", "余额50000。", true);
        check("何山", "任何山区均可办理", false);
        check("何山", "您好,何山!", true);
    }
}
