//! How people come in: whether sign-in is asked for, where people and sessions are kept, and how often may be tried.

use super::cookies::{Wire, cookie};
use super::locksmith::Locksmith;
use super::provider::{Gone, ProviderDoor};
use super::visitor::{Came, Visitor};
use crate::config::SignIn;
use crate::id::PersonId;
use crate::moment::Moment;
use crate::people::{
    Pass, PassHash, PassKind, PauseLimits, Pauses, PeopleError, Person, PersonName, Proof, Register, Role, SealingKey,
    Session, SessionLimits, Stage, Standing, fresh_bytes,
};
use axum::http::{HeaderMap, HeaderValue, header};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;

/// The session's cookie.
const SESSION: &str = "gengfu_session";
/// The cookie of a browser that a person has signed in from.
const DEVICE: &str = "gengfu_device";
/// How long such a browser is known.
const DEVICE_SECONDS: u64 = 180 * 86_400;
/// A request is noted when the last one noted is older than this.
const NOTED_EVERY: Duration = Duration::from_secs(60);
/// Characters kept of what a browser calls itself.
const BROWSER_CHARS_MAX: usize = 200;

/// What sign-in is made of.
pub struct DoorOptions {
    /// Whether it is asked for.
    pub sign_in: SignIn,
    /// Where people, sessions and tokens are kept.
    pub register: Arc<dyn Register>,
    /// What seals second factors and stamps forms; not kept in the register.
    pub key: SealingKey,
    /// How long sessions last.
    pub sessions: SessionLimits,
    /// The system that says who people are, besides their passwords or in their place.
    pub provider: Option<ProviderDoor>,
}

/// The doors of a console.
pub(super) struct Doors {
    pub sign_in: SignIn,
    pub register: Arc<dyn Register>,
    pub key: SealingKey,
    pub sessions: SessionLimits,
    pub provider: Option<ProviderDoor>,
    /// Ways back from it that were gone already.
    pub gone: Gone,
    pub locksmith: Locksmith,
    pub wire: Wire,
    by_name: Mutex<Pauses>,
    by_address: Mutex<Pauses>,
    /// Says that sessions ended, so that what streams to them ends, too.
    endings: broadcast::Sender<()>,
}

impl Doors {
    pub fn new(options: DoorOptions, wire: Wire) -> Self {
        Self {
            sign_in: options.sign_in,
            register: options.register,
            key: options.key,
            sessions: options.sessions,
            provider: options.provider,
            gone: Gone::default(),
            locksmith: Locksmith::default(),
            wire,
            by_name: Mutex::new(Pauses::new(PauseLimits::NAME)),
            by_address: Mutex::new(Pauses::new(PauseLimits::ADDRESS)),
            endings: broadcast::Sender::new(8),
        }
    }

    /// Who comes with this cookie, or from this machine where no sign-in is asked for.
    pub async fn by_cookie(&self, headers: &HeaderMap, now: Moment) -> Result<Option<Visitor>, PeopleError> {
        if self.sign_in == SignIn::Off {
            let name = Visitor::LOCAL.to_owned();
            let csrf = self.key.stamp("csrf/local");
            return Ok(Some(Visitor { name, role: Role::Administrator, person: None, came: Came::Local, csrf }));
        }
        let Some((session, person)) = self.stay(headers, Stage::In, now).await? else { return Ok(None) };
        // What a page fetches by itself keeps nobody signed in.
        if now.since(session.seen) >= NOTED_EVERY && !headers.contains_key("x-refresh") {
            noted(self.register.seen(session.id, now).await);
        }
        let csrf = self.key.stamp(&format!("csrf/{}", session.hash.as_str()));
        let came = Came::Session { id: session.id, hash: session.hash, proof: session.proof };
        Ok(Some(Visitor { name: person.name.to_string(), role: person.role, person: Some(person.id), came, csrf }))
    }

    /// Who comes with this token.
    pub async fn by_token(&self, text: &str, now: Moment) -> Result<Option<Visitor>, PeopleError> {
        let hash = Pass::claimed(PassKind::Token, text).hash();
        let Some((token, person)) = self.register.token(&hash).await? else { return Ok(None) };
        if !token.holds(now) || person.standing != Standing::Active || !self.takes_tokens(&person, now) {
            return Ok(None);
        }
        if token.used.is_none_or(|used| now.since(used) >= NOTED_EVERY) {
            noted(self.register.token_used(token.id, now).await);
        }
        let came = Came::Token { scopes: token.scopes };
        let name = person.name.to_string();
        Ok(Some(Visitor { name, role: person.role, person: Some(person.id), came, csrf: String::new() }))
    }

