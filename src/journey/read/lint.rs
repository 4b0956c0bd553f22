//! What a whole journey must be: able to fail, and harmless unless it says otherwise.

use super::reader::{Fields, Reader};
use super::title::target_words;
use crate::journey::node::Node;
use crate::journey::{Locator, Safety, Step, Verb};

/// Buttons whose tap moves money. Only whole names: `确认支付方式` is another button.
const PAYING: [&str; 14] = [
    "确认支付",
    "立即支付",
    "确认付款",
    "立即付款",
    "确认转账",
    "立即转账",
    "确认申购",
    "确认认购",
    "确认赎回",
    "确认购买",
    "确认下单",
    "提交订单",
    "确认提现",
    "confirm payment",
];

impl Reader<'_> {
    /// A read-only journey does not tap a paying button, unless its author says why nothing moves.
    pub fn refuse_payment(&mut self, node: &Node, target: &Locator, step: &Fields) {
        let words = target_words(target).to_lowercase();
        let bare = words.trim();
        if self.safety == Safety::ReadOnly && PAYING.contains(&bare) && step.get("note").is_none() {
            let title = format!("a read-only journey taps `{bare}`");
            let help = "stop before it with `see:`, set `safety: money`, or say in `note:` why nothing moves";
            self.problem(&node.span, title, "this moves money", help);
        }
    }
}

/// Steps that compare a picture which another compares already, or the same one again and again: only the first page of a
/// name would be compared. With the name, and whether the step itself is repeated.
pub(super) fn compared_again<'s>(steps: &'s [Step], always: &'s [Step]) -> Vec<(&'s Step, &'s str, bool)> {
    fn visit<'s>(
        steps: &'s [Step],
        repeated: bool,
        met: &mut Vec<&'s str>,
        again: &mut Vec<(&'s Step, &'s str, bool)>,
    ) {
        for step in steps {
            match &step.verb {
                Verb::Compare { name, .. } if repeated || met.contains(&name.as_str()) => {
                    again.push((step, name, repeated))
                }
                Verb::Compare { name, .. } => met.push(name),
                Verb::When { steps, .. } => visit(steps, repeated, met, again),
                // One branch is taken.
                Verb::FirstOf(branches) => {
                    let before = met.clone();
                    for branch in branches {
                        let mut own = before.clone();
                        visit(&branch.steps, repeated, &mut own, again);
                        met.extend(own.split_off(before.len()));
                    }
                }
                Verb::Repeat { steps, .. } => visit(steps, true, met, again),
                _ => {}
            }
        }
    }
    let (mut met, mut again) = (Vec::new(), Vec::new());
    [steps, always].into_iter().for_each(|list| visit(list, false, &mut met, &mut again));
    again
}

/// Whether any step could find the app at fault by more than a missing target.
pub(super) fn expects_something(steps: &[Step]) -> bool {
    steps.iter().any(|step| {
        !step.expects.is_empty()
            || match &step.verb {
                Verb::Assert { .. } | Verb::FirstOf(_) | Verb::Download(_) | Verb::Script(_) => true,
                Verb::Call(call) => call.status.is_some() || !call.json.is_empty(),
                Verb::When { steps, .. } | Verb::Repeat { steps, .. } => expects_something(steps),
                _ => false,
            }
    })
}
