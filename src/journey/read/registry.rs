//! A registry: a table of what there should be, its columns named as the figures. It stands in a CSV file, or is fetched.

use super::reader::{Fields, Reader};
use super::scalar::shortened;
use super::text::is_new_name;
use super::{file, suggest};
use crate::diagnostic::{Source, Span};
use crate::journey::node::Node;
use crate::journey::oracle::{Figure, REGISTRY_ROWS_MAX, Registry, RegistryAccounts};
use crate::journey::shape::{Field, Shape};
use crate::journey::{Value, oracle, source};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The keys of a registry.
pub(super) static REGISTRY: [Field; 10] = [
    Field::new("file", Shape::Text, "a CSV file beside the oracle, with a head line"),
    Field::new(
        "url",
        Shape::Text,
        "an address that answers with CSV or a JSON list of flat objects, in place of a file",
    ),
    Field::new("key", Shape::Text, "the column that holds the key"),
    Field::new("account", Shape::Text, "the column that says whose each row is: a walk is held to its own customer's"),
    Field::new("listed", Shape::Expression, "which rows a complete list shows; all when left out"),
    Field::new(
        "rows",
        Shape::Text,
        "the JSON path of the list in the answer of `url`; the answer is the list when left out",
    ),
    Field::new(
        "columns",
        Shape::List(&Shape::Text),
        "columns that the answer of `url` must have, for `listed` and claims",
    ),
    Field::new(
        "authorization",
        Shape::Text,
        "a reference to the secret that is sent to `url` as the `Authorization` header, such as `env:NAME`",
    ),
    Field::new(
        "every",
        Shape::Duration,
        "how old the rows of `url` may be before they are fetched again; 10m when left out",
    ),
    Field::new(
        "stale_after",
        Shape::Duration,
        "how long the last good copy serves where `url` gives no good rows; 24h when left out",
    ),
];

/// The rows by account and key, and the names of the columns.
type Table = (RegistryAccounts, Vec<String>);

/// A table as it was read, the names of its columns and its rows with their lines.
pub(super) struct Sheet {
    pub(super) source: Source,
    pub(super) path: String,
    columns: Vec<String>,
    pub(super) rows: Vec<(u64, csv::StringRecord)>,
}

