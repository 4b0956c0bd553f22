//! The table of the fault catalogue: which detectors find what, which of the demo's faults provokes it, and which tests
//! raise it or keep it silent. It is read from the code; `src/detector/CATALOGUE.md` is what it said last.

use gengfu::demo::FAULTS;
use gengfu::detector::ALL;
use gengfu::detector::catalogue::{NOT_YET, WANTED};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const TABLE: &str = "src/detector/CATALOGUE.md";
/// Set to anything, it writes the table anew.
const RENEW: &str = "GENGFU_RENEW";

/// A test as it stands in its file.
struct Test {
    file: String,
    name: String,
    /// The ids that its words, or its comment's, name.
    ids: BTreeSet<String>,
}

impl Test {
    fn shown(&self) -> String {
        let room = self.file.trim_start_matches("src/").trim_start_matches("detector/").trim_end_matches(".rs");
        format!("`{room}::{}`", self.name)
    }

    /// The demo's own tests switch faults without looking who finds them.
    fn is_of_detection(&self) -> bool {
        !self.file.starts_with("src/demo/") && !self.file.starts_with("tests/service/")
    }

    fn is_silent(&self) -> bool {
        ["silent", "nothing", "not_told", "nobody", "only_degrade"].iter().any(|word| self.name.contains(word))
    }
}

/// What is known of one id.
struct Row<'t> {
    id: &'static str,
    detectors: Vec<&'static str>,
    faults: Vec<&'static str>,
    /// Tests that name it.
    naming: Vec<&'t Test>,
    /// Tests that stand in a file of its detectors.
    of_files: Vec<&'t Test>,
}

/// Half of the demo's ids have three instances, and there are a hundred faults.
#[test]
fn the_demo_has_instances_enough() {
    let mut instances: BTreeMap<&str, usize> = BTreeMap::new();
    FAULTS.iter().for_each(|f| *instances.entry(f.catalogue()).or_default() += 1);
    let thrice = instances.values().filter(|count| **count >= 3).count();
    assert!(
        FAULTS.len() >= 100 && thrice * 2 >= instances.len(),
        "{} faults, {thrice} of {} ids thrice",
        FAULTS.len(),
        instances.len()
    );
}

