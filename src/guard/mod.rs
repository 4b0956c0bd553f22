//! What may leave the browser. Pure: the egress proxy asks these rules, inside TLS too.
//!
//! Two lists decide. `hosts` is what the journey's app declares: everything else is denied. `never` is what
//! the operator forbids whatever the journey says: an order, a transfer. A never rule is compared with every
//! reading of the request that a server could have, so that no spelling gets past it.

mod address;
mod host;
mod never;
mod path;
mod request;

pub use address::AddressClass;
pub use host::{HostRule, HostRuleError};
pub use never::{NeverRule, NeverRuleError};
pub use path::{PathPattern, PathPatternError};
pub use request::{Request, UnreadableUrl};

use std::fmt;
use std::net::IpAddr;

/// The rules of one lane. The default allows nothing.
#[derive(Debug, Clone, Default)]
pub struct GuardRules {
    /// The hosts the journey's app declares.
    pub hosts: Vec<HostRule>,
    /// Requests that are stopped whatever the journey declares.
    pub never: Vec<NeverRule>,
    /// Whether a public name may lead to a private address, as it does where a company's own name service
    /// serves its test systems. Loopback, link-local and cloud metadata addresses stay denied.
    pub private_networks: bool,
}

/// Whether a request may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allow,
    /// It may not.
    Deny(Reason),
}

/// Why a request may not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No host rule names this host and port.
    HostNotDeclared {
        /// The host as it was understood.
        host: String,
        /// The port.
        port: u16,
    },
    /// A never rule forbids it.
    Never {
        /// The rule, as it was written.
        rule: String,
    },
    /// Neither HTTP nor WebSocket.
    Scheme(String),
    /// The name leads to an address it must not lead to.
    Address {
        /// The host as it was asked for.
        host: String,
        /// Where it leads.
        address: IpAddr,
        /// What kind of address that is.
        class: AddressClass,
    },
    /// The request cannot be understood, and what is not understood is not allowed.
    Unreadable(String),
}

impl GuardRules {
    /// Decides on one request. A request whose path is not known (the opening of a tunnel) is compared only
    /// with never rules that leave method and path open.
    pub fn decide(&self, request: &Request) -> Decision {
        if request.stays_inside() {
            return Decision::Allow;
        }
        if !matches!(request.scheme.as_str(), "http" | "https" | "ws" | "wss") {
            return Decision::Deny(Reason::Scheme(request.scheme.clone()));
        }
        if let Some(rule) = self.never.iter().find(|rule| rule.forbids(request)) {
            return Decision::Deny(Reason::Never { rule: rule.to_string() });
        }
        if self.hosts.iter().any(|rule| rule.covers(&request.host, request.port, &request.scheme)) {
            return Decision::Allow;
        }
        Decision::Deny(Reason::HostNotDeclared { host: request.host.to_string(), port: request.port })
    }

    /// Whether never rules must be held inside TLS, which must end in the proxy then. A rule that leaves
    /// method and path open is held at the tunnel already; asking once more costs little and misses nothing.
    pub fn must_see_inside_tls(&self) -> bool {
        !self.never.is_empty()
    }

