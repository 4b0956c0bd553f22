//! Who did something: the robot, a person, another system. The audit log and the incident queue name them alike.

use std::fmt;
use std::str::FromStr;

/// The longest name accepted, in bytes.
pub const ACTOR_NAME_BYTES_MAX: usize = 160;

/// Why a text names no actor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActorError {
    /// The name cannot be one.
    #[error(
        "not a name: 1 to {ACTOR_NAME_BYTES_MAX} bytes are wanted, without control characters, characters that turn the \
         reading direction, and white space at either end"
    )]
    Name,
    /// The text is not an actor's word.
    #[error("not an actor: `robot`, `person:NAME` or `system:NAME` is wanted")]
    Word,
}

/// A name that can stand in a list, a log and a terminal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorName(String);

impl ActorName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ActorName {
    type Err = ActorError;
    fn from_str(text: &str) -> Result<Self, ActorError> {
        let whole = text.trim() == text && !text.is_empty() && text.len() <= ACTOR_NAME_BYTES_MAX;
        if whole && !text.chars().any(misleads) { Ok(Self(text.to_owned())) } else { Err(ActorError::Name) }
    }
}

/// Characters that cannot be seen and change what is read: with them one name could be shown as another.
pub fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// This robot, by itself.
    Robot,
    /// A person, by the name they sign in with.
    Person(ActorName),
    /// Another system, such as the tickets' one, by the name the configuration gives it.
    System(ActorName),
}

impl Actor {
    /// The person of this name.
    ///
    /// # Errors
    /// When it cannot be a name.
    pub fn person(name: &str) -> Result<Self, ActorError> {
        name.parse().map(Self::Person)
    }

    /// The system of this name.
    ///
    /// # Errors
    /// When it cannot be a name.
    pub fn system(name: &str) -> Result<Self, ActorError> {
        name.parse().map(Self::System)
    }

    /// The name alone, as people know it.
    pub fn name(&self) -> &str {
        match self {
            Self::Robot => "robot",
            Self::Person(name) | Self::System(name) => name.as_str(),
        }
    }

    /// The word in files and on the wire; `Actor::parse` reads it back.
    pub fn word(&self) -> String {
        self.to_string()
    }

    /// The actor that `word` stands for.
    ///
    /// # Errors
    /// When it stands for none.
    pub fn parse(word: &str) -> Result<Self, ActorError> {
        match word.split_once(':') {
            None if word == "robot" => Ok(Self::Robot),
            Some(("person", name)) => Self::person(name),
            Some(("system", name)) => Self::system(name),
            _ => Err(ActorError::Word),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Robot => f.write_str("robot"),
            Self::Person(name) => write!(f, "person:{}", name.as_str()),
            Self::System(name) => write!(f, "system:{}", name.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_what_misleads_is_no_name() {
        let check = |word: &str, expected: Result<(), ActorError>| {
            let read = Actor::parse(word);
            assert_eq!(read.as_ref().map(drop).map_err(Clone::clone), expected, "{word:?}");
            if let Ok(actor) = read {
                assert_eq!(actor.word(), word);
            }
        };
        check("robot", Ok(()));
        check("person:陈晓 (体验管理)", Ok(()));
        check("person:ops@bank.example:2", Ok(()));
        check("system:jira", Ok(()));
        for wrong in ["", "Robot", "robot:1", "people:a", "person"] {
            check(wrong, Err(ActorError::Word));
        }
        let long = format!("person:{}", "a".repeat(ACTOR_NAME_BYTES_MAX + 1));
        for wrong in
            ["person:", "person: a", "person:a\n", "system:a\u{1b}[2J", "person:a\u{202e}b", "person:a\u{200b}", &long]
        {
            check(wrong, Err(ActorError::Name));
        }
    }
}
