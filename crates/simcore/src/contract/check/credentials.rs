//! Credentials in another form than the one that is documented.

use super::Check;
use crate::base::diagnostics::nearest;
use crate::contract::Contract;

impl Contract {
    /// Whether clients mean the header of a scheme when they send this one: a known mistake, or a slip of a letter.
    pub(in crate::contract) fn is_mistaken(&self, header: &str, sent: &str) -> bool {
        let is_slip = || {
            header.len() > 8
                && header.len().abs_diff(sent.len()) < 3
                && nearest(sent, std::iter::once(header.to_lowercase().as_str())).is_some()
        };
        let mut schemes = self.security.iter().flatten().filter(|scheme| scheme.header == header);
        schemes.any(|scheme| scheme.mistaken.iter().any(|name| name.eq_ignore_ascii_case(sent)) || is_slip())
    }
}

impl Check<'_> {
    /// Whether this request needs no credentials.
    pub(super) fn is_open(&self) -> bool {
        self.operation.is_open || self.operation.open_to.is_some_and(|opens| opens(self.request))
    }

    /// Whether credentials that are there begin with the word of their scheme.
    pub(super) fn credentials(&mut self) {
        if self.is_open() {
            return;
        }
        for scheme in self.contract.security.iter().flatten() {
            let header = scheme.header.as_str();
            let mut sent = self.request.headers.iter();
            let sent = sent.find(|(name, _)| name.as_str().eq_ignore_ascii_case(header));
            let (Some((_, sent)), Some(word)) = (sent, scheme.word()) else { continue };
            let begins = sent.to_str().unwrap_or_default().trim().split(' ').next().unwrap_or_default();
            if !begins.eq_ignore_ascii_case(word) {
                let word = format!("{}{}", word[..1].to_uppercase(), &word[1..]);
                let message = format!("{header} does not begin with {word}");
                self.violation("header", header, message, Some(format!("{header}: {word} …")));
            }
        }
    }
}
