//! Locators: one way to name an element, and how to narrow it.

use super::reader::{Fields, Reader};
use super::suggest;
use crate::diagnostic::Span;
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};
use crate::journey::{By, Frame, Locator, Text};

/// The keys of a locator; the first nine name the element.
pub(in crate::journey) static LOCATOR: [Field; 15] = [
    Field::new("role", Shape::Text, "ARIA role, such as button, link or textbox"),
    Field::new("label", Shape::Text, "text of a form control's label"),
    Field::new("text", Shape::Text, "visible text"),
    Field::new("placeholder", Shape::Text, "placeholder of a form control"),
    Field::new("alt", Shape::Text, "alternative text of an image"),
    Field::new("title", Shape::Text, "title attribute"),
    Field::new("testid", Shape::Text, "data-testid attribute"),
    Field::new("css", Shape::Text, "CSS selector; open shadow roots are pierced"),
    Field::new("xpath", Shape::Text, "XPath expression"),
    Field::new("name", Shape::Text, "accessible name, beside role"),
    Field::new("exact", Shape::Truth, "match texts whole and case-sensitively"),
    Field::new("in", Shape::Locator, "look inside this one element"),
    Field::new("has_text", Shape::Text, "only elements that contain this text"),
    Field::new("nth", Shape::Whole(1, 1000), "the n-th match, from 1; gives up strictness"),
    Field::new("frame", Shape::Map(&FRAME), "the iframe to look in, by name or URL"),
];

/// The keys that name an element.
pub(super) const NAMING: [&str; 9] = ["role", "label", "text", "placeholder", "alt", "title", "testid", "css", "xpath"];

static FRAME: [Field; 2] = [
    Field::new("name", Shape::Text, "name, id or title of the iframe"),
    Field::new("url", Shape::Text, "glob over the frame's URL"),
];

