//! A registry: a CSV table of what there should be, its columns named as the figures.

use super::reader::Reader;
use super::scalar::shortened;
use super::text::is_new_name;
use super::{file, suggest};
use crate::diagnostic::{Source, Span};
use crate::journey::node::Node;
use crate::journey::oracle::{Figure, Registry};
use crate::journey::shape::{Field, Shape};
use crate::journey::{Value, oracle, source};
use std::collections::BTreeMap;

/// The keys of a registry.
pub(super) static REGISTRY: [Field; 3] = [
    Field::must("file", Shape::Text, "a CSV file beside the oracle, with a head line"),
    Field::must("key", Shape::Text, "the column that holds the key"),
    Field::new("listed", Shape::Expression, "which rows a complete list shows; all when left out"),
];
/// The most rows of a table.
const ROWS_MAX: usize = 20_000;

/// The rows by key, and the names of the columns.
type Table = (BTreeMap<String, BTreeMap<String, Value>>, Vec<String>);

impl Reader<'_> {
    /// The registry and the names of its columns.
    pub fn registry(&mut self, node: &Node, figures: &[Figure]) -> Option<(Registry, Vec<String>)> {
        let fields = self.fields(node, "registry", &[&REGISTRY])?;
        let named = fields.get("file")?;
        let name = self.constant(named, "file")?;
        let Some(path) = file::joined(&self.path, &name).filter(|path| path.ends_with(".csv")) else {
            let help = "write the path of a `.csv` file inside the folder of journeys, relative to this file";
            self.problem(&named.span, format!("`{}` cannot be a registry", shortened(&name)), "this path", help);
            return None;
        };
        let table = match source::read(&path, self.files, self.limits) {
            Ok(table) => table,
            Err(problem) => {
                let help = problem.help.clone().unwrap_or_default();
                let label = format!("looked for `{}`", self.files.shown(&path));
                self.problem(&named.span, problem.title, label, help);
                return None;
            }
        };
        self.texts.insert(path.clone(), table.text.clone());
        let key = self.constant(fields.get("key")?, "key")?;
        let key_span = fields.get("key").map(|node| node.span.clone()).unwrap_or_default();
        let (rows, columns) = self.table(&table, &key, &key_span, figures)?;
        let mut names = columns.clone();
        names.push(oracle::TODAY.to_owned());
        let listed = match fields.get("listed") {
            Some(node) => Some(self.claimed(node, "listed", &names)?),
            None => None,
        };
        Some((Registry { file: path, listed, rows }, columns))
    }

    fn table(&mut self, table: &Source, key: &str, key_span: &Span, figures: &[Figure]) -> Option<Table> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(table.text.as_bytes());
        let columns: Vec<String> = match reader.headers() {
            Ok(head) => head.iter().map(str::to_owned).collect(),
            Err(error) => return self.wrong_row(table, 1, &error.to_string(), "write the names of the columns"),
        };
        let Some(key_at) = columns.iter().position(|column| column == key) else {
            let advice = suggest::advice(key, columns.iter().map(String::as_str));
            let title = format!("the table has no column `{}`", shortened(key));
            self.problem(key_span, title, format!("looked in `{}`", table.name), advice);
            return None;
        };
        let mut rows = BTreeMap::new();
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    return self.wrong_row(
                        table,
                        line,
                        "this line has more or fewer fields than the head",
                        "one field a column; quote commas",
                    );
                }
            };
            let line = record.position().map_or(1, csv::Position::line);
            // As pages' keys and texts are read: a wide bracket is no other product.
            let Some(named) = oracle::key_of(record.get(key_at).unwrap_or_default()) else {
                return self.wrong_row(table, line, "a row without a key", &format!("fill in the column `{key}`"));
            };
            if rows.len() == ROWS_MAX {
                return self.wrong_row(table, line, "too many rows", &format!("at most {ROWS_MAX} are allowed"));
            }
            let mut row = BTreeMap::new();
            for (column, text) in columns.iter().zip(record.iter()).filter(|(_, text)| !text.is_empty()) {
                let value = match figures.iter().find(|figure| figure.name == *column) {
                    None => Value::Text(oracle::plain_text(text)),
                    Some(figure) => match oracle::plain_value_of(text, figure.kind) {
                        Ok(value) => value,
                        Err(said) => {
                            return self.wrong_row(
                                table,
                                line,
                                &format!("{column}: {said}"),
                                "write it as its figure is read",
                            );
                        }
                    },
                };
                row.insert(column.clone(), value);
            }
            if rows.insert(named.clone(), row).is_some() {
                return self.wrong_row(
                    table,
                    line,
                    &format!("`{}` stands here twice", shortened(&named)),
                    "keep one row a key",
                );
            }
        }
        // Columns with names that no expression can use are for people.
        Some((rows, columns.into_iter().filter(|column| is_new_name(column)).collect()))
    }

    /// Tells of a line of the table, in the table.
    fn wrong_row<T>(&mut self, table: &Source, line: u64, title: &str, help: &str) -> Option<T> {
        let number = usize::try_from(line.saturating_sub(1)).unwrap_or_default();
        let begin: usize = table.text.split_inclusive('\n').take(number).map(str::len).sum();
        let begin = begin.min(table.text.len());
        let end = table.text[begin..].find('\n').map_or(table.text.len(), |at| begin + at);
        let own = std::mem::replace(&mut self.source, table.clone());
        self.problem(&(begin..end), title, "this row", help);
        self.source = own;
        None
    }
}
