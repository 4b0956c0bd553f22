//! What people say an incident is filed under.

use super::*;
use crate::actor::Actor;
use crate::tags::{Channel, Correction, Facts, Reason, Right, Rules};

fn says(incident: &Incident, said: Correction) -> Result<Incident, String> {
    let by = Actor::person("韩梅梅").unwrap();
    let asked = Asked { deed: Deed::Retag(said), by, why: String::new(), at: Moment::from_millis(HOUR) };
    act(incident, &asked, None).map(|change| change.after).map_err(|refused| refused.to_string())
}

fn reason(reason: Reason) -> Correction {
    Correction { reason: Some(reason), ..Correction::default() }
}

#[test]
fn a_correction_stays_through_the_end_and_the_return() {
    let mut story = Story::new();
    story.walk(Shows::Fail(1, "a"));
    story.walk(Shows::Fail(1, "a"));
    let rules = Rules::default();
    let derived = story.known.incidents[0].tags(&rules);
    assert_eq!((derived.reason, derived.rights), (Some(Reason::Systems), [Right::Respect].into()));
    let corrected = says(&story.known.incidents[0], reason(Reason::Contract)).unwrap();
    assert_eq!(corrected.standing(), Standing::Confirmed, "it moves nothing else");
    assert_eq!(says(&corrected, reason(Reason::Contract)).unwrap_err(), "it is filed under these tags already");
    let channel = Correction { channel: Some(Channel::PublicPlatform), ..Correction::default() };
    story.known.incidents[0] = says(&corrected, channel).unwrap();
    story.walk(Shows::Pass);
    story.walk(Shows::Fail(1, "a"));
    story.walk(Shows::Fail(1, "a"));
    let again = &story.known.incidents[0];
    assert_eq!((again.state, again.reopened), (State::Open, 1));
    let tags = again.tags(&rules);
    assert_eq!((tags.reason, tags.channel), (Some(Reason::Contract), Some(Channel::PublicPlatform)));
}

#[test]
fn the_watchs_own_trouble_is_filed_under_nothing() {
    let mut story = Story::new();
    story.walk(Shows::Trouble(TroubleKind::BrowserLost));
    story.walk(Shows::Trouble(TroubleKind::BrowserLost));
    let robots = &story.known.incidents[0];
    assert_eq!(robots.tags(&Rules::default()), crate::tags::Tags::default());
    assert!(says(robots, reason(Reason::Systems)).is_err());
    let facts = Facts {
        app: "",
        journey: "",
        detector: "no-such",
        class: None,
        devices: &Default::default(),
        own: &Default::default(),
    };
    assert_eq!(Rules::default().of(&facts, &Correction::default()).channel, None);
}
