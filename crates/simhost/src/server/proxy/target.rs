//! Where a client of the proxy wants to go, and whether it may.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::tls::names::fits;

/// A vendor's host: a pattern, and which of the servers answers for it; nobody where that server does not run.
#[derive(Clone, Debug)]
pub struct VendorHost {
    /// A name, or `*.` and a name.
    pub pattern: String,
    /// The simulator's slug.
    pub slug: String,
    /// Its place among the servers that run.
    pub server: Option<usize>,
}

/// What becomes of a request to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// One of the servers answers.
    Server(usize),
    /// A vendor's host whose server does not run: the real one is never reached by mistake.
    NotRunning(&'a str),
    /// A host of this machine.
    Near,
    /// Anybody else's.
    Other,
}

/// What a host is; `host` as a URL has it, IPv6 addresses in brackets.
pub(super) fn target<'a>(hosts: &'a [VendorHost], host: &str) -> Target<'a> {
    let name = host.trim_end_matches('.').trim_matches(['[', ']']);
    if let Some(found) = hosts.iter().find(|known| fits(&known.pattern, name)) {
        return found.server.map_or(Target::NotRunning(&found.slug), Target::Server);
    }
    let is_near = match name.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => fits("localhost", name) || fits("*.localhost", name),
    };
    if is_near { Target::Near } else { Target::Other }
}

/// Whether an address is this machine's, its network's or nobody's: what a proxy that others reach does not lead to.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    // Of carriers, of protocols, of benchmarks, and what nobody has (RFC 6890).
    let is_special = match address.octets() {
        [100, second, ..] => (64..128).contains(&second),
        [192, 0, 0, _] => true,
        [198, second, ..] => (18..20).contains(&second),
        [first, ..] => first == 0 || first >= 240,
    };
    is_special
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    // Translated from IPv4 (RFC 6052, RFC 3056, RFC 4291): what is behind it counts.
    let segments = address.segments();
    let behind = match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] | [0, 0, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    };
    // A network's own translation (RFC 8215), Teredo (RFC 4380), nobody's (RFC 6666), and the old local ones (RFC 3879).
    let is_special = matches!(segments, [0x64, 0xff9b, 1, ..] | [0x2001, 0, ..] | [0x100, 0, 0, 0, ..])
        || segments[0] & 0xffc0 == 0xfec0;
    is_special
        || behind.is_some_and(is_private_v4)
        || address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_vendors_near_or_others() {
        let vendor =
            |pattern: &str, server| VendorHost { pattern: pattern.to_owned(), slug: "a".to_owned(), server };
        let hosts = [
            vendor("app.vendor.example", Some(0)),
            vendor("*.cloud.example", Some(1)),
            vendor("off.example", None),
        ];
        for (host, expected) in [
            ("app.vendor.example", Target::Server(0)),
            ("APP.Vendor.Example.", Target::Server(0)),
            ("acme.cloud.example", Target::Server(1)),
            ("cloud.example", Target::Other),
            ("off.example", Target::NotRunning("a")),
            ("localhost", Target::Near),
            ("x.localhost", Target::Near),
            ("127.3.2.1", Target::Near),
            ("[::1]", Target::Near),
            ("[::ffff:127.0.0.1]", Target::Near),
            ("localhost.evil.example", Target::Other),
            ("192.0.2.1", Target::Other),
        ] {
            assert_eq!(target(&hosts, host), expected, "{host}");
        }
    }

    #[test]
    fn private_addresses_are_known() {
        for (address, expected) in [
            ("127.0.0.1", true),
            ("10.0.0.1", true),
            ("172.16.0.1", true),
            ("192.168.1.1", true),
            ("169.254.169.254", true),
            ("100.64.0.1", true),
            ("0.0.0.0", true),
            ("224.0.0.1", true),
            ("255.255.255.255", true),
            ("240.0.0.1", true),
            ("192.0.0.8", true),
            ("198.18.0.1", true),
            ("198.19.255.255", true),
            ("198.20.0.1", false),
            ("192.0.1.1", false),
            ("::127.0.0.1", true),
            ("::192.0.2.1", false),
            ("64:ff9b:1::1", true),
            ("2001:0:102:304::", true),
            ("fec0::1", true),
            ("100::1", true),
            ("::1", true),
            ("fe80::1", true),
            ("fd00::1", true),
            ("::ffff:10.0.0.1", true),
            ("64:ff9b::a00:1", true),
            ("2002:a00:1::", true),
            ("192.0.2.1", false),
            ("100.128.0.1", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_private(address.parse().unwrap()), expected, "{address}");
        }
    }
}
