//! What an answer's headers promise for the customer's safety, by its meaning: a site that moves from `X-Frame-Options`
//! to `frame-ancestors` breaks no promise, and one whose policy goes to `Report-Only` does. A policy in
//! a page's `<meta>` is not read.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// Cookies kept of one answer; of each at most three promises.
const COOKIES_MAX: usize = 20;
/// Characters kept of a cookie's name.
const NAME_CHARS_MAX: usize = 60;

/// A protection of the customer that the browser holds because an answer says so. Sources: RFC 6797 (HSTS), CSP Level 3,
/// RFC 7034 (`X-Frame-Options`), RFC 6265bis (cookies), the Fetch and Referrer Policy standards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Promise {
    /// The browser comes over TLS only (`Strict-Transport-Security`).
    HttpsOnly,
    /// So it does to the subdomains.
    HttpsOnlyBelow,
    /// There is an enforced content security policy.
    ContentPolicy,
    /// Scripts written into the page do not run.
    NoInlineScript,
    /// Text is not run as script.
    NoEval,
    /// Other sites cannot show the page in a frame, where clicks can be stolen.
    NotFramed,
    /// A file is what its type says (`X-Content-Type-Options: nosniff`).
    NotSniffed,
    /// Other sites do not learn the page's whole address (`Referrer-Policy`).
    ReferrerKept,
    /// The page stays in no cache (`Cache-Control: no-store`).
    NotStored,
    /// A cookie is marked so.
    Cookie {
        /// The cookie.
        name: String,
        /// How.
        flag: CookieFlag,
    },
}

/// What a cookie may be marked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CookieFlag {
    /// Goes over TLS only.
    Secure,
    /// Scripts cannot read it.
    HttpOnly,
    /// Does not go with requests that other sites cause (`Lax` or `Strict`).
    SameSite,
}

/// Every promise but those of cookies, with its word in records.
const WORDS: [(Promise, &str); 9] = [
    (Promise::HttpsOnly, "https-only"),
    (Promise::HttpsOnlyBelow, "https-only-below"),
    (Promise::ContentPolicy, "content-policy"),
    (Promise::NoInlineScript, "no-inline-script"),
    (Promise::NoEval, "no-eval"),
    (Promise::NotFramed, "not-framed"),
    (Promise::NotSniffed, "not-sniffed"),
    (Promise::ReferrerKept, "referrer-kept"),
    (Promise::NotStored, "not-stored"),
];
const FLAGS: [(CookieFlag, &str); 3] =
    [(CookieFlag::Secure, "Secure"), (CookieFlag::HttpOnly, "HttpOnly"), (CookieFlag::SameSite, "SameSite")];

impl CookieFlag {
    /// As it is written in `Set-Cookie`.
    pub fn word(self) -> &'static str {
        FLAGS.iter().find(|(flag, _)| *flag == self).map_or("", |(_, word)| word)
    }
}

/// `not-framed`, `cookie sid HttpOnly`.
impl Display for Promise {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie { name, flag } => write!(f, "cookie {name} {}", flag.word()),
            other => f.write_str(WORDS.iter().find(|(promise, _)| promise == other).map_or("", |(_, word)| word)),
        }
    }
}

/// A text that names no promise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no promise: write `not-framed`, `cookie NAME HttpOnly` or another that a baseline holds")]
pub struct NoPromise(String);

impl FromStr for Promise {
    type Err = NoPromise;

    fn from_str(text: &str) -> Result<Self, NoPromise> {
        if let Some((promise, _)) = WORDS.iter().find(|(_, word)| *word == text) {
            return Ok(promise.clone());
        }
        let cookie = text.strip_prefix("cookie ").and_then(|rest| rest.rsplit_once(' '));
        let cookie = cookie.and_then(|(name, word)| {
            let (flag, _) = FLAGS.iter().find(|(_, known)| *known == word)?;
            Some(Self::Cookie { name: name.to_owned(), flag: *flag })
        });
        cookie.ok_or_else(|| NoPromise(text.to_owned()))
    }
}

