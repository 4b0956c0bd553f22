//! Each file of `bad_journeys/` with all that is said about it: the snapshot beside it is what its author reads.

use gengfu::config::DiskFiles;
use gengfu::journey::{self, FileProblem, Files, Limits};

const FOLDER: &str = "tests/pure/bad_journeys";

/// What is said about a file: every problem as people see it.
fn said(path: &str, files: &dyn Files) -> String {
    let problems = match journey::load(path, files, &Limits::default()) {
        Ok(_) => return "nothing is wrong".to_owned(),
        Err(problems) => problems,
    };
    assert!(!problems.is_empty(), "{path} was refused without a word");
    problems.iter().map(|problem| problem.render(false)).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn every_bad_file_is_refused_in_full() {
    let files = DiskFiles::new(FOLDER);
    let mut names: Vec<String> = std::fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    assert!(names.len() >= 60, "only {} bad files", names.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("bad_journeys");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for name in names {
            let said = said(&name, &files);
            assert_ne!(said, "nothing is wrong", "{name}");
            insta::assert_snapshot!(name.trim_end_matches(".yaml"), said);
        }
    });
}

/// One text under every path, for files too large to keep.
struct OneText(Vec<u8>);

impl Files for OneText {
    fn read(&self, _path: &str, bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        assert_eq!(bytes_max, Limits::default().file_bytes_max, "no more is asked for than is allowed");
        Ok(self.0.clone())
    }
}

/// No reader gets past this: had it gone on to here, it would say so.
const UNREADABLE: &str = "\"\\q never closed";

#[test]
fn oversized_files_are_refused_where_they_become_too_large() {
    let check = |name: &str, text: String, expected: &str| {
        let said = said("large.yaml", &OneText(text.into_bytes()));
        assert!(said.contains(expected), "{name}: {}", said.chars().take(400).collect::<String>());
        assert!(said.len() < 4000, "{name}: {} bytes of complaint", said.len());
    };
    let stops = |name: &str, text: String, expected: &str| check(name, format!("{text}{UNREADABLE}"), expected);
    let head = "journey: sample\napp: demo\nsteps:\n";
    check("one byte too many", "#".repeat((1 << 20) + 1), "has 1048577 bytes, at most 1048576");
    check("a huge line", format!("title: {}\n", "长".repeat(300_000)), "a line has 900008 bytes");
    check("2,000 steps", format!("{head}{}", "- back:\n".repeat(2000)), "more than 1000 steps");
    check("many problems", format!("{head}{}", "- bck:\n".repeat(500)), "a step has no key `bck`");
    let large = said("large.yaml", &OneText(format!("{head}- {UNREADABLE}").into_bytes()));
    assert!(!large.contains("more than") && !large.contains("nested"), "the end is unreadable: {large}");
    stops("100,000 steps", format!("{head}{}", "- back:\n".repeat(100_000)), "more than 50000 values");
    stops("deep flow", format!("a: {}\n", "[".repeat(2000)), "nested deeper than 32 levels");
    let stairs: String = (0..60).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    stops("deep blocks", stairs, "nested deeper than 32 levels");
    let keys: String = (0..30_000).map(|key| format!("k{key}: 1\n")).collect();
    stops("many keys", keys, "more than 50000 values");
}
