//! `GET /reports`: a week in figures; the same to print, and as tables for other programs.

use super::asked::Params;
use super::deeds::later;
use super::lang::{Lang, Viewer};
use super::operation::Operation;
use super::report_table::{Table, as_csv, as_json, as_workbook, columns, tables};
use super::report_view::{ReportView, Teller};
use super::serve::Console;
use super::shelf::{Made, NotMade, Patience};
use super::visitor::Visitor;
use super::{api, refusal, render};
use crate::incident::LedgerError;
use crate::measure::{Asked, Report, Week, Window, is_of_somebody};
use crate::moment::Moment;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// After how long somebody who was sent away may ask again.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Which week, and whose.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Filters {
    /// By ISO 8601, such as 2026-W47; the present one where none is given.
    week: String,
    /// Only what this owner answers for.
    owner: String,
}

#[derive(Serialize)]
struct ReportsPage {
    week: String,
    from: String,
    to: String,
    owners: Vec<(String, bool)>,
    before: String,
    after: Option<String>,
    so_far: bool,
    query: String,
    /// When its figures were gathered, and they; none while they still are.
    made: Option<(String, ReportView)>,
}

/// Why there is no report.
enum NoReport {
    /// Nobody of this name answers for anything.
    Owner,
    /// It is still being gathered.
    NotYet,
    /// It is not to be had.
    Not(NotMade),
}

impl From<LedgerError> for NoReport {
    fn from(error: LedgerError) -> Self {
        NoReport::Not(NotMade::Ledger(error))
    }
}

impl From<NotMade> for NoReport {
    fn from(not: NotMade) -> Self {
        NoReport::Not(not)
    }
}

impl NoReport {
    fn page(&self, console: &Console, viewer: &Viewer) -> Response {
        match self {
            NoReport::Owner => refusal::no_owner(console, viewer),
            NoReport::NotYet => later(refusal::not_gathered_yet(console, viewer), AGAIN_AFTER),
            NoReport::Not(NotMade::TooMany) => later(refusal::no_more_reports(console, viewer, true), AGAIN_AFTER),
            NoReport::Not(NotMade::Crowded) => later(refusal::no_more_reports(console, viewer, false), AGAIN_AFTER),
            NoReport::Not(NotMade::Ledger(error)) => refusal::ledger(console, viewer, error),
        }
    }
}

impl Filters {
    /// The week that is asked for, otherwise the present one.
    fn week(&self, console: &Console) -> Week {
        let present = Week::holding(console.clock.now(), &console.zone);
        self.week.parse().map_or(present, |week: Week| week.min(present))
    }

    fn owner(&self) -> Option<String> {
        let owner = self.owner.trim();
        (!owner.is_empty()).then(|| owner.chars().take(80).collect())
    }

    async fn asked(&self, console: &Console) -> Result<Asked, NoReport> {
        let mut asked = Asked {
            week: self.week(console),
            now: console.clock.now(),
            zone: console.zone.clone(),
            owner: self.owner(),
            deadlines: console.queue.deadlines.clone(),
            roster: console.roster.iter().map(|line| line.measured()).collect(),
            windows: Arc::default(),
        };
        // Each report is kept for a while, and no text is an owner because somebody writes it.
        let named = console.queue.owners.iter().map(String::as_str);
        if !is_of_somebody(console.sources().records.as_ref(), &asked, named).await? {
            return Err(NoReport::Owner);
        }
        let window = asked.window();
        asked.windows = Arc::new(console.almanac.measured(window.from(), window.to()));
        Ok(asked)
    }

    /// What is told in one answer.
    async fn report(&self, console: &Console, by: &Visitor, patience: Patience) -> Result<Made, NoReport> {
        let asked = self.asked(console).await?;
        let made = console.shelf.report(&console.sources(), asked, by.actor().name(), patience).await?;
        made.ok_or(NoReport::NotYet)
    }

    fn address(&self, week: Week) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("week", &week.to_string());
        if let Some(owner) = self.owner() {
            query.append_pair("owner", &owner);
        }
        query.finish()
    }
}

/// The page.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Query(filters): Query<Filters>,
) -> Response {
    let asked = match filters.asked(&console).await {
        Ok(asked) => asked,
        Err(none) => return none.page(&console, &viewer),
    };
    let (week, window) = (asked.week, asked.window());
    match console.shelf.report(&console.sources(), asked, visitor.actor().name(), Patience::Page).await {
        Ok(made) => show(&console, &viewer, &filters, (week, &window), made),
        Err(not) => NoReport::from(not).page(&console, &viewer),
    }
}

