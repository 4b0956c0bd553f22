//! Reads the tracked files and finds out which modules a Rust file names, without compiling it.

use std::path::Path;
use std::process::Command;

/// One tracked (or new and not ignored) text file.
pub struct Source {
    /// Relative to the repository, with `/`.
    pub path: String,
    /// The file as it is.
    pub text: String,
    /// Of a Rust file: the text with comments, strings and character literals blanked out, lines kept.
    pub code: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let code = if path.ends_with(".rs") { blank(text) } else { String::new() };
        Self { path: path.to_owned(), text: text.to_owned(), code }
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// `path:line` of a byte offset in `text` or `code`.
    pub fn at(&self, offset: usize) -> String {
        format!("{}:{}", self.path, self.text[..offset].matches('\n').count() + 1)
    }
}

/// All tracked text files of the repository.
pub fn tracked() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .expect("`git` must be installed: ci/setup does it");
    assert!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).expect("file names must be UTF-8: rename the one that is not");
    let mut files = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        // Pictures are not text; a file that was deleted and not yet committed is not there.
        if let Ok(text) = std::fs::read_to_string(root.join(path)) {
            files.push(Source::new(path, &text));
        }
    }
    assert!(files.len() > 10, "only {} files found: run the tests in a git clone", files.len());
    files
}

/// The tracked Rust files below `src/`.
pub fn sources() -> Vec<Source> {
    tracked().into_iter().filter(|file| file.is_rust() && file.path.starts_with("src/")).collect()
}

/// Replaces comments, strings and character literals by spaces, byte for byte, and keeps line ends.
pub fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match literal_end(text, at) {
            Some(end) => end,
            None => {
                at += 1;
                continue;
            }
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    String::from_utf8(out).expect("blanking whole literals keeps UTF-8 whole")
}

/// Where the comment or literal that begins at `at` ends, if one does.
fn literal_end(text: &str, at: usize) -> Option<usize> {
    let (bytes, rest) = (text.as_bytes(), text.as_bytes().get(at..)?);
    let until = |needle: &str, from: usize| {
        text.as_bytes()[from..]
            .windows(needle.len())
            .position(|window| window == needle.as_bytes())
            .map_or(text.len(), |found| from + found + needle.len())
    };
    match rest {
        [b'/', b'/', ..] => Some(until("\n", at).min(text.len())),
        [b'/', b'*', ..] => Some(block_comment_end(bytes, at)),
        [b'"', ..] => Some(string_end(bytes, at)),
        [b'r', b'"' | b'#', ..] if at == 0 || !is_word(bytes[at - 1]) || bytes[at - 1] == b'b' => {
            let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
            // `r#name` is an identifier, not a string.
            (rest.get(1 + hashes) == Some(&b'"')).then(|| until(&format!("\"{}", "#".repeat(hashes)), at + hashes + 2))
        }
        [b'\'', b'\\', ..] => Some(until("'", at + 3)),
        // One character and a quote is a literal; anything else is a lifetime.
        [b'\'', ..] => {
            let width = text[at + 1..].chars().next()?.len_utf8();
            (bytes.get(at + 1 + width) == Some(&b'\'')).then_some(at + width + 2)
        }
        _ => None,
    }
}

fn block_comment_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether the byte may stand in an identifier.
pub fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// The offsets at which `word` stands as a whole word.
pub fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        (*at == 0 || !is_word(bytes[at - 1])) && bytes.get(at + word.len()).is_none_or(|byte| !is_word(*byte))
    })
}