#[test]
fn every_fault_that_is_wanted_has_a_detector_and_a_test_or_a_reason() {
    let tests = tests();
    let rows = rows(&tests);
    let reasons: BTreeMap<&str, &str> = NOT_YET.iter().copied().collect();
    let mut wrong = Vec::new();
    for row in &rows {
        let id = row.id;
        match (row.detectors.is_empty(), reasons.contains_key(id)) {
            (true, false) => wrong.push(format!("{id}: no detector's card names it, and `NOT_YET` has no reason")),
            (false, true) => wrong.push(format!("{id}: a detector covers it: take it out of `NOT_YET`")),
            (true, true) => {}
            (false, false) if row.of_files.is_empty() => wrong.push(format!("{id}: its detectors have no tests")),
            (false, false) if row.faults.is_empty() && row.naming.is_empty() => {
                wrong.push(format!("{id}: no fault of the demo provokes it, and no test names it"));
            }
            (false, false) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A fault stands under an id that its detector covers, and every id is one of the catalogue.
#[test]
fn cards_and_faults_say_the_same() {
    let id = Regex::new("^(BF|BP|VB|PS|SD|SC|CT)[0-9]{2}$").unwrap();
    for detector in ALL {
        let odd: Vec<_> = detector.catalogue.iter().filter(|covered| !id.is_match(covered)).collect();
        assert!(odd.is_empty(), "{}: {odd:?}", detector.id);
    }
    let covers = |detector: &str, id: &str| ALL.iter().any(|d| d.id == detector && d.catalogue.contains(&id));
    let stray = FAULTS.iter().filter(|f| !covers(f.expected_detector, f.catalogue()));
    let stray: Vec<String> = stray.map(|f| format!("{} by {}", f.id, f.expected_detector)).collect();
    assert!(stray.is_empty(), "these detectors' cards do not name the fault: {}", stray.join(", "));
}

#[test]
fn the_table_is_what_the_code_says() {
    let table = table(&rows(&tests()));
    let path = root().join(TABLE);
    if std::env::var_os(RENEW).is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let first = table.lines().zip(kept.lines()).find(|(now, then)| now != then);
    assert!(
        table == kept,
        "{TABLE} is not what the code says; renew it with `{RENEW}=1 cargo test --test pure catalogue`. First: {first:#?}"
    );
}

fn rows(tests: &[Test]) -> Vec<Row<'_>> {
    let ids = WANTED.iter().flat_map(|(_, ids)| ids.iter().copied());
    ids.map(|id| {
        let detectors: Vec<&str> = ALL.iter().filter(|d| d.catalogue.contains(&id)).map(|d| d.id).collect();
        let files: BTreeSet<String> = detectors.iter().map(|detector| file_of(detector)).collect();
        Row {
            id,
            detectors,
            faults: FAULTS.iter().filter(|f| f.catalogue() == id).map(|f| f.id).collect(),
            naming: tests.iter().filter(|test| test.ids.contains(id) && test.is_of_detection()).collect(),
            of_files: tests.iter().filter(|test| files.contains(&test.file)).collect(),
        }
    })
    .collect()
}

fn table(rows: &[Row]) -> String {
    let mut table =
        "# What finds which fault\n\nWritten from the code by `tests/pure/catalogue.rs`; not to be changed by \
         hand. A fault of the demo is walked by `ci/bench faults`. Tests are those that name the id, or else those of \
         its detectors' files.\n"
            .to_owned();
    let reasons: BTreeMap<&str, &str> = NOT_YET.iter().copied().collect();
    for (group, ids) in WANTED {
        let _ = write!(
            table,
            "\n## {group}\n\n| id | detectors | faults of the demo | raised in | silent in |\n|---|---|---|---|---|\n"
        );
        for row in rows.iter().filter(|row| ids.contains(&row.id)) {
            let line = match reasons.get(row.id) {
                Some(reason) => format!("| {} | not yet: {reason} | | | |", row.id),
                None => line(row),
            };
            let _ = writeln!(table, "{line}");
        }
    }
    table
}

fn line(row: &Row) -> String {
    let of = |silent: bool| {
        let pick =
            |tests: &[&Test]| tests.iter().filter(|t| t.is_silent() == silent).map(|t| t.shown()).collect::<Vec<_>>();
        let named = pick(&row.naming);
        if named.is_empty() { pick(&row.of_files) } else { named }.join(" ")
    };
    let faults = if row.faults.is_empty() { "—".to_owned() } else { row.faults.join(" ") };
    format!("| {} | {} | {faults} | {} | {} |", row.id, row.detectors.join(" "), of(false), of(true))
}

/// The file that a detector's card stands in.
fn file_of(detector: &str) -> String {
    let card = format!("id: \"{detector}\"");
    let holds = |path: &PathBuf| std::fs::read_to_string(path).unwrap().contains(&card);
    let file = rust_files("src/detector").into_iter().find(holds);
    name_of(&file.unwrap_or_else(|| panic!("no file of src/detector holds the card of `{detector}`")))
}

/// Every test of the project, this file's left out.
fn tests() -> Vec<Test> {
    let files = ["src", "tests"].iter().flat_map(|folder| rust_files(folder));
    let files = files.filter(|path| !path.ends_with("pure/catalogue.rs"));
    files.flat_map(|path| tests_in(&name_of(&path), &std::fs::read_to_string(&path).unwrap())).collect()
}

fn tests_in(file: &str, text: &str) -> Vec<Test> {
    let head = Regex::new(r"^(\s*)(?:async )?fn ([a-z0-9_]+)\(").unwrap();
    let id = Regex::new(r"\b(?:BF|BP|VB|PS|SD|SC|CT)[0-9]{2}\b").unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let about = |line: &str| line.trim_start().starts_with(['#', '/']);
    let mut tests = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(found) = head.captures(line) else { continue };
        let before = lines[..at].iter().rev().take_while(|line| about(line)).count();
        let comment = &lines[at - before..at];
        if !comment.iter().any(|line| line.trim_start().starts_with("#[test]") || line.contains("#[tokio::test")) {
            continue;
        }
        let end = format!("{}}}", &found[1]);
        let body = lines[at..].iter().take_while(|line| **line != end);
        let words = comment.iter().chain(body).flat_map(|line| id.find_iter(line));
        let ids = words.map(|found| found.as_str().to_owned()).collect();
        tests.push(Test { file: file.to_owned(), name: found[2].to_owned(), ids });
    }
    tests
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn name_of(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

/// The Rust files of a folder and its folders, in order.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_filed_under_something_of_its_own_is_found_by_a_detector() {
    let known = |name: &&str| gengfu::detector::ALL.iter().any(|detector| detector.id == *name);
    assert_eq!(gengfu::tags::detectors().find(|name| !known(name)), None);
}