    /// Whether tokens of `person` are taken: not when it is long ago that the provider vouched for them.
    pub fn takes_tokens(&self, person: &Person, now: Moment) -> bool {
        self.provider.as_ref().is_none_or(|door| door.rules.takes_tokens(person, now))
    }

    /// Whether a password of `person` is taken.
    pub fn takes_password(&self, person: &Person) -> bool {
        self.provider.as_ref().is_none_or(|door| door.rules.takes_password(person))
    }

    /// The session of the request's cookie, if it has come as far as `stage` and holds.
    pub async fn stay(
        &self,
        headers: &HeaderMap,
        stage: Stage,
        now: Moment,
    ) -> Result<Option<(Session, Person)>, PeopleError> {
        let Some(pass) = cookie(headers, &self.wire.named(SESSION)) else { return Ok(None) };
        let found = self.register.session(&Pass::claimed(PassKind::Session, pass).hash()).await?;
        Ok(found.filter(|(session, person)| session.stage == stage && self.holds(session, person, now)))
    }

    /// Whether the session that `hash` opens still holds.
    pub async fn still(&self, hash: &PassHash, now: Moment) -> bool {
        // Not to be read is not held: a stream ends rather than going on for somebody who may be gone.
        let found = self.register.session(hash).await.ok().flatten();
        found.is_some_and(|(session, person)| session.stage == Stage::In && self.holds(&session, &person, now))
    }

    fn holds(&self, session: &Session, person: &Person, now: Moment) -> bool {
        session.holds(now, &self.sessions) && person.standing == Standing::Active
    }

    /// Begins a session, in the place of the one that the request came with, and gives its cookie.
    pub async fn begin(
        &self,
        person: PersonId,
        come: (Stage, Proof),
        request: (&HeaderMap, &str),
        now: Moment,
    ) -> Result<HeaderValue, PeopleError> {
        let ((headers, address), (stage, proof)) = (request, come);
        self.end_what_came(headers, now).await?;
        let pass = Pass::of(PassKind::Session, fresh_bytes());
        let browser = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let session = Session {
            id: crate::id::SessionId::fresh(),
            hash: pass.hash(),
            person,
            stage,
            proof,
            made: now,
            seen: now,
            ends: Session::ending(stage, now, &self.sessions),
            browser: browser.chars().take(BROWSER_CHARS_MAX).collect(),
            address: address.to_owned(),
        };
        self.register.begin(&session).await?;
        Ok(self.wire.set(SESSION, pass.expose(), None))
    }

    /// Ends the session of the request's cookie, whatever its stage.
    pub async fn end_what_came(&self, headers: &HeaderMap, now: Moment) -> Result<(), PeopleError> {
        let Some(pass) = cookie(headers, &self.wire.named(SESSION)) else { return Ok(()) };
        if let Some((session, _)) = self.register.session(&Pass::claimed(PassKind::Session, pass).hash()).await? {
            self.register.end(session.person, session.id, now).await?;
            self.tell_endings();
        }
        Ok(())
    }

    /// The cookie that takes the session's away.
    pub fn no_session(&self) -> HeaderValue {
        self.wire.set(SESSION, "", Some(0))
    }

    /// Says that sessions ended.
    pub fn tell_endings(&self) {
        let _nobody_streams = self.endings.send(());
    }

    /// Hears that sessions ended.
    pub fn endings(&self) -> broadcast::Receiver<()> {
        self.endings.subscribe()
    }
}

/// Who tries to get in, from where.
#[derive(Debug, Clone)]
pub(super) struct Trier {
    who: String,
    address: String,
    /// Whether they are in a browser that they have signed in from.
    known: bool,
}

impl Trier {
    /// Somebody who is known, and tries `what` once more: it is counted by itself.
    pub fn of_person(what: &str, person: PersonId, address: &str) -> Self {
        // No name holds a zero.
        Self { who: format!("{what}\0{person}"), address: address.to_owned(), known: false }
    }

    /// Somebody who says no name.
    pub fn of_address(what: &str, address: &str) -> Self {
        Self { who: format!("{what}\0{address}"), address: address.to_owned(), known: false }
    }

    /// Somebody who says no name and comes back from elsewhere, by a way that is gone once: they are counted by their address.
    pub fn of_way(way: &str, address: &str) -> Self {
        Self { who: format!("way\0{way}"), address: address.to_owned(), known: false }
    }
}