/// The page of this week; without figures it comes again by itself.
fn show(
    console: &Console,
    viewer: &Viewer,
    filters: &Filters,
    (week, window): (Week, &Window),
    made: Option<Made>,
) -> Response {
    let present = Week::holding(console.clock.now(), &console.zone);
    let teller = Teller { lang: viewer.lang, zone: &console.zone };
    let (from, to) = teller.days(window);
    let chosen = filters.owner();
    let mut owners = console.queue.owners.clone();
    owners.extend(chosen.iter().filter(|owner| !console.queue.owners.contains(owner)).cloned());
    let page = ReportsPage {
        week: week.to_string(),
        from,
        to,
        owners: owners.into_iter().map(|owner| (owner.clone(), Some(owner) == chosen)).collect(),
        before: filters.address(week.previous()),
        after: (week < present).then(|| filters.address(week.next())),
        so_far: week >= present,
        query: filters.address(week),
        made: made.map(|Made { report, at }| (teller.time(at, "%H:%M:%S"), teller.view(&report))),
    };
    render::page(console, viewer, "reports.html", page)
}

/// `GET /reports/print`
pub(super) async fn print(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Query(filters): Query<Filters>,
) -> Response {
    match filters.report(&console, &visitor, Patience::Sheet).await {
        Ok(Made { report, at }) => {
            let sheet = Sheet { report: &report, lang: viewer.lang, zone: &console.zone, made: at };
            match sheet.render(&console.pages, false) {
                Ok(html) => axum::response::Html(html).into_response(),
                Err(error) => {
                    tracing::error!(%error, "a report could not be rendered");
                    refusal::plain_defect()
                }
            }
        }
        Err(none) => none.page(&console, &viewer),
    }
}

/// `GET /reports/table.csv`
pub(super) async fn csv(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Query(filters): Query<Filters>,
) -> Response {
    let made = |tables: &[Table]| as_csv(tables).map(String::into_bytes).map_err(|e| e.to_string());
    download(&console, (&viewer, &visitor), &filters, ("text/csv; charset=utf-8", "csv"), made).await
}

/// `GET /reports/table.xlsx`
pub(super) async fn xlsx(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Query(filters): Query<Filters>,
) -> Response {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let made = |tables: &[Table]| as_workbook(tables).map_err(|e| e.to_string());
    download(&console, (&viewer, &visitor), &filters, (kind, "xlsx"), made).await
}

