//! The command line as people and scripts meet it: exit codes, streams, colour.

use std::process::{Command, Output};

fn gengfu(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gengfu"));
    command.args(arguments);
    for variable in ["GENGFU_CONFIG", "GENGFU_NO_SANDBOX", "GENGFU_BROWSER", "GENGFU_DRIVER", "NO_COLOR"] {
        command.env_remove(variable);
    }
    command
}

/// The command ends with `exit`, its output and complaints hold what is expected, and no colour goes into a pipe.
fn check(mut command: Command, exit: i32, says: &str) -> Output {
    let output = command.output().expect("the program starts");
    let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{command:?}\n{all}");
    assert!(all.contains(says), "{says:?} in {command:?}:\n{all}");
    assert!(!all.contains('\u{1b}'), "colour in a pipe: {all:?}");
    output
}

#[test]
fn a_wrong_command_line_is_a_matter_of_usage() {
    check(gengfu(&[]), 2, "Usage:");
    check(gengfu(&["wlak"]), 2, "unrecognized subcommand");
    check(gengfu(&["doctor", "--no-such-flag"]), 2, "unexpected argument");
    check(gengfu(&["--help"]), 0, "doctor");
    check(gengfu(&["--version"]), 0, env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_wrong_config_is_shown_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gengfu.yaml");
    std::fs::write(&file, "browsers: {}\n").unwrap();
    let path = file.to_str().unwrap();
    let output = check(gengfu(&["doctor", "--config", path]), 2, "did you mean `browser`?");
    assert!(output.stdout.is_empty(), "complaints go to the error stream");
    check(gengfu(&["doctor", "--config", "/nonexistent.yaml"]), 2, "cannot read the config");
}

#[test]
fn the_doctor_says_what_is_missing_and_a_flag_stands_over_environment_and_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gengfu.yaml");
    std::fs::write(&file, "browser: {browser: /from/file}\n").unwrap();
    let doctor = |more: &[&str]| gengfu(&[&["doctor", "--config", file.to_str().unwrap()], more].concat());
    check(doctor(&[]), 2, "/from/file");
    let mut by_environment = doctor(&[]);
    by_environment.env("GENGFU_BROWSER", "/from/environment");
    check(by_environment, 2, "/from/environment");
    let mut by_flag = doctor(&["--browser", "/from/flag", "--json"]);
    by_flag.env("GENGFU_BROWSER", "/from/environment");
    let output = check(by_flag, 2, "/from/flag");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let needs = json["needs"].as_array().unwrap();
    let browser = needs.iter().find(|need| need["name"] == "browser").unwrap();
    assert_eq!(browser["state"], "missing");
    assert!(browser["remedy"].as_str().unwrap().contains("apt-get install chromium"));
}