/// What one answer promises, and of what it speaks at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Promises {
    /// Whether it is a page, which promises by its headers.
    pub page: bool,
    /// The cookies it sets, by name; one that is taken away is not set.
    pub cookies: Vec<String>,
    /// What it promises: sorted, each once.
    pub made: Vec<Promise>,
}

impl Promises {
    /// Reads an answer's headers, given as names and values; one that was sent several times comes several times or as
    /// lines. `None` when the answer speaks of nothing that could be promised.
    pub fn read<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>, page: bool) -> Option<Self> {
        let mut read = Self { page, ..Self::default() };
        let (mut policies, mut refused): (Vec<Policy>, bool) = (Vec::new(), false);
        for (name, value) in headers {
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "set-cookie" => value.lines().for_each(|line| read.cookie(line)),
                _ if !page => {}
                "content-security-policy" => {
                    policies.extend(value.split([',', '\n']).map(Policy::read).filter(|p| !p.0.is_empty()));
                }
                "x-frame-options" => refused |= value.lines().any(|line| refuses_frames(&line.to_ascii_lowercase())),
                _ => read.made.extend(value.lines().flat_map(|line| of_header(&name, &line.to_ascii_lowercase()))),
            }
        }
        read.made.extend(of_policies(&policies));
        // Where a policy speaks of frames, browsers do not read the older header.
        if refused && policies.iter().all(|p| p.sources("frame-ancestors").is_none()) {
            read.made.push(Promise::NotFramed);
        }
        read.made.sort();
        read.made.dedup();
        (page || !read.cookies.is_empty()).then_some(read)
    }

    /// Whether the answer could have made the promise and did not.
    pub fn breaks(&self, promise: &Promise) -> bool {
        let speaks_of_it = match promise {
            Promise::Cookie { name, .. } => self.cookies.contains(name),
            _ => self.page,
        };
        speaks_of_it && !self.made.contains(promise)
    }

    /// What a `Set-Cookie` line marks its cookie with. One that takes its cookie away promises nothing.
    fn cookie(&mut self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let marks: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
        let gone = |mark: &String| {
            mark.strip_prefix("max-age=").is_some_and(|age| age.parse::<i64>().is_ok_and(|age| age <= 0))
                || mark.strip_prefix("expires=").is_some_and(|at| at.contains("1970"))
        };
        let name: String = name.trim().chars().filter(char::is_ascii_graphic).take(NAME_CHARS_MAX).collect();
        if value.is_empty()
            || marks.iter().any(gone)
            || (self.cookies.len() == COOKIES_MAX && !self.cookies.contains(&name))
        {
            return;
        }
        let held = |flag: CookieFlag| match flag {
            CookieFlag::Secure => marks.iter().any(|mark| mark == "secure"),
            CookieFlag::HttpOnly => marks.iter().any(|mark| mark == "httponly"),
            CookieFlag::SameSite => {
                marks.iter().any(|mark| matches!(mark.as_str(), "samesite=lax" | "samesite=strict"))
            }
        };
        // The last of a name is the one that the browser keeps.
        self.made.retain(|made| !matches!(made, Promise::Cookie { name: other, .. } if *other == name));
        let flags = FLAGS.iter().map(|(flag, _)| *flag).filter(|flag| held(*flag));
        self.made.extend(flags.map(|flag| Promise::Cookie { name: name.clone(), flag }));
        if !self.cookies.contains(&name) {
            self.cookies.push(name);
        }
    }

    /// The same with other names for its cookies.
    pub fn named(&self, name: impl Fn(&str) -> String) -> Self {
        let made = self.made.iter().map(|promise| match promise {
            Promise::Cookie { name: own, flag } => Promise::Cookie { name: name(own), flag: *flag },
            other => other.clone(),
        });
        Self { page: self.page, cookies: self.cookies.iter().map(|own| name(own)).collect(), made: made.collect() }
    }
}

