//! A person walks along: each step waits for a word from the keyboard.

use super::report::{Language, step_line};
use super::terminal::{Terminal, Tone};
use crate::walk::port::Watcher;
use crate::walk::{Outcome, StepRecord};
use async_trait::async_trait;
use std::io::BufRead as _;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Next,
    Continue,
    Pause,
    Quit,
}

impl Word {
    fn read(line: &str) -> Option<Self> {
        match line.trim() {
            "" | "n" | "next" => Some(Word::Next),
            "c" | "continue" => Some(Word::Continue),
            "p" | "pause" => Some(Word::Pause),
            "q" | "quit" => Some(Word::Quit),
            _ => None,
        }
    }
}

/// Holds each step until the person goes on.
pub(super) struct Stepping {
    terminal: Terminal,
    language: Language,
    pause: Option<Duration>,
    cancel: CancellationToken,
    person: Mutex<Person>,
}

struct Person {
    words: mpsc::UnboundedReceiver<String>,
    /// Whether steps follow each other without a word.
    flows: bool,
}

impl Stepping {
    /// Listens to the keyboard from now on. `flows` begins without waiting.
    pub fn new(
        terminal: Terminal,
        language: Language,
        pause: Option<Duration>,
        flows: bool,
        cancel: CancellationToken,
    ) -> Self {
        let (tell, words) = mpsc::unbounded_channel();
        // A thread of its own: a read from the keyboard cannot be called off, and must not hold up the program's end.
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines() {
                if line.is_err() || line.is_ok_and(|line| tell.send(line).is_err()) {
                    return;
                }
            }
        });
        Self { terminal, language, pause, cancel, person: Mutex::new(Person { words, flows }) }
    }

    fn said<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    /// Waits until the person wants to go on; a keyboard that is not there does not hold anybody up.
    async fn hold(&self, person: &mut Person, prompt: &str) {
        let keys = self.said("[回车 下一步 · c 连续 · q 退出]", "[Enter next · c continue · q quit]");
        self.terminal.line(&format!("  {prompt}  {}", self.terminal.paint(Tone::Faint, keys)));
        loop {
            let line = tokio::select! {
                () = self.cancel.cancelled() => return,
                line = person.words.recv() => line,
            };
            match line.as_deref().map(Word::read) {
                None | Some(Some(Word::Continue)) => {
                    person.flows = true;
                    return;
                }
                Some(Some(Word::Next)) => return,
                Some(Some(Word::Quit)) => return self.cancel.cancel(),
                Some(Some(Word::Pause) | None) => self.terminal.line(&format!("  {keys}")),
            }
        }
    }

    /// Takes what was typed while steps followed each other.
    fn heed(&self, person: &mut Person) {
        while let Ok(line) = person.words.try_recv() {
            match Word::read(&line) {
                Some(Word::Quit) => self.cancel.cancel(),
                Some(Word::Pause | Word::Next) => person.flows = false,
                Some(Word::Continue) | None => {}
            }
        }
    }
}

#[async_trait]
impl Watcher for Stepping {
    async fn step_begins(&self, number: usize, title: &str) {
        let mut person = self.person.lock().await;
        if person.flows {
            self.heed(&mut person);
        }
        if !person.flows && !self.cancel.is_cancelled() {
            self.hold(&mut person, &format!("⏵ {} {title}", number + 1)).await;
        }
    }

    async fn step_ended(&self, _number: usize, step: &StepRecord) {
        self.terminal.line(&step_line(step, self.language, self.terminal.colours()));
        if let Some(pause) = self.pause {
            tokio::time::sleep(pause).await;
        }
        let mut person = self.person.lock().await;
        // The window closes with the walk: where it failed, the person gets to look first.
        if matches!(step.outcome, Outcome::Failed(_)) && !step.soft && !person.words.is_closed() {
            person.flows = false;
            self.hold(
                &mut person,
                self.said("⏸ 这一步失败了，窗口还开着", "⏸ this step failed; the window is still open"),
            )
            .await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_keyboard() {
        let check = |line: &str, expected| assert_eq!(Word::read(line), expected, "{line:?}");
        check("", Some(Word::Next));
        check(" n ", Some(Word::Next));
        check("c", Some(Word::Continue));
        check("pause", Some(Word::Pause));
        check("q", Some(Word::Quit));
        check("exit", None);
    }
}
