//! Each file of `bad_oracles/` with all that is said about it: the snapshot beside it is what its author reads.

use gengfu::config::DiskFiles;
use gengfu::journey::{Limits, load_oracle};

const FOLDER: &str = "tests/pure/bad_oracles";

#[test]
fn every_bad_oracle_is_refused_in_full() {
    let files = DiskFiles::new(FOLDER);
    let names = std::fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".yaml")).collect();
    names.sort();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("bad_oracles");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for name in names {
            let Err(problems) = load_oracle(&name, &files, &Limits::default()) else { panic!("{name} was taken") };
            let said: Vec<String> = problems.iter().map(|problem| problem.render(false)).collect();
            assert!(!said.is_empty(), "{name} was refused without a word");
            insta::assert_snapshot!(name.trim_end_matches(".yaml"), said.join("\n\n"));
        }
    });
}
