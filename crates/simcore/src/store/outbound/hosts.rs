//! Names that the machine itself knows.

use std::net::IpAddr;

/// Where they stand.
#[cfg(unix)]
const FILE: &str = "/etc/hosts";
#[cfg(not(unix))]
const FILE: &str = "C:\\Windows\\System32\\drivers\\etc\\hosts";

/// The addresses that the file `hosts` gives a name; none where it does not know it.
#[expect(clippy::disallowed_methods, reason = "the file of names that every program of the machine reads")]
pub(super) fn addresses(name: &str) -> Vec<IpAddr> {
    std::fs::read_to_string(FILE).map(|text| named(&text, name)).unwrap_or_default()
}

fn named(text: &str, name: &str) -> Vec<IpAddr> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let found = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next()?.parse().ok()?;
        words.any(|known| known.eq_ignore_ascii_case(name)).then_some(address)
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_addresses_of_their_lines() {
        let text =
            "127.0.0.1 localhost vm # hooks\n::1\tlocalhost VM\n10.0.0.7 erp hooks.test\nnonsense vm\n";
        let addresses = |name| named(text, name).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(addresses("vm"), ["127.0.0.1", "::1"]);
        assert_eq!(addresses("ERP"), ["10.0.0.7"]);
        assert!(addresses("hooks").is_empty() && addresses("elsewhere").is_empty());
    }
}