/// Several policies hold together: what one forbids is forbidden.
fn of_policies(policies: &[Policy]) -> Vec<Promise> {
    let any = |holds: fn(&Policy) -> bool| policies.iter().any(holds);
    let all = [
        (!policies.is_empty(), Promise::ContentPolicy),
        (any(Policy::forbids_inline), Promise::NoInlineScript),
        (any(Policy::forbids_eval), Promise::NoEval),
        (any(|p| p.sources("frame-ancestors").is_some_and(|all| !is_open(all))), Promise::NotFramed),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, promise)| promise).collect()
}

/// Referrer policies that keep a page's path and query from other sites, and those that do not.
const KEEP_REFERRER: [&str; 6] = [
    "no-referrer",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
];
const TELL_REFERRER: [&str; 2] = ["no-referrer-when-downgrade", "unsafe-url"];

fn refuses_frames(value: &str) -> bool {
    value.split(',').any(|part| matches!(part.trim(), "deny" | "sameorigin"))
}

fn of_header(name: &str, value: &str) -> Vec<Promise> {
    let mut parts = value.split([';', ',']).map(str::trim);
    let has = |word: &str| value.split([';', ',']).any(|part| part.trim() == word);
    let held = |holds: bool, promise: Promise| if holds { vec![promise] } else { Vec::new() };
    match name {
        "strict-transport-security" => {
            let age = parts.find_map(|part| part.strip_prefix("max-age=")?.trim_matches('"').parse::<u64>().ok());
            let mut all = held(age.is_some_and(|age| age > 0), Promise::HttpsOnly);
            if has("includesubdomains") && !all.is_empty() {
                all.push(Promise::HttpsOnlyBelow);
            }
            all
        }
        "x-content-type-options" => held(has("nosniff"), Promise::NotSniffed),
        // The last one that the browser knows counts; what it does not know is left out here, too.
        "referrer-policy" => {
            let known = parts.rfind(|part| KEEP_REFERRER.contains(part) || TELL_REFERRER.contains(part));
            held(known.is_some_and(|last| KEEP_REFERRER.contains(&last)), Promise::ReferrerKept)
        }
        "cache-control" => held(has("no-store"), Promise::NotStored),
        _ => Vec::new(),
    }
}

/// A policy's directives with their sources, in small letters. The first of a name counts.
struct Policy(Vec<(String, Vec<String>)>);

impl Policy {
    fn read(text: &str) -> Self {
        let directive = |text: &str| {
            let mut words = text.split_ascii_whitespace().map(str::to_ascii_lowercase);
            Some((words.next()?, words.collect()))
        };
        Self(text.split(';').filter_map(directive).collect())
    }

    fn sources(&self, name: &str) -> Option<&[String]> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, sources)| sources.as_slice())
    }

    fn scripts(&self) -> Option<&[String]> {
        self.sources("script-src").or_else(|| self.sources("default-src"))
    }

    /// A nonce, a hash or `strict-dynamic` takes `'unsafe-inline'` back.
    fn forbids_inline(&self) -> bool {
        let Some(sources) = self.scripts() else { return false };
        let named = |s: &String| s.starts_with("'nonce-") || s.starts_with("'sha") || s == "'strict-dynamic'";
        !sources.iter().any(|s| s == "'unsafe-inline'") || sources.iter().any(named)
    }

    fn forbids_eval(&self) -> bool {
        self.scripts().is_some_and(|sources| !sources.iter().any(|s| s == "'unsafe-eval'"))
    }
}