    /// Decides on the address that an allowed request's host leads to, against rebinding.
    pub fn decide_address(&self, request: &Request, address: IpAddr) -> Decision {
        let class = AddressClass::of(address);
        let literal = !matches!(request.host, url::Host::Domain(_));
        let own_name = address::is_private_name(&request.host);
        let fine = match class {
            AddressClass::Public => true,
            AddressClass::LinkLocal | AddressClass::Unroutable => false,
            AddressClass::Loopback => literal || own_name,
            AddressClass::Private => literal || own_name || self.private_networks,
        };
        if fine {
            return Decision::Allow;
        }
        Decision::Deny(Reason::Address { host: request.host.to_string(), address, class })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostNotDeclared { host, port } => {
                write!(f, "`{host}:{port}` is not among the hosts the app declares")
            }
            Self::Never { rule } => write!(f, "the never rule `{rule}` forbids it"),
            Self::Scheme(scheme) => write!(f, "scheme `{scheme}` is neither HTTP nor WebSocket"),
            Self::Address { host, address, class } => {
                write!(f, "`{host}` leads to {class} address {address}")?;
                match class {
                    AddressClass::Private => f.write_str("; allow private networks in the config if that is intended"),
                    _ => Ok(()),
                }
            }
            Self::Unreadable(why) => write!(f, "it cannot be understood: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(hosts: &[&str], never: &[NeverRule]) -> GuardRules {
        let hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
        GuardRules { hosts, never: never.to_vec(), private_networks: false }
    }

    fn order() -> GuardRules {
        rules(&["bank.example"], &[NeverRule::parse(Some("POST"), None, "/api/orders/**").unwrap()])
    }

    /// `expected` is `ok`, or the start of the reason.
    fn check(rules: &GuardRules, method: &str, url: &str, expected: &str) {
        let decision = match Request::parse(method, url) {
            Ok(request) => rules.decide(&request),
            Err(UnreadableUrl(why)) => Decision::Deny(Reason::Unreadable(why)),
        };
        let found = match decision {
            Decision::Allow => "ok".to_owned(),
            Decision::Deny(reason) => format!("{reason:?}"),
        };
        assert!(found.starts_with(expected), "{method} {url}: {found}, expected {expected}");
    }

    #[test]
    fn only_declared_hosts_are_reached() {
        let rules = rules(&["bank.example", "*.cdn.example", "127.0.0.1:8080", "localhost:*"], &[]);
        check(&rules, "GET", "https://bank.example/", "ok");
        check(&rules, "GET", "http://BANK.example./", "ok");
        check(&rules, "GET", "wss://bank.example/ws", "ok");
        check(&rules, "GET", "https://bank.example:8443/", "HostNotDeclared");
        check(&rules, "GET", "http://bank.example:443/", "HostNotDeclared");
        check(&rules, "GET", "https://www.bank.example/", "HostNotDeclared");
        check(&rules, "GET", "https://bank.example.evil.example/", "HostNotDeclared");
        check(&rules, "GET", "https://bank.example@evil.example/", "HostNotDeclared");
        check(&rules, "GET", "https://evil.example\\@bank.example/", "HostNotDeclared");
        check(&rules, "GET", "https://a.b.cdn.example/", "ok");
        check(&rules, "GET", "https://cdn.example/", "HostNotDeclared");
        check(&rules, "GET", "https://xcdn.example/", "HostNotDeclared");
        check(&rules, "GET", "http://127.0.0.1:8080/", "ok");
        check(&rules, "GET", "http://0x7f.1:8080/", "ok");
        check(&rules, "GET", "http://[::ffff:127.0.0.1]:8080/", "ok");
        check(&rules, "GET", "http://127.0.0.1:8081/", "HostNotDeclared");
        check(&rules, "GET", "http://localhost:9/", "ok");
        check(&rules, "GET", "ftp://bank.example/", "Scheme");
        check(&rules, "GET", "file:///etc/passwd", "Scheme");
        check(&rules, "GET", "data:text/plain,x", "ok");
        check(&rules, "GET", "blob:https://bank.example/1", "ok");
        check(&rules, "GET", "https://bank example/", "Unreadable");
    }

    #[test]
    fn a_never_rule_holds_against_every_spelling() {
        let rules = order();
        for path in [
            "/api/orders",
            "/api/orders/",
            "/api/orders/1?x=/y",
            "/API/Orders/1",
            "/api//orders/1",
            "//api/orders/1",
            "/api/./orders/1",
            "/api/x/../orders/1",
            "/api/x/%2e%2e/orders/1",
            "/api/x/%252e%252e/orders/1",
            "/api/x/..;/orders/1",
            "/api%2Forders%2F1",
            "/api%252Forders/1",
            "/api/%6frders/1",
            "/api/%256frders/1",
            "/api\\orders\\1",
            "/api/%5Corders/1",
            "/api;jsessionid=1/orders;v=2/1",
            "/api/orders/%2e%2e%2fbalance",
            "/api/orders%00/1",
            "/api/or%0Aders/1",
            "/api/orders./1",
            "/api/orders%20/1",
            "/api/%E2%80%8Borders/1",
        ] {
            check(&rules, "POST", &format!("https://bank.example{path}"), "Never");
        }
        check(&rules, "post", "https://bank.example/api/orders", "Never");
        check(&rules, "POST", "https://bank.example./api/orders", "Never");
        check(&rules, "GET", "https://bank.example/api/orders", "ok");
        check(&rules, "POST", "https://bank.example/api/ordersheet", "ok");
        check(&rules, "POST", "https://bank.example/api/balance?next=/api/orders", "ok");
        check(&rules, "POST", "https://bank.example/v2/api/orders", "ok");
    }

    #[test]
    fn nested_encoding_without_end_is_not_understood() {
        let deep = format!("https://bank.example/%{}41", "25".repeat(20));
        check(&order(), "POST", &deep, "Never");
    }

    #[test]
    fn a_method_asked_for_otherwise_is_a_method() {
        let rules = rules(&["bank.example"], &[NeverRule::parse(Some("DELETE"), None, "/accounts/**").unwrap()]);
        let check = |method: &str, query: &str, headers: &[(&str, &str)], stopped: bool| {
            let request = Request::parse(method, &format!("https://bank.example/accounts/1{query}")).unwrap();
            let request = headers.iter().fold(request, |request, (name, value)| request.with_header(name, value));
            assert_eq!(rules.decide(&request) != Decision::Allow, stopped, "{method} {query} {headers:?}");
        };
        check("POST", "", &[], false);
        check("POST", "", &[("X-HTTP-Method-Override", "delete")], true);
        check("POST", "", &[("X-HTTP-Method-Override", "PATCH"), ("X-HTTP-Method", "DELETE")], true);
        check("POST", "", &[("x-http-method-override", "PATCH"), ("x-http-method-override", "DELETE")], true);
        check("POST", "", &[("X-Method-Override", "PATCH, DELETE")], true);
        check("POST", "", &[("X_HTTP_Method_Override", "DELETE")], true);
        check("POST", "", &[("X-HTTP-Method-Override", "PUT")], false);
        check("POST", "?_method=DELETE", &[], true);
        check("POST", "?a=1&%5fmethod=%44ELETE", &[], true);
        check("POST", "?a=1;_method=delete", &[], true);
        check("POST", "?_method=put&_method=delete", &[], true);
        check("GET", "?note=_method", &[], false);
        check("POST", "", &[("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")], true);
        check("POST", "", &[("content-type", "multipart/form-data; boundary=x")], true);
        check("POST", "", &[("Content-Type", "application/json")], false);
        check("GET", "", &[("Content-Type", "application/x-www-form-urlencoded")], false);
    }

    #[test]
    fn a_path_asked_for_otherwise_is_a_path() {
        let request = Request::parse("POST", "https://bank.example/").unwrap();
        assert_eq!(order().decide(&request), Decision::Allow);
        for value in ["/api/orders/1?x", "https://bank.example/api/orders"] {
            let asked = request.clone().with_header("X-Original-URL", value);
            assert!(matches!(order().decide(&asked), Decision::Deny(Reason::Never { .. })), "{value}");
        }
    }

    #[test]
    fn a_suffix_is_no_way_past_a_rule_and_a_script_is_no_order() {
        let all = rules(&["bank.example"], &[NeverRule::parse(None, None, "/orders").unwrap()]);
        check(&all, "POST", "https://bank.example/orders.json", "Never");
        check(&all, "GET", "https://bank.example/orders.json", "Never");
        check(&all, "POST", "https://bank.example/orders.js", "Never");
        check(&all, "GET", "https://bank.example/orders.js", "ok");
        check(&order(), "POST", "https://bank.example/api/orders.json", "Never");
    }

    #[test]
    fn tunnels_are_judged_by_host_and_open_never_rules() {
        let all = NeverRule::parse(None, Some("pay.bank.example"), "/**").unwrap();
        let rules = rules(&["*.bank.example"], &[all, NeverRule::parse(Some("POST"), None, "/orders").unwrap()]);
        let tunnel = |host: &str| rules.decide(&Request::tunnel(host, 443).unwrap());
        assert_eq!(tunnel("www.bank.example"), Decision::Allow);
        assert!(matches!(tunnel("pay.bank.example"), Decision::Deny(Reason::Never { .. })));
        assert!(matches!(tunnel("PAY.bank.example."), Decision::Deny(Reason::Never { .. })));
        assert!(matches!(tunnel("bank.example"), Decision::Deny(Reason::HostNotDeclared { .. })));
    }

    #[test]
    fn names_must_not_lead_inside() {
        let strict = rules(&[], &[]);
        let lax = GuardRules { private_networks: true, ..rules(&[], &[]) };
        let check = |rules: &GuardRules, host: &str, address: &str, allowed: bool| {
            let request = Request::tunnel(host, 443).unwrap();
            let decision = rules.decide_address(&request, address.parse().unwrap());
            assert_eq!(decision == Decision::Allow, allowed, "{host} {address}: {decision:?}");
        };
        check(&strict, "bank.example.com", "93.184.216.34", true);
        check(&strict, "bank.example.com", "10.0.0.1", false);
        check(&lax, "bank.example.com", "10.0.0.1", true);
        check(&lax, "bank.example.com", "127.0.0.1", false);
        check(&lax, "bank.example.com", "::ffff:127.0.0.1", false);
        check(&lax, "bank.example.com", "169.254.169.254", false);
        check(&lax, "169.254.169.254", "169.254.169.254", false);
        check(&lax, "bank.example.com", "0.0.0.0", false);
        check(&strict, "localhost", "127.0.0.1", true);
        check(&strict, "app.localhost", "::1", true);
        check(&strict, "127.0.0.1", "127.0.0.1", true);
        check(&strict, "10.1.2.3", "10.1.2.3", true);
        check(&strict, "intranet", "10.1.2.3", true);
        check(&strict, "uat.bank.internal", "192.168.1.1", true);
    }
}
