//! `gengfu pictures DIR`: approved pictures, and what has changed and waits for a person.

use super::exit::Exit;
use super::terminal::{Terminal, Tone};
use crate::app::pictures::{Album, Picture};
use crate::baseline::ShelfError;
use crate::diagnostic::printable;
use std::path::PathBuf;

/// Shows what pages are compared with and what has changed, and takes a person's word on it.
#[derive(Debug, clap::Args)]
pub struct Pictures {
    /// The folder of baselines: that of `walk --baseline`, or `baseline.folder` of a patrol.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The change is right: from now on the page looks so. With `@` and the key of the list: only that one
    #[arg(long, value_name = "JOURNEY/PICTURE[@KEY]", conflicts_with = "reject")]
    approve: Vec<String>,
    /// The change is wrong: it is told for as long as it shows.
    #[arg(long, value_name = "JOURNEY/PICTURE[@KEY]")]
    reject: Vec<String>,
    /// Writes the pictures there, to be looked at.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

impl Pictures {
    pub(super) async fn run(self, terminal: Terminal) -> Exit {
        let done = async {
            let album = Album::open(&self.folder)?;
            let (pictures, damaged) = album.pictures().await?;
            damaged.iter().for_each(|error| terminal.complain(&format!("warning: {error}")));
            self.do_with(&album, &pictures, terminal).await
        };
        match done.await {
            Ok(exit) => exit,
            Err(error) => {
                terminal.complain(&format!("error: {error}"));
                Exit::Usage
            }
        }
    }

    async fn do_with(&self, album: &Album, pictures: &[Picture], terminal: Terminal) -> Result<Exit, ShelfError> {
        let decisions =
            self.approve.iter().map(|name| (name, true)).chain(self.reject.iter().map(|name| (name, false)));
        for (name, right) in decisions {
            let Some(picture) = one_of(pictures, name, terminal) else { return Ok(Exit::Usage) };
            let decided = if right { album.approve(picture).await? } else { album.reject(picture).await? };
            let said = match (decided, right) {
                (false, _) => "that does not wait there any more: look again",
                (true, true) => "from now on it looks so",
                (true, false) => "it is told for as long as it shows",
            };
            terminal.line(&format!("{}: {said}", picture.shown()));
        }
        if let Some(into) = &self.into {
            for picture in pictures {
                match album.show(picture, into).await {
                    Ok(files) => files.iter().for_each(|file| terminal.line(&file.display().to_string())),
                    Err(error) => terminal.complain(&format!("warning: {}/{}: {error}", picture.file, picture.name)),
                }
            }
        } else if self.approve.is_empty() && self.reject.is_empty() {
            pictures.iter().for_each(|picture| show(terminal, picture));
            if pictures.is_empty() {
                terminal.line("no picture yet: a step `screenshot: {name: home, compare: true}` makes one");
            }
        }
        Ok(Exit::Passed)
    }
}

/// The picture that is meant; told when it is none, or more than one.
fn one_of<'a>(pictures: &'a [Picture], name: &str, terminal: Terminal) -> Option<&'a Picture> {
    let called: Vec<_> = pictures.iter().filter(|picture| picture.is_called(name)).collect();
    if let [one] = called[..] {
        return Some(one);
    }
    let all: Vec<_> = if called.is_empty() { pictures.iter().collect() } else { called };
    let all: Vec<_> = all.iter().map(|picture| format!("  {}", picture.shown())).collect();
    terminal.complain(&format!("error: `{name}` must be one of these:\n{}", all.join("\n")));
    None
}

fn show(terminal: Terminal, picture: &Picture) {
    let known = &picture.known;
    let state = match &known.waiting {
        Some(waiting) if waiting.changes.iter().any(|change| known.rejected.contains(change)) => {
            terminal.paint(Tone::Bad, "rejected, and still so")
        }
        Some(_) => terminal.paint(Tone::Worn, "changed, waits for a person"),
        None if known.is_sure() => terminal.paint(Tone::Good, "as approved"),
        None => format!("learning: {} clean walks", known.walks),
    };
    terminal.line(&format!("{}: {state}", picture.shown()));
    for change in known.waiting.iter().flat_map(|waiting| &waiting.changes) {
        terminal.line(&format!("    {}", printable(change)));
    }
}
