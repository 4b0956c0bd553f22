//! Expressions of `assert` and `when`: exact decimals, texts and truths.
//!
//! Written by hand because the template engine at hand (minijinja) computes on floats and lets no object
//! take part in arithmetic, while `0.1 + 0.2 == 0.3` must hold for money. Nothing here loops or calls out.

use super::expression_parser::parse;
use crate::diagnostic::Span;
use rust_decimal::{Decimal, RoundingStrategy};
use std::fmt;

/// What an expression gives and what its names stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// An exact figure.
    Figure(Decimal),
    /// Yes or no.
    Truth(bool),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Figure(figure) => figure.fmt(f),
            Value::Truth(truth) => truth.fmt(f),
        }
    }
}

impl Value {
    /// The value as it stands in a text: without quotes.
    pub fn plain(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// A parsed expression; it is true, false or a figure once its names have values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    text: String,
    root: Term,
}

/// A node of the syntax tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    Value(Value),
    Name(String),
    Not(Box<Term>),
    Minus(Box<Term>),
    Two(Operator, Box<Term>, Box<Term>),
    In(Box<Term>, Vec<Term>),
    Call(Function, Vec<Term>),
}

/// What stands between two terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Contains,
    Matches,
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// The functions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Round,
    Min,
    Max,
    Days,
}

impl Expression {
    /// Reads an expression; the error says where in `text` (bytes) and what was expected.
    pub fn parse(text: &str) -> Result<Self, (Span, String)> {
        Ok(Self { text: text.trim().to_owned(), root: parse(text)? })
    }

    /// As its author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names it needs, each once, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.visit(&mut |term| {
            if let Term::Name(name) = term
                && !names.contains(&name.as_str())
            {
                names.push(name.as_str());
            }
        });
        names
    }

    /// Replaces names by values or other names; how a used file gets its parameters.
    pub(super) fn bind(mut self, replace: &dyn Fn(&str) -> Option<Term>) -> Self {
        self.root = self.root.bind(replace);
        self
    }

    /// Computes it with the values that `value_of` gives.
    pub fn eval(&self, value_of: &dyn Fn(&str) -> Option<Value>) -> Result<Value, String> {
        self.root.eval(value_of)
    }

    /// Computes it and insists on yes or no.
    pub fn holds(&self, value_of: &dyn Fn(&str) -> Option<Value>) -> Result<bool, String> {
        match self.eval(value_of)? {
            Value::Truth(truth) => Ok(truth),
            other => Err(format!("`{}` gives {other}, which is neither true nor false", self.text)),
        }
    }

    /// The expression and the values of its names, for people: `nav == listed_nav (1.2345, 1.2354)`.
    pub fn shown(&self, value_of: &dyn Fn(&str) -> Option<Value>) -> String {
        let values: Vec<String> = self
            .names()
            .into_iter()
            .map(|name| value_of(name).map_or_else(|| format!("no {name}"), |value| value.to_string()))
            .collect();
        if values.is_empty() { self.text.clone() } else { format!("{} ({})", self.text, values.join(", ")) }
    }

    /// Why it gives the same answer whatever the page shows, if it does.
    pub(super) fn idle(&self) -> Option<&'static str> {
        if self.names().is_empty() {
            return Some("it reads nothing from the page");
        }
        match &self.root {
            Term::Two(Operator::Equal | Operator::AtMost | Operator::AtLeast, a, b) if a == b => {
                Some("both sides are the same")
            }
            Term::Two(Operator::Contains, _, b) if **b == Term::Value(Value::Text(String::new())) => {
                Some("every text contains the empty text")
            }
            Term::Two(Operator::Matches, _, b) => match &**b {
                Term::Value(Value::Text(pattern)) if super::pattern::matches_anything(pattern) => {
                    Some("the regular expression matches every text")
                }
                _ => None,
            },
            Term::Two(Operator::Or, a, b) => {
                let always = |t: &Term| *t == Term::Value(Value::Truth(true));
                (always(a) || always(b)).then_some("one side is always true")
            }
            _ => None,
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Term {
    fn visit<'a>(&'a self, each: &mut dyn FnMut(&'a Term)) {
        each(self);
        match self {
            Term::Value(_) | Term::Name(_) => {}
            Term::Not(a) | Term::Minus(a) => a.visit(each),
            Term::Two(_, a, b) => {
                a.visit(each);
                b.visit(each);
            }
            Term::In(a, list) => {
                a.visit(each);
                list.iter().for_each(|t| t.visit(each));
            }
            Term::Call(_, list) => list.iter().for_each(|t| t.visit(each)),
        }
    }

    fn bind(self, replace: &dyn Fn(&str) -> Option<Term>) -> Term {
        let boxed = |t: Box<Term>| Box::new(t.bind(replace));
        let all = |list: Vec<Term>| list.into_iter().map(|t| t.bind(replace)).collect();
        match self {
            Term::Value(_) => self,
            Term::Name(name) => replace(&name).unwrap_or(Term::Name(name)),
            Term::Not(a) => Term::Not(boxed(a)),
            Term::Minus(a) => Term::Minus(boxed(a)),
            Term::Two(op, a, b) => Term::Two(op, boxed(a), boxed(b)),
            Term::In(a, list) => Term::In(boxed(a), all(list)),
            Term::Call(function, list) => Term::Call(function, all(list)),
        }
    }

    fn eval(&self, value_of: &dyn Fn(&str) -> Option<Value>) -> Result<Value, String> {
        match self {
            Term::Value(value) => Ok(value.clone()),
            Term::Name(name) => value_of(name).ok_or_else(|| format!("nothing is named `{name}` here")),
            Term::Not(a) => Ok(Value::Truth(!truth(&a.eval(value_of)?, "not")?)),
            Term::Minus(a) => Ok(Value::Figure(-figure(&a.eval(value_of)?, "-")?)),
            Term::Two(Operator::Or, a, b) => {
                Ok(Value::Truth(truth(&a.eval(value_of)?, "or")? || truth(&b.eval(value_of)?, "or")?))
            }
            Term::Two(Operator::And, a, b) => {
                Ok(Value::Truth(truth(&a.eval(value_of)?, "and")? && truth(&b.eval(value_of)?, "and")?))
            }
            Term::Two(op, a, b) => two(*op, &a.eval(value_of)?, &b.eval(value_of)?),
            Term::In(a, list) => {
                let wanted = a.eval(value_of)?;
                for term in list {
                    if same(&wanted, &term.eval(value_of)?)? {
                        return Ok(Value::Truth(true));
                    }
                }
                Ok(Value::Truth(false))
            }
            Term::Call(function, list) => {
                let values = list.iter().map(|t| t.eval(value_of)).collect::<Result<Vec<_>, _>>()?;
                call(*function, &values).map(Value::Figure)
            }
        }
    }
}

fn truth(value: &Value, of: &str) -> Result<bool, String> {
    match value {
        Value::Truth(truth) => Ok(*truth),
        other => Err(format!("`{of}` needs true or false, found {other}")),
    }
}

fn figure(value: &Value, of: &str) -> Result<Decimal, String> {
    match value {
        Value::Figure(figure) => Ok(*figure),
        other => Err(format!("`{of}` needs figures, found {other}: read it `as: decimal`, `money` or `percent`")),
    }
}

fn text<'a>(value: &'a Value, of: &str) -> Result<&'a str, String> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(format!("`{of}` needs texts, found {other}: read it `as: text`")),
    }
}

