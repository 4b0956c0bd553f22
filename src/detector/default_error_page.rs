//! A page nobody designed: a server's default error page, a stack trace, "page not found".

use super::statement::{Detector, Said, Tier, cut, document_of, looks};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, PageLook, WalkRecord};
use regex::Regex;
use std::sync::LazyLock;

pub(super) const DETECTOR: Detector = Detector {
    id: "default-error-page",
    zh: "默认错误页",
    en: "default error page",
    catalogue: &["BP08", "BP09", "BF23", "SC11"],
    tier: Tier::Page,
    inspect,
};

/// A page that is an error page says little else; a help page that explains one says more.
const ERROR_PAGE_CHARS_MAX: u32 = 500;

/// Templates that stand for themselves however long the page is.
static TRACES: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    templates(&[
        ("java-trace", r"(?m)^\s*at [\w$.]+\([\w$]+\.java:\d+\)"),
        ("java-trace", r"Exception in thread |java\.lang\.\w+Exception"),
        ("python-trace", r"Traceback \(most recent call last\)"),
        ("php-error", r"(?m)^(PHP )?Fatal error: "),
        ("dotnet-error", r"Server Error in '/.*' Application"),
        ("node-trace", r"(?m)^\s*at .+ \(?/?[\w./-]*node_modules/"),
        ("whitelabel", r"Whitelabel Error Page"),
        ("tomcat", r"HTTP Status \d{3} . "),
    ])
});

/// Words that a working page says too, in a notice or in the title of a message: they need a page that says nothing else.
const VAGUE: [&str; 2] = ["busy", "unavailable"];
/// The most such a page says.
const VAGUE_PAGE_CHARS_MAX: u32 = 80;

/// Templates that are an error page only when the page says little else.
static PAGES: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    templates(&[
        ("nginx", r"(?i)\b(nginx|openresty|tengine)(/[\d.]+)?\s*$"),
        ("gateway", r"(?i)\b(502 Bad Gateway|503 Service (Temporarily )?Unavailable|504 Gateway Time-?out)"),
        ("server-error", r"(?i)\b(500 )?Internal Server Error"),
        (
            "not-found",
            r"(?i)\b(404 Not Found|page not found|Cannot GET /)|404\s*页面|页面不存在|页面找不到|找不到(该|您|此)?.{0,8}页面|您访问的页面|页面走丢",
        ),
        ("forbidden", r"(?i)\b403 Forbidden"),
        (
            "busy",
            r"系统(繁忙|异常|错误|维护)|服务(器)?(繁忙|异常|不可用|暂不可用|出错)|网络(开小差|异常|繁忙)|当前访问人数过多|页面(出错|加载失败|开小差)",
        ),
        ("unavailable", r"(?i)something went wrong|service unavailable|application error|we.ll be (right )?back"),
    ])
});

fn templates(list: &[(&'static str, &str)]) -> Vec<(&'static str, Regex)> {
    list.iter().map(|(name, pattern)| (*name, Regex::new(pattern).expect("the patterns are constants"))).collect()
}

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, page) in looks(record) {
        let Some((name, line)) = template_of(page) else { continue };
        let zh = format!("「{}」时客户看到的是错误页：{line}", step.title);
        let en = format!("At “{}” customers are shown an error page: {line}", step.title);
        let from = document_of(record, step, &page.url).map(|from| format!(" ({from})")).unwrap_or_default();
        let said = Said::new(Class::Broken, Severity::P1, zh, en).cause(format!("{name}: {line}{from}"), name);
        findings.push(said.deterministic().on(&DETECTOR, record, step));
    }
    findings
}

/// Whether the page is an error page, of whichever kind.
pub(super) fn is_error_page(page: &PageLook) -> bool {
    template_of(page).is_some()
}

/// Whether the page shows what only programmers should see: a stack trace, a framework's own error page.
pub(super) fn is_trace(page: &PageLook) -> bool {
    TRACES.iter().any(|(_, rule)| rule.is_match(&page.title) || rule.is_match(&page.text))
}

/// The template a page answers to, and the line that shows it.
fn template_of(page: &PageLook) -> Option<(&'static str, String)> {
    let whole = format!("{}\n{}", page.title, page.text);
    let short = page.text_chars <= ERROR_PAGE_CHARS_MAX && page.main_chars <= ERROR_PAGE_CHARS_MAX / 2;
    let bare = page.text_chars <= VAGUE_PAGE_CHARS_MAX;
    let pages = PAGES.iter().filter(|(name, _)| short && (bare || !VAGUE.contains(name)));
    let (name, hit) = TRACES.iter().chain(pages).find_map(|(name, rule)| Some((*name, rule.find(&whole)?)))?;
    let start = whole[..hit.start()].rfind('\n').map_or(0, |at| at + 1);
    let line = whole[start..].trim_start().lines().next().unwrap_or_default();
    Some((name, cut(line.trim(), 80)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, keys, page_with, step_with, walk};
    use crate::walk::ExchangeKind;

    fn check(title: &str, text: &str, chars: u32, expected: &[&str]) {
        let step = page_with("open", |p| {
            (p.title, p.text, p.text_chars, p.main_chars) = (title.into(), text.into(), chars, chars);
        });
        assert_eq!(keys(&inspect(&walk([step]))), expected, "{text}");
    }

    #[test]
    fn default_pages_speak() {
        check("502 Bad Gateway", "502 Bad Gateway\n\nnginx/1.24.0", 30, &["open: nginx"]);
        check("错误", "系统繁忙，请稍后再试", 12, &["open: busy"]);
        check("", "抱歉，您访问的页面不存在", 14, &["open: not-found"]);
        check("", "Whitelabel Error Page\nThis application has no explicit mapping", 900, &["open: whitelabel"]);
        check(
            "转账",
            "java.lang.NullPointerException\n  at com.bank.Pay.go(Pay.java:12)",
            2_000,
            &["open: java-trace"],
        );
    }

    #[test]
    fn the_answer_that_brought_the_page_is_named() {
        let check = |url: &str, expected: &str| {
            let tapped = step_with("loans", |s| {
                s.seen.exchanges = vec![exchange(ExchangeKind::Document, "GET", "/loans", 500)];
                let page = s.seen.page.as_mut().unwrap();
                (page.title, page.text_chars, page.main_chars) = ("Whitelabel Error Page".into(), 30, 30);
                page.url = url.into();
            });
            assert_eq!(inspect(&walk([tapped]))[0].cause.as_deref(), Some(expected));
        };
        check("https://app.test/loans?a=1", "whitelabel: Whitelabel Error Page (GET /loans → 500)");
        check("https://app.test/home", "whitelabel: Whitelabel Error Page");
    }

    /// A business hint on a working page, and a help page about errors, are no error pages.
    #[test]
    fn words_on_a_full_page_are_silent() {
        check("帮助中心", "常见问题：提示“系统繁忙”怎么办？", 1_800, &[]);
        check("Nginx basics", "How to configure nginx for your bank", 2_400, &[]);
        check("首页", "总资产 ¥1,234.50", 200, &[]);
        check("消息中心", "消息中心 3 条未读\n系统维护通知\n2026-11-10\n首页 基金 理财 消息 我的", 120, &[]);
    }
}
