//! What the robot was told to do, by the digests of the files that say it: written down when they are not what they were.

use crate::actor::Actor;
use crate::audit::{Action, Detail, Draft, Log, LogError, Object, ObjectKind};
use crate::config::Config;
use crate::moment::Moment;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Digests of files by their names.
type Digests = BTreeMap<String, String>;

/// The watch begins, with these files by their paths: what is not as it was when it last began is told, and that it begins.
pub(crate) async fn began(log: &dyn Log, config: &Config, files: &Digests, now: Moment) -> Result<(), LogError> {
    let mut digests: Digests = files
        .iter()
        .chain(&config.named)
        .map(|(file, digest)| (shown(&config.folder, Path::new(file)), digest.clone()))
        .collect();
    if let Some(file) = &config.file {
        digests.insert(shown(&config.folder, file), config.digest.clone());
    }
    let mut drafts = changed(&known(log).await?, &digests, now);
    let detail = Detail::default()
        .with("version", env!("CARGO_PKG_VERSION"))
        .with("config", config.digest.clone())
        .with("files", i64::try_from(digests.len()).unwrap_or(i64::MAX))
        .with("sandbox", !config.browser.no_sandbox);
    drafts.push(Draft { at: now, actor: Actor::Robot, action: Action::WatchBegun, object: Object::Watch, detail });
    log.append(&drafts).await.map(drop)
}

/// The watch ended as it was asked to.
pub(crate) fn ended(now: Moment) -> Draft {
    let (actor, action, object) = (Actor::Robot, Action::WatchEnded, Object::Watch);
    Draft { at: now, actor, action, object, detail: Detail::default() }
}

/// A file's name as seen from the config's folder.
fn shown(folder: &Path, file: &Path) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (folder, file) = (absolute(folder), absolute(file));
    file.strip_prefix(&folder).unwrap_or(&file).display().to_string()
}

/// Each file's digest as it was last written down; `None` for one that was gone.
async fn known(log: &dyn Log) -> Result<BTreeMap<String, Option<String>>, LogError> {
    let newest = log.newest_of(ObjectKind::File).await?;
    let digest = |detail: &str| -> Option<String> {
        let detail: serde_json::Value = serde_json::from_str(detail).ok()?;
        Some(detail.get("new")?.as_str()?.to_owned())
    };
    Ok(newest.into_iter().map(|entry| (entry.object, digest(&entry.detail))).collect())
}

fn changed(known: &BTreeMap<String, Option<String>>, digests: &Digests, now: Moment) -> Vec<Draft> {
    let draft = |object: Object, old: Option<&String>, new: Option<&String>| {
        let mut detail = Detail::default();
        for (name, digest) in [("old", old), ("new", new)] {
            if let Some(digest) = digest {
                detail = detail.with(name, digest.clone());
            }
        }
        Draft { at: now, actor: Actor::Robot, action: Action::ConfigChanged, object, detail }
    };
    let mut drafts = Vec::new();
    let mut there = BTreeSet::new();
    for (name, new) in digests {
        let object = Object::File(name.clone());
        let old = known.get(&object.to_string()).and_then(Option::as_ref);
        there.insert(object.to_string());
        if old != Some(new) {
            drafts.push(draft(object, old, Some(new)));
        }
    }
    for (word, old) in known.iter().filter(|(word, old)| old.is_some() && !there.contains(*word)) {
        let name = word.strip_prefix(ObjectKind::File.prefix()).unwrap_or(word);
        drafts.push(draft(Object::File(name.to_owned()), old.as_ref(), None));
    }
    drafts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_as_it_was_is_told() {
        let digests = |files: &[(&str, &str)]| -> Digests {
            files.iter().map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned())).collect()
        };
        let known = |files: &[(&str, Option<&str>)]| {
            files.iter().map(|(name, digest)| (format!("file/{name}"), digest.map(str::to_owned))).collect()
        };
        let check = |before: &[(&str, Option<&str>)], now: &[(&str, &str)], expected: &[(&str, &str)]| {
            let drafts = changed(&known(before), &digests(now), Moment::from_millis(0));
            let told: Vec<_> = drafts.iter().map(|d| (d.object.to_string(), d.detail.text())).collect();
            let expected: Vec<_> = expected.iter().map(|(o, d)| (format!("file/{o}"), (*d).to_owned())).collect();
            assert_eq!(told, expected, "{before:?} {now:?}");
        };
        check(&[], &[("a", "1")], &[("a", r#"{"new":"1"}"#)]);
        check(&[("a", Some("1"))], &[("a", "1")], &[]);
        check(&[("a", Some("1"))], &[("a", "2")], &[("a", r#"{"new":"2","old":"1"}"#)]);
        check(&[("a", Some("1")), ("b", Some("2"))], &[("b", "2")], &[("a", r#"{"old":"1"}"#)]);
        check(&[("a", None)], &[], &[]);
        check(&[("a", None)], &[("a", "1")], &[("a", r#"{"new":"1"}"#)]);
    }

    #[test]
    fn names_are_seen_from_the_config() {
        let check = |folder: &str, file: &str, expected: &str| {
            assert_eq!(shown(Path::new(folder), Path::new(file)), expected, "{folder} {file}");
        };
        check("/etc/gengfu", "/etc/gengfu/journeys/a.yaml", "journeys/a.yaml");
        check("conf", "conf/gengfu.yaml", "gengfu.yaml");
        check(".", "gengfu.yaml", "gengfu.yaml");
        check("/etc/gengfu", "/srv/j/a.yaml", "/srv/j/a.yaml");
    }
}
