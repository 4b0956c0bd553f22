//! Being a device: viewport, touch, user agent, language and time zone of one lane.

use crate::journey::Device;
use serde_json::{Value, json};

/// A device in the browser's terms.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Metrics {
    pub width: u32,
    pub height: u32,
    pub pixel_ratio: f64,
    pub mobile: bool,
    /// `None` keeps the browser's own, less the mark of headlessness.
    pub user_agent: Option<String>,
}

impl Metrics {
    /// The metrics of `device`, with Chromium's full version for devices that run Chrome.
    pub(crate) fn of(device: &Device, version: &str) -> Self {
        let major = version.split('.').next().unwrap_or("156");
        match device {
            Device::Desktop => Self::desktop(1440, 900, major),
            Device::Viewport { width, height } => Self::desktop(*width, *height, major),
            Device::H5Iphone => Self {
                width: 390,
                height: 844,
                pixel_ratio: 3.0,
                mobile: true,
                user_agent: Some(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
                        .to_owned(),
                ),
            },
            Device::H5Android => Self {
                width: 412,
                height: 915,
                pixel_ratio: 2.625,
                mobile: true,
                user_agent: Some(format!(
                    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/{major}.0.0.0 Mobile Safari/537.36"
                )),
            },
        }
    }

    fn desktop(width: u32, height: u32, major: &str) -> Self {
        let user_agent = format!(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"
        );
        Self { width, height, pixel_ratio: 1.0, mobile: false, user_agent: Some(user_agent) }
    }

    /// `390x844@3`, as records show it.
    pub(crate) fn words(&self) -> String {
        format!("{}x{}@{}", self.width, self.height, self.pixel_ratio)
    }

    /// Commands for the whole user context, popups included.
    pub(crate) fn context_commands(
        &self,
        user_context: &str,
        locale: &str,
        timezone: Option<&str>,
    ) -> Vec<(&'static str, Value)> {
        let mut commands =
            vec![("emulation.setLocaleOverride", json!({"locale": locale, "userContexts": [user_context]}))];
        if let Some(agent) = &self.user_agent {
            commands
                .push(("emulation.setUserAgentOverride", json!({"userAgent": agent, "userContexts": [user_context]})));
        }
        if let Some(zone) = timezone {
            commands.push(("emulation.setTimezoneOverride", json!({"timezone": zone, "userContexts": [user_context]})));
        }
        if self.mobile {
            commands.push(("emulation.setTouchOverride", json!({"maxTouchPoints": 5, "userContexts": [user_context]})));
        }
        commands
    }

    /// What makes a window a phone's, for each session that is to picture it: one that does not know of it gives
    /// pictures without the screen's pixel ratio.
    pub(crate) fn phone_command(&self) -> Option<(&'static str, Value)> {
        let screen = json!({"width": self.width, "height": self.height, "deviceScaleFactor": self.pixel_ratio,
            "mobile": true, "screenWidth": self.width, "screenHeight": self.height});
        self.mobile.then_some(("Emulation.setDeviceMetricsOverride", screen))
    }

    /// The window's own metrics. BiDi's `setViewport` leaves `innerWidth` at four times the width on a mobile
    /// viewport (measured on Chromium 156), so phones are set through CDP.
    pub(crate) fn window_command(&self, context: &str, cdp_session: &str) -> (&'static str, Value) {
        if let Some((method, params)) = self.phone_command() {
            return ("goog:cdp.sendCommand", json!({"method": method, "params": params, "session": cdp_session}));
        }
        let viewport = json!({"width": self.width, "height": self.height});
        (
            "browsingContext.setViewport",
            json!({"context": context, "viewport": viewport, "devicePixelRatio": self.pixel_ratio}),
        )
    }
}