/// Every path from the crate's root that a Rust file names, as (offset, segments): `crate::…`, `gengfu::…` in the
/// binary, and `super::…` that climbs to the root or across it. Groups of a `use` are spread out.
pub fn paths(file: &Source) -> Vec<(usize, Vec<String>)> {
    let code = &file.code;
    let mut found = Vec::new();
    for root in if file.path == "src/main.rs" { &["crate", "gengfu"][..] } else { &["crate"][..] } {
        for at in words(code, root) {
            spread(code, at + root.len(), &[], &mut |segments| found.push((at, segments.to_vec())));
        }
    }
    for at in words(code, "super") {
        // Only the first of a chain: `super::super::x` is one path.
        if code[..at].trim_end().ends_with("::") {
            continue;
        }
        let mut base = module_of(file, at);
        let mut end = at;
        while code[end..].starts_with("super") {
            base.pop();
            end += "super".len();
            if code[end..].starts_with("::super") {
                end += "::".len();
            }
        }
        spread(code, end, &base, &mut |segments| found.push((at, segments.to_vec())));
    }
    found
}

/// The module that the code at `at` stands in: the file's own, and `tests` where the unit tests have begun.
fn module_of(file: &Source, at: usize) -> Vec<String> {
    let path = file.path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        module.pop();
    }
    if file.code[..at].contains("\nmod tests {") {
        module.push("tests".to_owned());
    }
    module
}

/// Follows `::a::{b, c::d}` from `at` and gives each whole path, with `base` before it.
fn spread(code: &str, at: usize, base: &[String], give: &mut dyn FnMut(&[String])) {
    let rest = code[at..].trim_start();
    let Some(rest) = rest.strip_prefix("::") else {
        return give(base);
    };
    let rest = rest.trim_start();
    let here = code.len() - rest.len();
    if let Some(group) = rest.strip_prefix('{') {
        let (mut depth, mut begin) = (0, 0);
        for (offset, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                ',' | '}' if depth == 0 => {
                    spread_item(code, here + 1 + begin, here + 1 + offset, base, give);
                    begin = offset + 1;
                    if character == '}' {
                        return;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        return;
    }
    spread_item(code, here, code.len(), base, give);
}

fn spread_item(code: &str, begin: usize, end: usize, base: &[String], give: &mut dyn FnMut(&[String])) {
    let item = &code[begin..end];
    let begin = begin + (item.len() - item.trim_start().len());
    let name: String = code[begin..end].chars().take_while(|c| *c == '_' || c.is_alphanumeric()).collect();
    if name.is_empty() {
        return;
    }
    let mut base = base.to_vec();
    if name != "self" {
        base.push(name.clone());
    }
    spread(&code[..end], begin + name.len(), &base, give);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let found: Vec<String> = paths(&Source::new(path, text)).iter().map(|(_, path)| path.join("::")).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn paths_of_uses_and_expressions() {
        check("src/a.rs", "use crate::b::C;", &["b::C"]);
        check("src/a.rs", "use crate::{b::{C, d::E}, f, g::{self, H}};", &["b::C", "b::d::E", "f", "g", "g::H"]);
        check("src/a.rs", "fn f() { crate::b::c(crate :: d ::e()) }", &["b::c", "d::e"]);
        check("src/main.rs", "fn main() { gengfu::cli::main() }", &["cli::main"]);
        check("src/a.rs", "pub(crate) fn f() {}", &[""]);
    }

    #[test]
    fn paths_that_climb() {
        check("src/walk/record.rs", "use super::run::Plan;", &["walk::run::Plan"]);
        check("src/walk/mod.rs", "use super::store::Db;", &["store::Db"]);
        check("src/walk/run/tap.rs", "use super::super::super::store::Db;", &["store::Db"]);
        check("src/id.rs", "x\nmod tests {\n use super::{Id, b::C};}", &["id::Id", "id::b::C"]);
    }

    #[test]
    fn blanks_what_is_not_code() {
        assert_eq!(blank("a // b\nc"), "a     \nc");
        assert_eq!(blank(r#"f("x\"y", 'z', '\'', b"q")"#), "f(      ,    ,     , b   )");
        assert_eq!(blank("/* a /* b */ c */d<'x>"), "                 d<'x>");
        assert_eq!(blank(r###"r#"a"b"# r#type"###), "         r#type");
    }
}
