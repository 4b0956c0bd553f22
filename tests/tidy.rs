//! Holds the house rules that no compiler holds: layers, crate fences, names, sizes, and what must never be committed.
//! Each rule is a function from one file to its faults, tried on a good and a bad example at the end of its file.

#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/source.rs"]
mod source;

use source::{Source, tracked, words};

/// Lines of a Rust file with its unit tests.
const LINES_MAX: usize = 500;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "imp", "misc", "util", "utils"];

/// Words that mean too many things to end the name of a type. (A patrol sends the fleet on a walk of a journey.)
const OVERLOADED_NOUNS: &[&str] = &["Run", "Test", "Check", "Job", "Task", "Event", "Monitor"];

/// Where such a word is somebody else's, or a verb: the protocol's events; `check` of a box in a journey and on the
/// command line.
const NOUNS_ALLOWED: &[(&str, &str)] =
    &[("src/browser/", "Event"), ("src/journey/", "Check"), ("src/walk/run/", "Check"), ("src/cli/", "Check")];

/// The integration tests' binaries: each costs a link of everything, so there are few.
const TEST_BINARIES: &[&str] = &["tests/browser.rs", "tests/pure.rs", "tests/service.rs", "tests/tidy.rs"];

/// How many lines before a test's sleep must name the `deadline` that it waits for at most.
const DEADLINE_LINES: usize = 15;

/// What may stand at the top of the repository, besides names that begin with a dot.
const TOP_LEVEL: &[&str] = &[
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "benches",
    "ci",
    "clippy.toml",
    "config",
    "deny.toml",
    "journeys",
    "rustfmt.toml",
    "screenshots",
    "src",
    "tests",
];

/// README's two commands, in this order: the first starts the demo, the second passes the tests.
const README_COMMANDS: &[&str] =
    &["ci/setup --demo && cargo run --release -- demo --no-sandbox", "ci/setup && ci/test"];

fn purpose(file: &Source) -> Vec<String> {
    if !file.is_rust() || file.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![format!("{}: begin the file with `//! ` and what it is for", file.path)]
}

fn size(file: &Source) -> Vec<String> {
    let lines = file.text.lines().count();
    if !file.is_rust() || lines <= LINES_MAX {
        return Vec::new();
    }
    vec![format!("{}: {lines} lines, at most {LINES_MAX}: split it by what it says, not by size", file.path)]
}

fn leftovers(file: &Source) -> Vec<String> {
    // Put together here, or this file would be its own first fault.
    let (todo, fixme) = (["TO", "DO"].concat(), ["FIX", "ME"].concat());
    let mut faults = Vec::new();
    let foreign = file.path.contains("vendor/") || file.path.contains(".min.") || file.path == "Cargo.lock";
    for mark in [&todo, &fixme].into_iter().filter(|_| !foreign) {
        for at in words(&file.text, mark) {
            faults.push(format!("{}: `{mark}`: do it, or file an issue and delete the line", file.at(at)));
        }
    }
    let compact = file.code.as_str();
    for (name, advice) in [
        ("todo!", "write the code"),
        ("unimplemented!", "write the code"),
        ("dbg!", "delete it"),
        ("#[ignore", "make the test pass or delete it"),
        ("#[allow(", "use `#[expect(lint, reason = \"…\")]`"),
        ("#![allow(", "use `#![expect(lint, reason = \"…\")]`"),
    ] {
        for (at, _) in compact.match_indices(name) {
            faults.push(format!("{}: `{name}`: {advice}", file.at(at)));
        }
    }
    faults
}

fn sleeps(file: &Source) -> Vec<String> {
    if !file.is_rust() {
        return Vec::new();
    }
    // A unit test may let a virtual clock pass (`tokio::time::sleep` while paused); a thread's sleep is always real.
    let integration = file.path.starts_with("tests/");
    let begin = if integration { 0 } else { file.code.find("\nmod tests {").unwrap_or(file.code.len()) };
    let mut faults = Vec::new();
    for at in words(&file.code, "sleep").filter(|at| *at >= begin && file.code[at + "sleep".len()..].starts_with('(')) {
        let mut before = file.code[..at].rsplit('\n').take(DEADLINE_LINES);
        let between_two_looks = before.any(|line| words(line, "deadline").next().is_some());
        if !between_two_looks && (integration || file.code[..at].ends_with("thread::")) {
            faults.push(format!(
                "{}: a test that sleeps is slow on a good day and red on a bad one: wait for the condition in a loop \
                 with a `deadline`, and sleep only between two looks; or move a virtual clock",
                file.at(at)
            ));
        }
    }
    faults
}