impl Reader<'_> {
    /// A locator: a map, or a visible text for short.
    pub fn locator(&mut self, node: &Node, what: &str) -> Option<Locator> {
        if node.is_nothing() {
            let help = "write a text a customer sees, or a map such as `{role: button, name: 登录}`";
            self.problem(&node.span, format!("`{what}` names no element"), "nothing stands here", help);
            return None;
        }
        if let NodeKind::Scalar { .. } = node.kind {
            let text = self.text(node, what)?;
            let raw = text.to_string();
            if raw.starts_with(['#', '.', '/']) && raw.len() > 1 && !raw.contains(' ') {
                let kind = if raw.starts_with('/') { "xpath" } else { "css" };
                let title = format!("`{what}` takes a text a customer sees");
                let help = format!("write `{{{kind}: \"{raw}\"}}`, or `{{text: \"{raw}\"}}` if it is seen like this");
                self.problem(&node.span, title, "this looks like a selector", help);
                return None;
            }
            return Some(Locator::new(By::Text(text)));
        }
        let fields = self.fields(node, what, &[&LOCATOR])?;
        self.locator_of(&fields, what, "")
    }

    /// A locator among other keys; `taken` is a locator key that means something else here.
    pub fn locator_and<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        more: &'static [Field],
        taken: &str,
    ) -> Option<(Locator, Fields<'n>)> {
        let fields = self.fields(node, what, &[more, &LOCATOR])?;
        let locator = self.locator_of(&fields, what, taken)?;
        Some((locator, fields))
    }

    /// A locator among other keys, if any key names an element.
    pub fn locator_if_any(&mut self, fields: &Fields, what: &str, taken: &str) -> Result<Option<Locator>, ()> {
        if fields.entries.iter().any(|(k, _)| NAMING.contains(&k.text.as_str()) && k.text != taken) {
            return self.locator_of(fields, what, taken).map(Some).ok_or(());
        }
        Ok(None)
    }

    fn locator_of(&mut self, fields: &Fields, what: &str, taken: &str) -> Option<Locator> {
        let naming: Vec<_> =
            fields.entries.iter().filter(|(k, _)| NAMING.contains(&k.text.as_str()) && k.text != taken).collect();
        let (key, node) = match naming.as_slice() {
            [one] => (one.0.text.as_str(), one.1),
            [] if fields.unknown => return None,
            [] => {
                let title = format!("`{what}` names no element");
                let help = "name it by role and name, label, text, placeholder, alt, title, testid, css or xpath";
                self.problem(&fields.span, title, "no key here names an element", help);
                return None;
            }
            [first, second, ..] => {
                let title = format!("`{what}` names the element twice, by `{}` and `{}`", first.0.text, second.0.text);
                let help = "keep one; narrow it with `in:`, `has_text:` or `nth:`";
                self.problem(&second.0.span, title, "the second name", help);
                return None;
            }
        };
        let by = self.by(key, node, fields)?;
        let mut locator = Locator::new(by);
        if key != "role"
            && let Some(name) = fields.key("name")
            && taken != "name"
        {
            let help = "write `role: button` beside it, or name the element by `text:`";
            self.problem(&name.span, "`name` goes with `role`", "there is no role here", help);
            return None;
        }
        if let Some(node) = fields.get("exact") {
            locator.exact = self.truth(node, "exact")?;
        }
        if let Some(node) = fields.get("in") {
            locator.within = Some(Box::new(self.locator(node, "in")?));
        }
        if let Some(node) = fields.get("has_text") {
            locator.has_text = Some(self.text(node, "has_text")?);
        }
        if let Some(node) = fields.get("nth") {
            locator.nth = Some(u32::try_from(self.whole(node, "nth", 1, 1000)?).ok()?);
        }
        if let Some(node) = fields.get("frame") {
            locator.frame = Some(self.frame(node)?);
        }
        Some(locator)
    }

    fn by(&mut self, key: &str, node: &Node, fields: &Fields) -> Option<By> {
        let text = self.text(node, key)?;
        Some(match key {
            "role" => {
                let role = self.role(node, &text)?;
                let name = match fields.get("name") {
                    Some(node) => Some(self.text(node, "name")?),
                    None => None,
                };
                By::Role { role, name }
            }
            "label" => By::Label(text),
            "text" => By::Text(text),
            "placeholder" => By::Placeholder(text),
            "alt" => By::Alt(text),
            "title" => By::Title(text),
            "testid" => By::TestId(text),
            "css" => {
                self.css(&node.span, &text)?;
                By::Css(text)
            }
            _ => {
                self.xpath(&node.span, &text)?;
                By::Xpath(text)
            }
        })
    }

    fn role(&mut self, node: &Node, text: &Text) -> Option<String> {
        let role = text.to_string();
        if ROLES.contains(&role.as_str()) {
            return Some(role);
        }
        let help = match suggest::nearest(&role, ROLES) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "roles are those of ARIA: button, link, textbox, heading, dialog, …".to_owned(),
        };
        self.problem(&node.span, format!("`{role}` is not an ARIA role"), "unknown role", help);
        None
    }

    fn frame(&mut self, node: &Node) -> Option<Frame> {
        let fields = self.fields(node, "frame", &[&FRAME])?;
        match (fields.get("name"), fields.get("url")) {
            (Some(name), None) => Some(Frame::Name(self.text(name, "name")?)),
            (None, Some(url)) => Some(Frame::Url(self.text(url, "url")?)),
            _ => {
                let help = "write `frame: {name: …}` or `frame: {url: …}`";
                self.problem(&node.span, "`frame` needs a name or a URL, one of them", "which frame?", help);
                None
            }
        }
    }

    fn css(&mut self, span: &Span, text: &Text) -> Option<()> {
        let raw = text.to_string();
        let foreign = [":contains(", ":has-text(", ":visible", ":text(", ">>", "text="];
        if let Some(found) = foreign.iter().find(|f| raw.contains(*f)) {
            let title = format!("`{found}` is not CSS");
            self.problem(
                span,
                title,
                "in this selector",
                "use `text:` or `has_text:`; only visible elements count anyway",
            );
            return None;
        }
        if raw.trim() == "*" {
            self.problem(span, "`*` names every element", "this selector", "name the one element that is meant");
            return None;
        }
        self.balanced(span, &raw, "CSS selector")
    }

    fn xpath(&mut self, span: &Span, text: &Text) -> Option<()> {
        let raw = text.to_string();
        if let Some(function) = ["document(", "doc(", "unparsed-text("].iter().find(|f| raw.contains(*f)) {
            let title = format!("`{function}…)` is not allowed in XPath");
            self.problem(span, title, "this would read another document", "look inside the page only");
            return None;
        }
        if matches!(raw.trim(), "//*" | "/" | "*" | "//" | ".//*") {
            let title = format!("`{}` names every element", raw.trim());
            self.problem(span, title, "this expression", "name the one element that is meant");
            return None;
        }
        self.balanced(span, &raw, "XPath expression")
    }

    fn balanced(&mut self, span: &Span, raw: &str, what: &str) -> Option<()> {
        match unbalanced(raw) {
            None => Some(()),
            Some(c) => {
                let help = "close every bracket and quote; quote the whole text with the other kind of quote";
                self.problem(span, format!("the {what} is not closed"), format!("`{c}` has no partner"), help);
                None
            }
        }
    }
}

/// The first bracket or quote without a partner.
fn unbalanced(raw: &str) -> Option<char> {
    let mut open: Vec<char> = Vec::new();
    let mut quote = None;
    let mut characters = raw.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (_, '\\') => {
                characters.next();
            }
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[') => open.push(c),
            (None, ')') if open.pop() != Some('(') => return Some(c),
            (None, ']') if open.pop() != Some('[') => return Some(c),
            _ => {}
        }
    }
    quote.or_else(|| open.pop())
}

const ROLES: [&str; 80] = [
    "alert",
    "alertdialog",
    "application",
    "article",
    "banner",
    "blockquote",
    "button",
    "caption",
    "cell",
    "checkbox",
    "code",
    "columnheader",
    "combobox",
    "complementary",
    "contentinfo",
    "definition",
    "deletion",
    "dialog",
    "document",
    "emphasis",
    "feed",
    "figure",
    "form",
    "generic",
    "grid",
    "gridcell",
    "group",
    "heading",
    "img",
    "insertion",
    "link",
    "list",
    "listbox",
    "listitem",
    "log",
    "main",
    "mark",
    "marquee",
    "math",
    "menu",
    "menubar",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "meter",
    "navigation",
    "note",
    "option",
    "paragraph",
    "progressbar",
    "radio",
    "radiogroup",
    "region",
    "row",
    "rowgroup",
    "rowheader",
    "scrollbar",
    "search",
    "searchbox",
    "separator",
    "slider",
    "spinbutton",
    "status",
    "switch",
    "strong",
    "subscript",
    "superscript",
    "tab",
    "table",
    "tablist",
    "tabpanel",
    "term",
    "textbox",
    "time",
    "timer",
    "toolbar",
    "tooltip",
    "tree",
    "treegrid",
    "treeitem",
];
