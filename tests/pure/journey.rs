//! Journey files: the whole language loads, and what is wrong is said in full.

use gengfu::journey::{self, FileProblem, Files, Journey, Limits, Step};
use std::collections::BTreeMap;

/// Files held in memory.
pub struct TextFiles(pub BTreeMap<&'static str, Vec<u8>>);

impl Files for TextFiles {
    fn read(&self, path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        self.0.get(path).cloned().ok_or(FileProblem::Missing)
    }
}

/// Loads `journey.yaml` beside the given parts; problems as people see them.
fn load(text: &str, parts: &[(&'static str, &str)]) -> Result<Journey, String> {
    let mut files = BTreeMap::from([("journey.yaml", text.as_bytes().to_vec())]);
    files.extend(parts.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())));
    journey::load("journey.yaml", &TextFiles(files), &Limits::default())
        .map_err(|problems| problems.iter().map(|p| p.render(false)).collect::<Vec<_>>().join("\n\n"))
}

fn ids(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.id.0.as_str()).collect()
}

const WHOLE: &str = include_str!("whole.yaml");
const LOGIN: &str = "part: login
params:
  username: text
  password: {type: secret, default: account.password}
steps:
  - open: /login
  - fill: {label: 手机号, text: \"${username}\"}
  - fill: {label: 登录密码, secret: \"${password}\"}
  - tap: {role: button, name: 登录}
    see: {testid: total}
  - capture: {greeting: {css: .greeting}}
";

#[test]
fn the_whole_language_loads() {
    let journey = load(WHOLE, &[("shared/login.yaml", LOGIN)]).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(journey.id.as_str(), "whole");
    insta::assert_snapshot!(ids(&journey.steps).join("\n"));
    insta::assert_debug_snapshot!(journey.steps.iter().map(|s| s.title.as_str()).collect::<Vec<_>>());
    assert_eq!(journey.always.len(), 1);
}
