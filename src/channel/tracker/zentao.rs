//! ZenTao (禅道), API v1: bugs of one product. Its steps are HTML; it has no comments of its own there, so a word is added to
//! the steps, or goes with a move.

use super::call::{by_status, call};
use crate::alert::{Draft, SendError, SendFailure, one_line};
use crate::channel::address::{AddressError, below, safe};
use crate::channel::markup::entities;
use crate::channel::post::{Answer, Body, Fault, Letter, Poster};
use crate::finding::Severity;
use crate::moment::{Clock, Moment};
use crate::secret::Secret;
use crate::ticket::{Category, Opened, Paper, Rule, SUMMARY_CHARS_MAX, Seen, TicketSystem, Turn};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// The newest bugs that are looked through for one of ours.
const LOOKED_THROUGH: u32 = 100;

/// A product of a ZenTao.
#[derive(Debug, Clone)]
pub struct ZenTaoProduct {
    /// Where it is: what stands before `/api.php`.
    pub url: Url,
    /// Who signs in.
    pub account: String,
    /// Their password.
    pub password: Secret,
    /// The product's number.
    pub product: u32,
    /// The build that bugs are of.
    pub build: String,
}

/// Bugs in a ZenTao.
pub struct ZenTao {
    name: String,
    product: ZenTaoProduct,
    rule: Rule,
    poster: Poster,
    /// A session's name; ZenTao forgets it after a while.
    token: Mutex<Option<String>>,
}

impl ZenTao {
    /// A system of this `name`.
    pub fn new(
        name: impl Into<String>,
        product: ZenTaoProduct,
        rule: Rule,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AddressError> {
        safe(&product.url, product.url.as_str())?;
        let poster = Poster::new(&product.url, std::slice::from_ref(&product.password), clock)?;
        Ok(Self { name: name.into(), product, rule, poster, token: Mutex::default() })
    }

    fn letter(&self, path: &str, token: &str, body: Option<&Value>) -> Letter {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut url = below(&self.product.url, &format!("api.php/v1/{path}"));
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        let body = body.map_or(Body::None, |body| Body::Json(body.to_string()));
        Letter { url, headers: vec![("token", token.to_owned())], body }
    }

    async fn sign_in(&self) -> Result<String, SendError> {
        let body = json!({ "account": self.product.account, "password": self.product.password.expose().trim() });
        let letter = Letter::json(below(&self.product.url, "api.php/v1/tokens"), &body);
        // A wrong password is a 400 here, and a few more lock the account.
        let judged = |answer: &Answer| match answer.status {
            StatusCode::BAD_REQUEST => Err(Fault::ours("ZenTao does not let this account in: correct `password:`")),
            _ => by_status(answer, false),
        };
        let answer = self.poster.call(Method::POST, letter).await?;
        self.poster.settle(&answer, judged(&answer))?;
        // Nothing of this answer is told: what cannot be read may hold the token all the same.
        let token = answer.json().and_then(|said: Value| said["token"].as_str().map(str::to_owned));
        let token = token.ok_or_else(|| SendError::temporary("ZenTao's answer to signing in has no `token`"))?;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(token)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>, bug: bool) -> Result<Value, SendError> {
        let kept = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fresh = kept.is_none();
        let token = match kept {
            Some(token) => token,
            None => self.sign_in().await?,
        };
        let answer = self.poster.call(method.clone(), self.letter(path, &token, body.as_ref())).await?;
        if answer.status != StatusCode::UNAUTHORIZED || fresh {
            self.poster.settle(&answer, by_status(&answer, bug))?;
            return answer.json().ok_or_else(|| SendError::temporary("ZenTao's answer cannot be read"));
        }
        let token = self.sign_in().await?;
        call(&self.poster, method, self.letter(path, &token, body.as_ref()), |answer| by_status(answer, bug)).await
    }

    fn bug(&self, paper: &Paper) -> Value {
        let severity = match paper.severity {
            Severity::P1 => 1,
            Severity::P2 => 2,
            Severity::P3 => 3,
        };
        let mut bug = json!({
            "title": one_line(&paper.summary, SUMMARY_CHARS_MAX),
            "severity": severity,
            "pri": severity,
            "type": "codeerror",
            "openedBuild": [self.product.build],
            "steps": html(&paper.text, paper.page.as_deref()),
            "keywords": paper.label,
        });
        for (name, value) in paper.fields(&self.rule.mapping, escaped) {
            bug[name] = value;
        }
        // Whatever the mapping says, it is found by this.
        bug["keywords"] = json!(paper.label);
        bug
    }

    fn opened(&self, bug: &Value) -> Option<Opened> {
        let id = bug["id"].as_u64().or_else(|| bug["id"].as_str()?.parse().ok())?;
        let mut url = below(&self.product.url, "index.php");
        url.set_query(Some(&format!("m=bug&f=view&bugID={id}")));
        Some(Opened { ticket: id.to_string(), url: Some(url.into()), seen: seen(bug) })
    }

    async fn read(&self, ticket: &str) -> Result<Value, SendError> {
        let bug = self.ask(Method::GET, &format!("bugs/{ticket}"), None, true).await?;
        let deleted = bug["deleted"] == json!(true) || bug["deleted"] == json!("1");
        if deleted {
            let said = format!("the bug {ticket} was deleted");
            return Err(SendError { failure: SendFailure::Gone, said });
        }
        Ok(bug)
    }
}

#[async_trait::async_trait]
impl TicketSystem for ZenTao {
    fn name(&self) -> &str {
        &self.name
    }