fn is_open(sources: &[String]) -> bool {
    sources.iter().any(|s| matches!(s.as_str(), "*" | "https:" | "http:" | "https://*" | "http://*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &str)], expected: &[&str]) {
        let found = Promises::read(headers.iter().copied(), true).unwrap().made;
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{headers:?}");
        for promise in &found {
            assert_eq!(promise.to_string().parse(), Ok(promise.clone()));
        }
    }

    #[test]
    fn headers_promise_what_they_mean() {
        let hsts = "Strict-Transport-Security";
        check(&[(hsts, "max-age=31536000; includeSubDomains")], &["https-only", "https-only-below"]);
        check(&[(hsts, "max-age=0; includeSubDomains")], &[]);
        check(&[("X-Frame-Options", "SAMEORIGIN")], &["not-framed"]);
        check(&[("X-Frame-Options", "ALLOW-FROM https://a.test")], &[]);
        check(&[("x-content-type-options", "nosniff")], &["not-sniffed"]);
        check(&[("Referrer-Policy", "no-referrer, strict-origin-when-cross-origin")], &["referrer-kept"]);
        check(&[("Referrer-Policy", "unsafe-url, bogus")], &[]);
        check(&[("Referrer-Policy", "same-origin, no-referrer-when-downgrade")], &[]);
        check(&[("X-Frame-Options", "DENY"), ("Content-Security-Policy", "frame-ancestors *")], &["content-policy"]);
        check(&[("Cache-Control", "no-cache, no-store")], &["not-stored"]);
        check(&[("Content-Type", "text/html")], &[]);
    }

    #[test]
    fn policies_are_read_by_what_they_forbid() {
        let check = |policy: &str, expected: &[&str]| check(&[("Content-Security-Policy", policy)], expected);
        check("default-src 'self'", &["content-policy", "no-inline-script", "no-eval"]);
        check("script-src 'self' 'unsafe-inline' 'unsafe-eval'", &["content-policy"]);
        check("script-src 'nonce-R4nd0m' 'unsafe-inline'", &["content-policy", "no-inline-script", "no-eval"]);
        check("frame-ancestors 'none'", &["content-policy", "not-framed"]);
        check("frame-ancestors *", &["content-policy"]);
        check("frame-ancestors https://*", &["content-policy"]);
        check("img-src *, frame-ancestors 'self'", &["content-policy", "not-framed"]);
        check("", &[]);
    }

    #[test]
    fn a_policy_that_only_reports_promises_nothing() {
        check(&[("Content-Security-Policy-Report-Only", "default-src 'self'")], &[]);
    }

    #[test]
    fn cookies_promise_by_their_flags() {
        let check = |line: &str, expected: &[&str]| check(&[("Set-Cookie", line)], expected);
        check(
            "sid=x; Secure; HttpOnly; SameSite=Lax",
            &["cookie sid Secure", "cookie sid HttpOnly", "cookie sid SameSite"],
        );
        check("a=1; httponly\nb=2; SameSite=None", &["cookie a HttpOnly"]);
        check("sid=1; HttpOnly; Secure\nsid=2; HttpOnly", &["cookie sid HttpOnly"]);
        check("sid=; HttpOnly; Max-Age=0", &[]);
        check("sid=gone; HttpOnly; Expires=Thu, 01 Jan 1970 00:00:00 GMT", &[]);
        check("no pair", &[]);
    }

    #[test]
    fn only_pages_promise_for_pages() {
        let headers = [("X-Frame-Options", "DENY"), ("Set-Cookie", "sid=x; Secure")];
        let found = Promises::read(headers.into_iter(), false).unwrap();
        assert_eq!(found.made, [Promise::Cookie { name: "sid".into(), flag: CookieFlag::Secure }]);
        assert_eq!(Promises::read([("X-Frame-Options", "DENY")].into_iter(), false), None);
    }

    #[test]
    fn who_does_not_speak_of_it_breaks_no_promise() {
        let check = |header: (&str, &str), page: bool, promise: &str, expected: bool| {
            let breaks =
                Promises::read([header].into_iter(), page).is_some_and(|p| p.breaks(&promise.parse().unwrap()));
            assert_eq!(breaks, expected, "{header:?} {promise}");
        };
        check(("Content-Type", "text/html"), true, "not-framed", true);
        check(("Set-Cookie", "a=1"), false, "not-framed", false);
        check(("Set-Cookie", "a=1"), false, "cookie a HttpOnly", true);
        check(("Set-Cookie", "b=1"), false, "cookie a HttpOnly", false);
        check(("Set-Cookie", "a=; Max-Age=0"), true, "cookie a HttpOnly", false);
    }

    #[test]
    fn other_words_are_no_promises() {
        assert!("cookie sid".parse::<Promise>().is_err());
        assert!("".parse::<Promise>().is_err());
    }
}
