//! What detectors and walks say of a cause, in the viewer's language. They say it in English, once: it is searched, compared
//! and kept so. A sentence of theirs that stands here is shown in Chinese on Chinese pages; requests, exceptions and the
//! page's own words are nobody's sentences and stay as they are.

use super::lang::Lang;
use crate::detector::ALL;

/// English with a hole for each part that varies, and Chinese with their numbers; the first that fits is taken.
const SENTENCES: &[(&str, &str)] = &[
    // What a walk was waiting for.
    (
        "{} did not show: waited {} on {}; nearest: {}; hidden: {}",
        "没有出现{0}：在 {2} 等了 {1}；最接近的：{3}；看不见的：{4}",
    ),
    ("{} did not show: waited {} on {}; nearest: {}", "没有出现{0}：在 {2} 等了 {1}；最接近的：{3}"),
    ("{} did not show: waited {} on {}; hidden: {}", "没有出现{0}：在 {2} 等了 {1}；有但看不见：{3}"),
    ("{} did not show: waited {} on {}; found: {}", "没有出现{0}：在 {2} 等了 {1}；实际有：{3}"),
    ("{} did not show: waited {} on {}", "没有出现{0}：在 {2} 等了 {1}"),
    ("{} still shows: waited {} on {}; found: {}", "{0}还在：在 {2} 等了 {1}；实际有：{3}"),
    ("no {}: waited {} on {}; nearest: {}", "没有{0}：在 {2} 等了 {1}；最接近的：{3}"),
    ("no {}: waited {} on {}", "没有{0}：在 {2} 等了 {1}"),
    ("none of the branches showed within {}: {}", "{0} 内没有走到任何一个分支：{1}"),
    ("the page should be at `{}` and is at `{}` ({})", "页面应在 `{0}`，实际在 `{1}`（{2}）"),
    ("the URL should match `{}` and is `{}`", "网址应符合 `{0}`，实际是 `{1}`"),
    (
        "{} elements answer to {}; name one of them more closely, or use `in:`",
        "有 {0} 个元素都是{1}：请写得更具体，或用 `in:`",
    ),
    // What kept it from going on.
    ("{} is there but cannot be seen: {} (waited {} on {})", "{0}在页面上但看不见：{1}（在 {3} 等了 {2}）"),
    ("{} is read-only: {} (waited {} on {})", "{0}是只读的：{1}（在 {3} 等了 {2}）"),
    ("{} is disabled: {} (waited {} on {})", "{0}是禁用的：{1}（在 {3} 等了 {2}）"),
    ("{} never stood still (waited {} on {})", "{0}一直在动（在 {2} 等了 {1}）"),
    ("{} is covered by {} (waited {} on {})", "{0}被 {1} 挡住（在 {3} 等了 {2}）"),
    ("{} has nothing to read: {} (waited {} on {})", "{0}里没有可读的内容：{1}（在 {3} 等了 {2}）"),
    ("{} has no such option (waited {} on {})", "{0}没有这个选项（在 {2} 等了 {1}）"),
    (
        "{} was tapped {} times and nothing happened within {} each: no change of the page, no request, no navigation",
        "{0}点了 {1} 次，每次 {2} 内都没有反应：页面没变，没有请求，没有跳转",
    ),
    (
        "{} was tapped once and nothing happened within {}: no change of the page, no request, no navigation",
        "{0}点了一次，{1} 内没有反应：页面没变，没有请求，没有跳转",
    ),
    ("{} was tapped and is still not {}", "{0}点过之后仍不是 {1}"),
    ("{} went away", "{0}不见了"),
    ("{} did not answer within {}", "{0} 在 {1} 内没有应答"),
    ("{} could not be used within {}: its script does not yield", "{0} 在 {1} 内无法使用：脚本一直占着页面"),
    ("{} cannot be reached: {}", "{0} 打不开：{1}"),
    ("the walk's {} were used up: {}", "走查的 {0} 用完了：{1}"),
    ("the walk's {} were used up", "走查的 {0} 用完了"),
    ("the page opened {} dialogs", "页面弹出了 {0} 个对话框"),
    ("the page opened {} windows", "页面打开了 {0} 个窗口"),
    ("the page's renderer crashed", "页面的渲染进程崩溃了"),
    ("the page was closed", "页面被关闭了"),
    ("the page did not take the input", "页面没有接受输入"),
    ("the page did not take the file", "页面没有接受文件"),
    ("the page did not let go", "页面一直没有放开"),
    ("the script did not end in time", "脚本没有按时结束"),
    ("the script gave false", "脚本的结果是 false"),
    ("no popup has opened", "没有打开新窗口"),
    ("false: {}", "不成立：{0}"),
    // What detectors see.
    ("{} no longer promises {}; it did in the last {} clean walks", "{0} 不再承诺 {1}；之前 {2} 次正常走查都有"),
    ("the control stays enabled during {}", "{0} 还没返回时按钮仍可点"),
    ("script ran for {}", "脚本连续运行了 {0}"),
    ("{} px beyond the screen", "超出屏幕 {0} 像素"),
    ("{}, page read as {}: {}", "{0}，页面按 {1} 读取：{2}"),
    ("redirects at {}", "在 {0} 来回跳转"),
    ("{} loaded {} times", "{0} 载入了 {1} 次"),
    ("{} more than {} times in {}", "{0} 在 {2} 内超过 {1} 次"),
    ("{} characters and {} elements in the main part", "主要部分只有 {0} 个字、{1} 个元素"),
    ("{} of {} points empty, {} characters of text, {} elements", "{1} 个取样点中 {0} 个是空白，{2} 个字，{3} 个元素"),
    ("first tap had no effect", "点第一次没有反应"),
    ("slower than usual", "比平时慢"),
    ("slow", "慢"),
];