fn names(file: &Source) -> Vec<String> {
    let code = file.path.starts_with("src/") || file.path.starts_with("tests/") || file.path.starts_with("benches/");
    let parts = file.path.split('/').map(|part| part.split('.').next().unwrap_or_default());
    parts
        .filter(|part| code && EMPTY_NAMES.contains(part))
        .map(|part| format!("{}: `{part}` says nothing: name the file after what it holds", file.path))
        .collect()
}

fn nouns(file: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    if !file.path.starts_with("src/") {
        return faults;
    }
    for keyword in ["struct", "enum", "trait", "type"] {
        for at in words(&file.code, keyword) {
            let rest = file.code[at + keyword.len()..].trim_start();
            let name = rest.split(|c: char| c != '_' && !c.is_alphanumeric()).next().unwrap_or_default();
            for noun in OVERLOADED_NOUNS.iter().filter(|noun| name.ends_with(**noun)) {
                let theirs = NOUNS_ALLOWED.iter().any(|(place, word)| file.path.starts_with(place) && word == noun);
                if !theirs {
                    faults.push(format!(
                        "{}: `{name}`: `{noun}` is no noun of this domain; say patrol, walk, step, attempt, \
                         observation, finding, incident, slot, ticket or notice",
                        file.at(at)
                    ));
                }
            }
        }
    }
    faults
}

fn machine_paths(file: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    for parts in [["/ro", "ot"], ["/ho", "me/"], ["/wo", "rk/"]] {
        let needle = parts.concat();
        for (at, _) in file.text.match_indices(&needle) {
            let before = file.text[..at].chars().next_back();
            let after = file.text[at + needle.len()..].chars().next();
            // `/rooted` and `https://bank.test/home/` are no paths of a machine.
            let begins = before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '/' | '.' | '}' | '_' | '-'));
            let ends = needle.ends_with('/') || after.is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '_');
            if begins && ends {
                faults.push(format!(
                    "{}: `{needle}` is a path of one machine: make it relative, or take it from the config (if it is \
                     a route of an app, write it without the last slash)",
                    file.at(at)
                ));
            }
        }
    }
    faults
}

fn each_file(rule: fn(&Source) -> Vec<String>) {
    let faults: Vec<String> = tracked().iter().flat_map(rule).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn each_file_says_what_it_is_for() {
    each_file(purpose);
}

#[test]
fn files_are_small() {
    each_file(size);
}

#[test]
fn nothing_is_left_over() {
    each_file(leftovers);
}

#[test]
fn tests_do_not_sleep() {
    each_file(sleeps);
}

#[test]
fn names_say_something() {
    each_file(names);
    each_file(nouns);
}

#[test]
fn no_path_of_one_machine() {
    each_file(machine_paths);
}

#[test]
fn test_binaries_are_few() {
    for file in tracked() {
        let binary = file.is_rust() && file.path.starts_with("tests/") && file.path.matches('/').count() == 1;
        assert!(
            !binary || TEST_BINARIES.contains(&file.path.as_str()),
            "{}: move it below one of {TEST_BINARIES:?} as a module: each binary links everything once more",
            file.path
        );
    }
    let gate = tracked().into_iter().find(|file| file.path == "ci/test").expect("ci/test is missing");
    for binary in TEST_BINARIES {
        let name = binary.trim_start_matches("tests/").trim_end_matches(".rs");
        assert!(gate.text.contains(&format!("--test {name}")), "ci/test does not run {binary}");
    }
}

#[test]
fn top_level_is_known() {
    for file in tracked() {
        let top = file.path.split('/').next().unwrap_or_default();
        assert!(
            top.starts_with('.') || TOP_LEVEL.contains(&top),
            "`{top}` stands at the top of the repository: put it below one of {TOP_LEVEL:?}"
        );
    }
}

#[test]
fn papers_are_there() {
    let files = tracked();
    for paper in ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md"] {
        assert!(files.iter().any(|file| file.path == paper), "`{paper}` is missing: write it");
    }
}

#[test]
fn readme_has_two_commands() {
    let files = tracked();
    let readme = files.iter().find(|file| file.path == "README.md").expect("README.md is missing: write it");
    let blocks: Vec<&str> = readme.text.split("```").skip(1).step_by(2).collect();
    let commands: Vec<&str> =
        blocks.iter().map(|block| block.split_once('\n').map_or("", |(_, command)| command).trim()).collect();
    assert_eq!(
        commands, README_COMMANDS,
        "README.md holds exactly two fenced commands, one starts the demo and one passes the tests: put any other into \
         `gengfu --help` or ARCHITECTURE.md"
    );
    let ci = files.iter().find(|file| file.path == ".ci/run").expect(".ci/run is missing");
    assert!(
        ci.text.lines().any(|line| line == README_COMMANDS[1]),
        ".ci/run must call README's second command, `{}`, and nothing else",
        README_COMMANDS[1]
    );
}

