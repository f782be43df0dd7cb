//! Headers of a request: documented ones that are missing or given twice, and others that are nearly theirs.

use super::Check;
use crate::contract::ParameterLocation;

/// Headers that nearly every client sends, and that are never a slip for another one.
const USUAL: [&str; 10] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "connection",
    "content-length",
    "content-type",
    "host",
    "origin",
    "transfer-encoding",
    "user-agent",
];

impl Check<'_> {
    /// Clients send headers of all sorts: only one that is nearly a documented one is a mistake.
    pub(super) fn headers(&mut self) {
        let (contract, operation, request) = (self.contract, self.operation, self.request);
        let parameters =
            operation.parameters.iter().filter(|parameter| parameter.location == ParameterLocation::Header);
        let schemes = contract.security.iter().flatten().map(|scheme| scheme.header.as_str());
        let known: Vec<&str> =
            parameters.clone().map(|parameter| parameter.name.as_ref()).chain(schemes).collect();
        let are_repeated = request.headers.len() > request.headers.keys_len();
        for name in known.iter().filter(|_| are_repeated) {
            let mut values = request.headers.get_all(*name).iter();
            let first = values.next();
            if values.any(|other| Some(other) != first) {
                self.violation("header", name, format!("the header {name} is given with two values"), None);
            }
        }
        let is_open = self.is_open();
        let mut meant = Vec::new();
        for sent in request.headers.keys().map(http::HeaderName::as_str) {
            if USUAL.contains(&sent) || known.iter().any(|name| name.eq_ignore_ascii_case(sent)) {
                continue;
            }
            let is_meant = |name: &&&str| {
                letters(name).eq(letters(sent)) || !is_open && contract.is_mistaken(name, sent)
            };
            let Some(&name) = known.iter().find(is_meant) else { continue };
            // Where both are there, the other one does no harm.
            if !request.headers.contains_key(name) {
                let message = format!("the header {sent} is not documented, {name} is");
                self.violation("header", sent, message, Some(name.to_owned()));
                meant.push(name);
            }
        }
        let is_there =
            |name: &str| request.headers.keys().any(|sent| sent.as_str().eq_ignore_ascii_case(name));
        let is_sent = |name: &str, meant: &[&str]| {
            is_there(name) || meant.iter().any(|meant| meant.eq_ignore_ascii_case(name))
        };
        for parameter in parameters {
            if is_there(&parameter.name) {
                self.use_parameter(&parameter.name);
            } else if parameter.required && !is_sent(&parameter.name, &meant) {
                self.missing("header", &parameter.name);
            }
        }
        if is_open {
            return;
        }
        // Of several ways in, the one of which the least is missing.
        let missing = contract.security.iter().map(|together| {
            let headers = together.iter().map(|scheme| scheme.header.as_str());
            headers.filter(|header| !is_sent(header, &meant)).collect::<Vec<_>>()
        });
        let missing = missing.min_by_key(Vec::len).unwrap_or_default();
        for header in missing {
            self.missing("header", header);
        }
    }
}

/// A header's name without what clients get wrong in it: case, signs, `X-`.
fn letters(name: &str) -> impl Iterator<Item = u8> {
    let mut name = name.as_bytes();
    while let [b'x' | b'X', b'-', rest @ ..] = name {
        name = rest;
    }
    name.iter().filter(|sign| !matches!(sign, b'-' | b'_')).map(u8::to_ascii_lowercase)
}