/// What a locator names, by the first word of how it is told.
const KINDS: &[(&str, &str)] = &[
    ("button", "按钮"),
    ("link", "链接"),
    ("heading", "标题"),
    ("text", "文字"),
    ("textbox", "输入框"),
    ("checkbox", "复选框"),
    ("radio", "单选框"),
    ("combobox", "下拉框"),
    ("tab", "标签页"),
    ("dialog", "对话框"),
    ("img", "图片"),
    ("label", "标签"),
    ("placeholder", "提示文字"),
    ("title", "标题"),
    ("alt", "图片说明"),
];

/// A cause as `detector` told it under a headline, given in both languages, in the viewer's.
pub(super) fn told(cause: &str, detector: &str, (zh, en): (&str, &str), lang: Lang) -> String {
    let halves = || {
        let detector = ALL.iter().find(|known| known.id == detector)?;
        // Where the cause is the headline's own sentence, the other headline has it in the other language.
        let of_en = en.split_once(&format!("{}: ", detector.en))?.1.trim_end_matches('…');
        let of_zh = zh.split_once(&format!("{}：", detector.zh))?.1;
        cause.starts_with(of_en).then(|| of_zh.to_owned())
    };
    match lang {
        Lang::En => cause.to_owned(),
        Lang::Zh => halves().unwrap_or_else(|| said(cause, lang)),
    }
}

/// What was said of a step, or of a cause that stands by itself.
pub(super) fn said(text: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return text.to_owned();
    }
    let one = |part: &str| {
        let chinese = |sentence: &str| sentence_in_chinese(sentence).unwrap_or_else(|| sentence.to_owned());
        match part.split_once(" · ") {
            Some((sentence, detail)) => format!("{} · {detail}", chinese(sentence)),
            None => chinese(part),
        }
    };
    text.split(" ← ").map(one).collect::<Vec<_>>().join(" ← ")
}

fn sentence_in_chinese(text: &str) -> Option<String> {
    SENTENCES.iter().find_map(|(en, zh)| Some(filled(zh, &holes(en, text)?)))
}

/// `sentence` with these in its holes. In one go: what a page says may look like a hole.
fn filled(sentence: &str, holes: &[&str]) -> String {
    let mut out = String::new();
    let mut rest = sentence;
    while let Some((before, (number, after))) = rest.split_once('{').and_then(|(b, r)| Some((b, r.split_once('}')?))) {
        let hole = number.parse::<usize>().ok().and_then(|at| holes.get(at));
        out.push_str(before);
        out.push_str(&hole.map(|hole| part_in_chinese(hole)).unwrap_or_default());
        rest = after;
    }
    out + rest
}

