//! From bytes to a text that can be shown: UTF-8, no odd characters, nothing too long.

use super::{FileProblem, Files, Limits};
use crate::diagnostic::{Diagnostic, Source, Span};

/// Reads a file as a text, or says what is wrong with it as a text.
pub(super) fn read(path: &str, files: &dyn Files, limits: &Limits) -> Result<Source, Box<Diagnostic>> {
    let name = files.shown(path);
    let bytes = files.read(path, limits.file_bytes_max).map_err(|why| unread(&name, &why))?;
    if bytes.len() > limits.file_bytes_max {
        let why = FileProblem::TooLarge { bytes: bytes.len() as u64, bytes_max: limits.file_bytes_max };
        return Err(unread(&name, &why));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(refuse(&name, "", 0..0, "the file is in UTF-16", "not UTF-8", "save it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes).map_err(|why| {
        let good = why.valid_up_to();
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(good + 40)]).into_owned();
        let help = "save it as UTF-8; files from older editors are often in GBK or Latin-1";
        refuse(&name, &shown, good..good + 1, "the file is not UTF-8", "this byte cannot be read", help)
    })?;
    legible(&name, text, limits)?;
    Ok(Source { name, text: text.into() })
}

fn legible(name: &str, text: &str, limits: &Limits) -> Result<(), Box<Diagnostic>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.len() > limits.line_bytes_max {
            let cut: String = line.chars().take(60).collect();
            let title = format!("a line has {} bytes", line.len());
            let help = format!("at most {} are allowed: break it", limits.line_bytes_max);
            let shown = format!("{}{cut}", "\n".repeat(text[..start].matches('\n').count()));
            let at = shown.len() - cut.len();
            return Err(refuse(name, &shown, at..shown.len(), &title, "this line goes on", &help));
        }
        let body = line.strip_suffix('\n').map_or(line, |l| l.strip_suffix('\r').unwrap_or(l));
        if let Some(at) = body.find('\r') {
            let help = "end lines with a line feed, as every current editor does";
            let title = "a line ends with a carriage return alone";
            // Only what comes before is shown: people and machines would count the lines differently.
            return Err(refuse(name, &text[..start + at], start + at..start + at, title, "here", help));
        }
        if let Some((at, c)) = body.char_indices().find(|(_, c)| is_odd(*c)) {
            let at = start + at;
            let title = format!("the file has the invisible character U+{:04X}", c as u32);
            // The character itself is not shown: it could rearrange what people see.
            let shown: String = text.chars().map(|c| if is_odd(c) && c != '\n' { '\u{fffd}' } else { c }).collect();
            let at = shown_offset(text, at);
            let help = "remove it; it would mean something else than what people see";
            return Err(refuse(name, &shown, at..at + 3, &title, "stands here", help));
        }
        start += line.len();
    }
    Ok(())
}

/// Control characters, and those that turn the direction of a text.
fn is_odd(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || c == '\u{2028}'
        || c == '\u{2029}'
}

fn shown_offset(text: &str, at: usize) -> usize {
    text[..at].chars().map(|c| if is_odd(c) && c != '\n' { 3 } else { c.len_utf8() }).sum()
}

fn unread(name: &str, why: &FileProblem) -> Box<Diagnostic> {
    let help = match why {
        FileProblem::Missing => "write the path of a file that exists",
        FileProblem::TooLarge { .. } => "split the journey",
        FileProblem::Outside => "keep the file itself, not a link to it, in the folder of journeys",
        FileProblem::Unreadable(_) => "see that the robot may read it",
    };
    refuse(name, "", 0..0, &why.to_string(), "", help)
}

fn refuse(name: &str, text: &str, span: Span, title: &str, label: &str, help: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic {
        title: title.to_owned(),
        source: Source { name: name.to_owned(), text: text.into() },
        span,
        label: label.to_owned(),
        context: None,
        help: Some(help.to_owned()),
    })
}
