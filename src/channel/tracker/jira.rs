//! Jira: Cloud (API 3, documents in ADF) and Data Center (API 2, wiki text). A ticket is found by its label.

use super::call::{by_status, call};
use crate::alert::{Draft, SendError, one_line};
use crate::channel::address::{AddressError, below, safe};
use crate::channel::post::{Body, Letter, Poster};
use crate::moment::{Clock, Moment};
use crate::secret::Secret;
use crate::ticket::{Category, Opened, Paper, Rule, SUMMARY_CHARS_MAX, Seen, TEXT_CHARS_MAX, TicketSystem, Turn};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Tickets of one trouble that are looked at: more are a mistake of somebody's.
const FOUND_MAX: u32 = 10;

/// Which of Atlassian's two products it is: they search and write differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JiraEdition {
    /// Jira Cloud.
    Cloud,
    /// Jira Data Center or Server.
    DataCenter,
}

/// How a robot signs in.
#[derive(Debug, Clone)]
pub enum JiraSignIn {
    /// By a person's address and an API token (Cloud).
    Basic(String, Secret),
    /// By a personal access token (Data Center).
    Bearer(Secret),
}

/// A project in a Jira.
#[derive(Debug, Clone)]
pub struct JiraProject {
    /// Where it is.
    pub url: Url,
    /// Which product it is.
    pub edition: JiraEdition,
    /// How it is signed in to.
    pub sign_in: JiraSignIn,
    /// The project's key.
    pub project: String,
    /// What tickets are there: `Bug`.
    pub issue_type: String,
}

/// Tickets in a Jira.
pub struct Jira {
    name: String,
    project: JiraProject,
    rule: Rule,
    authorization: String,
    poster: Poster,
}

impl Jira {
    /// A system of this `name`.
    pub fn new(
        name: impl Into<String>,
        project: JiraProject,
        rule: Rule,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AddressError> {
        safe(&project.url, project.url.as_str())?;
        let (authorization, mut secrets) = match &project.sign_in {
            JiraSignIn::Basic(user, token) => {
                let pair = STANDARD.encode(format!("{user}:{}", token.expose().trim()));
                (format!("Basic {pair}"), vec![token.clone(), Secret::new(token.name(), pair)])
            }
            JiraSignIn::Bearer(token) => (format!("Bearer {}", token.expose().trim()), vec![token.clone()]),
        };
        secrets.push(Secret::new(secrets[0].name(), authorization.clone()));
        let poster = Poster::new(&project.url, &secrets, clock)?;
        Ok(Self { name: name.into(), project, rule, authorization, poster })
    }

    fn letter(&self, path: &str, body: Option<&Value>) -> Letter {
        let version = if self.is_cloud() { 3 } else { 2 };
        let url = below(&self.project.url, &format!("rest/api/{version}/{path}"));
        let headers = vec![("authorization", self.authorization.clone()), ("accept", "application/json".to_owned())];
        Letter { url, headers, body: body.map_or(Body::None, |body| Body::Json(body.to_string())) }
    }

    fn is_cloud(&self) -> bool {
        self.project.edition == JiraEdition::Cloud
    }

    async fn ask(&self, path: &str, body: Option<Value>, of_ticket: bool) -> Result<Value, SendError> {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut letter = self.letter(path, body.as_ref());
        letter.url.set_query(Some(query).filter(|query| !query.is_empty()));
        call(&self.poster, method, letter, |answer| by_status(answer, of_ticket)).await
    }

    /// The label alone may be another project's; what ended long ago is let lie, and Jira may leave `resolutiondate` empty.
    fn search(&self, label: &str) -> Value {
        let minutes = self.rule.reopen_within.max(Duration::from_secs(60)).as_secs() / 60;
        let jql = format!(
            "project = \"{}\" AND labels = \"{label}\" AND (statusCategory != Done OR resolutiondate is EMPTY OR \
             resolutiondate >= -{minutes}m) ORDER BY created DESC",
            self.project.project
        );
        json!({ "jql": jql, "maxResults": FOUND_MAX, "fields": ["status", "resolution", "resolutiondate"] })
    }

    fn issue(&self, paper: &Paper) -> Value {
        let text = self.written(&paper.text, paper.page.as_deref());
        let mut fields = json!({
            "project": { "key": self.project.project },
            "issuetype": { "name": self.project.issue_type },
            "summary": one_line(&paper.summary, SUMMARY_CHARS_MAX),
            "description": text,
        });
        if let Some(priority) = paper.severity(&self.rule) {
            fields["priority"] = json!({ "name": priority });
        }
        for (name, value) in paper.fields(&self.rule.mapping, if self.is_cloud() { str::to_owned } else { plain }) {
            fields[name] = value;
        }
        // Whatever labels the mapping adds, the one that it is found by stays.
        let mut labels = fields["labels"].as_array().cloned().unwrap_or_default();
        labels.push(json!(paper.label));
        fields["labels"] = Value::Array(labels);
        json!({ "fields": fields })
    }

    /// Text as this Jira reads it. In ADF a text is a text; in wiki markup it stands where none is read.
    fn written(&self, text: &str, page: Option<&str>) -> Value {
        if !self.is_cloud() {
            let room = TEXT_CHARS_MAX - 64 - page.map_or(0, |page| page.chars().count());
            let plain: String = text.replace("{noformat", "｛noformat").chars().take(room).collect();
            let link = page.map(|page| format!("{page}\n\n")).unwrap_or_default();
            return json!(format!("{link}{{noformat}}\n{plain}\n{{noformat}}"));
        }
        let paragraph = |line: &str| {
            let linked = line.starts_with("https://") || line.starts_with("http://");
            let mut node = json!({ "type": "text", "text": line });
            if linked && Some(line) == page {
                node["marks"] = json!([{ "type": "link", "attrs": { "href": line } }]);
            }
            json!({ "type": "paragraph", "content": [node] })
        };
        let lines = page.into_iter().chain(text.lines().filter(|line| !line.trim().is_empty()));
        json!({ "version": 1, "type": "doc", "content": lines.map(paragraph).collect::<Vec<_>>() })
    }

    fn opened(&self, key: &str, seen: Option<Seen>) -> Opened {
        Opened { ticket: key.to_owned(), url: Some(below(&self.project.url, &format!("browse/{key}")).into()), seen }
    }

    async fn seen(&self, ticket: &str) -> Result<Seen, SendError> {
        let path = format!("issue/{ticket}?fields=status,resolution,resolutiondate");
        let issue = self.ask(&path, None, true).await?;
        seen(&issue).ok_or_else(|| SendError::temporary("Jira's answer has no `status`: it cannot be read"))
    }

    /// The number of the move that is called so, or leads to a state that is.
    async fn transition(&self, ticket: &str, wanted: &str) -> Result<String, SendError> {
        let all = self.ask(&format!("issue/{ticket}/transitions"), None, true).await?;
        let all = all["transitions"].as_array().cloned().unwrap_or_default();
        let named = |one: &&Value| {
            let is = |name: &Value| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            is(&one["name"]) || is(&one["to"]["name"])
        };
        let found = all.iter().find(named).and_then(|one| one["id"].as_str()).map(str::to_owned);
        found.ok_or_else(|| {
            let names: Vec<&str> = all.iter().filter_map(|one| one["name"].as_str()).collect();
            let names = one_line(&names.join(", "), 200);
            SendError::refused(format!("`{ticket}` has no move `{wanted}` now, only: {names}; correct the mapping"))
        })
    }
}

#[async_trait::async_trait]
impl TicketSystem for Jira {
    fn name(&self) -> &str {
        &self.name
    }

