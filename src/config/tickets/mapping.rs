//! The mapping file of a system of tickets: what its words mean here, what a severity is called there, which fields a new
//! ticket has, which moves end it and open it again.

use super::SeverityName;
use crate::config::mistakes::Mistakes;
use crate::config::reading::{ConfigError, digest_of, options};
use crate::diagnostic::{Diagnostic, Source};
use crate::finding::Severity;
use crate::ticket::{Mapping, Meaning, Paper};
use serde_json::Value;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use std::path::Path;

/// The longest mapping file, in bytes.
const BYTES_MAX: u64 = 256 * 1024;

/// The file as it is written.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    states: BTreeMap<String, MeaningName>,
    resolutions: BTreeMap<String, MeaningName>,
    severities: BTreeMap<SeverityName, String>,
    fields: BTreeMap<String, Spanned<Value>>,
    moves: Moves,
}

/// Moves of the system's own workflow, by their names.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Moves {
    resolve: Option<String>,
    reopen: Option<String>,
}

/// What a word means.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MeaningName {
    New,
    Acknowledged,
    Fixing,
    FixClaimed,
    WontFix,
    FalseAlarm,
    Nothing,
}

impl From<MeaningName> for Meaning {
    fn from(name: MeaningName) -> Self {
        match name {
            MeaningName::New => Meaning::New,
            MeaningName::Acknowledged => Meaning::Acknowledged,
            MeaningName::Fixing => Meaning::Fixing,
            MeaningName::FixClaimed => Meaning::FixClaimed,
            MeaningName::WontFix => Meaning::WontFix,
            MeaningName::FalseAlarm => Meaning::FalseAlarm,
            MeaningName::Nothing => Meaning::Nothing,
        }
    }
}

/// Reads the file at `path`; with the digest of what was read.
pub(in crate::config) fn load(path: &Path) -> Result<(Mapping, String), ConfigError> {
    let unreadable = |why: String| ConfigError::Unreadable { path: path.to_owned(), why };
    let size = std::fs::metadata(path).map_err(|e| unreadable(e.to_string()))?.len();
    if size > BYTES_MAX {
        return Err(unreadable(format!("it has {size} bytes, and {BYTES_MAX} is the most")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
    let digest = digest_of(&text);
    let mapping = parse(Source { name: path.display().to_string(), text: text.into() }).map_err(ConfigError::Wrong)?;
    Ok((mapping, digest))
}

fn parse(source: Source) -> Result<Mapping, Vec<Diagnostic>> {
    let mut mistakes = Mistakes::in_source(source);
    let written = match serde_saphyr::from_str_with_options::<Written>(mistakes.text(), options()) {
        Ok(written) => written,
        Err(error) => {
            mistakes.note_unreadable(&error);
            return Err(mistakes.into_found());
        }
    };
    for (name, value) in &written.fields {
        for strange in strangers(&value.value) {
            mistakes.note(
                value.referenced,
                &format!("`{name}` is filled with `{{{strange}}}`, which nothing is called"),
                &format!("known here: {}", Paper::FACTS.join(", ")),
            );
        }
    }
    let found = mistakes.into_found();
    if !found.is_empty() {
        return Err(found);
    }
    let words = |words: BTreeMap<String, MeaningName>| {
        words.into_iter().map(|(word, name)| (word.to_lowercase(), name.into())).collect()
    };
    Ok(Mapping {
        states: words(written.states),
        resolutions: words(written.resolutions),
        severities: written.severities.into_iter().map(|(name, word)| (Severity::from(name), word)).collect(),
        fields: written.fields.into_iter().map(|(name, value)| (name, value.value)).collect(),
        resolve: written.moves.resolve,
        reopen: written.moves.reopen,
    })
}

/// Names in braces that no fact has.
fn strangers(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            let named = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
            named.filter(|name| !Paper::FACTS.contains(name)).map(str::to_owned).collect()
        }
        Value::Array(values) => values.iter().flat_map(strangers).collect(),
        Value::Object(pairs) => pairs.values().flat_map(strangers).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_read_strictly() {
        let check = |text: &str, wrong: &[&str]| {
            let read = parse(Source { name: "jira.yaml".into(), text: text.into() });
            let said: Vec<String> = read.err().unwrap_or_default().iter().map(|d| format!("{d:?}")).collect();
            assert_eq!(said.len(), wrong.len(), "{text}: {said:?}");
            assert!(said.iter().zip(wrong).all(|(said, part)| said.contains(part)), "{text}: {said:?}");
        };
        check("{}", &[]);
        check(
            "states: {In Progress: fixing, 待处理: new}\nresolutions: {Won't Do: wont-fix}\nmoves: {resolve: Done}",
            &[],
        );
        check("fields: {components: [{name: H5}], customfield_1: \"{app}/{journey}\", customfield_2: 7}", &[]);
        check("states: {Done: fixed}", &["is not one of the choices"]);
        check("state: {Done: nothing}", &["unknown key `state`"]);
        check("severities: {P4: Low}", &["is not one of the choices"]);
        check("fields: {a: [\"{jorney}\"]}", &["{jorney}"]);
        let mapping = parse(Source { name: "m".into(), text: "states: {In Progress: fixing}".into() }).unwrap();
        assert_eq!(mapping.states.get("in progress"), Some(&Meaning::Fixing));
    }
}