impl Doors {
    /// Who tries to be `name` from `address`. In a browser that this person has signed in from they are counted by
    /// themselves, so that nobody else's guessing keeps them out.
    pub fn trier(&self, name: &str, headers: &HeaderMap, address: &str) -> Trier {
        let folded = match name.parse::<PersonName>() {
            Ok(name) => name.folded().to_owned(),
            // Nobody's: all such are one.
            Err(_) => String::new(),
        };
        let device = cookie(headers, &self.wire.named(DEVICE)).filter(|device| self.is_device_of(device, &folded));
        let known = device.is_some();
        let who = match device {
            Some(device) => format!("{folded}\0{device}"),
            None => folded,
        };
        Trier { who, address: address.to_owned(), known }
    }

    /// Counts a try, or says how long they must wait before it. It counts as failed until it has passed, so that many tries
    /// at once are no more than one after another.
    pub fn attempt(&self, trier: &Trier, now: Moment) -> Option<Duration> {
        let (mut by_name, mut by_address) = (lock(&self.by_name), lock(&self.by_address));
        // A known browser is not held up by what others at its address do.
        let wait_there = if trier.known { None } else { by_address.wait(&trier.address, now) };
        let wait = by_name.wait(&trier.who, now).max(wait_there);
        if wait.is_none() {
            by_name.failed(&trier.who, now);
            by_address.failed(&trier.address, now);
        }
        wait
    }

    /// Notes that they got in. What others failed at their address stays counted, or one's own account would buy tries at
    /// others'.
    pub fn passed(&self, trier: &Trier) {
        lock(&self.by_name).passed(&trier.who);
        lock(&self.by_address).taken_back(&trier.address);
    }

    /// The cookie by which this browser is known as one that `name` has signed in from.
    pub fn device(&self, name: &PersonName) -> HeaderValue {
        let nonce = Pass::of(PassKind::Session, fresh_bytes());
        let stamp = self.key.stamp(&device_text(name.folded(), nonce.expose()));
        self.wire.set(DEVICE, &format!("{}.{stamp}", nonce.expose()), Some(DEVICE_SECONDS))
    }

    fn is_device_of(&self, device: &str, folded: &str) -> bool {
        let Some((nonce, stamp)) = device.split_once('.') else { return false };
        self.key.is_stamped(&device_text(folded, nonce), stamp)
    }
}

/// A visit that could not be noted is one all the same: a full disk keeps nobody from looking.
fn noted(written: Result<(), PeopleError>) {
    if let Err(error) = written {
        tracing::warn!(%error, "a visit could not be noted");
    }
}

fn device_text(folded: &str, nonce: &str) -> String {
    format!("device/{nonce}/{folded}")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub IpAddr);

/// The address that tries are counted by: the connection's, or what the proxy before the console says of it.
pub(super) fn address(peer: Option<Peer>, behind_proxy: bool, headers: &HeaderMap) -> String {
    let Some(Peer(peer)) = peer else { return "unknown".into() };
    let proxy = behind_proxy && peer.to_canonical().is_loopback();
    // The last entry is the proxy's own; those before it are whatever the visitor wrote.
    let said = headers.get_all("x-forwarded-for").iter().next_back().and_then(|v| v.to_str().ok());
    let said = said.and_then(|v| v.rsplit(',').next()).and_then(|v| v.trim().parse::<IpAddr>().ok());
    network(said.filter(|_| proxy).unwrap_or(peer))
}

/// Whose an address is: of IPv6 the network, since one machine has all of it.
pub(super) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let s = v6.segments();
            format!("{:x}:{:x}:{:x}:{:x}::/64", s[0], s[1], s[2], s[3])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_believed_from_the_proxy_only() {
        let check = |peer: &str, behind_proxy: bool, forwarded: &str, expected: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            assert_eq!(
                address(Some(Peer(peer.parse().unwrap())), behind_proxy, &headers),
                expected,
                "{peer} {forwarded}"
            );
        };
        check("127.0.0.1", true, "10.1.2.3", "10.1.2.3");
        check("127.0.0.1", true, "8.8.8.8, 10.1.2.3", "10.1.2.3");
        check("::ffff:127.0.0.1", true, "10.1.2.3", "10.1.2.3");
        check("127.0.0.1", false, "10.1.2.3", "127.0.0.1");
        check("192.168.1.9", true, "10.1.2.3", "192.168.1.9");
        check("127.0.0.1", true, "nobody", "127.0.0.1");
        check("2001:db8:1:2:3:4:5:6", false, "x", "2001:db8:1:2::/64");
    }
}
