//! What people read: lines on standard output, complaints on the error stream, colour only on a terminal.

use std::io::{self, IsTerminal as _, Write as _};

/// The terminal, or what stands in its place.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Whether standard output takes colour.
    colour: bool,
    /// Whether the error stream takes colour.
    colour_errors: bool,
    /// Whether lines go to the error stream, because the output is for a program.
    beside: bool,
}

/// A colour by what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All well.
    Good,
    /// Not quite.
    Worn,
    /// Wrong.
    Bad,
    /// Beside the point.
    Faint,
}

impl Terminal {
    /// The process's own: no colour into files and pipes, and none where NO_COLOR is set.
    pub fn own() -> Self {
        let wanted =
            std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()) && std::env::var("TERM").as_deref() != Ok("dumb");
        Self {
            colour: wanted && io::stdout().is_terminal(),
            colour_errors: wanted && io::stderr().is_terminal(),
            beside: false,
        }
    }

    /// The same, with lines on the error stream: standard output is for a program.
    pub fn beside_output(self) -> Self {
        Self { beside: true, colour: self.colour_errors, ..self }
    }

    /// Whether lines take colour.
    pub fn colours(self) -> bool {
        self.colour
    }

    /// Whether complaints take colour.
    pub fn colours_errors(self) -> bool {
        self.colour_errors
    }

    /// `text` in a tone.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Worn => "33",
            Tone::Bad => "31",
            Tone::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// Writes a line. A reader that has gone away (`| head`) is not an error worth a word.
    pub fn line(self, text: &str) {
        if self.beside {
            return self.complain(text);
        }
        let _ = writeln!(io::stdout().lock(), "{text}");
    }

    /// Writes a line on the error stream.
    pub fn complain(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}
