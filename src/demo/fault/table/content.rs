//! What works and is wrong, late or unsafe: groups D to G.

use super::{ExpectedClass, Fault};

pub(super) fn faults() -> Vec<Fault> {
    faults! {    'D' product_state {
        PS01 Abnormal "总资产和持仓全部显示为 0.00" "All assets show 0.00"
            in ["home-assets"] at "tap 登录" by "ledger-broken"
            steps ["tap 登录" "持仓里有稳健增长混合"];
        PS02 Abnormal "基金列表和详情的单位净值不一样" "List and detail disagree on the net asset value"
            in ["fund-purchase"] at "tap 稳健增长混合" by "figures-disagree"
            steps ["tap 稳健增长混合"];
        PS02B Abnormal "基金列表的近一年收益率和详情不一样" "List and detail disagree on the year's return"
            in ["fund-purchase"] at "tap 稳健增长混合" by "figures-disagree"
            steps ["tap 稳健增长混合"];
        PS02C Abnormal "理财列表和详情的业绩比较基准不一样" "List and detail disagree on the benchmark"
            in ["wealth-product"] at "tap the product" by "figures-disagree"
            steps ["tap 听潮稳利90天A"];
        PS03 Abnormal "总资产不等于各项之和" "The total is not the sum of its parts"
            in ["home-assets"] at "tap 登录" by "claim-broken"
            steps ["tap 登录"];
        PS04 Abnormal "贷款年化利率显示 435%" "A loan at 435 percent"
            in ["loan-rate"] at "tap 贷款" by "figure-implausible"
            steps ["tap 贷款"];
        PS04B Abnormal "近一年收益率显示 765%" "A fund's year at 765 percent"
            in ["fund-purchase"] at "tap 基金" by "figure-implausible"
            steps ["tap 基金"];
        PS04C Abnormal "单位净值显示 0.0000" "A net asset value of nothing"
            in ["prospectus-popup"] at "tap 稳健增长混合" by "figure-implausible"
            steps ["tap 稳健增长混合"];
        PS05 Abnormal "净值停在 2025 年" "Net asset values are long out of date"
            in ["fund-purchase"] at "tap 稳健增长混合" by "figure-stale"
            steps ["tap 稳健增长混合"];
        PS05B Abnormal "净值日期在未来" "Net asset values are of a day to come"
            in ["fund-purchase"] at "tap 稳健增长混合" by "figure-stale"
            steps ["tap 稳健增长混合"];
        PS05C Abnormal "净值日期停在一个月前" "Net asset values are a month old"
            in ["prospectus-popup"] at "tap 稳健增长混合" by "figure-stale"
            steps ["tap 稳健增长混合"];
        PS06 Abnormal "输入 100 元，确认页变成 10,000 元" "100 typed becomes 10,000 on the confirm page"
            in ["fund-purchase" "transfer-confirm"] at "assert confirm amount == typed" by "figure-assertion-failed"
            steps ["assert confirmed == 100"];
        PS07 Abnormal "上涨显示绿色，下跌显示红色" "Rises are green and falls are red"
            in ["fund-purchase"] at "tap 基金" by "contrary-colour"
            steps ["tap 基金" "see 稳健增长混合" "tap 稳健增长混合"];
        PS07B Abnormal "基金详情的上涨显示绿色" "Rises on the fund page are green"
            in ["prospectus-popup"] at "tap 稳健增长混合" by "contrary-colour"
            steps ["tap 稳健增长混合"];
        PS08 Blocked "基金列表里找不到“稳健增长混合”" "A fund has vanished from the list"
            in ["fund-purchase"] at "see 稳健增长混合" by "product-missing"
            steps ["see 稳健增长混合"];
        PS08B Abnormal "理财列表里少了一只在售产品" "A product on sale has vanished from the wealth list"
            in ["wealth-product"] at "tap 理财" by "product-missing"
            steps ["tap 理财"];
        PS08C Abnormal "基金列表里少了一只在售基金" "A fund on sale has vanished from the list"
            in ["prospectus-popup"] at "tap 基金" by "product-missing"
            steps ["tap 基金"];
        PS09 Abnormal "基金列表第一只产品出现了两次" "The first fund is listed twice"
            in ["fund-purchase"] at "tap 基金" by "product-repeated"
            steps ["tap 基金"];
        PS09B Abnormal "理财列表第一只产品出现了两次" "The first wealth product is listed twice"
            in ["wealth-product"] at "tap 理财" by "product-repeated"
            steps ["tap 理财" "tap 听潮稳利90天A"];
        PS09C Abnormal "基金列表最后一只产品出现了两次" "The last fund is listed twice"
            in ["prospectus-popup"] at "tap 基金" by "product-repeated"
            steps ["tap 基金"];
        PS10 Abnormal "募集已结束的理财产品仍可认购" "A product whose offer has ended can be bought"
            in ["wealth-product"] at "tap 理财" by "claim-broken"
            steps ["tap 理财"];
        PS11 Abnormal "电脑上的单位净值和手机上的不一样" "The web shows another net asset value than phones do"
            in ["prospectus-popup" "fund-purchase"] at "tap 基金" by "devices-disagree"
            steps ["tap 基金"];
        PS11B Abnormal "手机上的近一年收益率和电脑上的不一样" "Phones show another return of the year than the web does"
            in ["fund-purchase" "prospectus-popup"] at "tap 基金" by "devices-disagree"
            steps ["tap 基金"];
        PS11C Abnormal "电脑上的优惠费率没有打折" "The web shows the fee without the discount that phones show"
            in ["prospectus-popup" "fund-purchase"] at "tap 稳健增长混合" by "devices-disagree"
            steps ["tap 稳健增长混合"];
        PS12 Abnormal "理财列表是 R2，详情是 R4" "List and detail disagree on the risk grade"
            in ["wealth-product"] at "tap 听潮稳利90天A" by "figures-disagree"
            steps ["tap 听潮稳利90天A"];
        PS12B Abnormal "基金列表是 R3，详情是 R1" "List and detail of a fund disagree on the risk grade"
            in ["fund-purchase"] at "tap 稳健增长混合" by "figures-disagree"
            steps ["tap 稳健增长混合"];
        PS12C Abnormal "招募说明书的风险等级与详情页不一致" "Prospectus and detail disagree on the risk grade"
            in ["prospectus-popup"] at "assertion on the prospectus" by "figure-assertion-failed"
            steps ["assert stated_risk == risk"];
        PS14 Abnormal "申购手续费多收十倍" "The fee is ten times what it should be"
            in ["fund-purchase"] at "assert amount == fee + net" by "figure-assertion-failed"
            steps ["assert confirmed == fee + net"];
        PS16 Abnormal "产品页没有风险提示语" "The prescribed risk disclosure is missing"
            in ["wealth-product" "fund-purchase"] at "tap the product" by "phrase-missing"
            steps ["tap 听潮稳利90天A" "tap 稳健增长混合"];
        PS16B Abnormal "基金详情没有风险提示语" "The prescribed risk disclosure is missing from the fund page"
            in ["prospectus-popup"] at "tap the product" by "phrase-missing"
            steps ["tap 稳健增长混合"];
        PS16C Abnormal "理财详情没有风险提示语" "The prescribed risk disclosure is missing from the wealth page"
            in ["wealth-product"] at "tap the product" by "phrase-missing"
            steps ["tap 听潮稳利90天A"];
        PS17 Abnormal "业绩旁没有写起止日期" "Past performance is shown without its interval"
            in ["wealth-product" "fund-purchase"] at "tap the product" by "figure-unreadable"
            steps ["tap 听潮稳利90天A" "tap 稳健增长混合"];
        PS19 Abnormal "产品页写着“保本保收益，稳赚不赔”" "The page promises principal and gain"
            in ["wealth-product"] at "tap 听潮稳利90天A" by "phrase-forbidden"
            steps ["tap 听潮稳利90天A"];
        PS19B Abnormal "基金页写着“稳赚不赔”" "A fund page promises gain"
            in ["fund-purchase"] at "tap 稳健增长混合" by "phrase-forbidden"
            steps ["tap 稳健增长混合"];
        PS19C Abnormal "首页横幅写着“零风险”" "A banner promises that there is no risk"
            in ["home-assets"] at "tap 登录" by "phrase-forbidden"
            steps ["tap 登录" "see total"];
        PS20 Abnormal "看到了别的客户的姓名和交易" "Another customer's name and transactions show"
            in ["home-assets" "transactions" "settings-privacy"] at "tap 登录" by "foreign-data"
            steps ["tap 登录"];
        PS21 Abnormal "交易明细出现重复的一笔，另一笔不见了" "One transaction is doubled and another is lost"
            in ["transactions"] at "tap 交易明细" by "ledger-broken"
            steps ["tap 交易明细"];
        PS22 Abnormal "总资产的单位成了美元" "The total is in another currency"
            in ["home-assets"] at "tap 登录" by "figure-implausible"
            steps ["tap 登录"];
        PS22B Abnormal "转账金额前面是 $ 符号" "The transfer form asks for dollars"
            in ["transfer-confirm"] at "tap 转账" by "figure-implausible"
            steps ["tap 转账"];
        PS22C Abnormal "申购金额前面是 $ 符号" "The order form asks for dollars"
            in ["fund-purchase"] at "tap 立即申购" by "figure-implausible"
            steps ["tap 立即申购"];
        PS23 Abnormal "理财剩余额度是负数" "The remaining quota is negative"
            in ["wealth-product"] at "tap 听潮稳利90天A" by "figure-implausible"
            steps ["tap 听潮稳利90天A"];
        PS24 Abnormal "理财到期日早于起息日" "The product matures before it starts"
            in ["wealth-product"] at "tap 听潮稳利90天A" by "claim-broken"
            steps ["tap 听潮稳利90天A"];
        PS24B Abnormal "募集开始当天就结束" "The offer ends on the day it begins"
            in ["wealth-product"] at "tap 听潮稳利90天A" by "claim-broken"
            steps ["tap 听潮稳利90天A"];
        PS24C Abnormal "起息日晚于到期日" "Interest begins after the product has matured"
            in ["wealth-product"] at "tap the product" by "claim-broken"
            steps ["tap 听潮稳利90天A"];
        PS25 Abnormal "贷款年化利率与公布的利率表不一致" "The loan rate is not the published one"
            in ["loan-rate"] at "tap 贷款" by "figures-disagree"
            steps ["tap 贷款"];
        PS25B Abnormal "一种贷款的年化利率低于公布的" "One loan is cheaper than the published rate"
            in ["loan-rate"] at "tap 贷款" by "figures-disagree"
            steps ["tap 贷款"];
        PS25C Abnormal "两种贷款的年化利率互换了" "Two loans have each other's rate"
            in ["loan-rate"] at "tap 贷款" by "figures-disagree"
            steps ["tap 贷款"];
        PS26 Abnormal "待还贷款显示的不是接口返回的数" "The page shows another figure than the API gave"
            in ["home-assets"] at "tap 登录" by "figures-disagree"
            steps ["tap 登录"];
        PS26B Abnormal "现金显示的不是接口返回的数" "Cash is another figure than the API gave"
            in ["home-assets"] at "tap 登录" by "figures-disagree"
            steps ["tap 登录"];
        PS26C Abnormal "总资产下的待还贷款与接口差一位" "Loans lose their last digit on the way to the page"
            in ["home-assets"] at "tap 登录" by "figures-disagree"
            steps ["tap 登录"];
        PS27 Abnormal "消息没有按时间排列" "Messages are out of order"
            in ["messages"] at "assertion on the dates" by "figure-assertion-failed"
            steps ["assert newest >= next and next >= third"];
        PS28 Blocked "搜不到在售的基金" "A fund on sale cannot be searched"
            in ["prospectus-popup"] at "fill 搜索" by "expectation-not-met"
            steps ["fill 搜索"];
        PS29 Abnormal "基金列表里出现“测试产品请勿购买”" "A product meant for testing is on the shelf"
            in ["fund-purchase"] at "tap 基金" by "product-unlisted"
            steps ["tap 基金"];
        PS30 Abnormal "打开的招募说明书是另一只基金的" "The prospectus is of another fund"
            in ["prospectus-popup"] at "assertion on the prospectus" by "figure-assertion-failed"
            steps ["assert code == fund and product == fund_name"];
    }
    'E' slow {
        SD01 Slow "首页资产要等 6 秒才出来" "Assets take six seconds"
            in ["home-assets"] at "see 总资产" by "slow-answer"
            steps ["see total"];
        SD02 Slow "登录比平时多等 2 秒，没有超过任何时限" "Logging in takes two seconds longer, below every limit"
            in ["login"] at "tap 登录" by "slower-than-usual"
            steps ["tap 登录"];
        SD03 Slow "样式 4.5 秒才到，页面一直不显示" "Nothing is painted for 4.5 seconds"
            in ["login"] at "open /login" by "slow-answer"
            steps ["open /login"];
        SD04 Slow "基金详情卡死 5 秒" "The fund page freezes for five seconds"
            in ["fund-purchase" "prospectus-popup"] at "tap on the fund page" by "frozen-page"
            steps ["tap 稳健增长混合"];
        SD05 Slow "交易明细、收款人要等 4 秒" "Transactions and payees take four seconds"
            in ["transactions" "transfer-confirm"] at "see the list" by "slow-answer"
            steps ["tap 交易明细" "see page-status" "tap 转账" "see available"];
        SD05B Slow "贷款产品要等 4 秒" "Loans take four seconds"
            in ["loan-rate"] at "see the list" by "slow-answer"
            steps ["tap 贷款" "see 听潮易贷"];
        SD05C Slow "个人资料要等 4 秒" "The profile takes four seconds"
            in ["settings-privacy"] at "see 个人资料" by "slow-answer"
            steps ["tap 我的" "个人资料"];
        SD06 Slow "基金页首字节要等 4 秒" "The first byte of the fund list takes four seconds"
            in ["fund-purchase"] at "tap 基金" by "slow-answer"
            steps ["tap 基金"];
        SD06B Slow "帮助中心首字节要等 4 秒" "The first byte of the help page takes four seconds"
            in ["complaint"] at "tap 帮助中心" by "slow-answer"
            steps ["tap 帮助中心"];
        SD06C Slow "理财页首字节要等 4 秒" "The first byte of the wealth list takes four seconds"
            in ["wealth-product"] at "tap 理财" by "slow-answer"
            steps ["tap 理财"];
        SD08 Slow "消息中心不停地重复请求" "Messages ask the API many times a second"
            in ["messages"] at "see 消息中心" by "request-storm"
            steps ["tap 消息" "六条消息都在"];
        SD13 Abnormal "实时估值的推送连上了，却没有数据" "The feed of estimates opens and never speaks"
            in ["fund-purchase" "prospectus-popup"] at "tap on the fund page" by "silent-stream"
            steps ["tap 稳健增长混合"];
        SD13B Abnormal "实时估值的推送连不上：503" "The feed of estimates is refused with 503"
            in ["fund-purchase" "prospectus-popup"] at "tap on the fund page" by "silent-stream"
            steps ["tap 稳健增长混合"];
        SD13C Abnormal "实时估值的推送一直没有连上" "The feed of estimates never opens"
            in ["fund-purchase" "prospectus-popup"] at "tap on the fund page" by "silent-stream"
            steps ["tap 稳健增长混合"];
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
        SC07B Abnormal "首页横幅显示客户完整手机号" "The banner names the customer's whole phone number"
            in ["home-assets"] at "see 总资产" by "unmasked-pii"
            steps ["tap 登录" "see total"];
        SC07C Abnormal "转账页显示完整手机号" "The transfer form names the whole phone number"
            in ["transfer-confirm"] at "tap 转账" by "unmasked-pii"
            steps ["tap 转账"];
        SC08 Abnormal "控制台里打印了客户完整手机号和身份证号" "Phone and identity number are written to the console"
            in ["home-assets"] at "see 总资产" by "unmasked-pii"
            steps ["tap 登录" "see total"];
        SC09 Abnormal "首页加载了陌生的第三方脚本" "The home page loads a stranger's script"
            in ["home-assets"] at "open or tap that loads the home page" by "foreign-script"
            steps ["tap 登录" "see total"];
        SC10 Abnormal "帮助页藏着博彩链接" "Hidden gambling links on the help page"
            in ["complaint"] at "tap 帮助中心" by "hidden-link"
            steps ["tap 帮助中心"];
        SC10B Abnormal "贷款页藏着博彩链接" "Hidden gambling links on the loan page"
            in ["loan-rate"] at "tap 贷款" by "hidden-link"
            steps ["tap 贷款"];
        SC10C Abnormal "“我的”页面藏着博彩链接" "Hidden gambling links on the settings page"
            in ["settings-privacy"] at "tap 我的" by "hidden-link"
            steps ["tap 我的"];
        SC11 Abnormal "贷款页露出内网机器名和地址" "The loan page names an internal host"
            in ["loan-rate"] at "see 贷款服务" by "internal-address"
            steps ["tap 贷款"];
        SC11B Abnormal "交易明细露出内网机器名" "Transactions name an internal host"
            in ["transactions"] at "tap 交易明细" by "internal-address"
            steps ["tap 交易明细"];
        SC11C Abnormal "消息中心露出内网机器名" "Messages name an internal host"
            in ["messages"] at "tap 消息" by "internal-address"
            steps ["tap 消息"];
        SC12 Abnormal "页面上有调试按钮 vConsole" "The debug console was shipped"
            in ["login" "home-assets"] at "open" by "debug-ui"
            steps ["open /login"];
        SC13 Abnormal "登录 Cookie 丢了 HttpOnly 标记" "The session cookie lost its flags"
            in ["login"] at "tap 登录" by "cookie-regression"
            steps ["tap 登录"];
        SC14 Abnormal "协议被默认勾选" "Consent is ticked before the customer reads"
            in ["login" "fund-purchase"] at "assertion on the checkbox at load" by "ticked-consent"
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
        CT01B Abnormal "转账页可用余额显示 undefined" "The available balance is undefined"
            in ["transfer-confirm"] at "see the balance" by "placeholder-text"
            steps ["tap 转账" "see available"];
        CT01C Abnormal "贷款额度显示 NaN" "The limit of a loan is NaN"
            in ["loan-rate"] at "see the list" by "placeholder-text"
            steps ["tap 贷款" "see 听潮易贷"];
        CT02 Abnormal "问候语显示 {{customer.name}}" "The greeting is a raw template"
            in ["home-assets"] at "see 总资产" by "placeholder-text"
            steps ["tap 登录" "see total"];
        CT02B Abnormal "基金详情显示 ${company.name}" "A raw template stands on the fund page"
            in ["fund-purchase"] at "tap 稳健增长混合" by "placeholder-text"
            steps ["tap 稳健增长混合"];
        CT02C Abnormal "消息标题显示 {{userName}}" "Message titles are raw templates"
            in ["messages"] at "tap 消息" by "placeholder-text"
            steps ["tap 消息" "六条消息都在"];
        CT03 Abnormal "页面上显示 transfer.form.available.label" "A translation key stands on the page"
            in ["transfer-confirm" "fund-purchase"] at "see 转账汇款" by "leftover-text"
            steps ["tap 转账" "see available" "tap 立即申购"];
        CT03B Abnormal "贷款页上显示 loan.calc.title" "A translation key stands on the loan page"
            in ["loan-rate"] at "tap 贷款" by "leftover-text"
            steps ["tap 贷款"];
        CT03C Abnormal "帮助中心显示 help.contact.service_hours" "A translation key stands on the help page"
            in ["complaint"] at "tap 帮助中心" by "leftover-text"
            steps ["tap 帮助中心"];
        CT04 Abnormal "隐私政策里有占位文案" "Placeholder copy in the privacy policy"
            in ["settings-privacy"] at "see 隐私政策" by "leftover-text"
            steps ["tap 隐私政策"];
        CT04B Abnormal "帮助中心里有占位文字" "Placeholder copy on the help page"
            in ["complaint"] at "tap 帮助中心" by "leftover-text"
            steps ["tap 帮助中心"];
        CT04C Abnormal "基金详情里有占位文案" "Placeholder copy on the fund page"
            in ["fund-purchase"] at "tap 稳健增长混合" by "leftover-text"
            steps ["tap 稳健增长混合"];
        CT05 Abnormal "消息标题是乱码（UTF-8 当成 GBK）" "Message titles are mojibake (UTF-8 read as GBK)"
            in ["messages"] at "see 消息中心" by "mojibake"
            steps ["tap 消息"];
        CT05B Abnormal "交易名称是乱码（UTF-8 当成 GBK）" "Transactions are mojibake (UTF-8 read as GBK)"
            in ["transactions"] at "see the list" by "mojibake"
            steps ["tap 交易明细" "see page-status"];
        CT05C Abnormal "首页横幅文字是乱码（UTF-8 当成 GBK）" "The banner is mojibake (UTF-8 read as GBK)"
            in ["home-assets"] at "see 总资产" by "mojibake"
            steps ["tap 登录" "see total"];
        CT06 Abnormal "首页横幅文字是乱码（UTF-8 当成 Latin-1）" "The banner is mojibake (UTF-8 read as Latin-1)"
            in ["home-assets"] at "see 总资产" by "mojibake"
            steps ["tap 登录" "see total"];
        CT06B Abnormal "消息标题是乱码（UTF-8 当成 Latin-1）" "Message titles are mojibake (UTF-8 read as Latin-1)"
            in ["messages"] at "see 消息中心" by "mojibake"
            steps ["tap 消息" "六条消息都在"];
        CT06C Abnormal "交易名称是乱码（UTF-8 当成 Latin-1）" "Transactions are mojibake (UTF-8 read as Latin-1)"
            in ["transactions"] at "see the list" by "mojibake"
            steps ["tap 交易明细" "see page-status"];
        CT07 Abnormal "交易名称显示“锟斤拷”" "Transactions are called 锟斤拷"
            in ["transactions"] at "see the list" by "mojibake"
            steps ["tap 交易明细" "see page-status"];
        CT07B Abnormal "消息标题里有“锟斤拷”" "Message titles hold 锟斤拷"
            in ["messages"] at "see 消息中心" by "mojibake"
            steps ["tap 消息" "六条消息都在"];
        CT07C Abnormal "首页横幅里有“锟斤拷”" "The banner holds 锟斤拷"
            in ["home-assets"] at "see 总资产" by "mojibake"
            steps ["tap 登录" "see total"];
        CT08 Abnormal "消息标题里的生僻字显示为方框" "A rare character in message titles shows as a box"
            in ["messages"] at "see 消息中心" by "missing-glyph"
            steps ["tap 消息" "六条消息都在"];
        CT09 Abnormal "页面上显示 &nbsp; 和 <br/>" "Raw entities and tags stand in the text"
            in ["loan-rate"] at "see 贷款服务" by "leftover-text"
            steps ["tap 贷款"];
        CT09B Abnormal "帮助中心显示 &nbsp;" "A raw entity stands on the help page"
            in ["complaint"] at "tap 帮助中心" by "leftover-text"
            steps ["tap 帮助中心"];
        CT09C Abnormal "隐私政策里有裸露的标签" "Raw tags stand in the privacy policy"
            in ["settings-privacy"] at "tap 隐私政策" by "leftover-text"
            steps ["tap 隐私政策"];
        CT10 Abnormal "资产日期显示 Invalid Date" "The day of the assets is Invalid Date"
            in ["home-assets"] at "see the date" by "placeholder-text"
            steps ["tap 登录" "see total" "assert-as_of-matches-20-0-9-2-0-9-2-0-9-2-0-9-2"];
        CT10B Abnormal "消息日期显示 1970-01-01" "Messages are of 1970"
            in ["messages"] at "see the dates" by "placeholder-text"
            steps ["tap 消息" "六条消息都在"];
        CT10C Abnormal "还款日显示 Invalid Date" "The day of the next payment is Invalid Date"
            in ["loan-rate"] at "see the list" by "placeholder-text"
            steps ["tap 贷款" "see 听潮易贷"];
        CT11 Abnormal "涨跌幅显示 0.30000000000000004" "Figures show the machine's rounding"
            in ["fund-purchase" "transfer-confirm"] at "see the figures" by "placeholder-text"
            steps ["tap 稳健增长混合" "tap 转账" "see available"];
        CT11B Abnormal "昨日收益显示 59.370000000000005" "Yesterday's gain shows the machine's rounding"
            in ["home-assets"] at "see 总资产" by "placeholder-text"
            steps ["tap 登录" "see total"];
        CT11C Abnormal "理财额度显示 3.85e+7" "The quota shows the machine's own writing"
            in ["wealth-product"] at "tap the product" by "placeholder-text"
            steps ["tap 听潮稳利90天A"];
        CT12 Abnormal "转账页的限额说明是空的" "The note on limits is empty on the transfer form"
            in ["transfer-confirm"] at "tap 转账" by "phrase-missing"
            steps ["tap 转账"];
        CT13 Abnormal "投诉页的办理时限是英文" "How long a complaint takes is said in English"
            in ["complaint"] at "tap 我要投诉" by "mixed-language"
            steps ["tap 我要投诉"];
        CT13B Abnormal "贷款页的利率说明是英文" "The note on loan rates is in English"
            in ["loan-rate"] at "tap 贷款" by "mixed-language"
            steps ["tap 贷款" "see 听潮易贷"];
        CT13C Abnormal "消息中心的说明是英文" "A note in the messages is in English"
            in ["messages"] at "tap 消息" by "mixed-language"
            steps ["tap 消息" "六条消息都在"];
        CT14 Abnormal "首页还在推广早已结束的活动" "The home page advertises a campaign that is long over"
            in ["home-assets"] at "see 总资产" by "expired-campaign"
            steps ["tap 登录" "see total"];
        CT15 Abnormal "客服热线号码是错的" "The hotline is a wrong number"
            in ["complaint"] at "assertion on the hotline" by "figure-assertion-failed"
            steps ["assert hotline == '400-000-8866'"];
    }
    }
}
