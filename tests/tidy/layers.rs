//! Who may use whom. Arrows point down only; the tables are the truth, ARCHITECTURE.md explains them.

use crate::source::{Source, paths, sources, words};

/// Layer 0: may be used by everybody.
const ATOMS: &[&str] = &["actor", "calendar", "diagnostic", "id", "loopback", "moment", "money", "secret"];

/// Layer 1, in the order in which they may use each other.
const DOMAIN: &[(&str, &[&str])] = &[
    ("journey", &[]),
    ("guard", &["journey"]),
    ("oracle", &["journey"]),
    ("patrol", &["journey"]),
    ("evidence", &["journey"]),
    ("audit", &["evidence"]),
    ("picture", &[]),
    ("people", &[]),
    ("walk", &["evidence", "guard", "journey", "oracle", "picture"]),
    ("finding", &["evidence", "journey", "walk"]),
    ("baseline", &["evidence", "finding", "journey", "picture", "walk"]),
    ("detector", &["baseline", "evidence", "finding", "journey", "oracle", "picture", "walk"]),
    ("walk/v1", &["detector", "evidence", "finding", "journey", "walk"]), // the published shape of a judged walk
    ("tags", &["journey", "walk"]),
    ("maintenance", &["patrol"]),
    ("incident", &["evidence", "finding", "journey", "maintenance", "tags", "walk"]),
    ("measure", &["evidence", "finding", "incident", "journey", "maintenance", "tags", "walk"]),
    ("alert", &["evidence", "finding", "incident", "journey", "maintenance", "tags", "walk"]),
    ("ticket", &["alert", "evidence", "finding", "incident", "journey", "maintenance", "tags", "walk"]),
];

/// Layer 2: async, over ports only. The domain and atoms are open to them, and what is named here.
const ENGINES: &[(&str, &[&str])] =
    &[("walk/run", &[]), ("alert/deliver", &[]), ("ticket/keep", &[]), ("fleet", &["alert/deliver", "walk/run"])];

/// Layer 3: implement the domain's ports and never use each other. The domain and atoms are open to them.
const ADAPTERS: &[&str] = &["browser", "channel", "oidc", "store", "vault"];

/// Layer 4: the domain, engines and atoms are open to them, and what is named here. Adapters are chosen in `app` alone.
const APP: &[(&str, &[&str])] = &[
    ("app", &["browser", "channel", "config", "console", "demo", "oidc", "store", "telemetry", "vault"]),
    ("cli", &["app", "config", "console", "demo", "telemetry"]),
    ("config", &[]),
    ("console", &["config"]),
    ("demo", &["config"]),
    ("main", &["app", "browser", "cli", "telemetry"]), // the browser's warden is this binary started once more
    ("telemetry", &["config"]),
];

/// External crates that one place alone may know (a file, or a folder with its `/`).
const FENCES: &[(&str, &[&str])] = &[
    ("argon2", &["src/people/"]),
    ("annotate_snippets", &["src/diagnostic.rs", "src/journey/", "src/config/", "src/cli/"]),
    ("axum", &["src/console/", "src/demo/"]),
    ("clap", &["src/cli/"]),
    ("csv", &["src/console/report_table.rs", "src/journey/", "src/measure/", "src/tags/"]),
    ("fantoccini", &["src/browser/"]),
    ("icu_normalizer", &["src/people/"]),
    ("image", &["src/picture/"]),
    ("lz4_flex", &["src/picture/"]),
    ("lettre", &["src/channel/email.rs", "src/channel/email/"]),
    ("openidconnect", &["src/oidc/"]),
    ("png", &["src/picture/"]),
    ("qrcodegen", &["src/console/"]),
    ("ring", &["src/audit/", "src/people/"]),
    ("rust_xlsxwriter", &["src/console/report_table.rs"]),
    (
        "schemars",
        &[
            "src/journey/",
            "src/config/",
            "src/console/",
            "src/cli/",
            "src/walk/v1.rs",
            "src/walk/v1/",
            "src/alert/bulletin.rs",
            "src/alert/happening.rs",
            "src/ticket/call.rs",
        ],
    ),
    ("serde_saphyr", &["src/journey/", "src/config/"]),
    ("sqlx", &["src/store/"]),
    ("thirtyfour", &["src/browser/"]),
    ("tokio_tungstenite", &["src/browser/", "src/demo/"]),
    ("xxhash_rust", &["src/picture/"]),
];

