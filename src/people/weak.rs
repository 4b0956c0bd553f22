//! Passwords that are tried first. The lists that attackers use hold few words of twelve characters and many short ones
//! with decorations, so what is left without the known words, rows of keys and repetitions must still be something.

/// Characters that must be left.
const LEFT_MIN: usize = 6;
/// Different characters there must be at least.
const DIFFERENT_MIN: usize = 5;

/// Words that lists of broken passwords are made of, in the languages spoken here, and this program's own.
const WORDS: &[&str] = &[
    "password",
    "passwort",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "pa55word",
    "secret",
    "letmein",
    "welcome",
    "admin",
    "administrator",
    "default",
    "changeme",
    "qwerty",
    "qazwsx",
    "asdfgh",
    "zxcvbn",
    "1q2w3e4r",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "q1w2e3r4",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "monkey",
    "dragon",
    "master",
    "shadow",
    "superman",
    "batman",
    "trustno1",
    "starwars",
    "whatever",
    "computer",
    "internet",
    "samsung",
    "google",
    "hello",
    "login",
    "access",
    "guest",
    "root",
    "user",
    "test",
    "demo",
    "temp",
    "woaini",
    "woaiwojia",
    "mima",
    "caonima",
    "nihao",
    "zhongguo",
    "beijing",
    "shanghai",
    "aini",
    "520",
    "1314",
    "5201314",
    "8888",
    "6666",
    "密码",
    "口令",
    "我爱你",
    "你好",
    "gengfu",
    "更夫",
    "lantern",
    "watchman",
    "console",
    "bank",
    "yinhang",
    "银行",
    "spring",
    "summer",
    "autumn",
    "winter",
    "january",
    "december",
];

/// Rows that fingers walk along.
const ROWS: &[&str] =
    &["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujmikolp"];
/// So many in a row are one.
const ROW_MIN: usize = 3;

/// Whether little is left of it without what everybody tries.
pub(super) fn is_guessable(password: &str) -> bool {
    let lower = password.to_lowercase();
    let letters: Vec<char> = lower.chars().collect();
    let mut different = letters.clone();
    different.sort_unstable();
    different.dedup();
    different.len() < DIFFERENT_MIN || repeats(&letters) || left_of(without(&lower, WORDS)) < LEFT_MIN
}

/// Whether little is left of it without the name, or the parts of the name.
pub(super) fn is_made_of(password: &str, name: &str) -> bool {
    let lower = password.to_lowercase();
    let parts: Vec<&str> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() >= 2).collect();
    let rest = without(&without(&lower, &[name]), &parts);
    rest.len() < lower.len() && left_of(without(&rest, WORDS)) < LEFT_MIN
}

fn without(text: &str, words: &[&str]) -> String {
    let mut longest_first: Vec<&&str> = words.iter().filter(|word| !word.is_empty()).collect();
    longest_first.sort_by_key(|word| std::cmp::Reverse(word.len()));
    // A space keeps what stood left and right of it apart.
    longest_first.into_iter().fold(text.to_owned(), |rest, word| rest.replace(*word, " "))
}

/// Characters that count: letters and signs that continue no row and no repetition; figures at the end are a year.
fn left_of(text: String) -> usize {
    let trimmed = text.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation() || c == ' ');
    let letters: Vec<char> = trimmed.chars().filter(|c| !c.is_whitespace()).collect();
    let mut left = 0;
    let mut at = 0;
    while at < letters.len() {
        let row = row_at(&letters[at..]);
        left += 1;
        at += row;
    }
    left
}

/// How many characters from here on are one row or one repetition: at least this one.
fn row_at(letters: &[char]) -> usize {
    let same = letters.iter().take_while(|c| **c == letters[0]).count();
    let along = ROWS.iter().flat_map(|row| {
        let row: Vec<char> = row.chars().collect();
        let back: Vec<char> = row.iter().rev().copied().collect();
        [row, back].map(|row| {
            let from = row.iter().position(|c| *c == letters[0]).unwrap_or(row.len());
            row[from..].iter().zip(letters).take_while(|(a, b)| a == b).count()
        })
    });
    let longest = along.max().unwrap_or(0).max(same);
    if longest >= ROW_MIN { longest } else { 1 }
}

/// Whether all of it is one short piece over and over.
fn repeats(letters: &[char]) -> bool {
    (1..=letters.len() / 2).any(|piece| piece <= 6 && letters.iter().zip(&letters[piece..]).all(|(a, b)| a == b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_is_refused() {
        let check = |text: &str, expected: bool| assert_eq!(is_guessable(text), expected, "{text:?}");
        for tried in [
            "123456789012",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "qwertyuiop123",
            "1qaz2wsx3edc4rfv1qaz",
            "Password2026!",
            "P@ssw0rd12345",
            "iloveyou5201314",
            "woaini1314520",
            "admin-admin-2026",
            "GengfuConsole2026",
            "Welcome to bank!!",
            "zyxwvutsrqponm",
            "我爱你我爱你我爱你我爱你",
        ] {
            check(tried, true);
        }
        for fine in
            ["correct horse battery", "kettle under a red umbrella", "7Hq!vZ2m#pL9x", "更夫走过三更天的石板路上"]
        {
            check(fine, false);
        }
    }

    #[test]
    fn a_name_is_no_password() {
        let check = |text: &str, name: &str, expected: bool| assert_eq!(is_made_of(text, name), expected, "{text:?}");
        check("zhang.wei@bank2026", "zhang.wei@bank.example", true);
        check("ZhangWeiZhangWei1", "zhang wei", true);
        check("zhang rides a bicycle", "zhang wei", false);
        check("correct horse battery", "zhang wei", false);
        check("correct horse battery", "c", false);
    }
}
