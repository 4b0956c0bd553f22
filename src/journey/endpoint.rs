//! A registry behind an HTTP endpoint: where its rows are fetched, how long they serve, and how an answer is read. Pure: who
//! fetches brings the answer.

use super::Value;
use super::json_path::{JsonPath, shown};
use super::oracle::{Figure, REGISTRY_ROWS_MAX, RegistryAccounts, key_of, registry_value};
use crate::loopback::is_loopback;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The most columns of an answer.
const COLUMNS_MAX: usize = 200;

/// Where a registry's rows are fetched, and how long they serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The address.
    pub url: Url,
    /// Where the list stands in a JSON answer; the answer is the list when `None`.
    pub rows: Option<JsonPath>,
    /// The reference to the secret that is sent as the `Authorization` header.
    pub authorization: Option<String>,
    /// How old rows may be before they are fetched again.
    pub every: Duration,
    /// How long the last good copy serves where no good rows can be had.
    pub stale_after: Duration,
    /// The column that holds the key.
    pub key: Option<String>,
    /// The column that says whose each row is.
    pub account: Option<String>,
    /// Columns that an answer must have besides.
    pub columns: Vec<String>,
}

/// What an endpoint answered, read.
#[derive(Debug, Clone, PartialEq)]
pub struct RegistryTable {
    /// The names of its columns, in order.
    pub columns: Vec<String>,
    /// Its rows by account and key.
    pub accounts: Arc<RegistryAccounts>,
}

impl RegistryTable {
    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.accounts.values().map(BTreeMap::len).sum()
    }
}

/// An answer's columns, and its rows as texts by column, each with where it stands.
struct Sheet {
    columns: Vec<String>,
    rows: Vec<(String, BTreeMap<String, String>)>,
}

impl Endpoint {
    /// What people know it by: the address without what may hold a token.
    pub fn shown(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{host}{port}{}", self.url.path())
    }

    /// Whether it is this machine's own.
    pub fn is_own(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The columns without which an answer is of no use.
    pub fn wanted(&self) -> Vec<&str> {
        let mut wanted: Vec<&str> = Vec::new();
        for name in self.key.iter().chain(&self.account).chain(&self.columns) {
            if !wanted.contains(&name.as_str()) {
                wanted.push(name);
            }
        }
        wanted
    }

    /// Reads an answer of this media type: all of it, or nothing and why. A table of which a part is right would make
    /// the rest look as if it were missing in the app.
    pub fn read(&self, figures: &[Figure], media: &str, text: &str) -> Result<RegistryTable, String> {
        let text = text.trim_start_matches('\u{feff}');
        let sheet = if is_json(media, text) { self.json(figures, text)? } else { csv(media, text)? };
        if sheet.rows.is_empty() {
            return Err("it has no rows".to_owned());
        }
        if let Some(missing) = self.wanted().into_iter().find(|name| !sheet.columns.iter().any(|own| own == name)) {
            return Err(format!("it has no column `{missing}`; its columns are {}", sheet.columns.join(", ")));
        }
        let mut accounts = RegistryAccounts::new();
        for (place, row) in &sheet.rows {
            let named = |column: &Option<String>| match column {
                None => Ok(String::new()),
                Some(column) => row
                    .get(column)
                    .and_then(|text| key_of(text))
                    .ok_or_else(|| format!("{place}: the column `{column}` is empty")),
            };
            let (key, account) = (named(&self.key)?, named(&self.account)?);
            let told = if self.account.is_some() { "a row".to_owned() } else { format!("`{key}`") };
            if accounts.entry(account).or_default().insert(key, self.values(figures, place, row)?).is_some() {
                return Err(format!("{place}: {told} stands there twice"));
            }
        }
        Ok(RegistryTable { columns: sheet.columns, accounts: Arc::new(accounts) })
    }

    fn values(
        &self,
        figures: &[Figure],
        place: &str,
        row: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Value>, String> {
        let mut values = BTreeMap::new();
        for (column, text) in row {
            // What a customer owns is repeated nowhere.
            let wrong = |said: String| match self.account {
                Some(_) => format!("{place}: `{column}` cannot be read as its figure"),
                None => format!("{place}: {column}: {said}"),
            };
            if let Some(value) = registry_value(column, text, figures).map_err(wrong)? {
                values.insert(column.clone(), value);
            }
        }
        Ok(values)
    }

    fn json(&self, figures: &[Figure], text: &str) -> Result<Sheet, String> {
        let body: Json = serde_json::from_str(text).map_err(|why| format!("it is no JSON: {why}"))?;
        let at = match &self.rows {
            Some(path) => path.find(&body).ok_or("nothing stands at `rows:` in the answer")?,
            None => &body,
        };
        let list = at.as_array().ok_or_else(|| not_a_list(at, self.rows.is_some()))?;
        if list.len() > REGISTRY_ROWS_MAX {
            return Err(format!("it has {} rows; at most {REGISTRY_ROWS_MAX} are allowed", list.len()));
        }
        let mut sheet = Sheet { columns: Vec::new(), rows: Vec::new() };
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let read: BTreeSet<&str> =
            self.wanted().into_iter().chain(figures.iter().map(|figure| figure.name.as_str())).collect();
        let names_row = |column: &String| [&self.key, &self.account].into_iter().flatten().any(|own| own == column);
        for (number, row) in list.iter().enumerate() {
            let place = format!("row {}", number + 1);
            let object = row.as_object().ok_or_else(|| format!("{place} is {}, not an object", noun(row)))?;
            let mut texts = BTreeMap::new();
            for (column, value) in object {
                let nested = value.is_object() || value.is_array();
                if nested && read.contains(column.as_str()) {
                    return Err(format!("{place}: `{column}` is {}, not a value", noun(value)));
                }
                if nested {
                    continue;
                }
                if known.insert(column) {
                    sheet.columns.push(column.clone());
                }
                if known.len() > COLUMNS_MAX {
                    return Err(too_wide());
                }
                if value.is_number() && names_row(column) {
                    let advice = "which has no leading zeros: it must be a text";
                    return Err(format!("{place}: `{column}` is a number, {advice}"));
                }
                let text = if value.is_null() { String::new() } else { shown(value) };
                if !text.trim().is_empty() {
                    texts.insert(column.clone(), text);
                }
            }
            sheet.rows.push((place, texts));
        }
        Ok(sheet)
    }
}

fn is_json(media: &str, text: &str) -> bool {
    let kind = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "text/csv" => false,
        kind if kind.ends_with("json") => true,
        // Of the rest, the first byte tells more than what a server says of files it does not know.
        _ => text.trim_start().starts_with(['[', '{']),
    }
}

fn csv(media: &str, text: &str) -> Result<Sheet, String> {
    if media.to_ascii_lowercase().contains("html") || text.trim_start().starts_with('<') {
        return Err(
            "it is a page for people, not rows: often one to sign in at, or one that says what went wrong".into()
        );
    }
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let head = reader.headers().map_err(|why| format!("it is no CSV: {why}"))?;
    let columns: Vec<String> = head.iter().map(str::to_owned).collect();
    if columns.len() > COLUMNS_MAX {
        return Err(too_wide());
    }
    let mut known = BTreeSet::new();
    // What has no name is read by nobody.
    if let Some(twice) = columns.iter().find(|name| !name.is_empty() && !known.insert(*name)) {
        return Err(format!("two of its columns are called `{twice}`"));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        if rows.len() == REGISTRY_ROWS_MAX {
            return Err(format!("it has too many rows; at most {REGISTRY_ROWS_MAX} are allowed"));
        }
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            format!("line {line} has more or fewer fields than the head")
        })?;
        let place = format!("line {}", record.position().map_or(1, csv::Position::line));
        let texts = columns.iter().zip(record.iter()).filter(|(_, text)| !text.is_empty());
        rows.push((place, texts.map(|(column, text)| (column.clone(), text.to_owned())).collect()));
    }
    Ok(Sheet { columns, rows })
}