/// What pure rooms (atoms and domain) never name: the runtime, the clock, the disk, the network, the machine.
const IMPURE: &[&str] = &[
    "tokio",
    "tokio_util",
    "reqwest",
    "std::fs",
    "TcpListener",
    "TcpStream",
    "ToSocketAddrs",
    "UdpSocket",
    "std::process",
    "std::env",
    "std::thread",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Zoned::now",
    "SystemClock",
];

/// The one pure file that knows the machine's clock: it defines the port for it.
const CLOCK: &str = "src/moment.rs";

/// Everything a room may use, or nothing if it is in no table.
fn allowed(room: &str) -> Option<Vec<&'static str>> {
    let named = |table: &'static [(&str, &[&str])]| table.iter().find(|(name, _)| *name == room).map(|(_, uses)| *uses);
    let domain = DOMAIN.iter().map(|(name, _)| *name);
    let engines = ENGINES.iter().map(|(name, _)| *name);
    let mut uses = ATOMS.to_vec();
    if let Some(more) = named(DOMAIN) {
        uses.extend(more);
    } else if let Some(more) = named(ENGINES) {
        uses.extend(domain.chain(more.iter().copied()));
    } else if ADAPTERS.contains(&room) {
        uses.extend(domain);
    } else if let Some(more) = named(APP) {
        uses.extend(domain.chain(engines).chain(more.iter().copied()));
    } else if !ATOMS.contains(&room) {
        return None;
    }
    Some(uses)
}

/// The room a path from the crate's root leads into: engines and published shapes are rooms within domain modules.
fn room(segments: &[String]) -> String {
    let deep = segments.iter().take(2).cloned().collect::<Vec<_>>().join("/");
    if ENGINES.iter().chain(DOMAIN).any(|(name, _)| *name == deep) { deep } else { segments[0].clone() }
}

/// The room a file stands in; none for the crate's root.
fn room_of(path: &str) -> Option<String> {
    let path = path.strip_prefix("src/")?.trim_end_matches(".rs").trim_end_matches("/mod");
    (path != "lib").then(|| room(&path.split('/').map(str::to_owned).collect::<Vec<_>>()))
}

fn layering(file: &Source) -> Vec<String> {
    let Some(own) = room_of(&file.path) else {
        return Vec::new();
    };
    let Some(uses) = allowed(&own) else {
        return vec![format!(
            "{}: the room `{own}` is in no layer: add it to a table in tests/tidy/layers.rs and to src/ARCHITECTURE.md",
            file.path
        )];
    };
    let mut faults = Vec::new();
    for (at, path) in paths(file) {
        if path.is_empty() {
            continue; // `pub(crate)`, or `super` itself
        }
        let other = room(&path);
        // A room within a module is part of it for the module's own `mod.rs`, which may re-export it.
        let re_export = file.path == format!("src/{}/mod.rs", other.split('/').next().unwrap_or_default());
        if other != own && !uses.contains(&other.as_str()) && !re_export {
            faults.push(format!(
                "{}: `{own}` must not use `{other}`; it may use: {}. Move the type down, or put a port (a trait) where \
                 it is needed and implement it above",
                file.at(at),
                uses.join(", ")
            ));
        }
    }
    faults
}

fn fences(file: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, places) in FENCES {
        if places.iter().any(|place| file.path.starts_with(place)) {
            continue;
        }
        for at in words(&file.code, name) {
            let (before, after) = (file.code[..at].trim_end(), file.code[at + name.len()..].trim_start());
            // A path that begins with the crate's name, or `use name;`; not a module or field of that name.
            let begins = !before.ends_with("::") && (after.starts_with("::") || before.ends_with("use"));
            let own_module = file.code.contains(&format!("mod {name};"));
            if begins && !own_module {
                faults.push(format!(
                    "{}: the crate `{name}` may be used in {} only: put what you need behind a type of that room",
                    file.at(at),
                    places.join(", ")
                ));
            }
        }
    }
    faults
}

