//! What keeps a page's own words from becoming links and mentions where people read them: mail programs and chats make
//! both of plain text by themselves.

/// Invisible: what stands on its both sides is no address and no mention together.
pub const GAP: char = '\u{200b}';

/// `text` with gaps in what is made a mention or a link: `@name`, `https://…`, `name.example`.
pub fn defused(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        safe.push(c);
        let after = chars.peek().copied().unwrap_or(' ');
        let splits = match c {
            '@' | '＠' => true,
            // Of `1.00` nobody makes a link.
            '.' | '。' | '．' => before.is_alphanumeric() && after.is_alphabetic(),
            ':' => after == '/',
            _ => false,
        };
        if splits && after != GAP {
            safe.push(GAP);
        }
        before = c;
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::{Language, Telling, Voice, render};
    use super::*;
    use crate::alert::{AlertReason, Bulletin, Form, Place, Words};
    use crate::moment::Moment;

    #[test]
    fn nothing_a_page_says_is_a_mention_or_a_link() {
        let check = |text: &str, expected: &str| assert_eq!(defused(text).replace(GAP, "·"), expected, "{text}");
        check("@all 请点 https://evil.test/a.b", "@·all 请点 https:·//evil.·test/a.·b");
        check("www.evil.test，me@evil.test", "www.·evil.·test，me@·evil.·test");
        check("净值 1.0250，10:30，v1.2", "净值 1.0250，10:30，v1.2");
        check("GET /api/funds 500", "GET /api/funds 500");
        let twice = defused(&defused("@all https://evil.test"));
        assert_eq!(twice, defused("@all https://evil.test"), "once is enough");
    }

    #[test]
    fn a_mail_leads_to_the_console_and_nowhere_that_a_page_named() {
        let hostile = "请点 https://evil.test/a 或 www.evil.test，问 me@evil.test";
        let place =
            Place { console: Some("https://gengfu.bank.example".into()), config: Some("/etc/gengfu.yaml".into()) };
        let id = "0190f5e2-7c1d-7a3b-8c4d-5e6f70819203";
        let (event, incident, walk) = (id.parse().unwrap(), id.parse().unwrap(), id.parse().unwrap());
        let now = Moment::from_millis(0);
        let mut bulletin = Bulletin::sample(AlertReason::FirstSeen.word(), event, incident, walk, now, &place);
        (bulletin.headline.zh, bulletin.headline.en) = (hostile.into(), hostile.into());
        (bulletin.title, bulletin.step_title) = (hostile.into(), hostile.into());
        (bulletin.cause, bulletin.page_key) = (Some(hostile.into()), hostile.into());
        for language in [Language::Zh, Language::En] {
            let voice = Voice { language, zone: jiff::tz::TimeZone::UTC };
            let Words { subject, text, html, brief } = render(&bulletin, &voice, Telling::default());
            let html = html.replace("&#x2f;", "/");
            for shown in [&subject, &text, &html] {
                assert!(shown.replace(GAP, "").contains("https://evil.test/a"), "it is read as it was: {shown}");
                assert!(!shown.contains("evil.test") && !shown.contains("me@evil"), "{shown}");
                let own = shown.replace("https://gengfu.bank.example/incidents/", "");
                assert!(!own.contains("://"), "{own}");
            }
            assert!(html.contains("href=\"https://gengfu.bank.example/incidents/"), "{html}");
            let command = brief.facts.iter().find(|fact| fact.form == Form::Command).unwrap();
            assert!(text.contains(&command.value) && !command.value.contains(GAP), "it is typed as it stands: {text}");
        }
    }
}
