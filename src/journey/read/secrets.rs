//! Secrets: references that are allowed, and literals that look like what must not be in a file.

use super::reader::Reader;
use super::scalar::shortened;
use super::text::Argument;
use crate::diagnostic::Span;
use crate::journey::node::Node;
use crate::journey::{By, Locator, Text, TextPart};

const SECRET_WORDS: [&str; 9] = ["password", "passwd", "pin", "secret", "totp", "otp", "token", "cvv", "key"];

/// Whether a name reads a secret field of the leased account, such as `account.trade_pin`.
pub(super) fn is_secret_field(name: &str) -> bool {
    let Some(field) = name.strip_prefix("account.") else { return false };
    field.split('_').any(|word| SECRET_WORDS.contains(&word))
}

impl Reader<'_> {
    /// A reference to a secret: `env:`, `file:`, `exec:`, `account.` or a secret parameter.
    pub fn secret(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.scalar(node, what)?.to_owned();
        let parameter = text.strip_prefix("${").and_then(|t| t.strip_suffix('}'));
        if let Some(name) = parameter {
            return match self.params.get(name) {
                Some(Argument::Secret(reference)) => Some(reference.clone()),
                Some(Argument::Unknown) => None,
                _ => {
                    let title = format!("`{}` is no secret parameter", shortened(name));
                    let help = "declare it under `params:` as `{type: secret}`, or write a reference such as `account.password`";
                    self.problem(&node.span, title, "a secret is needed here", help);
                    None
                }
            };
        }
        let full = |rest: &str| !rest.trim().is_empty();
        let field = text.strip_prefix("account.").is_some_and(super::text::is_name);
        let right = field || ["env:", "file:", "exec:"].iter().any(|p| text.strip_prefix(p).is_some_and(full));
        if !right {
            let title = format!("`{what}` needs a reference, not the secret itself");
            let help = "write `env:NAME`, `file:PATH`, `exec:COMMAND` or `account.FIELD`, and change the secret if it was real";
            self.masked_problem(&node.span, &title, "this is not a reference", help);
            return None;
        }
        if field && self.account.is_none() {
            let help = "add `account:` with the pool to the journey";
            self.problem(&node.span, format!("`{text}` needs an account"), "the journey leases none", help);
            return None;
        }
        Some(text)
    }

    /// Notes a problem without showing the bytes it is about: they may be a secret.
    pub(super) fn masked_problem(&mut self, span: &Span, title: &str, label: &str, help: &str) {
        let told = self.problems.len();
        self.problem(span, title, label, help);
        if let Some(problem) = self.problems.get_mut(told) {
            let text = &problem.source.text;
            let hidden = text.get(span.clone()).unwrap_or_default().len();
            let masked = format!("{}{}{}", &text[..span.start], "*".repeat(hidden), &text[span.start + hidden..]);
            problem.source.text = masked.into();
        }
    }

    /// Refuses literals that should be secrets: card numbers, identity numbers, passwords.
    pub fn refuse_literal_secret(&mut self, node: &Node, text: &Text, field: Option<&Locator>) {
        let literal: String = text
            .parts()
            .iter()
            .map(|part| match part {
                TextPart::Literal(text) => text.as_str(),
                TextPart::Name(_) => "\u{0}",
            })
            .collect();
        let found = if is_card_number(&literal) {
            Some("a card number")
        } else if is_identity_number(&literal) {
            Some("an identity card number")
        } else if field.is_some_and(is_password_field) {
            Some("a password")
        } else {
            None
        };
        if let Some(found) = found {
            let help = "keep it out of the file: `secret: env:NAME` or `secret: account.FIELD`";
            self.masked_problem(&node.span, &format!("this looks like {found}"), "a literal secret", help);
        }
    }
}

/// Whether a field's own name says that it takes a password.
fn is_password_field(field: &Locator) -> bool {
    let text = match &field.by {
        By::Label(text) | By::Placeholder(text) | By::Role { name: Some(text), .. } => text.to_string(),
        By::Css(text) => {
            return text.to_string().contains("type=password") || text.to_string().contains("type=\"password\"");
        }
        _ => return false,
    };
    text.contains("密码") || text.to_lowercase().contains("password")
}

/// Sixteen to nineteen digits of a known scheme whose Luhn sum is right.
fn is_card_number(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter(|c| !matches!(c, ' ' | '-')).map_while(|c| c.to_digit(10)).collect();
    let all = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-'));
    let scheme = matches!(digits.first(), Some(3..=6));
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| match i % 2 {
            0 => *d,
            _ if d * 2 > 9 => d * 2 - 9,
            _ => d * 2,
        })
        .sum();
    all && scheme && (16..=19).contains(&digits.len()) && sum.is_multiple_of(10)
}

/// Eighteen characters with a birth date and the right ISO 7064 sum (GB 11643).
fn is_identity_number(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let text = text.trim();
    if text.len() != 18 || !text.is_ascii() || !text[..17].bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let date = jiff::civil::Date::strptime("%Y%m%d", &text[6..14]);
    let sum: u32 = text.bytes().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    let right = b"10X98765432"[(sum % 11) as usize];
    date.is_ok_and(|d| (1900..2100).contains(&d.year())) && text.as_bytes()[17].to_ascii_uppercase() == right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_must_not_be_written_down() {
        let check = |text: &str, card: bool, identity: bool| {
            assert_eq!((is_card_number(text), is_identity_number(text)), (card, identity), "{text}");
        };
        check("4111 1111 1111 1111", true, false);
        check("6222021234567890128", true, false);
        check("4111111111111112", false, false);
        check("11010519491231002X", false, true);
        check("110105194912310021", false, false);
        check("100.00", false, false);
        check("", false, false);
    }

    #[test]
    fn secret_fields_of_accounts() {
        let check = |name: &str, expected: bool| assert_eq!(is_secret_field(name), expected, "{name}");
        check("account.password", true);
        check("account.trade_pin", true);
        check("account.username", false);
        check("account.shipping", false);
        check("pin", false);
    }
}
