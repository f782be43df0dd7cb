//! Which names certificates are made for: those under which clients reach servers here, and no others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The names. One that begins with `*.` stands for any number of labels in its place.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// What `--host` says: an address or a name, without brackets.
    pub bound: String,
    /// Further names and addresses of this machine (`--control-host`), without brackets. Before the names there may be
    /// labels that name sandboxes.
    pub more: Vec<String>,
    /// The hosts of vendors.
    pub vendors: Vec<String>,
}

impl Names {
    /// Whether a certificate is made for `name`, which is in lower case.
    pub fn admits(&self, name: &str) -> bool {
        let is_below =
            |more: &&String| name.strip_suffix(more.as_str()).is_some_and(|rest| rest.ends_with('.'));
        name == "localhost"
            || fits("*.localhost", name)
            || name.eq_ignore_ascii_case(&self.bound)
            || self.more.iter().any(|more| name.eq_ignore_ascii_case(more))
            || self.more.iter().any(|more| is_below(&&more.to_ascii_lowercase()))
            || self.vendors.iter().any(|vendor| fits(vendor, name))
    }

    /// What the certificate holds for a client that names nobody and came to the address `local`.
    pub fn without_name(&self, local: IpAddr) -> Vec<String> {
        let mut names =
            vec!["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()];
        let more = [local.to_canonical().to_string(), self.bound.clone()]
            .into_iter()
            .chain(self.more.iter().cloned());
        for name in more.filter(|name| !name.is_empty()).map(|name| name.to_ascii_lowercase()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// Whether `name` is `pattern`, or is below it where that begins with `*.`.
pub fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    match pattern.strip_prefix('*') {
        Some(end) => {
            name.strip_suffix(end).is_some_and(|labels| !labels.is_empty() && !labels.starts_with('.'))
        }
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ours_are_admitted_and_no_others() {
        let names = Names {
            bound: "build.lan".to_owned(),
            more: vec!["Erp.CI.example".to_owned(), "10.0.0.7".to_owned()],
            vendors: vec!["app.vendor.example".to_owned(), "*.cloud.example".to_owned()],
        };
        for (name, expected) in [
            ("localhost", true),
            ("t42.localhost", true),
            ("a.b.localhost", true),
            ("build.lan", true),
            ("t42.build.lan", false),
            ("erp.ci.example", true),
            ("t42.erp.ci.example", true),
            ("xerp.ci.example", false),
            ("app.vendor.example", true),
            ("www.app.vendor.example", false),
            ("acme.cloud.example", true),
            ("v4.api.cloud.example", true),
            ("cloud.example", false),
            (".cloud.example", false),
            ("localhost.evil.example", false),
            ("bank.example", false),
            ("", false),
        ] {
            assert_eq!(names.admits(name), expected, "{name}");
        }
    }

    #[test]
    fn who_names_nobody_gets_all_addresses() {
        let names =
            Names { bound: "0.0.0.0".to_owned(), more: vec!["erp.test".to_owned()], vendors: Vec::new() };
        let held = names.without_name("::ffff:192.0.2.5".parse().unwrap());
        assert_eq!(held, ["localhost", "127.0.0.1", "::1", "192.0.2.5", "0.0.0.0", "erp.test"]);
        assert_eq!(names.without_name(Ipv4Addr::LOCALHOST.into()).len(), 5);
    }
}
