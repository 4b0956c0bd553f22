//! A step's title in Chinese: titles that the reader made up of verb and target (`read/title.rs`) are English.
//!
//! A record does not say who gave a title. One that an author wrote in English and that begins as a made-up one does is taken for
//! it; any other of theirs stays as it is.

/// What a made-up title begins with, and what a customer calls it. Longer beginnings stand before shorter ones.
const VERBS: [(&str, &str); 29] = [
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
    ("swipe up ", "上滑"),
    ("swipe down ", "下滑"),
    ("swipe left ", "左滑"),
    ("swipe right ", "右滑"),
    ("scroll to ", "滚动到"),
    ("scroll by ", "滚动"),
    ("wait ", "等待"),
    ("see ", "查看"),
    ("not see ", "确认没有"),
    ("expect url matching ", "到达"),
    ("expect url ", "到达"),
    ("expect response ", "等待应答"),
    ("capture ", "读取"),
    ("assert ", "核对"),
    ("first of ", "看先出现的"),
    ("download ", "下载"),
    ("screenshot ", "截图"),
    ("call ", "调用"),
];

/// Titles that are whole as they are.
const WHOLE: [(&str, &str); 12] = [
    ("back", "返回"),
    ("reload", "刷新"),
    ("look", "查看"),
    ("script", "运行脚本"),
    ("switch to popup", "切到弹出窗口"),
    ("switch to main", "切回主窗口"),
    ("dialog accept", "确认弹窗"),
    ("dialog dismiss", "取消弹窗"),
    ("swipe up", "上滑"),
    ("swipe down", "下滑"),
    ("swipe left", "左滑"),
    ("swipe right", "右滑"),
];

/// What the condition of a step begins with.
const CONDITIONS: [(&str, &str); 4] =
    [("not see ", "没有"), ("see ", "看到"), ("url matching ", "网址是"), ("url ", "网址是")];

/// Roles of elements, which no customer says.
const ROLES: [&str; 16] = [
    "link", "button", "tab", "textbox", "checkbox", "radio", "switch", "option", "combobox", "heading", "img",
    "menuitem", "dialog", "listitem", "cell", "row",
];

/// `tap button 下一步` is 点击“下一步”; what is not made up stays as it is.
pub fn in_chinese(title: &str) -> String {
    if let Some((_, zh)) = WHOLE.iter().find(|(en, _)| *en == title) {
        return (*zh).to_owned();
    }
    if let Some(condition) = title.strip_prefix("when ") {
        return format!("如果{}", condition_in_chinese(condition));
    }
    if let Some(condition) = title.strip_prefix("repeat while ") {
        return format!("重复，只要{}", condition_in_chinese(condition));
    }
    if let Some(times) = title.strip_prefix("repeat ").and_then(|rest| rest.strip_suffix(" times")) {
        return format!("重复 {times} 次");
    }
    if let Some((option, target)) = title.strip_prefix("choose ").and_then(|rest| rest.rsplit_once(" in ")) {
        return format!("在“{target}”选择“{option}”");
    }
    if let Some((keys, target)) = title.strip_prefix("press ").and_then(|rest| rest.rsplit_once(" in ")) {
        return format!("在“{target}”按下“{keys}”");
    }
    if let Some(target) = title.strip_prefix("fill ").and_then(|rest| rest.strip_suffix(" by one-time code")) {
        return format!("填写“{target}”（动态口令）");
    }
    begun_with(&VERBS, title).unwrap_or_else(|| title.to_owned())
}

fn condition_in_chinese(condition: &str) -> String {
    begun_with(&CONDITIONS, condition).unwrap_or_else(|| format!("“{condition}”"))
}

fn begun_with(words: &[(&str, &str)], title: &str) -> Option<String> {
    let (zh, target) = words.iter().find_map(|(en, zh)| Some((zh, title.strip_prefix(en)?)))?;
    // A role stands before a text of the page, which is Chinese where the console's reader is; `cell phone` is no cell.
    let named = target.split_once(' ').filter(|(role, name)| ROLES.contains(role) && !name.is_ascii());
    Some(format!("{zh}“{}”", named.map_or(target, |(_, name)| name)))
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
        check("when see 活动推荐", "如果看到“活动推荐”");
        check("when url /funds", "如果网址是“/funds”");
        check("when total > 5", "如果“total > 5”");
        check("repeat while not see 到底了", "重复，只要没有“到底了”");
        check("repeat 3 times", "重复 3 次");
        check("swipe left 公告", "左滑“公告”");
        check("expect url matching ^/funds", "到达“^/funds”");
        check("choose 6 个月 in 期限", "在“期限”选择“6 个月”");
        check("press Enter in 查找", "在“查找”按下“Enter”");
        check("press Enter", "按下“Enter”");
        check("fill 验证码 by one-time code", "填写“验证码”（动态口令）");
        check("tap link", "点击“link”");
        check("back", "返回");
        check("登录", "登录");
        check("点击“下一步”", "点击“下一步”");
        check("checkout", "checkout");
        check("tap cell phone", "点击“cell phone”");
        check(&"when ".repeat(50_000), &format!("如果“{}”", "when ".repeat(49_999)));
    }
}
