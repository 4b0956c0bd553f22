//! How a step names what it means: user-facing first, strict by default.

use super::Text;

/// One way to name elements.
#[derive(Debug, Clone, PartialEq)]
pub enum By {
    /// ARIA role with an optional accessible name (substring, case-insensitive, unless `exact`).
    Role {
        /// The ARIA role, such as `button`.
        role: String,
        /// The accessible name.
        name: Option<Text>,
    },
    /// A form control by the text of its label.
    Label(Text),
    /// The smallest elements whose own visible text contains this.
    Text(Text),
    /// A form control by its placeholder.
    Placeholder(Text),
    /// An image by its alternative text.
    Alt(Text),
    /// An element by its `title`.
    Title(Text),
    /// `data-testid`.
    TestId(Text),
    /// A CSS selector; open shadow roots are pierced.
    Css(Text),
    /// An XPath expression, inside the document only.
    Xpath(Text),
}

/// The frame a locator looks in.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// `name`, `id` or `title` of the iframe element.
    Name(Text),
    /// A glob over the frame's URL.
    Url(Text),
}

/// A strict, user-facing name of one element: two matches are an error that lists them.
#[derive(Debug, Clone, PartialEq)]
pub struct Locator {
    /// How it is named.
    pub by: By,
    /// Whether texts must match whole and case-sensitively.
    pub exact: bool,
    /// Where to look: inside the one element this names.
    pub within: Option<Box<Locator>>,
    /// Only elements that contain this text.
    pub has_text: Option<Text>,
    /// The n-th match from 1, for those who must; gives up strictness.
    pub nth: Option<u32>,
    /// The frame to look in; the page itself when `None`.
    pub frame: Option<Frame>,
}

impl Locator {
    /// A plain locator without scope or options.
    pub fn new(by: By) -> Self {
        Self { by, exact: false, within: None, has_text: None, nth: None, frame: None }
    }
}
