//! What keeps a page's own words from becoming mentions, links or markup in a chat, and messages within vendors' limits.

use crate::alert::{Brief, Fact, Form, Words, defused, one_line};

/// Values are cut to the first of these lengths with which the message fits, in characters.
const VALUE_CHARS_MAX: [usize; 5] = [600, 300, 150, 80, 40];
/// `text` for markups that know no escape: what they are made of becomes its full-width likeness.
pub(super) fn widened(text: &str) -> String {
    let wide = |c: char| match c {
        '<' => '＜',
        '>' => '＞',
        '[' => '［',
        ']' => '］',
        '*' => '＊',
        '`' => '｀',
        '\\' => '＼',
        '&' => '＆',
        '~' => '～',
        '#' => '＃',
        '|' => '｜',
        other => other,
    };
    defused(text).chars().map(wide).collect()
}

/// A value for such markups: a command stays as it is typed, except for what would end its quotes.
pub(super) fn widened_by(form: Form, text: &str) -> String {
    if form == Form::Command { text.replace('`', "｀") } else { widened(text) }
}

/// `text` with HTML's own characters escaped, for Telegram and Slack.
pub(super) fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The brief of `words`; of words that have none, their lines.
pub(super) fn brief_of(words: &Words) -> Brief {
    if !words.brief.facts.is_empty() {
        return words.brief.clone();
    }
    let Brief { headline, facts, .. } = Brief::of_text(&words.subject, &words.text);
    Brief { headline, facts, ..words.brief.clone() }
}

/// What `render` makes of the brief, with as much of it as `fits`. What is cut is cut before it is escaped: no markup is
/// ever cut in two. In the end nothing but the headline is left.
pub(super) fn fitted<T>(brief: &Brief, fits: impl Fn(&T) -> bool, render: impl Fn(&Brief) -> T) -> T {
    let mut cut = brief.clone();
    for chars_max in VALUE_CHARS_MAX {
        cut = shortened(brief, chars_max);
        let rendered = render(&cut);
        if fits(&rendered) {
            return rendered;
        }
    }
    let fewer = |kept: usize| {
        let mut fewer = cut.clone();
        fewer.facts.truncate(kept);
        fewer.facts.push(Fact { label: String::new(), value: "…".to_owned(), form: Form::Prose });
        let rendered = render(&fewer);
        fits(&rendered).then_some(rendered)
    };
    // A digest may have hundreds: halved, not taken away one by one.
    let (mut best, mut low, mut high) = (None, 0, cut.facts.len());
    while low < high {
        let middle = low.midpoint(high);
        match fewer(middle) {
            Some(rendered) => (best, low) = (Some(rendered), middle + 1),
            None => high = middle,
        }
    }
    if let Some(rendered) = best {
        return rendered;
    }
    (cut.facts, cut.page, cut.picture) = (Vec::new(), None, None);
    render(&cut)
}

fn shortened(brief: &Brief, chars_max: usize) -> Brief {
    let mut brief = brief.clone();
    // Half a command is worse than none.
    brief.facts.retain(|fact| fact.form != Form::Command || fact.value.chars().count() <= chars_max.max(150));
    for fact in brief.facts.iter_mut().filter(|fact| fact.form != Form::Command) {
        fact.value = one_line(&fact.value, chars_max);
    }
    brief.headline = one_line(&brief.headline, chars_max.max(80));
    brief
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::GAP;

    #[test]
    fn markup_without_an_escape_is_widened() {
        let check = |text: &str, expected: &str| assert_eq!(widened(text).replace(GAP, ""), expected, "{text}");
        check("<@zhangsan> [点我](x) **粗** `码` \\", "＜@zhangsan＞ ［点我］(x) ＊＊粗＊＊ ｀码｀ ＼");
        check("&lt;@all&gt;", "＆lt;@all＆gt;");
        assert_eq!(widened_by(Form::Command, "gengfu replay 1 --config a.yaml"), "gengfu replay 1 --config a.yaml");
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_page_says_stays_text(text in "[@.:/<>\\[\\]*`&\\\\a-c1 是\u{200b}]{0,40}") {
            let safe = format!("{} ", widened(&text));
            for (at, _) in safe.match_indices('@') {
                proptest::prop_assert!(safe[at + 1..].starts_with(GAP), "{safe:?}");
            }
            proptest::prop_assert!(!safe.contains(['<', '>', '[', ']', '*', '`', '&', '\\']), "{safe:?}");
            proptest::prop_assert!(!safe.contains(":/"), "{safe:?}");
            proptest::prop_assert_eq!(safe.replace(GAP, "").chars().count(), text.replace(GAP, "").chars().count() + 1);
        }
    }

    #[test]
    fn what_does_not_fit_is_cut_and_then_left_out() {
        let fact = |value: &str, form: Form| Fact { label: String::new(), value: value.repeat(50), form };
        let facts = vec![fact("客户无法继续", Form::Prose), fact("gengfu ", Form::Command), fact("长", Form::Code)];
        let brief = Brief { headline: "找不到按钮".into(), facts, ..Brief::default() };
        let render = |brief: &Brief| {
            let lines = brief.facts.iter().map(|fact| fact.value.as_str());
            std::iter::once(brief.headline.as_str()).chain(lines).collect::<Vec<_>>().join("\n")
        };
        let check = |bytes_max: usize, lines: usize| {
            let text = fitted(&brief, |text: &String| text.len() <= bytes_max, render);
            assert!(text.len() <= bytes_max.max(15), "{bytes_max}: {text}");
            assert_eq!(text.lines().count(), lines, "{bytes_max}: {text}");
        };
        check(5_000, 4);
        check(700, 3);
        check(150, 3);
        check(30, 2);
        check(10, 1);
    }
}
