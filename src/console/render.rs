//! Pages from templates. Everything is escaped, a name a template does not know is an error, never a blank.

use super::lang::{Lang, Viewer};
use super::serve::Console;
use super::visitor::Visitor;
use super::{assets, refusal};
use crate::people::May;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

macro_rules! templates {
    ($($name:literal),*) => { [$(($name, include_str!(concat!("templates/", $name)))),*] };
}

/// The templates, read once.
pub(super) struct Pages(Environment<'static>);

impl Pages {
    pub fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let all = templates!(
            "layout.html",
            "marks.html",
            "today.html",
            "incidents.html",
            "again.html",
            "wish.html",
            "incident.html",
            "maintenance.html",
            "handling.html",
            "retag.html",
            "charts.html",
            "figures.html",
            "reports.html",
            "sheet.html",
            "walk.html",
            "journeys.html",
            "journey.html",
            "fleet.html",
            "notices.html",
            "audit.html",
            "refusal.html",
            "sign-in.html",
            "second.html",
            "welcome.html",
            "account.html",
            "people.html"
        );
        for (name, source) in all {
            environment.add_template(name, source).expect("the templates are constants and parse");
        }
        Self(environment)
    }

    /// A report on its own; `alone` with its style within, otherwise with the console's.
    pub fn sheet(&self, lang: Lang, alone: bool, made: &str, report: impl Serialize) -> Result<String, String> {
        let context = minijinja::context! {
            t => Value::from(Serde(lang.texts())),
            r => Value::from(Serde(lang.report_texts())),
            lang => Value::from(Serde(lang)),
            made => made,
            version => env!("CARGO_PKG_VERSION"),
            stamp => assets::stamp(),
            style => if alone { Some(assets::REPORT_STYLE) } else { None },
            linked => !alone,
            report => Value::from(Serde(report)),
        };
        self.render("sheet.html", context).map_err(|error| format!("{error:#}"))
    }

    /// What is shown of a wish, as part of a page that shows it already.
    pub fn wish(&self, lang: Lang, wish: impl Serialize) -> Result<String, String> {
        let context = minijinja::context! {
            t => Value::from(Serde(lang.texts())),
            a => Value::from(Serde(lang.again_texts())),
            wish => Value::from(Serde(wish)),
        };
        self.render("wish.html", context).map_err(|error| format!("{error:#}"))
    }

    fn render(&self, name: &str, context: Value) -> Result<String, minijinja::Error> {
        self.0.get_template(name)?.render(context)
    }
}

/// What every page shows of who looks at it.
#[derive(Serialize)]
struct Seen<'a> {
    name: &'a str,
    csrf: &'a str,
    /// Whether they have an account of their own.
    account: bool,
    /// What they may: `{% if "act-on-incidents" in visitor.rights %}`.
    rights: Vec<&'static str>,
}

impl<'a> Seen<'a> {
    fn of(visitor: &'a Visitor) -> Self {
        Self {
            name: &visitor.name,
            csrf: &visitor.csrf,
            account: visitor.person.is_some(),
            rights: May::ALL.into_iter().filter(|may| visitor.may(*may)).map(May::word).collect(),
        }
    }
}

/// A page of `console` for `viewer`: the template `name` filled with `page`.
pub(super) fn page(console: &Console, viewer: &Viewer, name: &str, page: impl Serialize) -> Response {
    page_with(console, viewer, name, StatusCode::OK, page)
}

/// The same with a status.
pub(super) fn page_with(
    console: &Console,
    viewer: &Viewer,
    name: &str,
    status: StatusCode,
    page: impl Serialize,
) -> Response {
    let now = console.clock.now();
    let context = minijinja::context! {
        t => Value::from(Serde(viewer.lang.texts())),
        a => Value::from(Serde(viewer.lang.again_texts())),
        w => Value::from(Serde(viewer.lang.watch_texts())),
        p => Value::from(Serde(viewer.lang.people_texts())),
        m => Value::from(Serde(viewer.lang.maintenance_texts())),
        r => Value::from(Serde(viewer.lang.report_texts())),
        u => Value::from(Serde(viewer.lang.audit_texts())),
        visitor => Value::from(Serde(viewer.visitor.as_ref().map(Seen::of))),
        lang => Value::from(Serde(viewer.lang)),
        theme => Value::from(Serde(viewer.theme)),
        here => viewer.here.as_str(),
        here_joint => if viewer.here.contains('?') { "&" } else { "?" },
        now => Value::from(Serde(super::calendar::when(now, now, &console.zone, viewer.lang))),
        version => env!("CARGO_PKG_VERSION"),
        stamp => assets::stamp(),
        page => Value::from(Serde(page)),
    };
    match console.pages.render(name, context) {
        Ok(html) => {
            let mut response = (status, Html(html)).into_response();
            for cookie in &viewer.cookies {
                response.headers_mut().append(header::SET_COOKIE, cookie.clone());
            }
            response
        }
        Err(error) => {
            tracing::error!(template = name, error = %format!("{error:#}"), "a console page could not be rendered");
            refusal::plain_defect()
        }
    }
}
