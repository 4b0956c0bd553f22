//! What breaks pages and what a customer does on them: groups A to C.

use super::{ExpectedClass, Fault};

pub(super) fn faults() -> Vec<Fault> {
    faults! {
    'A' blocked {
        BF01 Blocked "输入正确的用户名和密码，仍无法登录" "The right password is refused: nobody gets in"
            in ["login" "login-two-factor" "home-assets"] at "tap 登录" by "api-error"
            steps ["tap 登录"];
        BF02 Blocked "点击“下一步”“提交投诉”毫无反应" "Next and Submit do nothing at all"
            in ["fund-purchase" "complaint"] at "tap 下一步 / tap 提交投诉" by "tap-without-effect"
            steps ["tap 下一步" "tap 提交投诉"];
        BF02B Blocked "贷款页点“试算”毫无反应" "The loan calculator's button does nothing"
            in ["loan-rate"] at "tap 试算" by "expectation-not-met"
            steps ["tap 试算"];
        BF02C Blocked "点“保存”昵称毫无反应" "Saving the nickname does nothing"
            in ["settings-privacy"] at "tap 保存" by "expectation-not-met"
            steps ["tap 保存"];
        BF03 Blocked "基金详情页没有“立即申购”按钮" "The buy button is missing from the fund page"
            in ["fund-purchase"] at "tap 立即申购" by "element-missing"
            steps ["tap 立即申购"];
        BF03B Blocked "帮助中心没有“我要投诉”入口" "The way to complain is gone from the help page"
            in ["complaint"] at "tap 我要投诉" by "element-missing"
            steps ["tap 我要投诉"];
        BF03C Blocked "首页没有“转账”入口" "The way to a transfer is gone from the home page"
            in ["transfer-confirm"] at "tap 转账" by "element-missing"
            steps ["tap 转账"];
        BF04 Blocked "转账页“下一步”一直是灰色" "Next on the transfer form stays greyed out"
            in ["transfer-confirm"] at "tap 下一步" by "element-disabled"
            steps ["tap 下一步"];
        BF04B Blocked "登录按钮一直是灰色" "The login button stays greyed out"
            in ["login"] at "tap 登录" by "element-disabled"
            steps ["tap 登录"];
        BF04C Blocked "理财“认购”按钮一直是灰色" "Buying a wealth product stays greyed out"
            in ["wealth-product"] at "tap 认购" by "element-disabled"
            steps ["tap 认购"];
        BF05 Blocked "基金详情和“我的”页面点什么都没反应，被透明层盖住" "An invisible layer covers the fund and settings pages"
            in ["fund-purchase" "prospectus-popup" "settings-privacy"] at "tap 立即申购 / tap 查看招募说明书 / tap 保存" by "element-covered"
            steps ["tap 立即申购" "tap 查看招募说明书" "tap 保存"];
        BF05B Blocked "投诉页面被透明层盖住" "An invisible layer covers the complaint form"
            in ["complaint"] at "tap 5 星" by "element-covered"
            steps ["tap 5 星"];
        BF05C Blocked "贷款页被透明层盖住" "An invisible layer covers the loan page"
            in ["loan-rate"] at "tap 试算" by "element-covered"
            steps ["tap 试算"];
        BF06 Blocked "首页点“转账”“理财”进了帮助中心" "Transfer and Wealth on the home page lead to the help page"
            in ["transfer-confirm" "wealth-product"] at "tap 转账 / tap 理财" by "wrong-route"
            steps ["tap 转账" "tap 理财"];
        BF06B Blocked "首页点“贷款”进了帮助中心" "Loans on the home page lead to the help page"
            in ["loan-rate"] at "tap 贷款" by "wrong-route"
            steps ["tap 贷款"];
        BF06C Blocked "首页点“交易明细”进了月结单" "Transactions on the home page lead to the statements"
            in ["transactions"] at "tap 交易明细" by "wrong-route"
            steps ["tap 交易明细"];
        BF07 Abnormal "昵称提示保存成功，刷新后还是旧的" "The nickname is said to be saved and is not"
            in ["settings-privacy"] at "assertion on 昵称 after reload" by "figure-assertion-failed"
            steps ["assert saved == nickname"];
        BF08 Blocked "理财和贷款列表一直转圈，加载不出来" "Wealth and loan lists load for ever"
            in ["wealth-product" "loan-rate"] at "see the list" by "endless-loading"
            steps ["see 听潮稳利90天A" "tap 贷款" "see 听潮易贷"];
        BF08B Blocked "交易明细一直转圈" "Transactions load for ever"
            in ["transactions"] at "see the list" by "endless-loading"
            steps ["see page-status"];
        BF08C Blocked "月结单列表一直转圈" "Statements load for ever"
            in ["statement-download"] at "see the list" by "endless-loading"
            steps ["see 月结单"];
        BF09 Blocked "基金列表页打不开（503）" "The fund list cannot be opened (503)"
            in ["fund-purchase" "prospectus-popup"] at "tap 基金" by "document-error"
            steps ["tap 基金"];
        BF09B Blocked "理财页打不开（502）" "The wealth list cannot be opened (502)"
            in ["wealth-product"] at "tap 理财" by "document-error"
            steps ["tap 理财"];
        BF09C Blocked "“我的”页面打不开（502）" "Settings cannot be opened (502)"
            in ["settings-privacy"] at "tap 我的" by "document-error"
            steps ["tap 我的"];
        BF10 Blocked "点击“下一步”后提示系统异常，申购和转账都无法继续" "Next answers with an error: nobody can buy or transfer"
            in ["fund-purchase" "transfer-confirm"] at "tap 下一步" by "api-error"
            steps ["tap 下一步"];
        BF10B Blocked "点击“签署合同”后提示系统异常" "Signing answers with an error"
            in ["esign-frame"] at "tap 签署合同" by "api-error"
            steps ["tap 签署合同"];
        BF10C Blocked "投诉提交后提示失败（业务错误码）" "A complaint is refused with a business code"
            in ["complaint"] at "tap 提交投诉" by "api-error"
            steps ["tap 提交投诉"];
        BF11 Blocked "交易明细打不开，提示重定向次数过多" "Transactions redirect in a circle"
            in ["transactions"] at "tap 交易明细" by "redirect-loop"
            steps ["tap 交易明细"];
        BF11B Blocked "消息中心打不开，提示重定向次数过多" "Messages redirect in a circle"
            in ["messages"] at "tap 消息" by "redirect-loop"
            steps ["tap 消息"];
        BF11C Blocked "隐私政策打不开，提示重定向次数过多" "The privacy policy redirects in a circle"
            in ["settings-privacy"] at "tap 隐私政策" by "redirect-loop"
            steps ["tap 隐私政策"];
        BF12 Blocked "点“立即申购”后被退出登录" "Buying throws the customer out to the login"
            in ["fund-purchase"] at "tap 立即申购" by "wrong-route"
            steps ["tap 立即申购"];
        BF12B Blocked "转账点“下一步”后被退出登录" "Next on the transfer form throws the customer out to the login"
            in ["transfer-confirm"] at "tap 下一步" by "wrong-route"
            steps ["tap 下一步"];
        BF12C Blocked "点“贷款”后被退出登录" "Loans throw the customer out to the login"
            in ["loan-rate"] at "tap 贷款" by "wrong-route"
            steps ["tap 贷款"];
        BF13 Blocked "安全验证页没有验证码输入框" "The one-time code has no field to be typed into"
            in ["login-two-factor"] at "fill 动态口令" by "element-missing"
            steps ["fill 动态口令 by one-time code"];
        BF15 Blocked "收款人列表是空的，选不了人" "The list of payees is empty"
            in ["transfer-confirm"] at "choose 收款人" by "element-missing"
            steps ["choose-payee_option-in-收款人"];
        BF15B Blocked "投诉类型是空的，提交不了投诉" "There is no kind of complaint to choose"
            in ["complaint"] at "choose 投诉类型" by "element-missing"
            steps ["choose 服务设施、设备、业务系统 in 投诉类型"];
        BF15C Blocked "贷款产品是空的，选不了" "There is no loan to choose in the calculator"
            in ["loan-rate"] at "choose 贷款产品" by "element-missing"
            steps ["choose 小微经营贷 in 贷款产品"];
        BF17 Blocked "电子签约页面空白，无法签合同" "The e-sign frame is refused by the browser"
            in ["esign-frame"] at "tap inside the frame" by "blocked-frame"
            steps ["tap 电子签约" "check 我已阅读合同全文"];
        BF18 Blocked "首页弹出强制更新，关不掉" "A forced upgrade covers the home page"
            in ["home-assets" "fund-purchase" "transfer-confirm"] at "the first tap on the home page" by "element-covered"
            steps ["tap 基金" "tap 稳健增长混合" "tap 转账"];
        BF19 Abnormal "提交申购、转账时按钮不变灰，连点会重复提交" "Next can be tapped again while the order is under way"
            in ["fund-purchase" "transfer-confirm"] at "tap 下一步" by "double-submit"
            steps ["tap 下一步"];
        BF20 Blocked "申购确认页点返回，退不回去" "Back does nothing on the confirm page"
            in ["fund-purchase"] at "back from 确认申购" by "wrong-route"
            steps ["从确认页返回"];
        BF21 Abnormal "申购时不再要求阅读风险揭示书" "Nobody is asked to read the risk disclosure before buying"
            in ["fund-purchase"] at "assertion on the risk disclosure" by "figure-assertion-failed"
            steps ["assert asked == 1"];
        BF23 Blocked "消息中心提示“系统繁忙，请稍后再试”" "Messages only say the system is busy"
            in ["messages"] at "tap 消息" by "api-error"
            steps ["tap 消息"];
        BF23B Blocked "交易明细提示“系统繁忙，请稍后再试”" "Transactions only say the system is busy"
            in ["transactions"] at "see the list" by "api-error"
            steps ["tap 交易明细" "see page-status"];
        BF23C Blocked "理财列表提示“系统繁忙，请稍后再试”" "The wealth list only says the system is busy"
            in ["wealth-product"] at "see the list" by "api-error"
            steps ["tap 理财" "see 听潮稳利90天A"];
        BF24 Blocked "月结单下载下来打不开，不是 PDF" "The statement that comes down is no PDF"
            in ["statement-download"] at "download" by "download-wrong"
            steps ["下载最近一期月结单"];
        BF24B Blocked "月结单下载下来是空文件" "The statement that comes down is empty"
            in ["statement-download"] at "download" by "download-wrong"
            steps ["下载最近一期月结单"];
        BF24C Blocked "月结单下载报 500" "The statement cannot be made (500)"
            in ["statement-download"] at "download" by "download-wrong"
            steps ["下载最近一期月结单"];
    }
    'B' broken {
        BP01 Broken "登录后首页一片空白" "The home page turns white"
            in ["home-assets"] at "see 总资产" by "white-screen"
            steps ["tap 登录" "see total"];
        BP01B Broken "理财页一片空白" "The wealth list turns white"
            in ["wealth-product"] at "tap 理财" by "white-screen"
            steps ["tap 理财" "see 听潮稳利90天A"];
        BP01C Broken "贷款页一片空白" "The loan page turns white"
            in ["loan-rate"] at "tap 贷款" by "white-screen"
            steps ["tap 贷款" "see 听潮易贷"];
        BP02 Broken "交易明细、贷款页只有头尾，中间是空的" "Transactions and loans show header and footer and nothing between"
            in ["transactions" "loan-rate"] at "see the heading" by "shell-only"
            steps ["tap 交易明细" "see page-status" "tap 贷款"];
        BP02B Broken "消息中心只有头尾，中间是空的" "Messages show header and footer and nothing between"
            in ["messages"] at "tap 消息" by "shell-only"
            steps ["tap 消息"];
        BP02C Broken "帮助中心只有头尾，中间是空的" "The help page shows header and footer and nothing between"
            in ["complaint"] at "tap 帮助中心" by "shell-only"
            steps ["tap 帮助中心"];
        BP03 Broken "首页、基金详情脚本报错" "Scripts of the home and fund pages throw"
            in ["home-assets" "fund-purchase"] at "open or tap that loads the page" by "script-exception"
            steps ["tap 登录" "see total" "tap 稳健增长混合"];
        BP03B Broken "交易明细脚本报错" "The script of the transactions throws"
            in ["transactions"] at "tap 交易明细" by "script-exception"
            steps ["tap 交易明细" "see page-status"];
        BP03C Broken "“我的”页面脚本报错" "The script of the settings throws"
            in ["settings-privacy"] at "tap 我的" by "script-exception"
            steps ["tap 我的" "个人资料"];
        BP04 Broken "基金详情数据全是横线（脚本取回的是网页）" "The fund page's script is answered with HTML; figures stay dashes"
            in ["fund-purchase" "prospectus-popup"] at "see the fund's figures" by "lost-script"
            steps ["tap 稳健增长混合"];
        BP04B Broken "贷款页没有数据（脚本 404）" "The loan page's script is not found"
            in ["loan-rate"] at "see 听潮易贷" by "lost-script"
            steps ["tap 贷款" "see 听潮易贷"];
        BP04C Broken "申购页没有可用余额（脚本取回的是网页）" "The order form's script is answered with HTML"
            in ["fund-purchase"] at "tap 立即申购" by "lost-script"
            steps ["tap 立即申购" "see available"];
        BP05 Broken "页面样式丢失，只剩文字" "The style sheet is lost: bare text"
            in ["login" "home-assets" "messages"] at "the first page" by "lost-stylesheet"
            steps ["open /login"];
        BP06 Broken "首页图标和横幅图片裂开" "Pictures on the home page are broken"
            in ["home-assets"] at "see 总资产" by "broken-image"
            steps ["tap 登录" "see total"];
        BP06B Broken "登录页的大图裂开" "The large picture of the login page is broken"
            in ["login"] at "open /login" by "broken-image"
            steps ["open /login"];
        BP06C Broken "每一页的标志裂开" "The brand mark is broken on every page"
            in ["messages"] at "open /login" by "broken-image"
            steps ["open /login"];
        BP07 Broken "首页图标字体没有加载" "The font of the home page's icons does not come"
            in ["home-assets"] at "see 总资产" by "lost-font"
            steps ["tap 登录" "see total"];
        BP08 Broken "隐私政策打开是“页面不存在”" "The privacy policy says the page does not exist"
            in ["settings-privacy"] at "tap 隐私政策" by "default-error-page"
            steps ["tap 隐私政策"];
        BP08B Broken "投诉页打开是“页面不存在”" "The complaint form says the page does not exist"
            in ["complaint"] at "tap 我要投诉" by "default-error-page"
            steps ["tap 我要投诉"];
        BP08C Broken "贷款页打开是“页面不存在”" "The loan page says that it does not exist"
            in ["loan-rate"] at "tap 贷款" by "default-error-page"
            steps ["tap 贷款"];
        BP09 Broken "贷款页显示程序错误堆栈" "The loan page shows a stack trace"
            in ["loan-rate"] at "tap 贷款" by "default-error-page"
            steps ["tap 贷款"];
        BP09B Broken "交易明细显示数据库连接错误堆栈" "Transactions show a stack trace of the database"
            in ["transactions"] at "tap 交易明细" by "default-error-page"
            steps ["tap 交易明细"];
        BP09C Broken "消息中心显示网关默认错误页" "Messages show a gateway's own error page"
            in ["messages"] at "tap 消息" by "default-error-page"
            steps ["tap 消息"];
        BP10 Broken "基金详情的脚本是另一个版本的文件名，取不到" "The fund page asks for a script of another release"
            in ["fund-purchase" "prospectus-popup"] at "tap 稳健增长混合" by "lost-script"
            steps ["tap 稳健增长混合"];
        BP10B Broken "“我的”页面的脚本是另一个版本的文件名，取不到" "Settings ask for a script of another release"
            in ["settings-privacy"] at "tap 我的" by "lost-script"
            steps ["tap 我的" "个人资料"];
        BP10C Broken "交易明细的脚本是另一个版本的文件名，取不到" "Transactions ask for a script of another release"
            in ["transactions"] at "tap 交易明细" by "lost-script"
            steps ["tap 交易明细" "see page-status"];
        BP11 Broken "消息中心不停刷新" "Messages reload without end"
            in ["messages"] at "see 消息中心" by "redirect-loop"
            steps ["tap 消息" "六条消息都在"];
        BP12 Blocked "点“月结单”打开的是别的页面" "Another page stands where the statements should"
            in ["statement-download"] at "tap 月结单" by "expectation-not-met"
            steps ["tap 月结单"];
        BP14 Broken "“我的”页面的内容出现两遍" "The profile stands on the page twice"
            in ["settings-privacy"] at "tap 我的" by "doubled-block"
            steps ["tap 我的" "个人资料"];
        BP14B Broken "帮助中心的内容出现两遍" "The help page stands there twice"
            in ["complaint"] at "tap 帮助中心" by "doubled-block"
            steps ["tap 帮助中心"];
        BP14C Broken "首页的总资产出现两遍" "The assets stand on the home page twice"
            in ["home-assets"] at "tap 登录" by "doubled-block"
            steps ["tap 登录" "see total"];
        BP15 Broken "交易明细点“下一页”不翻页" "Next page never turns"
            in ["transactions"] at "tap 下一页" by "expectation-not-met"
            steps ["tap 下一页" "翻到第 2 页"];
        BP16 Broken "净值走势图是空白的" "The chart of the fund is blank"
            in ["fund-purchase" "prospectus-popup"] at "see the chart" by "blank-chart"
            steps ["tap 稳健增长混合" "净值走势图在" "tap 查看招募说明书"];
        BP17 Broken "首页产品介绍视频无法播放" "The film on the home page does not play"
            in ["home-assets"] at "see 总资产" by "dead-media"
            steps ["tap 登录" "see total"];
        BP18 Broken "贷款页崩溃" "The loan page crashes"
            in ["loan-rate"] at "tap 贷款" by "renderer-crash"
            steps ["tap 贷款" "see 听潮易贷"];
    }
    'C' visual {
        VB01 Broken "列表和资产文字重叠" "Texts lie over each other"
            in ["home-assets" "transactions"] at "see the figures" by "overlapping-text"
            steps ["tap 登录" "see total" "tap 交易明细" "see page-status"];
        VB02 Broken "“我的”页面的个人资料伸出屏幕" "The profile sticks out of the window"
            in ["settings-privacy"] at "tap 我的" by "horizontal-overflow"
            steps ["tap 我的" "个人资料"];
        VB03 Broken "首页能左右滑动，内容超出屏幕" "The home page is wider than the window"
            in ["home-assets"] at "see 总资产" by "horizontal-overflow"
            steps ["tap 登录" "see total"];
        VB03B Broken "消息中心能左右滑动" "Messages are wider than the window"
            in ["messages"] at "tap 消息" by "horizontal-overflow"
            steps ["tap 消息" "六条消息都在"];
        VB03C Broken "基金列表能左右滑动" "The fund list is wider than the window"
            in ["fund-purchase"] at "tap 基金" by "horizontal-overflow"
            steps ["tap 基金" "see 稳健增长混合"];
        VB04 Broken "总资产数字显示不全（12…）" "The total is cut off"
            in ["home-assets"] at "see 总资产" by "clipped-figure"
            steps ["tap 登录" "see total"];
        VB05 Broken "总资产文字和背景同色，看不清" "Assets are written in the colour of their background"
            in ["home-assets"] at "see 总资产" by "invisible-text"
            steps ["tap 登录" "see total"];
        VB05B Broken "基金详情的数字是白底白字" "A fund's figures are white on white"
            in ["fund-purchase"] at "tap 稳健增长混合" by "invisible-text"
            steps ["tap 稳健增长混合"];
        VB05C Broken "转账页的可用余额是白底白字" "The available balance is white on white"
            in ["transfer-confirm"] at "tap 转账" by "invisible-text"
            steps ["tap 转账" "see available"];
        VB06 Blocked "手机上“立即申购”被底部导航挡住" "On a phone the navigation covers the buy button"
            in ["fund-purchase"] at "tap 立即申购" by "element-covered"
            steps ["tap 立即申购"];
        VB06B Blocked "“我的”页面昵称的保存按钮点不到" "Something lies over the button that saves the nickname"
            in ["settings-privacy"] at "tap 保存" by "element-covered"
            steps ["tap 保存"];
        VB06C Blocked "帮助中心的“我要投诉”被浮层挡住" "Something lies over the way to complain"
            in ["complaint"] at "tap 我要投诉" by "element-covered"
            steps ["tap 我要投诉"];
        VB07 Blocked "认购须知弹窗被遮罩盖住，点不了“我知道了”" "The notice lies under its own mask"
            in ["wealth-product"] at "tap 我知道了" by "element-covered"
            steps ["tap 我知道了"];
        VB11 Blocked "“立即申购”按钮不停晃动，点不准" "The buy button never stands still"
            in ["fund-purchase"] at "tap 立即申购" by "element-moving"
            steps ["tap 立即申购"];
        VB13 Broken "基金详情页少了日涨跌幅、估值和净值日期" "The fund page has lost its daily change, estimate and date"
            in ["fund-purchase"] at "screenshot fund" by "picture-broken"
            steps ["页面与已批准的一致"];
        VB14 Broken "总资产数字断成两行" "The total stands on two lines"
            in ["home-assets"] at "see 总资产" by "split-figure"
            steps ["tap 登录" "see total"];
        VB14B Broken "单位净值断成两行" "The net asset value stands on two lines"
            in ["fund-purchase"] at "tap 稳健增长混合" by "split-figure"
            steps ["tap 稳健增长混合"];
        VB14C Broken "近一年收益率断成两行" "The year's return stands on two lines"
            in ["prospectus-popup"] at "tap 稳健增长混合" by "split-figure"
            steps ["tap 稳健增长混合"];
    }

    }
}