/// Equality across kinds is a mistake of the author, not a false answer.
fn same(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Text(_), Value::Text(_))
        | (Value::Figure(_), Value::Figure(_))
        | (Value::Truth(_), Value::Truth(_)) => Ok(a == b),
        _ => Err(format!("{a} and {b} are of different kinds: read both as figures or both as texts")),
    }
}

fn two(op: Operator, a: &Value, b: &Value) -> Result<Value, String> {
    let too_large = || "the figures are too large for an exact result".to_owned();
    let figures = |sign: &str| Ok::<_, String>((figure(a, sign)?, figure(b, sign)?));
    // Dates as pages write them (2026-11-22) are ordered like their texts.
    if let (Value::Text(a), Value::Text(b)) = (a, b)
        && is_date(a)
        && is_date(b)
    {
        match op {
            Operator::Less => return Ok(Value::Truth(a < b)),
            Operator::AtMost => return Ok(Value::Truth(a <= b)),
            Operator::Greater => return Ok(Value::Truth(a > b)),
            Operator::AtLeast => return Ok(Value::Truth(a >= b)),
            _ => {}
        }
    }
    let computed = |result: Option<Decimal>| result.map(Value::Figure).ok_or_else(too_large);
    match op {
        Operator::Equal => same(a, b).map(Value::Truth),
        Operator::Unequal => same(a, b).map(|equal| Value::Truth(!equal)),
        Operator::Less => figures("<").map(|(a, b)| Value::Truth(a < b)),
        Operator::AtMost => figures("<=").map(|(a, b)| Value::Truth(a <= b)),
        Operator::Greater => figures(">").map(|(a, b)| Value::Truth(a > b)),
        Operator::AtLeast => figures(">=").map(|(a, b)| Value::Truth(a >= b)),
        Operator::Contains => Ok(Value::Truth(text(a, "contains")?.contains(text(b, "contains")?))),
        Operator::Matches => {
            let regex = super::pattern::compile(text(b, "matches")?)?;
            Ok(Value::Truth(regex.is_match(text(a, "matches")?)))
        }
        Operator::Add => figures("+").and_then(|(a, b)| computed(a.checked_add(b))),
        Operator::Subtract => figures("-").and_then(|(a, b)| computed(a.checked_sub(b))),
        Operator::Multiply => figures("*").and_then(|(a, b)| computed(a.checked_mul(b))),
        Operator::Divide => figures("/").and_then(|(a, b)| {
            if b.is_zero() { Err("division by zero".to_owned()) } else { computed(a.checked_div(b)) }
        }),
        Operator::Or | Operator::And => unreachable!("invariant: `or` and `and` are computed lazily by the caller"),
    }
}

