//! The customers that walks are made as: a CSV table with a row a customer, and what of it is theirs alone.

use super::reader::Reader;
use super::scalar::shortened;
use crate::journey::node::Node;
use crate::journey::oracle::{Customers, Private, plain_text};
use crate::journey::shape::{Field, Shape};

/// The keys of the customers.
pub(super) static CUSTOMERS: [Field; 3] = [
    Field::must("file", Shape::Text, "a CSV file beside the oracle, with a head line"),
    Field::must("account", Shape::Text, "the column that holds the account's name in its pool, or its `username`"),
    Field::must("private", Shape::Named(&Shape::Text), "columns that nobody else may see, with what people call them"),
];
/// The most texts that pages are searched for.
const PRIVATE_MAX: usize = 5_000;
/// The fewest characters that a text needs to be told from others: of Chinese a name has two, of other letters and digits
/// there are few.
const WIDE_CHARS_MIN: usize = 2;
const CHARS_MIN: usize = 5;

impl Reader<'_> {
    pub(super) fn customers(&mut self, node: &Node) -> Option<Customers> {
        let fields = self.fields(node, "customers", &[&CUSTOMERS])?;
        let sheet = self.sheet(fields.get("file")?)?;
        let account_at = self.column(&sheet, fields.get("account")?, "account")?;
        let mut columns = Vec::new();
        for (key, title) in self.named(fields.get("private")?, "private", "name: 姓名") {
            columns.push((self.column_named(&sheet, &key.text, &key.span)?, self.constant(title, &key.text)?));
        }
        let mut private = Vec::new();
        for row in &sheet.rows {
            let account = self.named_by(&sheet, row, account_at, "an account")?;
            for (at, title) in &columns {
                let text = plain_text(row.1.get(*at).unwrap_or_default());
                if text.is_empty() {
                    continue;
                }
                if !is_telling(&text) {
                    let said = format!("`{}` is too short to be told from what is anybody's", shortened(&text));
                    let help = "leave it out, or take a longer text that is this customer's alone";
                    return self.wrong_row(&sheet.source, row.0, &said, help);
                }
                if private.len() == PRIVATE_MAX {
                    let help = format!("at most {PRIVATE_MAX} are allowed: take fewer columns or customers");
                    return self.wrong_row(&sheet.source, row.0, "too many texts to search pages for", &help);
                }
                private.push(Private { account: account.clone(), title: title.clone(), text });
            }
        }
        Some(Customers { file: sheet.path, private })
    }
}

fn is_telling(text: &str) -> bool {
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    wide >= WIDE_CHARS_MIN || text.chars().count() >= CHARS_MIN
}
