//! The texts of sign-in, accounts and people, in Chinese and English side by side.

use super::texts::texts;
use crate::people::{May, NameRefused, PasswordRefused, Role, Standing, TokenRefused};
use serde::Serialize;

texts! {
    // Coming in.
    sign_in: "登录", "Sign in";
    sign_in_title: "请登录", "Please sign in";
    name: "名字", "Name";
    password: "密码", "Password";
    show_password: "显示密码", "Show the password";
    wrong_password: "名字或密码不对。", "The name or the password is wrong.";
    wait: "试得太多了，请 {} 后再试。", "Too many tries. Try again in {}.";
    have_code: "我有一次性口令", "I have a one-time code";
    forgotten: "忘了密码？请管理员重置，或在更夫所在的机器上运行：", "Forgot it? Ask an administrator for a reset, or run this where Gengfu runs:";
    provider_sign_in: "单位统一登录", "Sign in with your organisation";
    provider_only: "这里只用单位统一登录，不接受密码。", "Passwords are not taken here: sign in with your organisation.";
    provider_down: "统一登录现在不可用。稍后再试，或用密码登录。", "Your organisation’s sign-in does not answer now. Try again later, or use a password.";
    provider_down_only: "统一登录现在不可用，请稍后再试。", "Your organisation’s sign-in does not answer now. Try again later.";
    provider_refused: "统一登录没有成功，请重新登录；再不行，请管理员查看更夫的日志。", "Your organisation’s sign-in did not succeed. Sign in again; if it fails once more, an administrator finds the reason in Gengfu’s log.";
    provider_lost: "这次登录不是在这个浏览器里开始的，或已经过期。请重新登录。", "This sign-in did not begin in this browser, or took too long. Sign in again.";
    provider_stranger: "您在更夫还没有账号。请把下面的标识告诉管理员：", "You have no account here yet. Tell an administrator this name of yours:";
    provider_silent: "登录系统没有说明您属于哪些组，请稍后再试或找管理员。", "The sign-in provider does not say which groups you are in. Try again, or ask an administrator.";
    provider_group: "您所在的组在更夫没有角色，请找管理员。", "No group of yours has a role here. Ask an administrator.";
    provider_domain: "您的邮箱所属的域名不能登录这里。", "People with your e-mail address do not sign in here.";
    provider_weak: "请在单位统一登录中用更强的方式（如第二重验证）登录。", "Sign in at your organisation in a stronger way, such as with a second factor.";
    provider_taken: "更夫里现在或以前有同名的账号。请管理员确认是您后，把下面的标识关联上：", "Somebody of your name has an account here, or had one. Let an administrator make sure who you are, and join this name to an account:";
    provider_other: "您在单位统一登录用的是另一个人的账号；什么也没有改变。", "At your organisation you signed in as somebody else. Nothing was changed.";
    provider_stale: "单位统一登录没有说明您刚刚重新登录过，因此不能作为确认。再不行，请管理员查看更夫的日志。", "Your organisation does not say that you have just signed in anew, so this proves nothing. If it fails again, an administrator finds the reason in Gengfu’s log.";
    anew: "用单位统一登录确认是我", "Confirm with your organisation";
    anew_says: "生成令牌、开关第二重验证前，要在单位统一登录再登录一次，五分钟内有效。", "To make tokens or change the second factor, sign in at your organisation once more; that is good for five minutes.";
    anew_done: "刚刚已在单位统一登录确认是您。", "You have just confirmed it with your organisation.";
    anew_first: "请先用单位统一登录确认是您。", "Confirm with your organisation first that it is you.";
    passwords_elsewhere: "账号由单位统一登录确认的人，这里一般不接受其密码：请用单位统一登录，或请管理员允许用密码。", "Passwords of people whom the organisation vouches for are mostly not taken here: sign in with your organisation, or ask an administrator to let your password in, too.";
    password_elsewhere: "您的账号由单位统一登录确认，这里不接受密码；请用单位统一登录，或请管理员允许您用密码。", "Your organisation says who you are, so your password is not taken here: sign in with your organisation, or ask an administrator to let your password in, too.";
    provider_disabled: "您在更夫的账号已停用，请找管理员。", "Your account here is switched off. Ask an administrator.";
    second_title: "第二重验证", "Second factor";
    second_help: "输入验证器应用里的六位数字；手机不在身边时，可输入一个恢复码。", "Enter the six digits of your authenticator app, or one recovery code when it is out of reach.";
    code: "验证码", "Code";
    wrong_code: "验证码不对，或已经用过。", "The code is wrong, or was used already.";
    another: "换个人登录", "Sign in as somebody else";
    go_on: "继续", "Go on";
    sign_out: "退出登录", "Sign out";
    crowded: "此刻登录的人太多。", "Too many are signing in at this moment.";
    crowded_help: "几秒后再试。", "Try again in a few seconds.";

    // A one-time code.
    welcome_title: "用一次性口令开始", "Begin with a one-time code";
    welcome_help: "首位管理员的口令印在更夫启动的终端里，半小时内有效；其他人的口令由管理员发放。每个口令只能用一次。", "The first administrator’s code was printed where Gengfu was started, good for half an hour; everybody else’s comes from an administrator. Each code works once.";
    one_time_code: "一次性口令", "One-time code";
    welcome_name: "名字（受邀的人填邀请时的名字，首位管理员自己取）", "Name (as you were invited; the first administrator chooses one)";
    new_password: "新密码", "New password";
    again: "再输一遍", "Once more";
    password_rule: "至少 12 个字符，一句话最好记；不要用名字、常见词或有规律的数字。", "At least 12 characters; a sentence is easiest. No names, known words or rows of keys.";
    not_again: "两遍密码不一样。", "The two passwords differ.";
    void_code: "口令无效：抄错、过期、已用过，或者不是发给这个名字的。", "This code is void: mistyped, too old, used already, or not for this name.";
    begin: "开始使用", "Begin";

    // One's own account.
    account: "我的账号", "My account";
    your_role: "角色", "Role";
    you_may: "可以", "You may";
    change_password: "修改密码", "Change the password";
    change_password_says: "改完后，别处的登录都会结束。", "All other sessions end with it.";
    current_password: "当前密码", "Current password";
    wrong_own_password: "当前密码不对。", "The current password is wrong.";
    change: "修改", "Change";
    second: "第二重验证", "Second factor";
    second_off_says: "还没有开启。开启后，登录时除密码外还要验证器应用里的六位数字。", "It is off. With it, signing in also asks for six digits of an authenticator app.";
    second_on_says: "已开启。", "It is on.";
    second_on: "开启", "Switch on";
    second_off: "关闭", "Switch off";
    second_scan: "用验证器应用扫这个码，或手动输入密钥，然后填入它显示的六位数字。", "Scan this with an authenticator app, or type the key into it, then enter the six digits it shows.";
    second_scan_alt: "第二重验证的二维码", "QR code of the second factor";
    second_open: "在本机的验证器应用里打开", "Open in an authenticator app on this device";
    key: "密钥", "Key";
    confirm: "确认", "Confirm";
    recovery: "恢复码", "Recovery codes";
    recovery_once: "只显示这一次：抄下来或打印，收在安全的地方。手机丢了时，每个码可代替一次验证码。", "Shown this once: write them down or print them, and keep them safe. Each stands in for one code when your phone is gone.";
    recovery_left: "还剩", "Left:";
    recovery_new: "换一组恢复码", "New recovery codes";
    done: "抄好了", "I have them";
    sessions: "登录中的地方", "Where you are signed in";
    this_one: "这里", "here";
    began: "登录于", "Since";
    last_seen: "最近使用", "Last used";
    end: "结束", "End";
    tokens: "接口令牌", "API tokens";
    tokens_say: "给程序用的钥匙：以您的名义访问 JSON 接口，权限不超过您自己的。", "Keys for programs: they use the JSON API in your name, with no more rights than yours.";
    no_tokens: "还没有令牌。", "There are none.";
    token_once: "只显示这一次，请现在复制：", "Shown this once; copy it now:";
    label: "用途", "What it is for";
    scopes: "权限", "Rights";
    lasts: "有效期", "Lasts";
    days: "天", "days";
    make_token: "生成令牌", "Make a token";
    until: "有效至", "Until";
    over: "已过期", "over";
    token_rests: "暂停：单位统一登录后恢复", "rests until you sign in with your organisation";
    never_used: "从未使用", "never used";

    // People.
    people: "人员", "People";
    people_open: "当前无需登录：能访问本机的人都以 local 的身份拥有全部权限。要求登录，请在配置中写：", "Nobody is asked to sign in: whoever reaches this machine is `local` and may everything. To ask, write in the configuration:";
    nobody: "还没有人。", "There is nobody yet.";
    invite: "邀请", "Invite";
    invite_says: "生成一个一次性口令，请当面或电话告诉对方；三天内有效。", "Makes a one-time code, good for three days; tell it in person or by phone.";
    code_for: "一次性口令，发给：", "One-time code for";
    code_once: "只显示这一次，三天内有效。请对方打开", "Shown this once, good for three days. It is entered at";
    role: "角色", "Role";
    standing: "状态", "State";
    since: "加入于", "Since";
    save: "保存", "Save";
    disable: "停用", "Disable";
    disable_says: "此人的登录和令牌立即全部失效。", "All their sessions and tokens end at once.";
    last_vouched: "单位最近确认于", "Last vouched for";
    never_vouched: "单位尚未确认过", "Not vouched for yet";
    tokens_rest: "令牌暂停", "tokens rest";
    password_too: "也可用密码", "password, too";
    grant_password: "允许用密码登录", "Let their password in, too";
    grant_password_says: "离开单位后，密码仍能登录，直到在这里收回。", "It lets them in even when they have left, until it is taken back here.";
    withdraw_password: "不再接受密码", "Take no password of theirs";
    enable: "启用", "Enable";
    reset: "重置", "Reset";
    reset_says: "清除密码与第二重验证，结束所有登录和令牌，并生成新口令。", "Takes password and second factor away, ends all sessions and tokens, and makes a new code.";
    remove: "移除", "Remove";
    remove_says: "此人的登录和令牌立即失效，无法撤销。", "Their sessions and tokens end at once. This cannot be undone.";
    yourself: "您", "you";
    more: "更多", "More";
    name_taken: "这个名字已经有人用了。", "Somebody has this name already.";
    name_anothers: "邀请已发出；但这个名字曾属于一位已被移除的人，审计日志里两人的操作都记在这个名字下。若不是同一个人，请移除这份邀请，换一个名字。", "Invited. But somebody who was removed had this name, and the audit log tells under it what either does: if this is somebody else, remove them and choose another name.";
    no_such_role: "没有这个角色。", "There is no such role.";
    last_administrator: "这是最后一位可登录的管理员，请先任命另一位。", "This is the last administrator who can sign in: make another one first.";
    rights_table: "角色与权限", "Roles and rights";
    granted: "可以", "yes";
    second_short: "双重验证", "second factor";

    // Refusals.
    forbidden: "您没有这项权限。", "You may not do this.";
    forbidden_help: "需要的话，请管理员调整您的角色。", "If you need to, ask an administrator for another role.";
    foreign: "这个请求不是从更夫的页面发出的，或页面已经过时。", "This request was not made by a page of this console, or the page is out of date.";
    foreign_help: "什么也没有改变。请回到页面、刷新后再试一次。", "Nothing was changed. Go back, reload the page and try again.";

    // Why something is not accepted.
    name_length: "名字需要 1 到 64 个字符。", "A name has 1 to 64 characters.";
    name_unseen: "名字里只能有看得见的字符和单个空格。", "A name has visible characters and single spaces only.";
    password_short: "密码至少 12 个字符。", "A password has at least 12 characters.";
    password_long: "密码最长 1024 字节。", "A password has at most 1024 bytes.";
    password_guessable: "这个密码太好猜：去掉常见词、数字和规律之后几乎不剩什么。", "This password is guessed early: little is left of it without known words, figures and rows of keys.";
    password_named: "密码里不要用自己的名字。", "Do not make a password of your own name.";
    token_label: "请写上用途，最多 64 个字符。", "Say what it is for, in at most 64 characters.";
    token_scopes: "至少选一项权限，且不能超过您自己的。", "Choose at least one right, and none that you have not.";
    token_lasting: "有效期为 1 到 366 天。", "It lasts 1 to 366 days.";

    // Roles.
    viewer: "查看者", "Viewer";
    operator: "处置员", "Operator";
    author: "编写者", "Author";
    approver: "审批人", "Approver";
    administrator: "管理员", "Administrator";
    auditor: "审计员", "Auditor";
    viewer_says: "只看：应用负责人。", "Looks: an app’s owner.";
    operator_says: "处理事件队列。", "Works the queue of incidents.";
    author_says: "处理事件队列；在此编写旅程尚未开放。", "Works the queue; writing journeys here is not there yet.";
    approver_says: "处理事件队列，并可决定某事件不修。", "Works the queue, and may decide that something is left as it is.";
    administrator_says: "什么都可以，并决定谁能做什么。", "Does everything, and says who may do what.";
    auditor_says: "只看，什么也不动；还能看审计记录。", "Looks, at the audit log too, and does nothing.";

    // Rights.
    see_incidents: "看巡检、事件和走查", "see the watch, incidents and walks";
    see_evidence: "看截图、页面和网络记录", "see pictures, pages and network records";
    act_on_incidents: "处理事件", "act on incidents";
    author_journeys: "看旅程的脚本和其中的错误", "see the scripts of journeys and their mistakes";
    approve: "决定某事件不修", "decide that an incident is left as it is";
    administer_people: "管理人员", "administer people";
    read_audit: "看审计记录", "read the audit log";
    own_account: "管理自己的账号", "look after their own account";

    // How somebody stands.
    active: "可登录", "can sign in";
    invited: "待启用", "invited";
    disabled: "已停用", "disabled";
}

