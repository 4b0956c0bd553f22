//! The customer's own codes for the names, from a CSV with a head: `dimension,name,code`.

use super::Dimension;
use crate::diagnostic::{Diagnostic, Source};
use std::collections::BTreeMap;

/// The largest table of codes, in bytes.
pub const CODES_BYTES_MAX: usize = 1024 * 1024;
/// The most rows of one.
pub const CODES_ROWS_MAX: usize = 1_000;
/// The longest code, in characters.
pub const CODE_CHARS_MAX: usize = 40;

/// Mistakes of one table that are told.
const TOLD_MAX: usize = 20;
/// The columns, each with what it may also be called.
const COLUMNS: [[&str; 2]; 3] = [["dimension", "维度"], ["name", "名称"], ["code", "编码"]];

/// The customer's codes, by dimension and word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Codes(BTreeMap<(Dimension, &'static str), String>);

impl Codes {
    /// The code of a name.
    pub fn of(&self, dimension: Dimension, word: &'static str) -> Option<&str> {
        self.0.get(&(dimension, word)).map(String::as_str)
    }

    /// The word of the name that a code stands for.
    pub fn named(&self, dimension: Dimension, code: &str) -> Option<&'static str> {
        self.0.iter().find(|((of, _), known)| *of == dimension && *known == code).map(|((_, word), _)| *word)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a table.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line.
    pub fn read(source: &Source) -> Result<Self, Vec<Diagnostic>> {
        let wrong = |line: u64, title: String, help: &str| Diagnostic::of_line(source, line, title, help);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(source.text.as_bytes());
        let head =
            reader.headers().cloned().map_err(|e| vec![wrong(1, e.to_string(), "write `dimension,name,code`")])?;
        let mut at = [0; 3];
        let mut found = Vec::new();
        for (place, names) in at.iter_mut().zip(COLUMNS) {
            let column = |head: &str| names.iter().any(|n| head.trim_start_matches('\u{feff}').eq_ignore_ascii_case(n));
            match head.iter().position(column) {
                Some(column) => *place = column,
                None => {
                    found.push(wrong(1, format!("the column `{}` is missing", names[0]), "write `dimension,name,code`"))
                }
            }
        }
        if !found.is_empty() {
            return Err(found);
        }
        let mut codes = BTreeMap::new();
        for (n, record) in reader.records().enumerate() {
            let line = record.as_ref().map_or_else(csv::Error::position, csv::StringRecord::position);
            let line = line.map_or(1, csv::Position::line);
            if n >= CODES_ROWS_MAX {
                found.push(wrong(line, "too many rows".into(), &format!("at most {CODES_ROWS_MAX} are read")));
            } else {
                let read = record.map_err(|_| ("not as many fields as the head".to_owned(), "quote commas".to_owned()));
                match read.and_then(|record| entry(at.map(|at| record.get(at).unwrap_or_default()))) {
                    Ok((key, code)) => {
                        if codes.insert(key, code).is_some() {
                            let title = format!("`{}` stands here twice", key.1);
                            found.push(wrong(line, title, "keep one row a name"));
                        }
                    }
                    Err((title, help)) => found.push(wrong(line, title, &help)),
                }
            }
            if n >= CODES_ROWS_MAX || found.len() >= TOLD_MAX {
                break;
            }
        }
        if found.is_empty() { Ok(Self(codes)) } else { Err(found) }
    }
}

type Key = (Dimension, &'static str);

fn entry([dimension, name, code]: [&str; 3]) -> Result<(Key, String), (String, String)> {
    let is = |one: &Dimension| one.zh() == dimension || one.word().eq_ignore_ascii_case(dimension);
    let known = Dimension::ALL.into_iter().find(is).ok_or_else(|| {
        let named: String = dimension.chars().take(40).collect();
        (format!("`{named}` is no dimension"), "write channel, business, reason or right".to_owned())
    })?;
    let word = known.named(name).map_err(|unknown| {
        (format!("`{}` is no {}", unknown.text, known.word()), format!("write one of {}", unknown.names))
    })?;
    let wrong = code.is_empty() || code.chars().count() > CODE_CHARS_MAX || code.chars().any(char::is_control);
    if wrong {
        let title = format!("`{name}` has no code, or one that is too long");
        return Err((title, format!("write 1 to {CODE_CHARS_MAX} characters, or leave the row out")));
    }
    Ok(((known, word), code.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Codes, Vec<Diagnostic>> {
        Codes::read(&Source { name: "codes.csv".into(), text: text.into() })
    }

    #[test]
    fn codes_are_read_by_their_columns_whatever_the_order() {
        let codes = read("\u{feff}编码,维度,名称,备注\n0103,channel,移动客户端,x\nC-02,原因,systems,\n").unwrap();
        let check = |dimension, word, expected| assert_eq!(codes.of(dimension, word), expected);
        check(Dimension::Channel, "mobile-app", Some("0103"));
        check(Dimension::Reason, "systems", Some("C-02"));
        check(Dimension::Right, "know", None);
        assert_eq!((codes.len(), read("dimension,name,code\n").unwrap().is_empty()), (2, true));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let check = |text: &str, expected: &[(usize, &str)]| {
            let found = read(text).unwrap_err();
            let told: Vec<(usize, &str)> = found.iter().map(|d| (d.line_column().0, d.title.as_str())).collect();
            assert_eq!(told, expected, "{text}");
        };
        check("dimension,name\nreason,systems\n", &[(1, "the column `code` is missing")]);
        check(
            "",
            &[
                (1, "the column `dimension` is missing"),
                (1, "the column `name` is missing"),
                (1, "the column `code` is missing"),
            ],
        );
        check("dimension,name,code\nreason,系统,1\n", &[(2, "`系统` is no reason")]);
        check("dimension,name,code\nreason,systems,1\nwhy,x,1\n", &[(3, "`why` is no dimension")]);
        check("dimension,name,code\nright,知情权,1\nright,know,2\n", &[(3, "`know` stands here twice")]);
        check("dimension,name,code\nright,知情权,\n", &[(2, "`知情权` has no code, or one that is too long")]);
        check("dimension,name,code\nright,知情权\n", &[(2, "not as many fields as the head")]);
        let many = format!("dimension,name,code\n{}", "x,x,x\n".repeat(2_000));
        assert_eq!(read(&many).unwrap_err().len(), TOLD_MAX, "a wrong file does not flood the terminal");
        let long = format!("dimension,name,code\nright,know,{}\n", "9".repeat(41));
        check(&long, &[(2, "`know` has no code, or one that is too long")]);
    }
}
