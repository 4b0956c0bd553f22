//! The one table of faults: what each is, where it shows and who should say so. What each does stands in its group's file.

use super::{ExpectedClass, Fault};

macro_rules! faults {
    ($($group:literal $file:ident {$(
        $id:ident $class:ident $zh:literal $en:literal
            in [$($journey:literal)*] at $step:literal by $detector:literal
            steps [$($title:literal)*];
    )*})*) => {
        &[$($(Fault {
            id: stringify!($id), group: $group, title_zh: $zh, title_en: $en, class: ExpectedClass::$class,
            shows_in: &[$($journey),*], expected_step_hint: $step, expected_detector: $detector,
            expected_steps: &[$($title),*],
            effects: super::$file::$id,
        }),*),*]
    };
}

/// Every fault of the demo, in the order of the catalogue.
pub static FAULTS: &[Fault] = faults! {
    'A' blocked {
        BF01 Blocked "输入正确的用户名和密码，仍无法登录" "The right password is refused: nobody gets in"
            in ["login" "login-two-factor" "home-assets"] at "tap 登录" by "api-error"
            steps ["tap 登录"];
        BF02 Blocked "点击“下一步”“提交投诉”毫无反应" "Next and Submit do nothing at all"
            in ["fund-purchase" "complaint"] at "tap 下一步 / tap 提交投诉" by "tap-without-effect"
            steps ["tap 下一步" "tap 提交投诉"];
        BF03 Blocked "基金详情页没有“立即申购”按钮" "The buy button is missing from the fund page"
            in ["fund-purchase"] at "tap 立即申购" by "element-missing"
            steps ["tap 立即申购"];
        BF04 Blocked "转账页“下一步”一直是灰色" "Next on the transfer form stays greyed out"
            in ["transfer-confirm"] at "tap 下一步" by "element-disabled"
            steps ["tap 下一步"];
        BF05 Blocked "基金详情和“我的”页面点什么都没反应，被透明层盖住" "An invisible layer covers the fund and settings pages"
            in ["fund-purchase" "prospectus-popup" "settings-privacy"] at "tap 立即申购 / tap 查看招募说明书 / tap 保存" by "element-covered"
            steps ["tap 立即申购" "tap 查看招募说明书" "tap 保存"];
        BF06 Blocked "首页点“转账”“理财”进了帮助中心" "Transfer and Wealth on the home page lead to the help page"
            in ["transfer-confirm" "wealth-product"] at "tap 转账 / tap 理财" by "wrong-route"
            steps ["tap 转账" "tap 理财"];
        BF07 Abnormal "昵称提示保存成功，刷新后还是旧的" "The nickname is said to be saved and is not"
            in ["settings-privacy"] at "assertion on 昵称 after reload" by "figure-assertion-failed"
            steps ["assert saved == nickname"];
        BF08 Blocked "理财和贷款列表一直转圈，加载不出来" "Wealth and loan lists load for ever"
            in ["wealth-product" "loan-rate"] at "see the list" by "endless-loading"
            steps ["see 听潮稳利90天A" "tap 贷款" "see 听潮易贷"];
        BF09 Blocked "基金列表页打不开（503）" "The fund list cannot be opened (503)"
            in ["fund-purchase" "prospectus-popup"] at "tap 基金" by "document-error"
            steps ["tap 基金"];
        BF10 Blocked "点击“下一步”后提示系统异常，申购和转账都无法继续" "Next answers with an error: nobody can buy or transfer"
            in ["fund-purchase" "transfer-confirm"] at "tap 下一步" by "api-error"
            steps ["tap 下一步"];
        BF11 Blocked "交易明细打不开，提示重定向次数过多" "Transactions redirect in a circle"
            in ["transactions"] at "tap 交易明细" by "redirect-loop"
            steps ["tap 交易明细"];
        BF12 Blocked "点“立即申购”后被退出登录" "Buying throws the customer out to the login"
            in ["fund-purchase"] at "tap 立即申购" by "wrong-route"
            steps ["tap 立即申购"];
        BF13 Blocked "安全验证页没有验证码输入框" "The one-time code has no field to be typed into"
            in ["login-two-factor"] at "fill 动态口令" by "element-missing"
            steps ["fill 动态口令 by one-time code"];
        BF15 Blocked "收款人列表是空的，选不了人" "The list of payees is empty"
            in ["transfer-confirm"] at "choose 收款人" by "element-missing"
            steps ["choose-payee_option-in-收款人"];
        BF17 Blocked "电子签约页面空白，无法签合同" "The e-sign frame is refused by the browser"
            in ["esign-frame"] at "tap inside the frame" by "element-missing"
            steps ["tap 电子签约" "check 我已阅读合同全文"];
        BF18 Blocked "首页弹出强制更新，关不掉" "A forced upgrade covers the home page"
            in ["home-assets" "fund-purchase" "transfer-confirm"] at "the first tap on the home page" by "element-covered"
            steps ["tap 基金" "tap 稳健增长混合" "tap 转账"];
        BF20 Blocked "申购确认页点返回，退不回去" "Back does nothing on the confirm page"
            in ["fund-purchase"] at "back from 确认申购" by "wrong-route"
            steps ["从确认页返回"];
        BF23 Blocked "消息中心提示“系统繁忙，请稍后再试”" "Messages only say the system is busy"
            in ["messages"] at "tap 消息" by "api-error"
            steps ["tap 消息"];
        BF24 Blocked "月结单下载下来打不开，不是 PDF" "The statement that comes down is no PDF"
            in ["statement-download"] at "download" by "download-wrong"
            steps ["下载最近一期月结单"];
    }
    'B' broken {
        BP01 Broken "登录后首页一片空白" "The home page turns white"
            in ["home-assets"] at "see 总资产" by "white-screen"
            steps ["tap 登录" "see total"];
        BP02 Broken "交易明细、贷款页只有头尾，中间是空的" "Transactions and loans show header and footer and nothing between"
            in ["transactions" "loan-rate"] at "see the heading" by "shell-only"
            steps ["tap 交易明细" "see page-status" "tap 贷款"];
        BP03 Broken "首页、基金详情脚本报错" "Scripts of the home and fund pages throw"
            in ["home-assets" "fund-purchase"] at "open or tap that loads the page" by "script-exception"
            steps ["tap 登录" "see total" "tap 稳健增长混合"];
        BP04 Broken "基金详情数据全是横线（脚本取回的是网页）" "The fund page's script is answered with HTML; figures stay dashes"
            in ["fund-purchase" "prospectus-popup"] at "see the fund's figures" by "lost-script"
            steps ["tap 稳健增长混合"];
        BP05 Broken "页面样式丢失，只剩文字" "The style sheet is lost: bare text"
            in ["login" "home-assets" "messages"] at "the first page" by "lost-stylesheet"
            steps ["open /login"];
        BP06 Broken "首页图标和横幅图片裂开" "Pictures on the home page are broken"
            in ["home-assets"] at "see 总资产" by "broken-image"
            steps ["tap 登录" "see total"];
        BP07 Broken "首页图标字体没有加载" "The font of the home page's icons does not come"
            in ["home-assets"] at "see 总资产" by "lost-font"
            steps ["tap 登录" "see total"];
        BP08 Broken "隐私政策打开是“页面不存在”" "The privacy policy says the page does not exist"
            in ["settings-privacy"] at "tap 隐私政策" by "default-error-page"
            steps ["tap 隐私政策"];
        BP09 Broken "贷款页显示程序错误堆栈" "The loan page shows a stack trace"
            in ["loan-rate"] at "tap 贷款" by "default-error-page"
            steps ["tap 贷款"];
        BP11 Broken "消息中心不停刷新" "Messages reload without end"
            in ["messages"] at "see 消息中心" by "redirect-loop"
            steps ["tap 消息" "六条消息都在"];
        BP15 Broken "交易明细点“下一页”不翻页" "Next page never turns"
            in ["transactions"] at "tap 下一页" by "expectation-not-met"
            steps ["tap 下一页" "翻到第 2 页"];
        BP16 Broken "净值走势图是空白的" "The chart of the fund is blank"
            in ["fund-purchase" "prospectus-popup"] at "see the chart" by "blank-chart"
            steps ["tap 稳健增长混合" "净值走势图在" "tap 查看招募说明书"];
        BP17 Broken "首页产品介绍视频无法播放" "The film on the home page does not play"
            in ["home-assets"] at "see 总资产" by "dead-media"
            steps ["tap 登录" "see total"];
    }
    'C' visual {
        VB01 Broken "列表和资产文字重叠" "Texts lie over each other"
            in ["home-assets" "transactions"] at "see the figures" by "overlapping-text"
            steps ["tap 登录" "see total" "tap 交易明细" "see page-status"];
        VB03 Broken "首页能左右滑动，内容超出屏幕" "The home page is wider than the window"
            in ["home-assets"] at "see 总资产" by "horizontal-overflow"
            steps ["tap 登录" "see total"];
        VB04 Broken "总资产数字显示不全（12…）" "The total is cut off"
            in ["home-assets"] at "see 总资产" by "clipped-figure"
            steps ["tap 登录" "see total"];
        VB05 Broken "总资产文字和背景同色，看不清" "Assets are written in the colour of their background"
            in ["home-assets"] at "see 总资产" by "invisible-text"
            steps ["tap 登录" "see total"];
        VB06 Blocked "手机上“立即申购”被底部导航挡住" "On a phone the navigation covers the buy button"
            in ["fund-purchase"] at "tap 立即申购" by "element-covered"
            steps ["tap 立即申购"];
        VB07 Blocked "认购须知弹窗被遮罩盖住，点不了“我知道了”" "The notice lies under its own mask"
            in ["wealth-product"] at "tap 我知道了" by "element-covered"
            steps ["tap 我知道了"];
        VB13 Broken "基金详情页少了日涨跌幅、估值和净值日期" "The fund page has lost its daily change, estimate and date"
            in ["fund-purchase"] at "screenshot fund" by "picture-broken"
            steps ["页面与已批准的一致"];
        VB14 Broken "总资产数字断成两行" "The total stands on two lines"
            in ["home-assets"] at "see 总资产" by "split-figure"
            steps ["tap 登录" "see total"];
    }
    'D' product_state {
        PS01 Abnormal "总资产和持仓全部显示为 0.00" "All assets show 0.00"
            in ["home-assets"] at "tap 登录" by "figure-implausible"
            steps ["tap 登录" "持仓里有稳健增长混合"];
        PS02 Abnormal "基金列表和详情的单位净值不一样" "List and detail disagree on the net asset value"
            in ["fund-purchase"] at "tap 稳健增长混合" by "figures-disagree"
            steps ["tap 稳健增长混合"];
        PS03 Abnormal "总资产不等于各项之和" "The total is not the sum of its parts"
            in ["home-assets"] at "tap 登录" by "claim-broken"
            steps ["tap 登录"];
        PS04 Abnormal "贷款年化利率显示 435%" "A loan at 435 percent"
            in ["loan-rate"] at "tap 贷款" by "figure-implausible"
            steps ["tap 贷款"];
        PS05 Abnormal "净值停在 2025 年" "Net asset values are long out of date"
            in ["fund-purchase"] at "tap 稳健增长混合" by "figure-stale"
            steps ["tap 稳健增长混合"];
        PS06 Abnormal "输入 100 元，确认页变成 10,000 元" "100 typed becomes 10,000 on the confirm page"
            in ["fund-purchase" "transfer-confirm"] at "assert confirm amount == typed" by "figure-assertion-failed"
            steps ["assert confirmed == 100"];
        PS08 Blocked "基金列表里找不到“稳健增长混合”" "A fund has vanished from the list"
            in ["fund-purchase"] at "see 稳健增长混合" by "product-missing"
            steps ["see 稳健增长混合"];
        PS09 Abnormal "基金列表第一只产品出现了两次" "The first fund is listed twice"
            in ["fund-purchase"] at "tap 基金" by "product-repeated"
            steps ["tap 基金"];
        PS10 Abnormal "募集已结束的理财产品仍可认购" "A product whose offer has ended can be bought"
            in ["wealth-product"] at "tap 理财" by "claim-broken"
            steps ["tap 理财"];
        PS12 Abnormal "理财列表是 R2，详情是 R4" "List and detail disagree on the risk grade"
            in ["wealth-product"] at "tap 听潮稳利90天A" by "figures-disagree"
            steps ["tap 听潮稳利90天A"];
        PS14 Abnormal "申购手续费多收十倍" "The fee is ten times what it should be"
            in ["fund-purchase"] at "assert amount == fee + net" by "figure-assertion-failed"
            steps ["assert confirmed == fee + net"];
        PS16 Abnormal "产品页没有风险提示语" "The prescribed risk disclosure is missing"
            in ["wealth-product" "fund-purchase"] at "tap the product" by "phrase-missing"
            steps ["tap 听潮稳利90天A" "tap 稳健增长混合"];
        PS19 Abnormal "产品页写着“保本保收益，稳赚不赔”" "The page promises principal and gain"
            in ["wealth-product"] at "tap 听潮稳利90天A" by "phrase-forbidden"
            steps ["tap 听潮稳利90天A"];
        PS20 Abnormal "看到了别的客户的姓名和交易" "Another customer's name and transactions show"
            in ["home-assets" "transactions" "settings-privacy"] at "assertion on name / not_see a foreign PATROL remark" by "figure-assertion-failed"
            steps ["assert greeting contains customer" "assert profile == customer" "assert foreign == 0"];
        PS21 Abnormal "交易明细出现重复的一笔，另一笔不见了" "One transaction is doubled and another is lost"
            in ["transactions"] at "assertion on balances" by "figure-assertion-failed"
            steps ["assert-first-second-first_amount-and-second-thir"];
        PS23 Abnormal "理财剩余额度是负数" "The remaining quota is negative"
            in ["wealth-product"] at "tap 听潮稳利90天A" by "figure-implausible"
            steps ["tap 听潮稳利90天A"];
        PS24 Abnormal "理财到期日早于起息日" "The product matures before it starts"
            in ["wealth-product"] at "tap 听潮稳利90天A" by "claim-broken"
            steps ["tap 听潮稳利90天A"];
        PS26 Abnormal "待还贷款显示的不是接口返回的数" "The page shows another figure than the API gave"
            in ["home-assets"] at "tap 登录" by "figures-disagree"
            steps ["tap 登录"];
        PS29 Abnormal "基金列表里出现“测试产品请勿购买”" "A product meant for testing is on the shelf"
            in ["fund-purchase"] at "tap 基金" by "product-unlisted"
            steps ["tap 基金"];
    }
    'E' slow {
        SD01 Slow "首页资产要等 6 秒才出来" "Assets take six seconds"
            in ["home-assets"] at "see 总资产" by "slow-answer"
            steps ["see total"];
        SD04 Slow "基金详情卡死 5 秒" "The fund page freezes for five seconds"
            in ["fund-purchase" "prospectus-popup"] at "tap on the fund page" by "frozen-page"
            steps ["tap 稳健增长混合"];
        SD05 Slow "交易明细、收款人要等 4 秒" "Transactions and payees take four seconds"
            in ["transactions" "transfer-confirm"] at "see the list" by "slow-answer"
            steps ["tap 交易明细" "see page-status" "tap 转账" "see available"];
        SD08 Slow "消息中心不停地重复请求" "Messages ask the API many times a second"
            in ["messages"] at "see 消息中心" by "request-storm"
            steps ["tap 消息" "六条消息都在"];
    }
    'F' security {
        SC05 Abnormal "安全响应头被去掉" "Security headers are gone"
            in ["login" "home-assets"] at "open" by "header-regression"
            steps ["open /login"];
        SC06 Abnormal "网址里带着手机号和身份证号" "Phone and identity number stand in the address"
            in ["transactions"] at "tap 交易明细" by "unmasked-pii"
            steps ["tap 交易明细"];
        SC07 Abnormal "“我的”页面显示完整手机号和身份证号" "Phone and identity number are shown unmasked"
            in ["settings-privacy"] at "see 个人资料" by "unmasked-pii"
            steps ["tap 我的" "手机号码已掩码" "assert-phone-matches-1-0-9-2-4-0-9-4"];
        SC08 Abnormal "控制台里打印了客户完整手机号和身份证号" "Phone and identity number are written to the console"
            in ["home-assets"] at "see 总资产" by "unmasked-pii"
            steps ["tap 登录" "see total"];
        SC09 Abnormal "首页加载了陌生的第三方脚本" "The home page loads a stranger's script"
            in ["home-assets"] at "open or tap that loads the home page" by "foreign-script"
            steps ["tap 登录" "see total"];
        SC10 Abnormal "帮助页藏着博彩链接" "Hidden gambling links on the help page"
            in ["complaint"] at "tap 帮助中心" by "hidden-link"
            steps ["tap 帮助中心"];
        SC11 Abnormal "贷款页露出内网机器名和地址" "The loan page names an internal host"
            in ["loan-rate"] at "see 贷款服务" by "internal-address"
            steps ["tap 贷款"];
        SC12 Abnormal "页面上有调试按钮 vConsole" "The debug console was shipped"
            in ["login" "home-assets"] at "open" by "debug-ui"
            steps ["open /login"];
        SC13 Abnormal "登录 Cookie 丢了 HttpOnly 标记" "The session cookie lost its flags"
            in ["login"] at "tap 登录" by "cookie-regression"
            steps ["tap 登录"];
        SC14 Abnormal "协议被默认勾选" "Consent is ticked before the customer reads"
            in ["login" "fund-purchase"] at "assertion on the checkbox at load" by "figure-assertion-failed"
            steps ["assert ticked == 0"];
        SC15 Abnormal "密码明文显示" "Passwords are shown as typed"
            in ["login" "fund-purchase" "transfer-confirm"] at "fill 密码 / fill 交易密码" by "figure-assertion-failed"
            steps ["assert field_type == 'password'"];
        SC16 Abnormal "退出登录后仍是登录状态" "Logging out does not log out"
            in ["login"] at "tap 退出登录" by "figure-assertion-failed"
            steps ["tap 退出登录" "退出登录后不再是登录状态"];
    }
    'G' content {
        CT01 Abnormal "昨日收益显示 NaN，费率显示 undefined" "Yesterday's gain is NaN, the fee undefined"
            in ["home-assets" "fund-purchase"] at "see the figures" by "placeholder-text"
            steps ["tap 登录" "see total" "capture today" "tap 稳健增长混合" "assert fee_shown <= fee_base"];
        CT02 Abnormal "问候语显示 {{customer.name}}" "The greeting is a raw template"
            in ["home-assets"] at "see 总资产" by "placeholder-text"
            steps ["tap 登录" "see total" "assert greeting contains customer"];
        CT03 Abnormal "页面上显示 transfer.form.available.label" "A translation key stands on the page"
            in ["transfer-confirm" "fund-purchase"] at "see 转账汇款" by "leftover-text"
            steps ["tap 转账" "see available" "tap 立即申购"];
        CT04 Abnormal "隐私政策里有占位文案" "Placeholder copy in the privacy policy"
            in ["settings-privacy"] at "see 隐私政策" by "leftover-text"
            steps ["tap 隐私政策"];
        CT05 Abnormal "消息标题是乱码（UTF-8 当成 GBK）" "Message titles are mojibake (UTF-8 read as GBK)"
            in ["messages"] at "see 消息中心" by "mojibake"
            steps ["tap 消息"];
        CT06 Abnormal "首页横幅文字是乱码（UTF-8 当成 Latin-1）" "The banner is mojibake (UTF-8 read as Latin-1)"
            in ["home-assets"] at "see 总资产" by "mojibake"
            steps ["tap 登录" "see total"];
        CT07 Abnormal "交易名称显示“锟斤拷”" "Transactions are called 锟斤拷"
            in ["transactions"] at "see the list" by "mojibake"
            steps ["tap 交易明细" "see page-status"];
        CT09 Abnormal "页面上显示 &nbsp; 和 <br/>" "Raw entities and tags stand in the text"
            in ["loan-rate"] at "see 贷款服务" by "leftover-text"
            steps ["tap 贷款"];
        CT10 Abnormal "日期显示 1970-01-01 或 Invalid Date" "Dates are 1970-01-01 or Invalid Date"
            in ["home-assets" "fund-purchase"] at "see the date" by "placeholder-text"
            steps ["see total" "capture today" "assert-as_of-matches-20-0-9-2-0-9-2-0-9-2-0-9-2"];
        CT11 Abnormal "涨跌幅显示 0.30000000000000004" "Figures show the machine's rounding"
            in ["fund-purchase" "transfer-confirm"] at "see the figures" by "placeholder-text"
            steps ["tap 稳健增长混合" "tap 转账" "see available"];
        CT15 Abnormal "客服热线号码是错的" "The hotline is a wrong number"
            in ["complaint"] at "assertion on the hotline" by "figure-assertion-failed"
            steps ["assert hotline == '400-000-8866'"];
    }
};

#[cfg(test)]
mod tests {
    use super::FAULTS;

    #[test]
    fn the_catalogue_is_broad_enough() {
        let check = |group: char, least: usize| {
            let have = FAULTS.iter().filter(|f| f.group == group).count();
            assert!(have >= least, "group {group}: {have} of {least}");
        };
        check('A', 12);
        check('B', 8);
        check('C', 3);
        check('D', 8);
        check('E', 2);
        check('F', 3);
        check('G', 4);
        let ids: std::collections::BTreeSet<_> = FAULTS.iter().map(|f| f.id).collect();
        assert_eq!(ids.len(), FAULTS.len(), "an id stands twice");
        assert!(FAULTS.iter().all(|f| !f.shows_in.is_empty() && !f.effects.is_empty() && !f.expected_steps.is_empty()));
    }
}