async fn download(
    console: &Console,
    (viewer, visitor): (&Viewer, &Visitor),
    filters: &Filters,
    (kind, ending): (&'static str, &str),
    made: impl Fn(&[Table]) -> Result<Vec<u8>, String>,
) -> Response {
    let report = match filters.report(console, visitor, Patience::File).await {
        Ok(made) => made.report,
        Err(none) => return none.page(console, viewer),
    };
    match made(&tables(&report, viewer.lang, &console.zone)) {
        Ok(bytes) => {
            let name = format!("attachment; filename=\"gengfu-{}.{ending}\"", report.week);
            let headers: [(HeaderName, String); 2] =
                [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
            (headers, bytes).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a report's tables could not be written");
            refusal::plain_defect()
        }
    }
}

/// The operation, for the document.
pub(super) fn operation() -> Operation {
    Operation::get("/api/v1/reports", "A week in figures")
        .query::<Filters>()
        .refuses(404, "no-such-owner", "neither the configuration nor a journey or incident names this owner")
        .refuses(
            429,
            "too-often",
            "this person has several reports gathered already; `Retry-After` says when to ask again",
        )
        .refuses(429, "crowded", "others wait for as many reports as can be gathered")
        .refuses(503, "not-yet", "it is still being gathered; `Retry-After` says when to ask again")
        .answers_as(told, "The tables of the report, a list of rows each.")
}

/// What `v1` tells. Columns are those of the tables; a figure that there is none of is null.
fn told(_: &mut SchemaGenerator) -> Schema {
    let cell = json!({ "type": ["string", "number", "null"] });
    let mut fields = Map::new();
    for (table, columns) in columns() {
        let cells: Map<String, Value> = columns.iter().map(|column| ((*column).to_owned(), cell.clone())).collect();
        let row = json!({ "type": "object", "properties": cells, "required": columns, "additionalProperties": false });
        fields.insert(table.to_owned(), json!({ "type": "array", "items": row }));
    }
    fields.insert("week".into(), json!({ "type": "string", "description": "By ISO 8601." }));
    let times = [
        ("as_of", "When it was made: one that others asked for a moment ago is shown again."),
        ("from", "Where the week begins."),
        ("to", "Where it ends, or the present."),
    ];
    for (name, what) in times {
        fields.insert(name.into(), json!({ "type": "string", "format": "date-time", "description": what }));
    }
    fields.insert("owner".into(), json!({ "type": ["string", "null"], "description": "Whose alone it is." }));
    let required: Vec<String> = fields.keys().cloned().collect();
    Schema::try_from(json!({ "type": "object", "properties": fields, "required": required }))
        .expect("invariant: an object is a schema")
}

/// `GET /api/v1/reports`, with the page's filters; what is no week is refused.
pub(super) async fn v1(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Params(filters): Params<Filters>,
) -> Response {
    if !filters.week.is_empty() && filters.week.parse::<Week>().is_err() {
        return api::wrong(StatusCode::BAD_REQUEST, "unreadable", "write the week by ISO 8601, such as 2026-W47");
    }
    match filters.report(&console, &visitor, Patience::File).await {
        Ok(Made { report, at }) => {
            let mut told = as_json(&tables(&report, Lang::En, &console.zone));
            told.insert("as_of".into(), json!(at.to_string()));
            told.insert("week".into(), json!(report.week.to_string()));
            told.insert("from".into(), json!(report.window.from().to_string()));
            told.insert("to".into(), json!(report.window.to().to_string()));
            told.insert("owner".into(), json!(report.owner));
            Json(Value::Object(told)).into_response()
        }
        Err(NoReport::Owner) => api::wrong(StatusCode::NOT_FOUND, "no-such-owner", "nothing ever was this owner's"),
        Err(NoReport::Not(NotMade::TooMany)) => {
            let said = "this person has several reports gathered already: ask again when they are there";
            later(api::wrong(StatusCode::TOO_MANY_REQUESTS, "too-often", said), AGAIN_AFTER)
        }
        Err(NoReport::Not(NotMade::Crowded)) => {
            let said = "others wait for as many reports as can be gathered: ask again in a moment";
            later(api::wrong(StatusCode::TOO_MANY_REQUESTS, "crowded", said), AGAIN_AFTER)
        }
        Err(NoReport::NotYet) => {
            let said = "the report is still being gathered: ask again in a moment";
            later(api::wrong(StatusCode::SERVICE_UNAVAILABLE, "not-yet", said), AGAIN_AFTER)
        }
        Err(NoReport::Not(NotMade::Ledger(error))) => api::ledger(&error),
    }
}

/// A report on its own, to be printed.
#[derive(Clone, Copy)]
pub struct Sheet<'a> {
    /// What it tells.
    pub report: &'a Report,
    /// In which language.
    pub lang: Lang,
    /// In which zone.
    pub zone: &'a TimeZone,
    /// When.
    pub made: Moment,
}

/// Why a report cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the report cannot be written: {0}")]
pub struct NotWritten(String);

impl Sheet<'_> {
    /// As a page that needs nothing beside it: no script, no network, its style within.
    ///
    /// # Errors
    /// A defect of the template.
    pub fn html(&self) -> Result<String, NotWritten> {
        self.render(&render::Pages::new(), true).map_err(NotWritten)
    }

    /// As tables, parted by commas.
    ///
    /// # Errors
    /// When memory refuses.
    pub fn csv(&self) -> Result<String, NotWritten> {
        as_csv(&tables(self.report, self.lang, self.zone)).map_err(|e| NotWritten(e.to_string()))
    }

    /// As a workbook.
    ///
    /// # Errors
    /// When it takes no more.
    pub fn xlsx(&self) -> Result<Vec<u8>, NotWritten> {
        as_workbook(&tables(self.report, self.lang, self.zone)).map_err(|e| NotWritten(e.to_string()))
    }

    fn render(&self, pages: &render::Pages, alone: bool) -> Result<String, String> {
        let teller = Teller { lang: self.lang, zone: self.zone };
        let made = teller.time(self.made, "%Y-%m-%d %H:%M %:z");
        pages.sheet(self.lang, alone, &made, teller.view(self.report))
    }
}
