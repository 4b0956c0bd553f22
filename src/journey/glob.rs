//! Globs over paths: `*` stands for anything without `/`, `**` for anything.

/// Whether a glob covers a whole path. Takes time linear in both for each `**`; never explodes.
pub fn covers(glob: &str, path: &str) -> bool {
    let (glob, path) = (glob.as_bytes(), path.as_bytes());
    let (mut g, mut p) = (0, 0);
    // The last `*` and `**` seen, each with the place of the path it would swallow next.
    let mut one: Option<(usize, usize)> = None;
    let mut any: Option<(usize, usize)> = None;
    loop {
        if glob[g..].starts_with(b"**") {
            g += 2;
            any = Some((g, p));
            one = None;
        } else if glob.get(g) == Some(&b'*') {
            g += 1;
            one = Some((g, p));
        } else if g < glob.len() && glob.get(g) == path.get(p) {
            g += 1;
            p += 1;
        } else if g == glob.len() && p == path.len() {
            return true;
        } else if let Some((after, from)) = one.filter(|(_, from)| path.get(*from).is_some_and(|b| *b != b'/')) {
            (g, p) = (after, from + 1);
            one = Some((after, p));
        } else if let Some((after, from)) = any.filter(|(_, from)| *from < path.len()) {
            (g, p) = (after, from + 1);
            any = Some((after, p));
            one = None;
        } else {
            return false;
        }
    }
}

/// The same glob as a regular expression, in the part of the language that browsers read alike.
pub fn regex(glob: &str) -> String {
    let mut out = String::from("^");
    let mut rest = glob;
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**") {
            out.push_str(r"[\s\S]*");
            rest = after;
            continue;
        }
        match next {
            '*' => out.push_str("[^/]*"),
            '.' | '+' | '?' | '^' | '$' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '\\' => out.extend(['\\', next]),
            other => out.push(other),
        }
        rest = &rest[next.len_utf8()..];
    }
    out.push('$');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        let check = |glob: &str, path: &str, expected: bool| {
            assert_eq!(covers(glob, path), expected, "{glob} {path}");
            assert_eq!(regex::Regex::new(&regex(glob)).unwrap().is_match(path), expected, "{} {path}", regex(glob));
        };
        check("/funds/?/a.b", "/funds/?/a.b", true);
        check("/funds/?/a.b", "/funds/x/acb", false);
        check("/api/orders/*", "/api/orders/12", true);
        check("/api/orders/*", "/api/orders/12/lines", false);
        check("/api/**", "/api/orders/12/lines", true);
        check("/**/prepare", "/api/orders/prepare", true);
        check("**/x/*/y", "/a/x/b/x/c/y", true);
        check("/funds/*/nav*", "/funds/000123/nav-now", true);
        check("/基金/*", "/基金/稳健", true);
        check("/a", "/a/", false);
        check("*", "", true);
        check("", "", true);
        check("/a*b*c", "/aXbYbZc", true);
        check(&"*a".repeat(30), &"b".repeat(5000), false);
    }
}
