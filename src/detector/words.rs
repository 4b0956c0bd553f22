//! A step's title in Chinese, for headlines: titles the reader made up are English, authors' own stay as they are.

/// What a made-up title begins with, and what a customer calls it. Longer beginnings stand before shorter ones.
const VERBS: [(&str, &str); 22] = [
    ("open ", "打开"),
    ("tap ", "点击"),
    ("fill ", "填写"),
    ("type into ", "输入"),
    ("type ", "输入"),
    ("press ", "按下"),
    ("choose ", "选择"),
    ("check ", "勾选"),
    ("uncheck ", "取消勾选"),
    ("upload to ", "上传到"),
    ("hover ", "指向"),
    ("drag ", "拖动"),
    ("swipe ", "滑动"),
    ("scroll to ", "滚动到"),
    ("see ", "查看"),
    ("not see ", "确认没有"),
    ("expect url ", "到达"),
    ("expect response ", "等待应答"),
    ("capture ", "读取"),
    ("assert ", "核对"),
    ("download ", "下载"),
    ("call ", "调用"),
];

/// Roles of elements, which no customer says.
const ROLES: [&str; 16] = [
    "link", "button", "tab", "textbox", "checkbox", "radio", "switch", "option", "combobox", "heading", "img",
    "menuitem", "dialog", "listitem", "cell", "row",
];

/// `tap button 下一步` is 点击“下一步”; anything else stays as it is.
pub(super) fn chinese(title: &str) -> String {
    match title {
        "back" => return "返回".into(),
        "reload" => return "刷新".into(),
        "switch to popup" => return "切到弹出窗口".into(),
        _ => {}
    }
    let Some((verb, target)) = VERBS.iter().find_map(|(en, zh)| Some((zh, title.strip_prefix(en)?))) else {
        return title.to_owned();
    };
    let named = target.split_once(' ').filter(|(role, _)| ROLES.contains(role)).map_or(target, |(_, name)| name);
    format!("{verb}“{named}”")
}

/// What a customer calls a target: `text "确认申购"` is 确认申购.
pub(super) fn plain(locus: &str) -> &str {
    let quoted = locus.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')).map(|(inner, _)| inner);
    quoted.filter(|inner| !inner.is_empty() && !inner.contains('"')).unwrap_or(locus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_called_by_their_text() {
        let check = |locus: &str, expected: &str| assert_eq!(plain(locus), expected);
        check("text \"确认申购\"", "确认申购");
        check("button \"下一步\" in \"申购\"", "button \"下一步\" in \"申购\"");
        check("下一步", "下一步");
        check("text \"\"", "text \"\"");
    }

    #[test]
    fn made_up_titles_become_chinese() {
        let check = |title: &str, expected: &str| assert_eq!(chinese(title), expected);
        check("tap button 下一步", "点击“下一步”");
        check("tap 稳健增长混合", "点击“稳健增长混合”");
        check("not see 余额不足", "确认没有“余额不足”");
        check("tap link", "点击“link”");
        check("back", "返回");
        check("登录", "登录");
        check("点击“下一步”", "点击“下一步”");
    }
}