/// What stands in the holes of `sentence`, when `text` is that sentence.
fn holes<'t>(sentence: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut literals = sentence.split("{}");
    let mut rest = text.strip_prefix(literals.next()?)?;
    let literals: Vec<&str> = literals.collect();
    let mut holes = Vec::new();
    for (n, literal) in literals.iter().enumerate() {
        let hole = if n + 1 == literals.len() {
            rest.strip_suffix(literal)?
        } else {
            let at = rest.find(literal)?;
            let hole = &rest[..at];
            rest = &rest[at + literal.len()..];
            hole
        };
        if hole.is_empty() {
            return None;
        }
        holes.push(hole);
    }
    (!literals.is_empty() || rest.is_empty()).then_some(holes)
}

/// A time, or what a locator names.
fn part_in_chinese(part: &str) -> String {
    if let Some(seconds) = part.strip_suffix(" s").filter(|seconds| seconds.parse::<f64>().is_ok()) {
        return format!("{seconds} 秒");
    }
    let kind = part.split_once(' ').and_then(|(word, rest)| {
        let (_, kind) = KINDS.iter().find(|(known, _)| *known == word)?;
        rest.starts_with('"').then(|| format!("{kind} {rest}"))
    });
    kind.unwrap_or_else(|| part.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_chinese_on_chinese_pages_and_as_they_were_on_english_ones() {
        let check = |text: &str, expected: &str| {
            assert_eq!(said(text, Lang::Zh), expected, "{text}");
            assert_eq!(said(text, Lang::En), text);
        };
        check(
            "button \"申购\" did not show: waited 5.0 s on /funds; nearest: button \"自选\"",
            "没有出现按钮 \"申购\"：在 /funds 等了 5.0 秒；最接近的：按钮 \"自选\"",
        );
        check("no link \"基金\": waited 10.0 s on /", "没有链接 \"基金\"：在 / 等了 10.0 秒");
        check(
            "text \"a\" is covered by <div id=mask> (waited 5.0 s on /x)",
            "文字 \"a\"被 <div id=mask> 挡住（在 /x 等了 5.0 秒）",
        );
        check("script ran for 2.1 s", "脚本连续运行了 2.1 秒");
        check("GET /api/funds more than 20 times in 10 s", "GET /api/funds 在 10 秒 内超过 20 次");
        check("/a no longer promises 3DS; it did in the last 7 clean walks", "/a 不再承诺 3DS；之前 7 次正常走查都有");
        check("slower than usual", "比平时慢");
        check("no popup has opened · /x", "没有打开新窗口 · /x");
        check("POST /api/pay → 500 ← first tap had no effect", "POST /api/pay → 500 ← 点第一次没有反应");
        // Nobody's sentences, and a page that would fill holes of its own.
        check("POST /api/orders/prepare 200 E2001 系统繁忙", "POST /api/orders/prepare 200 E2001 系统繁忙");
        check("TypeError: x is undefined app.js", "TypeError: x is undefined app.js");
        check("no {1}: waited 1.0 s on {0}", "没有{1}：在 {0} 等了 1.0 秒");
    }

    #[test]
    fn what_the_headline_says_in_both_languages_is_taken_from_there() {
        let card = ALL.iter().find(|card| card.id == "claim-broken").unwrap();
        let (zh, en) = (
            format!("「打开」后{}：费率应为一折", card.zh),
            format!("After “open”, {}: the fee should be a tenth", card.en),
        );
        let check = |cause: &str, lang: Lang, expected: &str| {
            assert_eq!(told(cause, card.id, (&zh, &en), lang), expected, "{cause}");
        };
        check("the fee should be a tenth", Lang::Zh, "费率应为一折");
        check("the fee should be a tenth", Lang::En, "the fee should be a tenth");
        check("something else", Lang::Zh, "something else");
        assert_eq!(told("slow", "nobody", ("", ""), Lang::Zh), "慢");
    }

    #[test]
    fn each_sentence_has_its_holes_in_both_languages() {
        for (en, zh) in SENTENCES {
            let count = en.matches("{}").count();
            assert!((0..count).all(|at| zh.matches(&format!("{{{at}}}")).count() == 1), "{en}");
            assert!(!zh.contains(&format!("{{{count}}}")), "{en}");
        }
    }
}