impl Texts {
    /// What a role is called.
    pub fn role_word(&self, role: Role) -> &'static str {
        match role {
            Role::Viewer => self.viewer,
            Role::Operator => self.operator,
            Role::Author => self.author,
            Role::Approver => self.approver,
            Role::Administrator => self.administrator,
            Role::Auditor => self.auditor,
        }
    }

    /// What a role is for.
    pub fn role_says(&self, role: Role) -> &'static str {
        match role {
            Role::Viewer => self.viewer_says,
            Role::Operator => self.operator_says,
            Role::Author => self.author_says,
            Role::Approver => self.approver_says,
            Role::Administrator => self.administrator_says,
            Role::Auditor => self.auditor_says,
        }
    }

    /// What a right is called.
    pub fn may_word(&self, may: May) -> &'static str {
        match may {
            May::SeeIncidents => self.see_incidents,
            May::SeeEvidence => self.see_evidence,
            May::ActOnIncidents => self.act_on_incidents,
            May::AuthorJourneys => self.author_journeys,
            May::Approve => self.approve,
            May::AdministerPeople => self.administer_people,
            May::ReadAudit => self.read_audit,
            May::OwnAccount => self.own_account,
        }
    }

    /// How somebody stands.
    pub fn standing_word(&self, standing: Standing) -> &'static str {
        match standing {
            Standing::Active => self.active,
            Standing::Invited => self.invited,
            Standing::Disabled => self.disabled,
        }
    }

    /// Why a name is none.
    pub fn name_refused(&self, why: NameRefused) -> &'static str {
        match why {
            NameRefused::Length => self.name_length,
            NameRefused::Unseen => self.name_unseen,
        }
    }

    /// Why a password is not accepted.
    pub fn password_refused(&self, why: PasswordRefused) -> &'static str {
        match why {
            PasswordRefused::Short => self.password_short,
            PasswordRefused::Long => self.password_long,
            PasswordRefused::Guessable => self.password_guessable,
            PasswordRefused::Named => self.password_named,
        }
    }

    /// Why a token is not made.
    pub fn token_refused(&self, why: TokenRefused) -> &'static str {
        match why {
            TokenRefused::Label => self.token_label,
            TokenRefused::Scopes => self.token_scopes,
            TokenRefused::Lasting => self.token_lasting,
        }
    }
}
