//! From the text of an expression to its terms: a Pratt parser with bounded depth.

use super::expression::{Function, Operator, Term, Value};
use crate::diagnostic::Span;
use rust_decimal::Decimal;

/// The deepest nesting of parentheses and signs.
const DEPTH_MAX: u32 = 32;
/// The longest expression, in bytes.
const TEXT_BYTES_MAX: usize = 2000;

type Problem = (Span, String);

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Figure(Decimal),
    Text(String),
    Word(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 16] = ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", "="];

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Term, Problem> {
    if text.len() > TEXT_BYTES_MAX {
        return Err((0..text.len(), format!("an expression may have {TEXT_BYTES_MAX} bytes, found {}", text.len())));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let term = parser.term(0)?;
    match parser.next() {
        (Token::End, _) => Ok(term),
        (token, span) => Err((span, format!("an operator was expected here, found {}", shown(&token)))),
    }
}

struct Parser {
    tokens: Vec<(Token, Span)>,
    at: usize,
    depth: u32,
}

impl Parser {
    fn peek(&self) -> &(Token, Span) {
        &self.tokens[self.at]
    }

    fn next(&mut self) -> (Token, Span) {
        let token = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(&self.peek().0, Token::Sign(s) if *s == sign)
            || matches!(&self.peek().0, Token::Word(w) if w == sign);
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Problem> {
        if self.take(sign) {
            return Ok(());
        }
        let (token, span) = self.peek().clone();
        Err((span, format!("`{sign}` was expected here, found {}", shown(&token))))
    }

    /// Reads operators that bind tighter than `floor`.
    fn term(&mut self, floor: u8) -> Result<Term, Problem> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err((self.peek().1.clone(), format!("nested deeper than {DEPTH_MAX} levels")));
        }
        let mut left = self.prefix()?;
        let mut compared = false;
        while let Some((operator, power)) = self.operator() {
            if power <= floor {
                break;
            }
            let (_, span) = self.next();
            if power == COMPARE {
                if compared {
                    return Err((span, "compare two values at a time: join comparisons with `and`".into()));
                }
                compared = true;
            }
            left = match operator {
                Infix::Two(operator) => self.two(operator, left, power)?,
                Infix::In => Term::In(Box::new(left), self.list()?),
                Infix::NotIn => {
                    self.expect("in")?;
                    Term::Not(Box::new(Term::In(Box::new(left), self.list()?)))
                }
            };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn two(&mut self, operator: Operator, left: Term, power: u8) -> Result<Term, Problem> {
        let span = self.peek().1.clone();
        let right = self.term(power)?;
        if operator == Operator::Matches
            && let Term::Value(Value::Text(pattern)) = &right
            && let Err(why) = super::pattern::compile(pattern)
        {
            return Err((span, why));
        }
        Ok(Term::Two(operator, Box::new(left), Box::new(right)))
    }

    fn operator(&self) -> Option<(Infix, u8)> {
        let two = |operator, power| Some((Infix::Two(operator), power));
        match &self.peek().0 {
            Token::Word(word) => match word.as_str() {
                "or" => two(Operator::Or, 1),
                "and" => two(Operator::And, 2),
                "contains" => two(Operator::Contains, COMPARE),
                "matches" => two(Operator::Matches, COMPARE),
                "in" => Some((Infix::In, COMPARE)),
                "not" => Some((Infix::NotIn, COMPARE)),
                _ => None,
            },
            Token::Sign(sign) => match *sign {
                "==" => two(Operator::Equal, COMPARE),
                "!=" => two(Operator::Unequal, COMPARE),
                "<" => two(Operator::Less, COMPARE),
                "<=" => two(Operator::AtMost, COMPARE),
                ">" => two(Operator::Greater, COMPARE),
                ">=" => two(Operator::AtLeast, COMPARE),
                "+" => two(Operator::Add, 5),
                "-" => two(Operator::Subtract, 5),
                "*" => two(Operator::Multiply, 6),
                "/" => two(Operator::Divide, 6),
                _ => None,
            },
            _ => None,
        }
    }

    fn prefix(&mut self) -> Result<Term, Problem> {
        let (token, span) = self.next();
        match token {
            Token::Figure(figure) => Ok(Term::Value(Value::Figure(figure))),
            Token::Text(text) => Ok(Term::Value(Value::Text(text))),
            Token::Sign("-") => Ok(Term::Minus(Box::new(self.term(7)?))),
            Token::Sign("(") => {
                let term = self.term(0)?;
                self.expect(")")?;
                Ok(term)
            }
            Token::Word(word) => match word.as_str() {
                "true" => Ok(Term::Value(Value::Truth(true))),
                "false" => Ok(Term::Value(Value::Truth(false))),
                "not" => Ok(Term::Not(Box::new(self.term(2)?))),
                _ if self.take("(") => self.call(&word, span),
                _ => Ok(Term::Name(word)),
            },
            _ => Err((span, "a value was expected here: a figure, a text in quotes or a name".into())),
        }
    }

    fn call(&mut self, word: &str, span: Span) -> Result<Term, Problem> {
        let (function, wanted) = match word {
            "abs" => (Function::Abs, 1),
            "round" => (Function::Round, 2),
            "min" => (Function::Min, 2),
            "max" => (Function::Max, 2),
            "days" => (Function::Days, 2),
            _ => return Err((span, format!("there is no function `{word}`: there are abs, round, min, max and days"))),
        };
        let values = self.values(")")?;
        if values.len() == wanted {
            return Ok(Term::Call(function, values));
        }
        let noun = if wanted == 1 { "value" } else { "values" };
        Err((span, format!("`{word}` takes {wanted} {noun}, found {}", values.len())))
    }

    fn list(&mut self) -> Result<Vec<Term>, Problem> {
        self.expect("[")?;
        self.values("]")
    }

    fn values(&mut self, close: &str) -> Result<Vec<Term>, Problem> {
        let mut values = vec![self.term(0)?];
        while self.take(",") {
            values.push(self.term(0)?);
        }
        self.expect(close)?;
        Ok(values)
    }
}

const COMPARE: u8 = 4;

enum Infix {
    Two(Operator),
    In,
    NotIn,
}

fn shown(token: &Token) -> String {
    match token {
        Token::Figure(figure) => format!("`{figure}`"),
        Token::Text(text) => format!("{text:?}"),
        Token::Word(word) => format!("`{word}`"),
        Token::Sign(sign) => format!("`{sign}`"),
        Token::End => "the end".to_owned(),
    }
}

fn tokens(text: &str) -> Result<Vec<(Token, Span)>, Problem> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = match c {
            _ if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '\'' | '"' => quoted(rest, c, at)?,
            '0'..='9' => number(rest, at)?,
            '$' => return Err(dollar(rest, at)),
            _ if c.is_ascii_lowercase() || c == '_' => {
                let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.');
                let length = rest.find(ends).unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
            _ => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                let sign = sign.ok_or_else(|| foreign(rest, at))?;
                let span = at..at + c.len_utf8();
                if sign == "=" {
                    return Err((span, "`=` compares nothing: write `==`".into()));
                }
                (Token::Sign(sign), sign.len())
            }
        };
        tokens.push((token, at..at + length));
        at += length;
    }
    tokens.push((Token::End, text.len()..text.len()));
    Ok(tokens)
}

