//! From what is known of an incident to its tags.

use super::default::{of_detector, of_devices};
use super::{Business, Channel, Codes, Reason, Right};
use crate::journey::glob;
use crate::walk::Class;
use std::collections::{BTreeMap, BTreeSet};

/// What an incident is filed under.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags {
    /// How customers came.
    pub channel: Option<Channel>,
    /// What they came for; `None` where neither the journey nor a rule says.
    pub business: Option<Business>,
    /// What they suffer from.
    pub reason: Option<Reason>,
    /// Which of their rights it touches.
    pub rights: BTreeSet<Right>,
}

/// What a person said of an incident's tags; what they said nothing of is derived.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Correction {
    /// The channel is this.
    pub channel: Option<Channel>,
    /// The business is this.
    pub business: Option<Business>,
    /// The reason is this.
    pub reason: Option<Reason>,
    /// The rights are these.
    pub rights: Option<BTreeSet<Right>>,
}

impl Correction {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is said now, and of the rest what was said before.
    pub fn over(self, before: &Correction) -> Self {
        Self {
            channel: self.channel.or(before.channel),
            business: self.business.or(before.business),
            reason: self.reason.or(before.reason),
            rights: self.rights.or_else(|| before.rights.clone()),
        }
    }

    /// What is left when what `tags` have already is taken out.
    pub fn beyond(self, tags: &Tags) -> Self {
        Self {
            channel: self.channel.filter(|one| Some(*one) != tags.channel),
            business: self.business.filter(|one| Some(*one) != tags.business),
            reason: self.reason.filter(|one| Some(*one) != tags.reason),
            rights: self.rights.filter(|these| *these != tags.rights),
        }
    }
}

impl std::fmt::Display for Correction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rights = self.rights.as_ref().map(|these| these.iter().map(|one| one.zh()).collect::<Vec<_>>().join("、"));
        let said = [
            self.channel.map(|one| format!("渠道：{}", one.zh())),
            self.business.map(|one| format!("业务类别：{}", one.zh())),
            self.reason.map(|one| format!("原因：{}", one.zh())),
            rights.map(|these| format!("权益：{}", if these.is_empty() { "无".to_owned() } else { these })),
        ];
        f.write_str(&said.into_iter().flatten().collect::<Vec<_>>().join("；"))
    }
}

/// What tags are derived from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The app.
    pub app: &'a str,
    /// The journey.
    pub journey: &'a str,
    /// The detector that found it.
    pub detector: &'a str,
    /// How a customer suffers.
    pub class: Option<Class>,
    /// Devices it was met on.
    pub devices: &'a BTreeSet<String>,
    /// The journey's own `tags:`.
    pub own: &'a BTreeMap<String, String>,
}

/// What the configuration says of some incidents. What it names must hold; what it leaves out holds for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rule {
    /// Only of this app.
    pub app: Option<String>,
    /// Only of journeys whose name this glob covers.
    pub journey: Option<String>,
    /// Only of this class.
    pub class: Option<Class>,
    /// Only what this detector found.
    pub detector: Option<String>,
    /// What they are filed under.
    pub says: Correction,
}

impl Rule {
    fn covers(&self, facts: &Facts<'_>) -> bool {
        self.app.as_deref().is_none_or(|app| app == facts.app)
            && self.journey.as_deref().is_none_or(|pattern| glob::covers(pattern, facts.journey))
            && self.class.is_none_or(|class| Some(class) == facts.class)
            && self.detector.as_deref().is_none_or(|detector| detector == facts.detector)
    }
}

/// How tags are derived here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// The first that covers an incident and says something of a dimension decides it.
    pub rules: Vec<Rule>,
    /// The customer's own codes.
    pub codes: Codes,
}

