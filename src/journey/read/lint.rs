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