    fn is_searched(&self) -> bool {
        true
    }

    /// It has no search by keyword: the newest are looked through.
    async fn find(&self, paper: &Paper) -> Result<Vec<Opened>, SendError> {
        let path = format!("products/{}/bugs?status=all&order=id_desc&limit={LOOKED_THROUGH}", self.product.product);
        let said = self.ask(Method::GET, &path, None, false).await?;
        let Some(bugs) = said["bugs"].as_array() else {
            return Err(SendError::temporary("ZenTao's answer has no `bugs`: nothing is made before they are known"));
        };
        let ours = |bug: &&Value| bug["keywords"].as_str().is_some_and(|words| words.contains(&paper.label));
        Ok(bugs.iter().filter(ours).filter_map(|bug| self.opened(bug)).collect())
    }

    async fn open(&self, paper: &Paper) -> Result<Opened, SendError> {
        let path = format!("products/{}/bugs", self.product.product);
        let made = self.ask(Method::POST, &path, Some(self.bug(paper)), false).await?;
        self.opened(&made).ok_or_else(|| SendError::temporary("ZenTao's answer has no `id`"))
    }

    async fn comment(&self, ticket: &str, _: &Paper, text: &str) -> Result<(), SendError> {
        let steps = self.read(ticket).await?["steps"].as_str().unwrap_or_default().to_owned();
        let body = json!({ "steps": format!("{steps}{}", html(text, None)) });
        self.ask(Method::PUT, &format!("bugs/{ticket}"), Some(body), true).await.map(drop)
    }

    async fn turn(&self, ticket: &str, turn: Turn, _: &Paper) -> Result<Seen, SendError> {
        let there = |bug: &Value| seen(bug).ok_or_else(|| SendError::temporary("ZenTao's answer has no `status`"));
        let before = there(&self.read(ticket).await?)?;
        let done = before.category == Category::Done;
        let (path, body) = match turn {
            Turn::Resolve if done => return Ok(before),
            Turn::Reopen if !done => return Ok(before),
            Turn::Resolve => {
                let build = &self.product.build;
                ("resolve", json!({ "resolution": "fixed", "resolvedBuild": build, "comment": "gengfu" }))
            }
            Turn::Reopen => ("active", json!({ "openedBuild": [self.product.build], "comment": "gengfu" })),
        };
        self.ask(Method::POST, &format!("bugs/{ticket}/{path}"), Some(body), true).await?;
        there(&self.read(ticket).await?)
    }

    async fn look(&self, ticket: &str) -> Result<Option<Seen>, SendError> {
        let bug = self.read(ticket).await?;
        seen(&bug).map(Some).ok_or_else(|| SendError::temporary("ZenTao's answer has no `status`"))
    }

    fn drafts(&self, paper: &Paper) -> Vec<Draft> {
        let path = format!("products/{}/bugs", self.product.product);
        vec![self.poster.draft(&self.letter(&path, "…", Some(&self.bug(paper))))]
    }
}

/// Some versions say `status` as an object with a `code`.
fn seen(bug: &Value) -> Option<Seen> {
    let status = bug["status"].as_str().or_else(|| bug["status"]["code"].as_str())?;
    let category = match status {
        "resolved" | "closed" => Category::Done,
        "confirmed" => Category::Doing,
        _ => Category::New,
    };
    let resolution = bug["resolution"].as_str().filter(|word| !word.is_empty()).map(str::to_owned);
    let ended = bug["resolvedDate"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let ended = ended.map(|at| Moment::from_millis(at.as_millisecond()));
    Some(Seen { status: status.to_owned(), category, resolution, ended })
}

/// Lines as HTML in which nothing of theirs is markup.
/// A text within ZenTao's HTML.
fn escaped(line: &str) -> String {
    entities(line).replace('"', "&quot;").replace('\'', "&#39;")
}

fn html(text: &str, page: Option<&str>) -> String {
    let link = page.map(|page| format!("<p><a href=\"{0}\">{0}</a></p>", escaped(page))).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.fold(link, |html, line| format!("{html}<p>{}</p>", escaped(line)))
}