fn quoted(rest: &str, quote: char, at: usize) -> Result<(Token, usize), Problem> {
    match rest[1..].find(quote) {
        Some(length) => Ok((Token::Text(rest[1..=length].to_owned()), length + 2)),
        None => Err((at..at + rest.len(), "this text has no closing quote".into())),
    }
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), Problem> {
    let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')).unwrap_or(rest.len());
    let word = &rest[..length];
    let plain = word.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !word.ends_with('.');
    match Decimal::from_str_exact(word) {
        Ok(figure) if plain => Ok((Token::Figure(figure), length)),
        _ => Err((at..at + length, format!("`{word}` is not a figure: write it like 1234.50"))),
    }
}

fn foreign(rest: &str, at: usize) -> Problem {
    let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    match &rest[..length] {
        "" => {
            let c = rest.chars().next().unwrap_or(' ');
            (at..at + c.len_utf8(), format!("`{c}` means nothing in an expression"))
        }
        word => (at..at + length, format!("`{word}` is not a name: names are of a-z, 0-9 and `_`")),
    }
}

fn dollar(rest: &str, at: usize) -> Problem {
    match rest.strip_prefix("${").and_then(|r| r.split_once('}')) {
        Some((name, _)) => {
            (at..at + name.len() + 3, format!("names stand bare in expressions: write `{}`", name.trim()))
        }
        None => (at..at + 1, "`$` means nothing in an expression: names stand bare".into()),
    }
}
