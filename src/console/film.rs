//! Two walks of one journey side by side, aligned by step, with what differs said of each pair. Pure.

use super::lang::Lang;
use super::scene::{PictureView, Scene, StepView};
use serde::Serialize;

/// Requests that are told of a step.
const REQUESTS_MAX: usize = 3;
/// A page whose text grew or shrank by less than this has much the same text, in hundredths.
const TEXT_PERCENT: u32 = 30;

/// One step in both walks.
#[derive(Debug, Serialize)]
pub(super) struct Pair<'a> {
    pub title: &'a str,
    /// Whether the failing walk broke here.
    pub fails: bool,
    /// Whether it is the first whose page differs.
    pub first: bool,
    pub this: Option<&'a StepView>,
    pub good: Option<&'a StepView>,
    /// What differs, beside the pictures.
    pub differs: Vec<Difference>,
    /// Where the pictures differ, as drawings that lie over them: where both walks have one.
    pub over: Option<Over>,
}

/// The drawings that lie over two pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Over {
    pub this: String,
    pub good: String,
}

/// One thing that was said differently of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    pub what: &'static str,
    pub this: String,
    pub good: String,
}

impl Over {
    /// Over these two, where both were kept and are not the same.
    pub fn of(this: &PictureView, good: &PictureView) -> Option<Self> {
        let name = |picture: &PictureView| picture.src.as_deref()?.strip_prefix("/evidence/").map(str::to_owned);
        let (this, good) = (name(this)?, name(good)?);
        (this != good).then(|| Self {
            this: format!("/evidence/{this}/against/{good}"),
            good: format!("/evidence/{good}/against/{this}?is=before"),
        })
    }
}

/// Aligns `good` to `this` by the steps' names, each name's n-th turn with its n-th turn, in the order of `this`;
/// steps that only the good walk has stand where it had them. What differs is said of each.
pub(super) fn align<'a>(this: &'a [StepView], good: &'a [StepView], fails: Option<usize>, lang: Lang) -> Vec<Pair<'a>> {
    let mut pairs = Vec::with_capacity(this.len().max(good.len()));
    let mut next = 0;
    for step in this {
        let found = good[next..].iter().position(|g| g.id == step.id).map(|i| next + i);
        if let Some(found) = found {
            // What the good walk had in between and this walk has nowhere.
            let between = good[next..found].iter().filter(|g| !this.iter().any(|s| s.id == g.id));
            pairs.extend(between.map(|g| pair(None, Some(g), false, lang)));
            next = found + 1;
        }
        pairs.push(pair(Some(step), found.map(|i| &good[i]), fails == Some(step.n), lang));
    }
    let rest = good[next..].iter().filter(|g| !this.iter().any(|s| s.id == g.id));
    pairs.extend(rest.map(|g| pair(None, Some(g), false, lang)));
    if good.is_empty() {
        return pairs;
    }
    // Drawings are made where people look first: where the page first differs, and where it broke.
    if let Some(first) = pairs.iter_mut().find(|pair| pair.fails || !pair.differs.is_empty() || pair.is_lone()) {
        first.first = true;
    }
    // Two different pages differ everywhere: of them that is said, and nothing is boxed.
    for pair in pairs.iter_mut().filter(|pair| (pair.first || pair.fails) && pair.is_of_one_page()) {
        pair.over = pair.this.zip(pair.good).and_then(|(this, good)| Over::of(&this.picture, &good.picture));
    }
    pairs
}

impl Pair<'_> {
    fn is_lone(&self) -> bool {
        self.this.is_none() || self.good.is_none()
    }

    fn is_of_one_page(&self) -> bool {
        self.this.zip(self.good).is_none_or(|(this, good)| !are_of_two_pages(this, good))
    }
}

fn pair<'a>(this: Option<&'a StepView>, good: Option<&'a StepView>, fails: bool, lang: Lang) -> Pair<'a> {
    let title = this.or(good).map_or("", |step| step.title.as_str());
    let differs = this.zip(good).map(|(this, good)| differences(this, good, lang)).unwrap_or_default();
    Pair { title, fails, first: false, this, good, differs, over: None }
}