fn too_wide() -> String {
    format!("it has too many columns; at most {COLUMNS_MAX} are allowed")
}

/// What stands where a list should, and what to write instead.
fn not_a_list(found: &Json, named: bool) -> String {
    let place = if named { "at `rows:`" } else { "the answer" };
    let verb = if named { "stands" } else { "is" };
    match found.as_object() {
        Some(object) => {
            let keys: Vec<&str> = object.keys().map(String::as_str).take(12).collect();
            let advice = "say where its rows are, like `rows: $.data.items`";
            let said = format!("an object with the keys {}", keys.join(", "));
            if named {
                format!("{place} {verb} {said}, not a list")
            } else {
                format!("{place} {verb} {said}: {advice}")
            }
        }
        None => format!("{place} {verb} {}, not a list", noun(found)),
    }
}

fn noun(value: &Json) -> &'static str {
    match value {
        Json::Null => "nothing",
        Json::Bool(_) => "a truth",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::oracle::{FigureAs, Tolerance};
    use crate::money::FigureKind;
    use rust_decimal::Decimal;

    fn endpoint(rows: Option<&str>) -> Endpoint {
        Endpoint {
            url: "https://bank.test:8443/products?token=t0k3n".parse().unwrap(),
            rows: rows.map(|path| JsonPath::parse(path).unwrap()),
            authorization: None,
            every: Duration::from_secs(600),
            stale_after: Duration::from_secs(86_400),
            key: Some("code".into()),
            account: None,
            columns: vec!["sale".into()],
        }
    }

    fn nav() -> Figure {
        Figure {
            name: "nav".into(),
            title: "净值".into(),
            kind: FigureAs::Figure(FigureKind::Decimal),
            min: None,
            max: None,
            among: Vec::new(),
            trading_days: None,
            tolerance: Tolerance::Amount(Decimal::ZERO),
            ticks: false,
            blank: vec!["--".into()],
            across: None,
        }
    }

    /// Rows as `key name=value …`.
    fn check(rows: Option<&str>, media: &str, text: &str, expected: Result<&[&str], &str>) {
        let table = endpoint(rows).read(&[nav()], media, text);
        let written = |table: RegistryTable| -> Vec<String> {
            let row = |(key, values): (&String, &BTreeMap<String, Value>)| {
                let values = values.iter().map(|(name, value)| format!(" {name}={}", value.plain()));
                format!("{key}{}", values.collect::<String>())
            };
            table.accounts.values().flatten().map(row).collect()
        };
        let expected: Result<Vec<String>, String> =
            expected.map(|rows| rows.iter().map(|row| (*row).to_owned()).collect()).map_err(str::to_owned);
        assert_eq!(table.map(written), expected, "{media}: {text}");
    }

    #[test]
    fn answers_are_csv_or_json() {
        let both: Result<&[&str], &str> = Ok(&["A1 code=A1 nav=1.50 sale=yes", "B2 code=B2 sale=no"]);
        check(None, "text/csv", "code,nav,sale\nA1, 1.50 ,yes\nB2,,no\n", both);
        check(None, "application/octet-stream", "\u{feff}code,nav,sale\r\nA1,1.50,yes\r\nB2,--,no\r\n", both);
        let list = r#"[{"code":"A1","nav":"1.50","sale":"yes","tags":["x"]},{"code":"Ｂ2","nav":null,"sale":"no"}]"#;
        let wide: Result<&[&str], &str> = Ok(&["A1 code=A1 nav=1.50 sale=yes", "B2 code=B2 sale=no"]);
        check(None, "application/json; charset=utf-8", list, wide);
        check(None, "text/plain", list, wide);
        check(Some("$.data[0]"), "application/hal+json", &format!(r#"{{"data":[{list}]}}"#), wide);
    }

    #[test]
    fn what_is_no_table_is_told() {
        let page = "it is a page for people, not rows: often one to sign in at, or one that says what went wrong";
        check(None, "text/html", "code,sale\nA1,yes\n", Err(page));
        check(None, "text/csv", "<!doctype html><p>sign in", Err(page));
        check(None, "text/csv", "code,nav\nA1,1\n", Err("it has no column `sale`; its columns are code, nav"));
        check(None, "text/csv", "code,nav,sale,nav\nA1,1,yes,2\n", Err("two of its columns are called `nav`"));
        check(None, "text/csv", "code,sale,,\nA1,yes,,\n", Ok(&["A1 code=A1 sale=yes"]));
        let number = "row 1: `code` is a number, which has no leading zeros: it must be a text";
        check(None, "application/json", r#"[{"code":1234,"sale":"yes"}]"#, Err(number));
        let names = (0..199).map(|n| format!("c{n}")).collect::<Vec<_>>();
        let wide = "it has too many columns; at most 200 are allowed";
        check(None, "text/csv", &format!("code,sale,{}\n", names.join(",")), Err(wide));
        let cells: String = names.iter().map(|name| format!(r#","{name}":1"#)).collect();
        check(None, "application/json", &format!(r#"[{{"code":"A1","sale":"yes"{cells}}}]"#), Err(wide));
        check(None, "text/csv", "code,sale\nA1\n", Err("line 2 has more or fewer fields than the head"));
        check(None, "text/csv", "code,sale\nA1,yes\nA1,no\n", Err("line 3: `A1` stands there twice"));
        check(None, "text/csv", "code,sale\n,yes\n", Err("line 2: the column `code` is empty"));
        check(None, "text/csv", "code,sale\n", Err("it has no rows"));
        check(None, "", "", Err("it has no rows"));
        check(None, "application/json", "[]", Err("it has no rows"));
        let keys =
            "the answer is an object with the keys code, data: say where its rows are, like `rows: $.data.items`";
        check(None, "application/json", r#"{"code":0,"data":[]}"#, Err(keys));
        check(Some("$.data"), "application/json", r#"{"data":7}"#, Err("at `rows:` stands a number, not a list"));
        check(Some("$.data"), "application/json", "{}", Err("nothing stands at `rows:` in the answer"));
        check(None, "application/json", "[1]", Err("row 1 is a number, not an object"));
        let nested = r#"[{"code":"A1","sale":{"now":true}}]"#;
        check(None, "application/json", nested, Err("row 1: `sale` is an object, not a value"));
        let short = r#"[{"code":"A1""#;
        check(None, "application/json", short, Err("it is no JSON: EOF while parsing an object at line 1 column 13"));
        check(
            None,
            "text/csv",
            "code,nav,sale\nA1,soon,yes\n",
            Err("line 2: nav: `soon` is not a decimal such as 1,234.50"),
        );
    }

    #[test]
    fn a_ledgers_values_are_not_repeated() {
        let ledger = Endpoint { account: Some("who".into()), key: None, columns: Vec::new(), ..endpoint(None) };
        let said = |text: &str| ledger.read(&[nav()], "text/csv", text).unwrap_err();
        assert_eq!(said("who,nav\nlin,much\n"), "line 2: `nav` cannot be read as its figure");
        assert_eq!(said("who,nav\nlin,1\nlin,2\n"), "line 3: a row stands there twice");
        assert_eq!(endpoint(None).shown(), "bank.test:8443/products");
    }
}