/// Dependencies of a manifest that none of `sources` names.
fn unused(manifest: &str, sources: &[&str]) -> Vec<String> {
    let tables = manifest
        .split("\n[")
        .filter(|table| table.starts_with("dependencies]") || table.starts_with("dev-dependencies]"));
    let named =
        tables.flat_map(|table| table.lines().skip(1)).filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let crates = named.map(|name| name.trim().replace('-', "_"));
    crates.filter(|name| !sources.iter().any(|text| words(text, name).next().is_some())).collect()
}

#[test]
fn every_dependency_is_used() {
    let (files, manifest) = (tracked(), include_str!("../Cargo.toml"));
    let rust: Vec<&str> = files.iter().filter(|file| file.is_rust()).map(|file| file.text.as_str()).collect();
    let unused = unused(manifest, &rust);
    assert!(unused.is_empty(), "in Cargo.toml and named nowhere in src, tests or benches: {unused:?}: take them out");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&Source) -> Vec<String>, path: &str, text: &str, faults: usize) {
        let found = rule(&Source::new(path, text));
        assert_eq!(found.len(), faults, "{path}: {text}\n{found:?}");
    }

    #[test]
    fn unused_dependencies_are_seen() {
        let manifest = "[package]\nname = \"x\"\n\n[dependencies]\nanyhow = \"1\"\nserde-json = \"1\"\n\n[profile.dev]\ndebug = 1\n";
        assert_eq!(unused(manifest, &["use serde_json::Value;"]), ["anyhow"]);
    }

    #[test]
    fn untidy_files_are_seen() {
        check(purpose, "src/a.rs", "//! What for.\n", 0);
        check(purpose, "src/a.rs", "use std::fmt;\n", 1);
        check(size, "src/a.rs", &"\n".repeat(500), 0);
        check(size, "src/a.rs", &"\n".repeat(501), 1);
        check(names, "src/walk/tap.rs", "", 0);
        check(names, "src/utils/tap.rs", "", 1);
        check(names, "tests/browser/common.rs", "", 1);
    }

    #[test]
    fn leftovers_are_seen() {
        check(leftovers, "src/a.rs", "fn f() { \"todo!()\"; }", 0);
        check(leftovers, "src/a.rs", "fn f() { todo!() }", 1);
        check(leftovers, "src/a.rs", "#[allow(dead_code)]\nfn f() { dbg!(1); }", 2);
        check(leftovers, "tests/pure.rs", "#[ignore = \"slow\"]", 1);
        check(leftovers, "ci/test", &["# TO", "DO: more"].concat(), 1);
    }

    #[test]
    fn sleeping_tests_are_seen() {
        check(sleeps, "tests/browser/tap.rs", "tokio::time::sleep(SECOND).await;", 1);
        check(sleeps, "tests/browser/tap.rs", "assert!(now < deadline);\ntokio::time::sleep(SECOND).await;", 0);
        check(sleeps, "src/fleet/a.rs", "std::thread::sleep(s);\nmod tests {\n}", 0);
        check(sleeps, "src/fleet/a.rs", "x\nmod tests {\nstd::thread::sleep(s);}", 1);
        check(sleeps, "src/fleet/a.rs", "x\nmod tests {\ntokio::time::sleep(s);}", 0);
    }

    #[test]
    fn overloaded_nouns_are_seen() {
        check(nouns, "src/walk/a.rs", "pub struct WalkRecord;", 0);
        check(nouns, "src/walk/a.rs", "pub struct WalkRun;\nenum FleetEvent {}", 2);
        check(nouns, "src/browser/a.rs", "enum BidiEvent {}", 0);
        check(nouns, "src/browser/a.rs", "struct DriverTask;", 1);
        check(nouns, "src/walk/a.rs", "struct Truncheon; type Tested = u8;", 0);
    }

    #[test]
    fn machine_paths_are_seen() {
        check(machine_paths, "ci/test", &["cd /wo", "rk/main"].concat(), 1);
        check(machine_paths, "ci/test", &["PATH=/ro", "ot/.cargo"].concat(), 1);
        check(machine_paths, "a.yaml", &["url: https://bank.test/ho", "me/assets"].concat(), 0);
        check(machine_paths, "a.md", "the /rooted tree", 0);
    }
}