fn date(value: &Value) -> Result<jiff::civil::Date, String> {
    let text = text(value, "days")?;
    let date = is_date(text).then(|| text.parse().ok()).flatten();
    date.ok_or_else(|| format!("{text:?} is not a date such as 2026-11-22"))
}

fn days(from: jiff::civil::Date, to: jiff::civil::Date) -> Decimal {
    // Dates of four-digit years lie at most a few million days apart.
    Decimal::from((to - from).get_days())
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() })
}

fn call(function: Function, values: &[Value]) -> Result<Decimal, String> {
    match (function, values) {
        (Function::Abs, [x]) => Ok(figure(x, "abs")?.abs()),
        (Function::Round, [x, places]) => {
            let places = u32::try_from(figure(places, "round")?).ok().filter(|n| *n <= 28);
            let places = places.ok_or("`round` needs 0 to 28 places")?;
            Ok(figure(x, "round")?.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
        }
        (Function::Days, [from, to]) => Ok(days(date(from)?, date(to)?)),
        (Function::Min, [a, b]) => Ok(figure(a, "min")?.min(figure(b, "min")?)),
        (Function::Max, [a, b]) => Ok(figure(a, "max")?.max(figure(b, "max")?)),
        _ => Err("wrong number of arguments".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    fn value_of(name: &str) -> Option<Value> {
        let figure = |text: &str| Some(Value::Figure(Decimal::from_str(text).unwrap()));
        match name {
            "nav" => figure("1.2345"),
            "listed_nav" => figure("1.2354"),
            "total" => figure("0.3"),
            "cash" => figure("0.1"),
            "funds" => figure("0.2"),
            "status" => Some(Value::Text("已确认".into())),
            _ => None,
        }
    }

    #[test]
    fn values() {
        let check = |text: &str, expected: Result<&str, &str>| {
            let got = Expression::parse(text)
                .map_err(|(span, why)| format!("{}..{}: {why}", span.start, span.end))
                .and_then(|e| e.eval(&value_of))
                .map(|v| v.to_string());
            assert_eq!(got.as_deref().map_err(String::as_str), expected, "{text}");
        };
        check("total == cash + funds", Ok("true"));
        check("nav == listed_nav", Ok("false"));
        check("1 + 2 * 3 - 4 / 2", Ok("5"));
        check("(1 + 2) * -3", Ok("-9"));
        check("abs(nav - listed_nav) <= 0.001", Ok("true"));
        check("round(nav, 2)", Ok("1.23"));
        check("round(0.125, 2)", Ok("0.13"));
        check("not (total > 1) and status contains '确认'", Ok("true"));
        check("status in ['已确认', \"已完成\"]", Ok("true"));
        check("status not in ['处理中']", Ok("true"));
        check("status matches '^已.{2}$'", Ok("true"));
        check("min(cash, funds) + max(1, 2)", Ok("2.1"));
        check("'2026-12-05' > '2026-11-22' and '2026-12-05' <= '2026-12-05'", Ok("true"));
        check(
            "'2026-12-05' > 'soon'",
            Err("`>` needs figures, found \"2026-12-05\": read it `as: decimal`, `money` or `percent`"),
        );
        check("days('2026-02-27', '2026-03-01')", Ok("2"));
        check("days('2025-01-06', '2026-11-22') <= 10", Ok("false"));
        check("days('2026-02-30', '2026-03-01')", Err("\"2026-02-30\" is not a date such as 2026-11-22"));
        check("1 = 1", Err("2..3: `=` compares nothing: write `==`"));
        check("status == 1", Err("\"已确认\" and 1 are of different kinds: read both as figures or both as texts"));
        check("nav > ", Err("6..6: a value was expected here: a figure, a text in quotes or a name"));
        check("nope == 1", Err("nothing is named `nope` here"));
        check("1 / 0", Err("division by zero"));
        check("1 < 2 < 3", Err("6..7: compare two values at a time: join comparisons with `and`"));
        check("${nav} == 1", Err("0..6: names stand bare in expressions: write `nav`"));
        check("abs(1, 2)", Err("0..3: `abs` takes 1 value, found 2"));
        check("'open", Err("0..5: this text has no closing quote"));
        check("status matches '('", Err("15..18: the regular expression is not closed: unclosed group"));
        check("79228162514264337593543950335 * 10", Err("the figures are too large for an exact result"));
    }

    #[test]
    fn failures_show_their_values() {
        let expression = Expression::parse("nav == listed_nav").unwrap();
        assert_eq!(expression.shown(&value_of), "nav == listed_nav (1.2345, 1.2354)");
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = format!("{}1{}", "(".repeat(500), ")".repeat(500));
        assert!(Expression::parse(&deep).unwrap_err().1.contains("nested"));
    }
}