fn purity(file: &Source) -> Vec<String> {
    let pure = room_of(&file.path)
        .is_some_and(|room| ATOMS.contains(&room.as_str()) || DOMAIN.iter().any(|(name, _)| *name == room));
    if !pure || file.path == CLOCK {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for name in IMPURE {
        for at in words(&file.code, name) {
            faults.push(format!(
                "{}: `{name}` in a pure file: take the time as a `Moment` argument, take bytes rather than a file, and \
                 leave waiting to the engines (walk/run, alert/deliver, fleet)",
                file.at(at)
            ));
        }
    }
    // `use std::{fs, …}` would slip past the names above.
    for (at, _) in file.code.match_indices("std::{") {
        let group = file.code[at..].split(';').next().unwrap_or_default();
        for name in ["fs", "process", "env", "thread"] {
            if words(group, name).next().is_some() {
                faults.push(format!("{}: `std::{name}` in a pure file: see tests/tidy/layers.rs", file.at(at)));
            }
        }
    }
    faults
}

fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn arrows_point_down() {
    none(sources().iter().flat_map(layering).collect());
}

#[test]
fn crates_stay_behind_their_fences() {
    none(sources().iter().flat_map(fences).collect());
}

#[test]
fn pure_rooms_are_pure() {
    none(sources().iter().flat_map(purity).collect());
}

#[test]
fn tables_name_rooms_that_exist() {
    let files = sources();
    let rooms = ATOMS.iter().chain(ADAPTERS).copied().chain([DOMAIN, APP].into_iter().flatten().map(|(name, _)| *name));
    for room in rooms {
        let (file, folder) = (format!("src/{room}.rs"), format!("src/{room}/"));
        assert!(
            files.iter().any(|source| source.path == file || source.path.starts_with(&folder)),
            "tests/tidy/layers.rs names the room `{room}`, which is not there: take it out of its table"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&Source) -> Vec<String>, path: &str, text: &str, faults: usize) {
        let found = rule(&Source::new(path, text));
        assert_eq!(found.len(), faults, "{path}: {text}\n{found:?}");
    }

    #[test]
    fn forbidden_arrows_are_seen() {
        check(layering, "src/journey/a.rs", "use crate::money::Money;", 0);
        check(layering, "src/journey/a.rs", "use crate::walk::WalkRecord;", 1);
        check(layering, "src/walk/record.rs", "use crate::walk::run::Plan;", 1);
        check(layering, "src/walk/record.rs", "use super::run::Plan;", 1);
        check(layering, "src/walk/mod.rs", "pub use self::run::Plan; use crate::walk::run;", 0);
        check(layering, "src/walk/run/tap.rs", "use crate::{walk::Lane, journey::Step};", 0);
        check(layering, "src/walk/run/tap.rs", "fn f() { crate::browser::open() }", 1);
        check(layering, "src/store/a.rs", "use crate::{incident::Incident, vault::Disk};", 1);
        check(layering, "src/store/mod.rs", "use super::vault::Disk;", 1);
        check(layering, "src/store/a.rs", "use crate::config::Config;", 1);
        check(layering, "src/cli/walk.rs", "use crate::{app::App, browser::Local};", 1);
        check(layering, "src/app.rs", "use crate::{browser, store::Db};", 0);
        check(layering, "src/robots/a.rs", "", 1);
        check(layering, "src/journey/a.rs", "// crate::walk\nconst A: &str = \"crate::walk::x\";", 0);
    }

    #[test]
    fn broken_fences_are_seen() {
        check(fences, "src/store/a.rs", "use sqlx::Row;", 0);
        check(fences, "src/cli/a.rs", "use sqlx::Row;", 1);
        check(fences, "src/walk/a.rs", "fn f() -> thirtyfour::WebDriver { self.image.len() }", 1);
        check(fences, "src/channel/webhook.rs", "use lettre;", 1);
        check(fences, "src/channel/email.rs", "use lettre::Message;", 0);
        check(fences, "src/walk/a.rs", "use crate::evidence::image::Picture;", 0);
    }

    #[test]
    fn impure_domain_is_seen() {
        check(purity, "src/walk/record.rs", "use std::time::Duration;", 0);
        check(purity, "src/walk/record.rs", "use std::time::Instant;", 1);
        check(purity, "src/walk/record.rs", "use std::{fs, fmt};", 1);
        check(purity, "src/journey/a.rs", "std::fs::read(p)", 1);
        check(purity, "src/guard/a.rs", "use std::net::IpAddr;", 0);
        check(purity, "src/guard/a.rs", "use std::net::{IpAddr, TcpStream};", 1);
        check(purity, "src/patrol/a.rs", "#[tokio::test]", 1);
        check(purity, "src/patrol/a.rs", "jiff::Timestamp::now()", 1);
        check(purity, "src/walk/run/mod.rs", "use tokio::time::sleep;", 0);
        check(purity, "src/vault/disk.rs", "std::fs::read(p)", 0);
    }
}
