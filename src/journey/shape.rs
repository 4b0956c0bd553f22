//! The shapes of values in a journey file: one table for the reader, its suggestions and the schema.

/// A key a map may have.
#[derive(Debug)]
pub(super) struct Field {
    /// The key.
    pub key: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What stands under it.
    pub shape: Shape,
    /// What it means, for editors.
    pub help: &'static str,
}

impl Field {
    /// A key that may be left out.
    pub const fn new(key: &'static str, shape: Shape, help: &'static str) -> Self {
        Self { key, required: false, shape, help }
    }

    /// A key that must be there.
    pub const fn must(key: &'static str, shape: Shape, help: &'static str) -> Self {
        Self { key, required: true, shape, help }
    }
}

/// What may stand under a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A text, possibly with `${name}`; a figure or truth without quotes is its text.
    Text,
    /// A name of a-z, 0-9, `-` and `_`.
    Slug,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number between these, both included.
    Whole(u64, u64),
    /// `true` or `false`.
    Truth,
    /// A duration such as `500ms`, `5s` or `2m`.
    Duration,
    /// A regular expression.
    Pattern,
    /// An expression over names.
    Expression,
    /// Nothing: the key says it all.
    Nothing,
    /// Two whole numbers: CSS pixels to the right and down.
    Pixels,
    /// A text to be seen, or a map that names one element.
    Locator,
    /// A locator map with more keys; these win over a locator key of the same name.
    LocatorAnd(&'static [Field]),
    /// A map with these keys alone.
    Map(&'static [Field]),
    /// A map with keys of the author's choice.
    Named(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// A list of steps.
    Steps,
    /// Any of these.
    Any(&'static [Shape]),
}
