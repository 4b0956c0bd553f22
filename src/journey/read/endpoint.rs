//! The endpoint of a registry: where it is, what is sent to it, how long its rows serve.

use super::reader::{Fields, Reader};
use super::scalar::shortened;
use crate::journey::node::Node;
use crate::journey::{Endpoint, Text};
use crate::loopback::is_loopback;
use std::time::Duration;
use url::Url;

/// How old rows may be, where nothing else is said; nobody needs them more often than `EVERY_MIN`.
const EVERY: Duration = Duration::from_secs(10 * 60);
const EVERY_MIN: Duration = Duration::from_secs(10);
const EVERY_MAX: Duration = Duration::from_secs(24 * 3600);
/// How long the last good copy serves, where nothing else is said.
const STALE_AFTER: Duration = Duration::from_secs(24 * 3600);
const STALE_AFTER_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// What is said of an endpoint alone.
const OF_ENDPOINTS: [&str; 5] = ["rows", "columns", "authorization", "every", "stale_after"];

impl Reader<'_> {
    /// The endpoint of a registry; `Some(None)` where it is a file, `None` where it is neither, which is told.
    pub(super) fn endpoint(&mut self, fields: &Fields) -> Option<Option<Endpoint>> {
        let (file, url) = (fields.get("file"), fields.get("url"));
        let url = match (file, fields.key("url").zip(url)) {
            (Some(_), None) => {
                self.of_files(fields)?;
                return Some(None);
            }
            (None, Some((_, url))) => url,
            (Some(_), Some((key, _))) => {
                let help =
                    "keep `file:` with a table beside the oracle, or `url:` with an address that answers with one";
                self.problem(&key.span, "a registry has a `file` or a `url`, not both", "one of them", help);
                return None;
            }
            (None, None) => {
                if !fields.unknown {
                    let help = "add `file:` with a CSV file beside the oracle, or `url:` with an address that answers with rows";
                    self.problem(&fields.span, "where are the rows of the registry?", "neither `file` nor `url`", help);
                }
                return None;
            }
        };
        let address = self.address(url)?;
        let every = self.lasting(fields, "every", EVERY, EVERY_MAX)?;
        let stale_after = self.lasting(fields, "stale_after", STALE_AFTER.max(every), STALE_AFTER_MAX)?;
        self.lasts(fields, every, stale_after)?;
        let authorization = match fields.get("authorization") {
            Some(node) => Some(self.authorization(node, &address)?),
            None => None,
        };
        let rows = match fields.get("rows") {
            Some(node) => Some(self.path_of(node, "rows")?),
            None => None,
        };
        let columns = self.listed(fields, "columns", |reader, node| reader.constant(node, "columns"));
        let key = self.constant_if_any(fields, "key");
        let account = self.constant_if_any(fields, "account");
        Some(Some(Endpoint { url: address, rows, authorization, every, stale_after, key, account, columns }))
    }

    /// What a file has no use for.
    fn of_files(&mut self, fields: &Fields) -> Option<()> {
        let key = OF_ENDPOINTS.iter().find_map(|key| fields.key(key));
        let Some(key) = key else { return Some(()) };
        let title = format!("`{}` goes with `url`", key.text);
        self.problem(
            &key.span,
            title,
            "a file is read once, as it is",
            "remove it, or write `url:` in place of `file:`",
        );
        None
    }

    fn address(&mut self, node: &Node) -> Option<Url> {
        let text = self.constant(node, "url")?;
        let help = "write the whole address, such as `https://products.bank.example/registry.json`";
        if !text.starts_with("http://") && !text.starts_with("https://") {
            let title = format!("`{}` cannot be fetched", shortened(&text));
            self.problem(&node.span, title, "not an http(s) address", help);
            return None;
        }
        if text.contains("@")
            && Url::parse(&text).is_ok_and(|url| url.password().is_some() || !url.username().is_empty())
        {
            let help = "send it by `authorization:`, by reference to a secret";
            self.masked_problem(&node.span, "an address cannot carry a user or a password", "in this address", help);
            return None;
        }
        self.url_of(node, &Text::literal(text.clone()))?;
        Url::parse(&text).ok()
    }

    fn lasting(&mut self, fields: &Fields, key: &str, usual: Duration, most: Duration) -> Option<Duration> {
        match fields.get(key) {
            Some(node) => self.duration(node, key, most),
            None => Some(usual),
        }
    }

    fn lasts(&mut self, fields: &Fields, every: Duration, stale_after: Duration) -> Option<()> {
        if let Some(node) = fields.get("every").filter(|_| every < EVERY_MIN) {
            let help = format!("at least `{}s` is needed; no list of products changes faster", EVERY_MIN.as_secs());
            self.problem(&node.span, "`every` is too short", "whoever answers is asked so often", help);
            return None;
        }
        if let Some(node) = fields.get("stale_after").filter(|_| stale_after < every) {
            let help = "write a longer `stale_after`, or a shorter `every`";
            self.problem(
                &node.span,
                "`stale_after` is shorter than `every`",
                "rows would be too old before they are fetched again",
                help,
            );
            return None;
        }
        Some(())
    }

    /// The reference to the secret, which is sent in the clear to this machine alone.
    fn authorization(&mut self, node: &Node, address: &Url) -> Option<String> {
        let text = self.scalar(node, "authorization")?;
        if !["env:", "file:", "exec:"].iter().any(|kind| text.starts_with(kind)) {
            let title = "`authorization` needs a reference, not the secret itself";
            let help = "write `env:NAME`, `file:PATH` or `exec:COMMAND`, and change the secret if it was real";
            self.masked_problem(&node.span, title, "this is not a reference", help);
            return None;
        }
        let reference = self.secret(node, "authorization")?;
        if address.scheme() == "http" && !is_loopback(address) {
            let title = "a secret is not sent in the clear over a network";
            self.problem(&node.span, title, "the address begins with `http://`", "write `https://`");
            return None;
        }
        Some(reference)
    }
}