    fn is_searched(&self) -> bool {
        true
    }

    async fn find(&self, paper: &Paper) -> Result<Vec<Opened>, SendError> {
        let path = if self.is_cloud() { "search/jql" } else { "search" };
        let found = self.ask(path, Some(self.search(&paper.label)), false).await?;
        let Some(issues) = found["issues"].as_array() else {
            return Err(SendError::temporary("Jira's answer has no `issues`: nothing is made before they are known"));
        };
        Ok(issues.iter().filter_map(|one| Some(self.opened(one["key"].as_str()?, seen(one)))).collect())
    }

    async fn open(&self, paper: &Paper) -> Result<Opened, SendError> {
        let made = self.ask("issue", Some(self.issue(paper)), false).await?;
        let key = made["key"].as_str().ok_or_else(|| SendError::temporary("Jira's answer has no `key`"))?;
        // What its workflow begins with is no news.
        Ok(self.opened(key, self.seen(key).await.ok()))
    }

    async fn comment(&self, ticket: &str, _: &Paper, text: &str) -> Result<(), SendError> {
        let body = json!({ "body": self.written(text, None) });
        self.ask(&format!("issue/{ticket}/comment"), Some(body), true).await.map(drop)
    }

    async fn turn(&self, ticket: &str, turn: Turn, _: &Paper) -> Result<Seen, SendError> {
        let before = self.seen(ticket).await?;
        let (wanted, there) = match turn {
            Turn::Resolve => (&self.rule.mapping.resolve, before.category == Category::Done),
            Turn::Reopen => (&self.rule.mapping.reopen, before.category != Category::Done),
        };
        let Some(wanted) = wanted.as_ref().filter(|_| !there) else { return Ok(before) };
        let id = self.transition(ticket, wanted).await?;
        let body = json!({ "transition": { "id": id } });
        self.ask(&format!("issue/{ticket}/transitions"), Some(body), true).await?;
        self.seen(ticket).await
    }

    async fn look(&self, ticket: &str) -> Result<Option<Seen>, SendError> {
        self.seen(ticket).await.map(Some)
    }

    fn drafts(&self, paper: &Paper) -> Vec<Draft> {
        let path = if self.is_cloud() { "search/jql" } else { "search" };
        let search = self.letter(path, Some(&self.search(&paper.label)));
        let issue = self.letter("issue", Some(&self.issue(paper)));
        vec![self.poster.draft(&search), self.poster.draft(&issue)]
    }
}

fn seen(issue: &Value) -> Option<Seen> {
    let fields = &issue["fields"];
    let status = fields["status"]["name"].as_str()?;
    let category = match fields["status"]["statusCategory"]["key"].as_str()? {
        "done" => Category::Done,
        "new" | "undefined" => Category::New,
        _ => Category::Doing,
    };
    let ended = fields["resolutiondate"].as_str().and_then(moment);
    let resolution = fields["resolution"]["name"].as_str().map(str::to_owned);
    Some(Seen { status: status.to_owned(), category, resolution, ended })
}

/// `2023-11-14T22:13:20.000+0000`, as Jira writes it.
fn moment(text: &str) -> Option<Moment> {
    let at = jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()?.to_timestamp().ok()?;
    Some(Moment::from_millis(at.as_millisecond()))
}
/// A fact in a field of its own: what wiki markup would make something of stands there broken. A backslash cannot be: two
/// of them are a line's end, and what follows would be markup again.
fn plain(fact: &str) -> String {
    let broken = |c: char| ['\\'].into_iter().filter(move |_| "{}[]!|*_~^".contains(c)).chain([c]);
    fact.replace('\\', "＼").chars().flat_map(broken).collect()
}
