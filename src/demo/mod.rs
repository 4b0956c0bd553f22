//! The demo wealth app, 听潮财富 (Tingchao Wealth): a phone and desktop site of an invented financier, with faults that
//! can be switched on.
//!
//! The app itself knows nothing of faults. They stand in `fault` and change requests and answers at the gate, so a
//! fault is a real 500, a real missing sheet, a real overlay, a real script error.
//!
//! Every request passes `gate::pass`: the visitor is known by the cookie `tc_visitor` (given at the first request), the
//! request is written to the ledger, the faults this visitor meets are applied. A rate is drawn on seed, fault and
//! visitor, so one visit is affected wholly or not at all. A fresh browser context is a new visitor.
//!
//! # Pages, for those who write journeys
//!
//! Business trouble is HTTP 200 with `{"code": "E…"}`; success is `{"code": "0000", "data": …}`. Figures in the API are
//! decimals in text. All pages but the login have the navigation 首页 · 基金 · 理财 · 消息 · 我的 (links) and the link
//! 退出登录; `customer-name` shows who is logged in; `hotline` shows 400-000-8866.
//!
//! | page | names and labels | testids | calls |
//! |---|---|---|---|
//! | `/login` | heading 欢迎登录; labels 用户名, 密码; checkbox 我已阅读并同意《用户协议》与《个人信息保护政策》; button 登录 | `login-submit` | POST `/api/login` |
//! | `/login/verify` | heading 安全验证; label 动态口令; button 验证 | | POST `/api/login/verify` |
//! | `/home` | heading 总资产（元）; labelled 总资产, 现金, 公募产品, 银行理财, 待还贷款; links 转账, 交易明细, 贷款, 电子签约, 月结单, 帮助中心; heading 我的持仓; now and then dialog 活动推荐 with buttons 以后再说 and 关闭活动 | `total` (= `cash` + `funds` + `wealth`) `loans` `yesterday-gain` `as-of` `banner` `holdings` `holding-CODE` | GET `/api/home` |
//! | `/funds` | heading 基金超市; label 搜索; buttons 全部 混合 债券 指数 货币; a link a fund | `fund-list` `nav-CODE` `year-CODE` `risk-CODE` `nav-date` | GET `/api/funds` |
//! | `/funds/{code}` | labelled 单位净值, 近一年收益率, 日涨跌幅, 实时估值 (ticks), 净值日期, 起购金额, 申购费率; button 立即申购 (a link); button 查看招募说明书 (popup); link 产品资料概要 (new tab); img 净值走势图 | `fund-name` `fund-risk` `nav` `year-return` `day-change` `estimate` `nav-date` `min-amount` `fee-base` `fee-shown` `performance-period` `disclosure` `chart` `buy` | GET `/api/funds/{code}`; web socket `/feed/quotes` |
//! | `/funds/{code}/prospectus` | heading 招募说明书 or, with `?doc=summary`, 产品资料概要 | `prospectus-name` `prospectus-code` `prospectus-risk` | |
//! | `/funds/{code}/buy` | labels 申购金额, 交易密码; open shadow root `tc-amount-keys` with buttons 100元 1000元 5000元 10000元; checkbox 我已阅读并同意《风险揭示书》; button 下一步 | `available` `fee` | GET `/api/funds/{code}`, `/api/home`; POST `/api/orders/prepare` |
//! | `/orders/{id}/confirm` | heading 确认申购; labelled 产品名称, 产品代码, 风险等级, 申购金额, 手续费, 净申购金额; link 取消; button 提交订单 (**never** in a patrol) | `confirm-name` `confirm-code` `confirm-risk` `confirm-amount` `confirm-fee` `confirm-net` `disclosure` | GET `/api/orders/prepared/{id}`; POST `/api/orders` |
//! | `/wealth` | heading 理财产品; a link a product | `wealth-list` `benchmark-CODE` `risk-CODE` `status-CODE` | GET `/api/wealth` |
//! | `/wealth/{code}` | labelled 业绩比较基准（年化）, 成立以来年化, 产品期限, 起购金额, 剩余额度; heading 风险提示; button 认购 (opens dialog 认购须知, button 我知道了) or 已结束 (disabled) | `wealth-name` `wealth-risk` `wealth-status` `benchmark` `annualised` `term` `min-amount` `quota` `offer-start` `offer-end` `value-date` `maturity` `performance-period` `disclosure` `subscribe` | GET `/api/wealth/{code}` |
//! | `/loans` | heading 贷款服务; text 年化利率（单利）; labels 贷款产品, 贷款金额, 期数（月）; button 试算 | `loan-list` `apr-CODE` `owed` `due` `calc-interest` | GET `/api/loans` |
//! | `/transfer` | heading 转账汇款; labels 收款人 (select), 转账金额, 附言, 交易密码; button 下一步 | `available` | GET `/api/payees`; POST `/api/transfers/prepare` |
//! | `/transfers/{id}/confirm` | heading 确认转账; labelled 收款人, 收款账号, 转账金额, 手续费; link 返回修改; button 立即转账 (**never** in a patrol) | `confirm-payee` `confirm-account` `confirm-amount` `confirm-fee` | GET `/api/transfers/prepared/{id}`; POST `/api/transfers` |
//! | `/transactions` | heading 交易明细; buttons 全部 收入 支出, 上一页 下一页 | `transaction-list` `amount-SERIAL` `balance-SERIAL` `page-status` (第 1 / 4 页) `transaction-count` | GET `/api/transactions?page=&kind=` |
//! | `/messages` | heading 消息中心; button 全部已读; empty: 暂无消息 | `unread` `message-list` | GET `/api/messages`; POST `/api/messages/read-all` |
//! | `/settings` | heading 我的; labelled 姓名, 手机号码, 证件号码, 客户等级; label 昵称, button 保存 (toast 保存成功); switch 夜间免打扰; links 证明材料, 电子月结单, 帮助中心, 意见与投诉, 隐私政策, 注销账户 | `profile-name` `profile-phone` `profile-id` `profile-level` | GET `/api/profile`; POST `/api/profile/nickname` |
//! | `/settings/privacy` | heading 隐私政策 | | |
//! | `/settings/close-account` | heading 注销账户; checkbox 我已了解注销的后果; button 申请注销 | | POST `/api/account/close` |
//! | `/settings/proof` | heading 上传证明材料; labels 材料类型, 选择文件; button 上传 (toast 上传成功：NAME) | `proof-list` | GET, POST `/api/proofs` |
//! | `/help` | heading 帮助中心; link 我要投诉 | `help-hotline` | |
//! | `/help/complaint` | heading 意见与投诉; labels 投诉类型, 投诉内容; open shadow root `tc-rating` with radios 1 星 … 5 星; button 提交投诉 | `complaint-done` `complaint-list` | GET, POST `/api/complaints` |
//! | `/esign` | frame 电子签约 (`name=esign`): heading 账户服务协议, checkbox 我已阅读合同全文, button 签署合同 | `esign-frame`; inside: `signer` `signed` | POST `/api/esign/sign` |
//! | `/statements` | heading 电子月结单; links 下载 YYYY年MM月月结单 (a PDF) | `statement-list` `statement-YYYY-MM` | GET `/api/statements`, `/statements/YYYY-MM.pdf` |
//!
//! Customers: `linxt` (retail, every kind of holding and a loan), `zhoumq` (vip), `heqs` (holds nothing: 暂无持仓, 暂无消息),
//! `suwq` (second factor), `fangt` (locked: code E1003), and `pool01` … `pool40` for many walks at once. Passwords, trade
//! pins and the TOTP secret stand in [`Demo::customers`].
//!
//! # Control port
//!
//! `GET /` is a page with a button a fault. `GET /api/faults` lists them (`id group title_zh title_en class shows_in step_hint
//! detector rate`); `POST /api/faults/{id}` with `{"rate": "always" | "30%" | "10%" | "off"}` switches one; `POST /api/mend`
//! with `{}` mends all; `POST /api/churn` with `{"on": false}` stills the churn; `GET /api/ledger?after=N` and
//! `DELETE /api/ledger` read and clear the ledger; `GET /api/tripwire` lists the orders and transfers that arrived.
//! Every POST needs `content-type: application/json`, so no page of another origin can press a button.
//!
//! # What churns, and what does not
//!
//! With churn on: the estimate 实时估值 ticks every three seconds, by its feed (单位净值 never does), the banner rotates, every fifth
//! visitor meets the dialog 活动推荐 once, together with the assets on the home page; the greeting knows the hour; and
//! `metrics.localhost` takes 0.3 to 1.8 seconds for `/collect.js` and its beacon. With churn off none of this happens.
//!
//! Nothing a customer does changes the customer's ledger: nicknames, complaints, uploads and prepared orders live in
//! the session alone. `POST /api/orders` and `POST /api/transfers` are the tripwire: they answer like the real thing, and
//! that they arrived is kept.

mod api;
mod asset;
mod chance;
mod churn;
mod control;
mod customer;
mod fault;
mod feed;
mod gate;
mod mailbox;
mod page;
mod pdf;
mod product;
mod request_ledger;
mod server;
mod session;
mod site;
mod third_party;

pub use customer::Customer;
pub use fault::{ExpectedClass, FAULTS, Fault, Rate, find};
pub use mailbox::{Mail, Mailbox};
pub use request_ledger::LedgerLine;
pub use server::{Demo, DemoOptions};
