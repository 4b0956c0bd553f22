//! A step's title in Chinese: titles that were made up of verb and target are English, authors' own stay as they are.

/// What a made-up title begins with, and what a customer calls it. Longer beginnings stand before shorter ones.
const VERBS: [(&str, &str); 23] = [
    ("open ", "打开"),
    ("tap ", "点击"),
    ("fill ", "填写"),
    ("type into ", "输入"),
    ("type ", "输入"),
    ("press ", "按下"),
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
    ("screenshot ", "截图"),
    ("call ", "调用"),
    ("first of ", "看先出现的"),
];

/// Titles that are whole as they are.
const WHOLE: [(&str, &str); 8] = [
    ("back", "返回"),
    ("reload", "刷新"),
    ("look", "查看"),
    ("script", "运行脚本"),
    ("switch to popup", "切到弹出窗口"),
    ("switch to main", "切回主窗口"),
    ("dialog accept", "确认弹窗"),
    ("dialog dismiss", "取消弹窗"),
];

/// Roles of elements, which no customer says.
const ROLES: [&str; 16] = [
    "link", "button", "tab", "textbox", "checkbox", "radio", "switch", "option", "combobox", "heading", "img",
    "menuitem", "dialog", "listitem", "cell", "row",
];

/// `tap button 下一步` is 点击“下一步”; anything else stays as it is.
pub fn in_chinese(title: &str) -> String {
    if let Some((_, zh)) = WHOLE.iter().find(|(en, _)| *en == title) {
        return (*zh).to_owned();
    }
    if let Some(condition) = title.strip_prefix("when ") {
        return format!("如果：{}", in_chinese(condition));
    }
    if let Some((option, target)) = title.strip_prefix("choose ").and_then(|rest| rest.rsplit_once(" in ")) {
        return format!("在“{target}”选择“{option}”");
    }
    if let Some((keys, target)) = title.strip_prefix("press ").and_then(|rest| rest.rsplit_once(" in ")) {
        return format!("在“{target}”按下“{keys}”");
    }
    let Some((verb, target)) = VERBS.iter().find_map(|(en, zh)| Some((zh, title.strip_prefix(en)?))) else {
        return title.to_owned();
    };
    if let Some(target) = target.strip_suffix(" by one-time code").filter(|_| *verb == "填写") {
        return format!("填写“{target}”（动态口令）");
    }
    let named = target.split_once(' ').filter(|(role, _)| ROLES.contains(role)).map_or(target, |(_, name)| name);
    format!("{verb}“{named}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_titles_become_chinese() {
        let check = |title: &str, expected: &str| assert_eq!(in_chinese(title), expected);
        check("tap button 下一步", "点击“下一步”");
        check("tap 稳健增长混合", "点击“稳健增长混合”");
        check("not see 余额不足", "确认没有“余额不足”");
        check("when see 活动推荐", "如果：查看“活动推荐”");
        check("choose 6 个月 in 期限", "在“期限”选择“6 个月”");
        check("press Enter in 查找", "在“查找”按下“Enter”");
        check("press Enter", "按下“Enter”");
        check("fill 验证码 by one-time code", "填写“验证码”（动态口令）");
        check("tap link", "点击“link”");
        check("back", "返回");
        check("登录", "登录");
        check("点击“下一步”", "点击“下一步”");
        check("checkout", "checkout");
    }
}
