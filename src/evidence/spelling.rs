//! How a secret may be written: one pattern for all its spellings, understood by Rust and by the page's own script.
//!
//! A list of whole spellings would miss the next mixture (`%63añary`, `Ca\u00f1ary`), so each character is matched
//! in any of its spellings. Encodings that do not go by character (base64, hex) are matched as wholes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What an eye does not see between two characters.
const UNSEEN: &str = r"[\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}]*";
/// The same in a page's source: elements begin and end between any two characters.
const UNSEEN_IN_HTML: &str = r"(?:[\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}]|<[^<>]*>)*";
/// What may stand between two bytes in hexadecimal.
const BETWEEN_HEX: &str = r"[\s:,\\-]*(?:0?x)?";
/// Where a text was cut: what stands before it may be the beginning of a secret.
const CUT: &str = r"(?:[%\u{26}\u{3d}\\][#ux{0-9a-f]{0,8})?…";
/// Units of a secret that, before a cut, count as its beginning.
const BEGINNING_UNITS_MIN: usize = 3;
/// Units that make a beginning which ordinary texts seldom hold, at a fraction of the whole pattern's size.
const BEGINNING_UNITS: usize = 6;
/// The fewest characters of a base64 text that count.
const BASE64_CHARS_MIN: usize = 4;

/// Shorter heads of secrets are ordinary words.
const HEAD_CHARS_MIN: usize = 6;

/// What `encodeURIComponent` encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A sequence of units with what may stand between them.
struct Sequence {
    units: Vec<String>,
    between: &'static str,
    beginning_min: usize,
}

impl Sequence {
    fn whole(&self) -> String {
        self.units.join(self.between)
    }

    /// What begins every spelling of the whole.
    fn beginning(&self) -> String {
        self.first(BEGINNING_UNITS)
    }

    /// What begins every spelling that was cut off; `None` when a beginning does not count.
    fn beginning_of_cut(&self) -> Option<String> {
        (self.beginning_min < self.units.len()).then(|| self.first(self.beginning_min))
    }

    fn first(&self, units: usize) -> String {
        self.units[..units.min(self.units.len())].join(self.between)
    }

    /// A beginning of it, cut off.
    fn cut(&self) -> Option<String> {
        let (last, body) = self.units.split_last()?;
        let (needed, more) = body.split_at_checked(self.beginning_min)?;
        let _whole_is_matched_as_such = last;
        let mut nested = String::new();
        for unit in more.iter().rev() {
            nested = format!("(?:{}{unit}{nested})?", self.between);
        }
        Some(format!("{}{nested}{CUT}", needed.join(self.between)))
    }
}

/// The pattern of every spelling of `secret`; `html` also where markup stands in the middle of it.
pub(super) fn pattern_of(secret: &str, html: bool) -> String {
    let all = Sequences::of(secret, if html { UNSEEN_IN_HTML } else { UNSEEN });
    all.any(|s| [Some(s.whole()), s.cut()].into_iter().flatten().collect())
}

/// What begins every spelling of `secret`, and what begins every spelling that ends in a cut: two patterns that are
/// quick to compile and to search for. A text in which neither is found holds nothing that `pattern_of` finds.
pub(super) fn beginnings_of(secret: &str) -> (String, String) {
    let all = Sequences::of(secret, UNSEEN);
    (all.any(|s| vec![s.beginning()]), all.any(|s| s.beginning_of_cut().into_iter().collect()))
}

/// All ways to write a secret.
struct Sequences {
    /// In either case of letters.
    loose: Vec<Sequence>,
    /// As it stands: base64.
    strict: Vec<Sequence>,
}

