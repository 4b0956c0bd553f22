//! Key names as WebDriver writes them.

use serde_json::{Value, json};

/// Keys typed in one command: a long text must not outlast a command's deadline.
pub(super) const KEYS_COMMAND_MAX: usize = 60;

/// The WebDriver code of a named key, or the character itself.
pub(super) fn code(name: &str) -> Option<String> {
    const NAMED: [(&str, char); 33] = [
        ("Enter", '\u{E007}'),
        ("Tab", '\u{E004}'),
        ("Backspace", '\u{E003}'),
        ("Escape", '\u{E00C}'),
        ("Delete", '\u{E017}'),
        ("Insert", '\u{E016}'),
        ("Home", '\u{E011}'),
        ("End", '\u{E010}'),
        ("PageUp", '\u{E00E}'),
        ("PageDown", '\u{E00F}'),
        ("ArrowLeft", '\u{E012}'),
        ("ArrowUp", '\u{E013}'),
        ("ArrowRight", '\u{E014}'),
        ("ArrowDown", '\u{E015}'),
        ("Space", ' '),
        ("Shift", '\u{E008}'),
        ("Control", '\u{E009}'),
        ("Alt", '\u{E00A}'),
        ("Meta", '\u{E03D}'),
        ("ContextMenu", '\u{E05D}'),
        ("Clear", '\u{E005}'),
        ("F1", '\u{E031}'),
        ("F2", '\u{E032}'),
        ("F3", '\u{E033}'),
        ("F4", '\u{E034}'),
        ("F5", '\u{E035}'),
        ("F6", '\u{E036}'),
        ("F7", '\u{E037}'),
        ("F8", '\u{E038}'),
        ("F9", '\u{E039}'),
        ("F10", '\u{E03A}'),
        ("F11", '\u{E03B}'),
        ("F12", '\u{E03C}'),
    ];
    if let Some((_, code)) = NAMED.iter().find(|(n, _)| *n == name) {
        return Some(code.to_string());
    }
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(_), None) => Some(name.to_owned()),
        _ => None,
    }
}

/// Key actions for a chord such as `Control+A`: down in order, up in reverse.
pub(super) fn chord(keys: &str) -> Result<Vec<Value>, String> {
    let names: Vec<&str> = if keys == "+" { vec!["+"] } else { keys.split('+').collect() };
    let mut codes = Vec::new();
    for name in names {
        codes.push(
            code(name).ok_or_else(|| {
                format!("`{name}` is not a key: use a character or a name such as Enter, ArrowDown, F5")
            })?,
        );
    }
    let down = codes.iter().map(|c| json!({"type": "keyDown", "value": c}));
    let up = codes.iter().rev().map(|c| json!({"type": "keyUp", "value": c}));
    Ok(down.chain(up).collect())
}

/// Key actions for a text, one press a character.
pub(super) fn presses(text: &str) -> Vec<Value> {
    text.chars()
        .flat_map(|c| {
            let value = if c == '\n' { "\u{E007}".to_owned() } else { c.to_string() };
            [json!({"type": "keyDown", "value": value}), json!({"type": "keyUp", "value": value})]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords() {
        let check =
            |keys: &str, expected: Option<usize>| assert_eq!(chord(keys).ok().map(|a| a.len()), expected, "{keys}");
        check("Enter", Some(2));
        check("Control+Shift+A", Some(6));
        check("+", Some(2));
        check("Entr", None);
    }
}