impl Rules {
    /// The tags of what `facts` tell of: a person's word first, then the first rule that speaks, then what the journey says
    /// of itself, then what follows from the detector and the device.
    pub fn of(&self, facts: &Facts<'_>, corrected: &Correction) -> Tags {
        let said = self.rules.iter().filter(|rule| rule.covers(facts));
        let said = said.fold(corrected.clone(), |so_far, rule| so_far.over(&rule.says));
        let own = |name: &str| facts.own.get(name).map(String::as_str).unwrap_or_default();
        let (reason, rights) = of_detector(facts.detector);
        let channel = || Channel::parse(own("channel")).ok();
        Tags {
            channel: said.channel.or_else(channel).or_else(|| of_devices(facts.devices.iter().map(String::as_str))),
            business: said.business.or_else(|| Business::parse(own("business")).ok()),
            reason: said.reason.or_else(|| Reason::parse(own("reason")).ok()).or(Some(reason)),
            rights: said.rights.unwrap_or(rights),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(app: Option<&str>, journey: Option<&str>, class: Option<Class>, says: Correction) -> Rule {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Rule { app: text(app), journey: text(journey), class, detector: None, says }
    }

    fn rules() -> Rules {
        let business = |one| Correction { business: Some(one), ..Correction::default() };
        let money = Correction { rights: Some([Right::PropertySafety].into()), ..Correction::default() };
        let rules = vec![
            rule(None, Some("fund-*"), Some(Class::Blocked), money),
            rule(None, Some("fund-*"), None, business(Business::Agency)),
            rule(Some("wealth"), None, None, business(Business::OwnWealth)),
        ];
        Rules { rules, codes: Codes::default() }
    }

    /// `channel business reason rights` of a blocked wealth journey, by words.
    fn check(journey: &str, detector: &str, own: &[(&str, &str)], corrected: Correction, expected: &str) {
        let devices = ["desktop".to_owned(), "h5-iphone".to_owned()].into();
        let own = own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let class = Some(Class::Blocked);
        let facts = Facts { app: "wealth", journey, detector, class, devices: &devices, own: &own };
        let tags = rules().of(&facts, &corrected);
        let rights: Vec<&str> = tags.rights.iter().map(|one| one.word()).collect();
        let words = [tags.channel.map(Channel::word), tags.business.map(Business::word), tags.reason.map(Reason::word)];
        let said = format!("{} {}", words.map(|word| word.unwrap_or("-")).join(" "), rights.join("+"));
        assert_eq!(said, expected, "{journey} {detector}");
    }

    #[test]
    fn who_says_it_first_decides_each_dimension() {
        let none = Correction::default;
        check("loan", "api-error", &[], none(), "mobile-app own-wealth systems respect");
        check("fund-buy", "api-error", &[], none(), "mobile-app agency systems property-safety");
        check("loan", "figures-disagree", &[], none(), "mobile-app own-wealth pricing know+fair-trade");
        check(
            "loan",
            "unmasked-pii",
            &[("channel", "网络公众平台")],
            none(),
            "public-platform own-wealth information-safety information-safety",
        );
        // A journey's own words for its channel are no name of the standard: the device decides.
        check("loan", "api-error", &[("channel", "H5")], none(), "mobile-app own-wealth systems respect");
        // A rule is of this installation, and stands above the journey.
        check("loan", "api-error", &[("business", "贷款")], none(), "mobile-app own-wealth systems respect");
        let person = Correction {
            reason: Some(Reason::Rules),
            business: Some(Business::Loan),
            rights: Some(BTreeSet::new()),
            ..none()
        };
        check("fund-buy", "api-error", &[], person, "mobile-app loan rules ");
    }

    #[test]
    fn what_a_person_said_before_stays_until_they_say_otherwise() {
        let before =
            Correction { reason: Some(Reason::Rules), channel: Some(Channel::Branch), ..Correction::default() };
        let now = Correction { reason: Some(Reason::Yield), ..Correction::default() };
        let both = now.over(&before);
        assert_eq!((both.reason, both.channel), (Some(Reason::Yield), Some(Channel::Branch)));
        let tags = Tags { reason: Some(Reason::Yield), ..Tags::default() };
        assert_eq!(both.clone().beyond(&tags), Correction { reason: None, ..both });
    }
}
