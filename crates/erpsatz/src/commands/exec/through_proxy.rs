//! What sends the command's requests for the vendors' hosts through the proxy.

#![expect(clippy::disallowed_methods, reason = "the command's environment")]

use std::env;

use control::text::counted;
use erpsatz::{ProxyUse, registry};

/// What no request of the command goes through the proxy for.
const NEAR: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What `exec` says when the proxy was there for nothing.
pub(super) fn for_nothing(proxy: ProxyUse) -> Option<String> {
    match proxy {
        ProxyUse { asked: 0, .. } => Some(UNUSED.to_owned()),
        ProxyUse { asked, came: 0 } => Some(format!(
            "erpsatz: {} came to the proxy, and none was for a server: its answer says why (403 a host that is no vendor's, 407 \
             credentials that are missing or wrong, 400 what it cannot read)",
            counted(asked, "request", "requests")
        )),
        ProxyUse { .. } => None,
    }
}

const UNUSED: &str = "erpsatz: nothing came through the proxy: does the client read HTTPS_PROXY? Node does from 22.21 \
    and 24 on (before: undici's EnvHttpProxyAgent), Java wants -Dhttps.proxyHost and -Dhttps.proxyPort, Python's httpx and \
    requests want no trust_env=False";

/// The variables by which clients find the proxy at `url`; `hosts` are those that were added to the vendors' own.
pub(super) fn variables<'a>(url: &str, hosts: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let hosts: Vec<&str> =
        hosts.chain(registry::ALL.iter().flat_map(|sim| sim.hosts.iter().copied())).collect();
    let before = ["NO_PROXY", "no_proxy"].iter().find_map(|name| env::var(name).ok()).unwrap_or_default();
    let direct = direct(&before, &hosts);
    let mut variables = vec![
        ("ERPSATZ_PROXY_URL".to_owned(), url.to_owned()),
        // Node reads the others only when it is told to.
        ("NODE_USE_ENV_PROXY".to_owned(), "1".to_owned()),
    ];
    for (name, value) in [("HTTP_PROXY", url), ("HTTPS_PROXY", url), ("NO_PROXY", &direct)] {
        variables.push((name.to_owned(), value.to_owned()));
        variables.push((name.to_lowercase(), value.to_owned()));
    }
    variables
}

/// This machine, and what `before` names less what would lead past the proxy.
fn direct(before: &str, hosts: &[&str]) -> String {
    let kept = before.split(',').map(str::trim).filter(|entry| !entry.is_empty() && *entry != "*");
    let kept = kept.filter(|entry| !NEAR.contains(entry) && !hosts.iter().any(|host| covers(entry, host)));
    NEAR.into_iter().chain(kept).collect::<Vec<_>>().join(",")
}

/// Whether an entry of `NO_PROXY` means an intercepted host, or some of those that a pattern stands for.
fn covers(entry: &str, host: &str) -> bool {
    let name = entry
        .rsplit_once(':')
        .filter(|(_, port)| port.parse::<u16>().is_ok())
        .map_or(entry, |(name, _)| name);
    let name = name.trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    let below = |outer: &str, inner: &str| {
        inner == outer || inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'))
    };
    match host.strip_prefix("*.") {
        Some(base) => below(&name, base) || below(base, &name),
        None => below(&name, &host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_was_there_for_nothing_is_spoken_of() {
        let said = |asked, came| for_nothing(ProxyUse { asked, came }).unwrap_or_default();
        assert!(said(0, 0).contains("nothing came through the proxy"));
        assert!(said(2, 0).contains("2 requests came to the proxy") && said(2, 0).contains("407"));
        assert_eq!(said(2, 1), "");
    }

    #[test]
    fn what_would_lead_past_the_proxy_is_taken_out() {
        let hosts = ["app.vendor.example", "*.cloud.example"];
        for (before, expected) in [
            ("", ""),
            ("*", ""),
            ("intranet.example, 10.0.0.0/8", ",intranet.example,10.0.0.0/8"),
            ("vendor.example,.vendor.example,*.vendor.example", ""),
            ("APP.vendor.example:443", ""),
            ("www.vendor.example,endor.example", ",www.vendor.example,endor.example"),
            ("cloud.example,acme.cloud.example,.example", ""),
            ("localhost,other.example", ",other.example"),
        ] {
            assert_eq!(direct(before, &hosts), format!("localhost,127.0.0.1,::1{expected}"), "{before}");
        }
    }
}
