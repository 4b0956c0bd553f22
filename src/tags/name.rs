//! The names, each with its word for the wire and what English readers call it.

/// A text that names nothing known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {dimension}: write one of {names}", dimension = .dimension.word())]
pub struct Unknown {
    /// What was written.
    pub text: String,
    /// What it should have named one of.
    pub dimension: Dimension,
    /// The names there are.
    pub names: String,
}

/// What a tag says something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// 业务办理渠道: [`Channel`].
    Channel,
    /// 投诉业务类别: [`Business`].
    Business,
    /// 投诉原因: [`Reason`].
    Reason,
    /// 八项权益: [`Right`].
    Right,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Dimension; 4] = [Dimension::Channel, Dimension::Business, Dimension::Reason, Dimension::Right];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Dimension::Channel => "channel",
            Dimension::Business => "business",
            Dimension::Reason => "reason",
            Dimension::Right => "right",
        }
    }

    /// What it is called in Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Dimension::Channel => "渠道",
            Dimension::Business => "业务类别",
            Dimension::Reason => "原因",
            Dimension::Right => "权益",
        }
    }

    /// The word of the name that `text` is: by its word, its Chinese or its English name.
    ///
    /// # Errors
    /// When it is none.
    pub fn named(self, text: &str) -> Result<&'static str, Unknown> {
        match self {
            Dimension::Channel => Channel::parse(text).map(Channel::word),
            Dimension::Business => Business::parse(text).map(Business::word),
            Dimension::Reason => Reason::parse(text).map(Reason::word),
            Dimension::Right => Right::parse(text).map(Right::word),
        }
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $kind:ident { $($member:ident: $word:literal, $zh:literal, $en:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind { $(#[doc = $zh] $member,)* }

        impl $kind {
            /// Every one, in the standard's order.
            pub const ALL: &'static [$kind] = &[$($kind::$member),*];

            /// The word in files and on the wire.
            pub fn word(self) -> &'static str {
                match self { $($kind::$member => $word,)* }
            }

            /// The name that complaints are filed under.
            pub fn zh(self) -> &'static str {
                match self { $($kind::$member => $zh,)* }
            }

            /// What English readers call it.
            pub fn en(self) -> &'static str {
                match self { $($kind::$member => $en,)* }
            }

            /// The one that `text` names: by its word, its Chinese or its English name.
            ///
            /// # Errors
            /// When it is none.
            pub fn parse(text: &str) -> Result<Self, Unknown> {
                let text = text.trim();
                let is = |one: &Self| one.zh() == text || [one.word(), one.en()].iter().any(|n| n.eq_ignore_ascii_case(text));
                Self::ALL.iter().copied().find(is).ok_or_else(|| Unknown {
                    text: text.chars().take(60).collect(),
                    dimension: Dimension::$kind,
                    names: [$($zh),*].join("、"),
                })
            }
        }
    };
}

names! {
    /// 业务办理渠道: how the customer came.
    Channel {
        Branch: "branch", "营业现场", "branch";
        SelfService: "self-service", "自助机具", "self-service machine";
        OnlineBanking: "online-banking", "网银", "online banking";
        Telephone: "telephone", "电话", "telephone";
        MobileApp: "mobile-app", "移动客户端", "mobile app";
        PublicPlatform: "public-platform", "网络公众平台", "public platform";
        TextMessage: "text-message", "短信", "text message";
        OtherElectronic: "other-electronic", "其他电子渠道", "other electronic channel";
        ThirdParty: "third-party", "第三方渠道", "third-party channel";
        OtherFront: "other-front", "其他前台渠道", "other front-office channel";
        BackOffice: "back-office", "中、后台业务渠道", "middle or back office";
    }
}

names! {
    /// 投诉业务类别: what the customer came for.
    Business {
        Savings: "savings", "人民币储蓄", "savings";
        DebitCard: "debit-card", "借记卡", "debit card";
        CreditCard: "credit-card", "信用卡", "credit card";
        Loan: "loan", "贷款", "loan";
        Payment: "payment", "支付结算", "payment and settlement";
        OwnWealth: "own-wealth", "自营理财", "own wealth products";
        Agency: "agency", "银行代理业务", "products sold for others";
        ForeignExchange: "foreign-exchange", "外汇", "foreign exchange";
        PreciousMetal: "precious-metal", "贵金属", "precious metals";
        OtherIntermediary: "other-intermediary", "其他中间业务", "other intermediary business";
        Currency: "currency", "人民币管理", "currency management";
        Treasury: "treasury", "国库", "state treasury";
        PersonalInformation: "personal-information", "个人金融信息", "personal financial information";
        Collection: "collection", "债务催收", "debt collection";
        Other: "other-business", "其他业务", "other business";
    }
}

names! {
    /// 投诉原因: what it is that customers suffer from.
    Reason {
        Service: "service", "服务态度及服务质量", "attitude and quality of service";
        Systems: "systems", "服务设施、设备、业务系统", "facilities, equipment and systems";
        Rules: "rules", "管理制度、业务规则与流程", "rules and processes";
        Marketing: "marketing", "营销方式和手段", "marketing";
        Disclosure: "disclosure", "信息披露", "disclosure";
        Choice: "choice", "自主选择权", "freedom of choice";
        Yield: "yield", "产品收益", "product yield";
        Contract: "contract", "合同条款", "contract terms";
        Pricing: "pricing", "定价收费", "prices and fees";
        FundSafety: "fund-safety", "消费者资金安全", "safety of funds";
        InformationSafety: "information-safety", "消费者信息安全", "safety of information";
        CollectionManner: "collection-manner", "债务催收方式和手段", "manner of debt collection";
        Other: "other-reason", "其他原因", "other reason";
    }
}

names! {
    /// 八项权益: the rights of consumers that it touches.
    Right {
        PropertySafety: "property-safety", "财产安全权", "safety of property";
        Know: "know", "知情权", "to be informed";
        Choose: "choose", "自主选择权", "to choose freely";
        FairTrade: "fair-trade", "公平交易权", "fair dealing";
        Redress: "redress", "依法求偿权", "redress";
        Education: "education", "受教育权", "education";
        Respect: "respect", "受尊重权", "respect";
        InformationSafety: "information-safety", "信息安全权", "safety of information";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_name_is_known_by_its_word_and_in_both_languages() {
        let check = |text: &str, expected: Option<Reason>| assert_eq!(Reason::parse(text).ok(), expected, "{text}");
        check("服务设施、设备、业务系统", Some(Reason::Systems));
        check(" systems ", Some(Reason::Systems));
        check("Disclosure", Some(Reason::Disclosure));
        check("系统", None);
        check("", None);
        let said = Right::parse("知情").unwrap_err().to_string();
        assert!(said.contains("`知情` is no right") && said.contains("知情权、自主选择权"), "{said}");
    }

    #[test]
    fn no_two_names_of_a_dimension_are_the_same() {
        fn check<T: Copy>(all: &[T], expected: usize, names: fn(T) -> [&'static str; 3]) {
            for at in 0..3 {
                assert_eq!(all.iter().map(|one| names(*one)[at]).collect::<BTreeSet<_>>().len(), expected);
            }
        }
        check(Channel::ALL, 11, |one| [one.word(), one.zh(), one.en()]);
        check(Business::ALL, 15, |one| [one.word(), one.zh(), one.en()]);
        check(Reason::ALL, 13, |one| [one.word(), one.zh(), one.en()]);
        check(Right::ALL, 8, |one| [one.word(), one.zh(), one.en()]);
    }
}