impl Sequences {
    fn of(secret: &str, between: &'static str) -> Self {
        let units: Vec<String> = secret.chars().map(any_spelling).collect();
        let head = head_before_mark(secret);
        let backwards: Vec<String> = secret.chars().rev().map(literal).collect();
        let loose = [
            Sequence { units, between, beginning_min: BEGINNING_UNITS_MIN },
            Sequence { units: head, between: "", beginning_min: usize::MAX },
            Sequence { units: backwards, between: "", beginning_min: usize::MAX },
        ];
        let bytes = byte_forms(secret);
        let hex = bytes.iter().map(|b| Sequence {
            units: b.iter().map(|b| format!("{b:02x}")).collect(),
            between: BETWEEN_HEX,
            beginning_min: 4,
        });
        let percent = |kept| utf8_percent_encode(secret, kept).to_string().into_bytes();
        let mut texts = bytes.clone();
        for text in [percent(NON_ALPHANUMERIC), percent(COMPONENT), json_ascii(secret)] {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let some = |s: &Sequence| !s.units.is_empty();
        Self {
            loose: loose.into_iter().chain(hex).filter(some).collect(),
            strict: texts.iter().flat_map(|bytes| base64_cores(bytes)).filter(some).collect(),
        }
    }

    /// One pattern of what `of` makes of each.
    fn any(&self, of: impl Fn(&Sequence) -> Vec<String>) -> String {
        let alternatives = |all: &[Sequence]| all.iter().flat_map(&of).collect::<Vec<_>>().join("|");
        let (loose, strict) = (alternatives(&self.loose), alternatives(&self.strict));
        match (loose.is_empty(), strict.is_empty()) {
            (_, true) => format!("(?i:{loose})"),
            (true, false) => format!("(?-i:{strict})"),
            (false, false) => format!("(?i:{loose})|(?-i:{strict})"),
        }
    }
}

/// A secret that a page writes into a URL or a cookie as it is ends there at the first mark: its head stays.
fn head_before_mark(secret: &str) -> Vec<String> {
    let head = secret.split(['#', ';']).next().unwrap_or_default();
    if head.len() == secret.len() || head.chars().count() < HEAD_CHARS_MIN {
        return Vec::new();
    }
    // What follows its head where nothing ended it, too: this is found one character before the whole.
    let rest: String = secret[head.len()..].chars().map(any_spelling).collect();
    let before = std::iter::once(r"[/\u{3d}]".to_owned());
    before.chain(head.chars().map(any_spelling)).chain([format!("(?:{rest})?")]).collect()
}

/// One character in any spelling of URLs, JSON, HTML, scripts and mails.
fn any_spelling(c: char) -> String {
    if c.is_whitespace() {
        return r"(?:\s|\+|%(?:25)*20|%(?:25)*0a|\u{26}nbsp;|\u{26}#(?:x20|32);|\\+u00[2a]0)+".to_owned();
    }
    let code = u32::from(c);
    let itself = if c.is_ascii_punctuation() { format!(r"\\*{}", literal(c)) } else { literal(c) };
    let mut ways =
        vec![itself, format!(r"\u{{26}}(?:amp;)*#(?:0*{code}|x0*{code:x});?"), format!(r"\\+u\{{0*{code:x}\}}")];
    let utf16 = |before: &str| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("{before}u{unit:04x}")).collect();
    if c.is_ascii() {
        // One byte in every charset, itself already.
        ways.push(format!(r"(?:%(?:25)*(?:u00)?|\u{{3d}}|\\+(?:x|u00)){code:02x}"));
    } else {
        ways.extend([utf16(r"\\+"), utf16("%(?:25)*")]);
        for bytes in byte_spellings(c) {
            // Headers are read byte by byte: UTF-8 looks like Latin-1 there.
            ways.push(bytes.iter().map(|b| literal(char::from(*b))).collect());
            ways.push(bytes.iter().map(|b| format!(r"(?:%(?:25)*|\u{{3d}}|\\+x){b:02x}")).collect());
        }
    }
    ways.extend(entity(c).map(|name| format!(r"\u{{26}}(?:amp;)*{name};?")));
    format!("(?:{})", ways.join("|"))
}

/// The bytes of one character in the charsets that Chinese apps and JavaScript's `escape` use.
fn byte_spellings(c: char) -> Vec<Vec<u8>> {
    let text = c.to_string();
    let mut all = vec![text.as_bytes().to_vec()];
    if let Ok(latin) = u8::try_from(u32::from(c)) {
        all.push(vec![latin]);
    }
    let (gbk, _, lost) = encoding_rs::GB18030.encode(&text);
    if !lost {
        all.push(gbk.into_owned());
    }
    all.sort();
    all.dedup();
    all
}

fn entity(c: char) -> Option<&'static str> {
    Some(match c {
        '&' => "amp",
        '<' => "lt",
        '>' => "gt",
        '"' => "quot",
        '\'' => "apos",
        _ => return None,
    })
}

/// A character as itself, in a form that no dialect of patterns reads as anything else.
fn literal(c: char) -> String {
    if c.is_ascii_alphanumeric() { c.to_string() } else { format!(r"\u{{{:x}}}", u32::from(c)) }
}

/// The bytes of the secret in the charsets in which whole texts are encoded.
fn byte_forms(secret: &str) -> Vec<Vec<u8>> {
    let mut all = vec![secret.as_bytes().to_vec()];
    // `btoa` of a page takes Latin-1.
    if let Ok(latin) = secret.chars().map(|c| u8::try_from(u32::from(c))).collect::<Result<Vec<u8>, _>>() {
        all.push(latin);
    }
    all.push(secret.encode_utf16().flat_map(u16::to_le_bytes).collect());
    all.push(encoding_rs::GB18030.encode(secret).0.into_owned());
    all.sort();
    all.dedup();
    all
}

fn json_ascii(secret: &str) -> Vec<u8> {
    let one = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_ascii() => c.to_string(),
        c => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    secret.chars().map(one).collect::<String>().into_bytes()
}

/// What base64 of any text around the secret must contain: the groups that depend on the secret alone, for each
/// of the three alignments, in both alphabets, as they stand in URLs too; and the character before them, which
/// depends on it in part. Any character behind them may be the beginning of something else that is to be found.
fn base64_cores(secret: &[u8]) -> Vec<Sequence> {
    let mut cores = Vec::new();
    for lead in 0..3usize {
        let padded: Vec<u8> = std::iter::repeat_n(0u8, lead).chain(secret.iter().copied()).collect();
        let first = (lead * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        if last.saturating_sub(first) < BASE64_CHARS_MIN {
            continue;
        }
        let encoded = STANDARD_NO_PAD.encode(&padded);
        let mut units: Vec<String> = encoded[first..last].chars().map(base64_unit).collect();
        if lead > 0 {
            units[0] = format!("[A-Za-z0-9+/_-]?{}", units[0]);
        }
        // Where the text ends with the secret, the rest of its last byte stands alone in one more character.
        if let (Some(rest), Some(unit)) = (encoded.get(last..).filter(|rest| !rest.is_empty()), units.last_mut()) {
            unit.push_str(&format!("(?:{})?", base64_unit(rest.chars().next().unwrap_or_default())));
        }
        cores.push(Sequence { units, between: "", beginning_min: 5 });
    }
    cores
}

fn base64_unit(c: char) -> String {
    match c {
        '+' => r"(?:[+\u{20}-]|%(?:25)*2[bB])".to_owned(),
        '/' => r"(?:\\*/|_|%(?:25)*2[fF])".to_owned(),
        other => other.to_string(),
    }
}