impl Reader<'_> {
    /// The registry and the names of its columns.
    pub fn registry(&mut self, node: &Node, figures: &[Figure]) -> Option<(Registry, Vec<String>)> {
        let fields = self.fields(node, "registry", &[&REGISTRY])?;
        let ledger = fields.get("account").is_some();
        if !ledger && fields.get("key").is_none() {
            let help = "add `key:` with the column that tells rows apart, or `account:` where each is one customer's";
            self.problem(&fields.span, "which column tells the rows of the registry apart?", "`key` is missing", help);
            return None;
        }
        let (name, endpoint, accounts, columns) = match self.endpoint(&fields)? {
            Some(endpoint) => {
                let columns: Vec<String> = endpoint.wanted().into_iter().map(str::to_owned).collect();
                (endpoint.shown(), Some(endpoint), RegistryAccounts::new(), columns)
            }
            None => {
                let sheet = self.sheet(fields.get("file")?)?;
                let (accounts, columns) = self.table(&sheet, &fields, figures)?;
                (sheet.path, None, accounts, columns)
            }
        };
        // Columns with names that no expression can use are for people.
        let columns: Vec<String> = columns.into_iter().filter(|column| is_new_name(column)).collect();
        let mut names = columns.clone();
        names.push(oracle::TODAY.to_owned());
        let listed = match fields.get("listed") {
            Some(node) => Some(self.claimed(node, "listed", &names)?),
            None => None,
        };
        Some((Registry { name, endpoint, listed, ledger, accounts: Arc::new(accounts), unsure: None }, columns))
    }

    /// The table that a node names.
    pub(super) fn sheet(&mut self, named: &Node) -> Option<Sheet> {
        let name = self.constant(named, "file")?;
        let Some(path) = file::joined(&self.path, &name).filter(|path| path.ends_with(".csv")) else {
            let help = "write the path of a `.csv` file inside the folder of journeys, relative to this file";
            self.problem(&named.span, format!("`{}` cannot be a registry", shortened(&name)), "this path", help);
            return None;
        };
        let source = match source::read(&path, self.files, self.limits) {
            Ok(source) => source,
            Err(problem) => {
                let help = problem.help.clone().unwrap_or_default();
                let label = format!("looked for `{}`", self.files.shown(&path));
                self.problem(&named.span, problem.title, label, help);
                return None;
            }
        };
        self.texts.insert(path.clone(), source.text.clone());
        let text = source.text.clone();
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let columns: Vec<String> = match reader.headers() {
            Ok(head) => head.iter().map(str::to_owned).collect(),
            Err(error) => return self.wrong_row(&source, 1, &error.to_string(), "write the names of the columns"),
        };
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    let title = "this line has more or fewer fields than the head";
                    return self.wrong_row(&source, line, title, "one field a column; quote commas");
                }
            };
            let line = record.position().map_or(1, csv::Position::line);
            if rows.len() == REGISTRY_ROWS_MAX {
                return self.wrong_row(
                    &source,
                    line,
                    "too many rows",
                    &format!("at most {REGISTRY_ROWS_MAX} are allowed"),
                );
            }
            rows.push((line, record));
        }
        Some(Sheet { source, path, columns, rows })
    }

    /// The number of the column that a node names.
    pub(super) fn column(&mut self, sheet: &Sheet, node: &Node, what: &str) -> Option<usize> {
        let name = self.constant(node, what)?;
        self.column_named(sheet, &name, &node.span)
    }

    /// The number of a column, which stands at `span` in the oracle.
    pub(super) fn column_named(&mut self, sheet: &Sheet, name: &str, span: &Span) -> Option<usize> {
        let at = sheet.columns.iter().position(|column| column == name);
        if at.is_none() {
            let advice = suggest::advice(name, sheet.columns.iter().map(String::as_str));
            let title = format!("the table has no column `{}`", shortened(name));
            self.problem(span, title, format!("looked in `{}`", sheet.source.name), advice);
        }
        at
    }

    /// What a column of a row names: a key, an account.
    pub(super) fn named_by(
        &mut self,
        sheet: &Sheet,
        (line, row): &(u64, csv::StringRecord),
        at: usize,
        what: &str,
    ) -> Option<String> {
        // As pages' keys and texts are read: a wide bracket is no other product.
        let named = oracle::key_of(row.get(at).unwrap_or_default());
        if named.is_none() {
            let (title, column) = (format!("a row without {what}"), &sheet.columns[at]);
            return self.wrong_row(&sheet.source, *line, &title, &format!("fill in the column `{column}`"));
        }
        named
    }

    fn table(&mut self, sheet: &Sheet, fields: &Fields, figures: &[Figure]) -> Option<Table> {
        let at = |reader: &mut Self, what: &str| match fields.get(what) {
            Some(node) => reader.column(sheet, node, what).map(Some),
            None => Some(None),
        };
        let (key_at, account_at) = (at(self, "key")?, at(self, "account")?);
        let mut accounts = RegistryAccounts::new();
        for row in &sheet.rows {
            let key = key_at.map_or(Some(String::new()), |at| self.named_by(sheet, row, at, "a key"))?;
            let account = account_at.map_or(Some(String::new()), |at| self.named_by(sheet, row, at, "an account"))?;
            let values = self.values(sheet, row, figures)?;
            let twice = if key_at.is_some() { &key } else { &account }.clone();
            if accounts.entry(account).or_default().insert(key, values).is_some() {
                let title = format!("`{}` stands here twice", shortened(&twice));
                return self.wrong_row(&sheet.source, row.0, &title, "keep one row a key");
            }
        }
        if account_at.is_none() {
            accounts.entry(String::new()).or_default();
        }
        Some((accounts, sheet.columns.clone()))
    }

    fn values(
        &mut self,
        sheet: &Sheet,
        (line, row): &(u64, csv::StringRecord),
        figures: &[Figure],
    ) -> Option<BTreeMap<String, Value>> {
        let mut values = BTreeMap::new();
        for (column, text) in sheet.columns.iter().zip(row.iter()).filter(|(_, text)| !text.is_empty()) {
            match oracle::registry_value(column, text, figures) {
                Ok(Some(value)) => drop(values.insert(column.clone(), value)),
                Ok(None) => {}
                Err(said) => {
                    let (title, help) = (format!("{column}: {said}"), "write it as its figure is read");
                    return self.wrong_row(&sheet.source, *line, &title, help);
                }
            }
        }
        Some(values)
    }

    /// Tells of a line of the table, in the table.
    pub(super) fn wrong_row<T>(&mut self, table: &Source, line: u64, title: &str, help: &str) -> Option<T> {
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