/// What two walks of one step say differently: how it went, its page, what the app answered.
fn differences(this: &StepView, good: &StepView, lang: Lang) -> Vec<Difference> {
    let (t, a) = (lang.texts(), lang.again_texts());
    let mut told = Vec::new();
    let mut say = |what: &'static str, this: String, good: String| {
        if this != good {
            told.push(Difference { what, this, good });
        }
    };
    say(a.outcome, this.word.to_owned(), good.word.to_owned());
    if let (Some(this), Some(good)) = (&this.look, &good.look) {
        say(t.url, route(&this.url), route(&good.url));
        say(t.title, this.title.clone(), good.title.clone());
        say(t.ready_state, this.ready_state.clone(), good.ready_state.clone());
        let (most, least) = (this.text_chars.max(good.text_chars), this.text_chars.min(good.text_chars));
        if (most - least) * 100 > most * TEXT_PERCENT {
            let chars = |count: u32| format!("{count} {}", t.characters);
            say(t.visible_text, chars(this.text_chars), chars(good.text_chars));
        }
    }
    let bad = this.exchanges.iter().filter(|exchange| exchange.bad && exchange.own).take(REQUESTS_MAX);
    for exchange in bad {
        let alike = good.exchanges.iter().find(|g| g.method == exchange.method && g.path == exchange.path);
        let with = |status: &str| format!("{status} {} {}", exchange.method, exchange.path);
        say(a.request, with(&exchange.status), alike.map_or_else(|| a.no_such_request.to_owned(), |g| with(&g.status)));
    }
    told
}

/// Whether both steps' pages are known and are at different addresses.
fn are_of_two_pages(this: &StepView, good: &StepView) -> bool {
    this.look.as_ref().zip(good.look.as_ref()).is_some_and(|(this, good)| route(&this.url) != route(&good.url))
}

/// The number of the good walk's step that shows the page which the failing walk stayed on: a step that should have led on is
/// put beside the page it was made on, and not beside the one it led to. `None` where both are at one address.
pub(super) fn stayed(this: Option<&StepView>, good: Option<&StepView>, walk: Option<&Scene>) -> Option<usize> {
    let (this, good) = this.zip(good).filter(|(this, good)| are_of_two_pages(this, good))?;
    let before = walk?.steps.iter().rev().skip_while(|step| step.n >= good.n);
    let mut same = before.filter(|step| step.look.is_some() && !are_of_two_pages(this, step));
    same.find(|step| step.picture.src.is_some()).map(|step| step.n)
}

