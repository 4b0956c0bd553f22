//! How channels fare, filed as the robot's own trouble.

use crate::alert::{Bulletin, ChannelHealth, Digest, LeasedNotice};
use crate::fleet::Clerk;
use crate::id::WalkId;
use crate::incident::Delivery;
use async_trait::async_trait;

/// Files with the fleet's own clerk, so that nobody folds at the same time.
pub(super) struct FiledHealth(pub Clerk);

#[async_trait]
impl ChannelHealth for FiledHealth {
    async fn given_up(&self, notice: &LeasedNotice, said: &str) {
        let bulletin = serde_json::from_str::<Bulletin>(&notice.body).ok();
        let worst = || serde_json::from_str::<Digest>(&notice.body).ok()?.worst().cloned();
        let walk = bulletin.or_else(worst).and_then(|bulletin| bulletin.walk.parse().ok());
        let walk = walk.unwrap_or_else(WalkId::fresh);
        self.file(&notice.channel, Delivery::GivenUp { said, walk }).await;
    }

    async fn accepted(&self, channel: &str) {
        self.file(channel, Delivery::Accepted).await;
    }
}

impl FiledHealth {
    async fn file(&self, channel: &str, delivery: Delivery<'_>) {
        if let Err(error) = self.0.delivery(channel, delivery).await {
            tracing::error!(channel, %error, "how a channel fares could not be filed");
        }
    }
}
