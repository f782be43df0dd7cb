//! Credentials in another form than the one that is documented.

use super::Check;
use crate::matcher::Seen;
use crate::scenario::nearest;

impl Check<'_> {
    /// Credentials that are there, in another form than the one that is documented. That there are none is no mistake
    /// of form: every server says so itself.
    pub(super) fn credentials(&mut self, request: &Seen<'_>) {
        if self.operation.is_open {
            return;
        }
        let contract = self.contract;
        for scheme in contract.security.iter().flatten() {
            let header = scheme.header.as_str();
            let Some(sent) = request.headers.get(header) else {
                let is_meant = |name: &&str| {
                    scheme.mistaken.iter().any(|mistaken| name.eq_ignore_ascii_case(mistaken))
                        || nearest(name, std::iter::once(header.to_lowercase().as_str()))
                            .is_some_and(|_| name.len().abs_diff(header.len()) < 3)
                };
                if let Some(mistaken) = request.headers.keys().map(http::HeaderName::as_str).find(is_meant) {
                    let message = format!("the header {mistaken} is not documented, {header} is");
                    self.violation("header", mistaken, message, Some(header.to_owned()));
                }
                continue;
            };
            let Some(word) = scheme.openapi["scheme"].as_str() else { continue };
            let begins = sent.to_str().unwrap_or_default().trim().split(' ').next().unwrap_or_default();
            if !begins.eq_ignore_ascii_case(word) {
                let word = format!("{}{}", word[..1].to_uppercase(), &word[1..]);
                let message = format!("{header} does not begin with {word}");
                self.violation("header", header, message, Some(format!("{header}: {word} …")));
            }
        }
    }
}