/// An address without what changes from walk to walk.
fn route(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::v1::PageV1;

    fn walk(ids: &str) -> Vec<StepView> {
        let step = |(i, id): (usize, char)| StepView { n: i + 1, id: id.to_string(), ..StepView::default() };
        ids.chars().enumerate().map(step).collect()
    }

    #[test]
    fn steps_meet_by_name() {
        let check = |this: &str, good: &str, expected: &str| {
            let (this, good) = (walk(this), walk(good));
            let name = |step: Option<&StepView>| step.map_or("-".to_owned(), |s| s.id.clone());
            let pairs: Vec<String> = align(&this, &good, None, Lang::En)
                .iter()
                .map(|p| format!("{}{}", name(p.this), name(p.good)))
                .collect();
            assert_eq!(pairs.join(" "), expected);
        };
        check("abc", "abc", "aa bb cc");
        check("abc", "ac", "aa b- cc");
        check("ac", "abcd", "aa -b cc -d");
        check("aab", "aaab", "aa aa bb");
        check("", "a", "-a");
        check("a", "", "a-");
        check("ba", "ab", "bb a-");
    }

    /// Walks of `abcd` that differ as `change` makes the third step; which is marked as the first, and what is said of it.
    fn check(change: impl Fn(&mut StepView), fails: Option<usize>, first: &str, said: &[(&str, &str, &str)]) {
        let seen = || {
            let mut steps = walk("abcd");
            for step in &mut steps {
                step.word = "passed";
                step.look = Some(PageV1 {
                    url: "https://bank.test/funds?token=1".into(),
                    title: "基金".into(),
                    ready_state: "complete".into(),
                    text_chars: 1000,
                });
                step.picture.src = Some(format!("/evidence/{}.jpg", step.id));
            }
            steps
        };
        let (mut this, good) = (seen(), seen());
        change(&mut this[2]);
        let pairs = align(&this, &good, fails, Lang::En);
        let marked: String = pairs.iter().filter(|p| p.first).map(|p| p.title_of()).collect();
        assert_eq!(marked, first);
        let told: Vec<_> = pairs[2].differs.iter().map(|d| (d.what, d.this.as_str(), d.good.as_str())).collect();
        assert_eq!(told, said);
        assert!(pairs.iter().all(|p| p.over.is_none() || p.first || p.fails), "drawings only where people look first");
    }

    impl Pair<'_> {
        fn title_of(&self) -> &str {
            self.this.map_or("", |step| step.id.as_str())
        }
    }

    #[test]
    fn what_differs_is_said_of_the_step_and_the_first_is_marked() {
        check(|_| {}, None, "", &[]);
        check(|step| step.word = "failed", None, "c", &[("Outcome", "failed", "passed")]);
        check(|_| {}, Some(2), "b", &[]);
        let at = |url: &'static str| move |step: &mut StepView| step.look.as_mut().unwrap().url = url.into();
        // What follows the question mark changes from walk to walk.
        check(at("https://bank.test/funds?token=2"), None, "", &[]);
        check(at("https://bank.test/busy"), None, "c", &[("URL", "https://bank.test/busy", "https://bank.test/funds")]);
        let text = |chars: u32| move |step: &mut StepView| step.look.as_mut().unwrap().text_chars = chars;
        check(text(800), None, "", &[]);
        check(text(90), None, "c", &[("Visible text", "90 characters", "1000 characters")]);
        let new_picture = |step: &mut StepView| step.picture.src = Some("/evidence/x.jpg".into());
        check(new_picture, None, "", &[]);
    }

    #[test]
    fn a_step_that_did_not_lead_on_is_put_beside_the_page_it_was_made_on() {
        let at = |n: usize, path: &str| StepView {
            n,
            look: Some(PageV1 {
                url: format!("https://bank.test/{path}?n={n}"),
                title: String::new(),
                ready_state: "complete".into(),
                text_chars: 1,
            }),
            picture: PictureView { src: Some(format!("/evidence/{n}.jpg")), says: String::new() },
            ..StepView::default()
        };
        let good = Scene { steps: vec![at(1, "home"), at(2, "funds"), at(3, "buy")], ..Scene::default() };
        let check = |path: &str, expected: Option<usize>| {
            assert_eq!(stayed(Some(&at(3, path)), Some(&good.steps[2]), Some(&good)), expected, "{path}");
        };
        check("funds", Some(2));
        check("home", Some(1));
        check("buy", None);
        check("busy", None);
    }

    #[test]
    fn drawings_lie_over_two_different_pictures_only() {
        let picture =
            |name: Option<&str>| PictureView { src: name.map(|name| format!("/evidence/{name}")), says: String::new() };
        let check = |this: Option<&str>, good: Option<&str>, expected: Option<(&str, &str)>| {
            let over = Over::of(&picture(this), &picture(good));
            assert_eq!(over.as_ref().map(|over| (over.this.as_str(), over.good.as_str())), expected);
        };
        check(Some("a.jpg"), Some("a.jpg"), None);
        check(None, Some("a.jpg"), None);
        check(
            Some("a.jpg"),
            Some("b.jpg"),
            Some(("/evidence/a.jpg/against/b.jpg", "/evidence/b.jpg/against/a.jpg?is=before")),
        );
    }
}
