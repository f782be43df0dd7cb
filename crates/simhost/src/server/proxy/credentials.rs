//! Who uses the proxy: the user name is the sandbox.

use std::sync::Arc;

use axum::http::header::PROXY_AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};
use subtle::ConstantTimeEq as _;

use crate::base::secret::basic;
use crate::sandbox::names::{is_name, no_name};

/// Whom the proxy lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Everybody.
    All,
    /// Those who bring credentials, whatever the password.
    Named,
    /// Those whose password this is.
    Password(String),
}

/// Why somebody is not let in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 407: other credentials are asked for.
    Asked(&'static str),
    /// 400: what came cannot be read, or the user is no sandbox.
    Bad(String),
}

/// What is answered to credentials that are no user and password.
const UNREADABLE: &str =
    "the Proxy-Authorization header cannot be read: it is `Basic` and USER:PASSWORD in base64";

impl Admission {
    /// The sandbox that the credentials name.
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<Option<Arc<str>>, Refusal> {
        let given = credentials(headers)?;
        let is_admitted = match self {
            Self::All => true,
            Self::Named => given.is_some(),
            Self::Password(wanted) => {
                given.as_ref().is_some_and(|(_, given)| bool::from(given.as_bytes().ct_eq(wanted.as_bytes())))
            }
        };
        if !is_admitted {
            return Err(Refusal::Asked(self.wants()));
        }
        match given {
            Some((user, _)) if user.is_empty() => Ok(None),
            Some((user, _)) if !is_name(&user) => Err(Refusal::Bad(no_name(&user))),
            Some((user, _)) => Ok(Some(user.into())),
            None => Ok(None),
        }
    }

    /// What those are told whose credentials are missing or wrong.
    fn wants(&self) -> &'static str {
        match self {
            Self::Password(_) => {
                "the proxy asks for credentials: the user is the sandbox, the password the control token"
            }
            Self::All | Self::Named => {
                "the proxy asks for credentials: the user is the sandbox, any password will do"
            }
        }
    }
}

/// User and password of `Proxy-Authorization: Basic`; nothing where there is no such header.
fn credentials(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let mut values = headers.get_all(PROXY_AUTHORIZATION).iter();
    let Some(first) = values.next() else { return Ok(None) };
    if values.any(|other| other != first) {
        return Err(Refusal::Bad("the request has two different Proxy-Authorization headers".to_owned()));
    }
    let unreadable = || Refusal::Bad(UNREADABLE.to_owned());
    let text = first.to_str().map_err(|_| unreadable())?.trim();
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Refusal::Asked("the proxy takes Basic credentials alone: the user is the sandbox"));
    }
    basic(rest).map(Some).ok_or_else(unreadable)
}

/// Takes off what is meant for the proxy, which nobody behind it sees.
pub(super) fn without_proxy_headers(headers: &mut HeaderMap) {
    let names = headers.keys().filter(|name| name.as_str().starts_with("proxy-"));
    let names: Vec<HeaderName> = names.cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn with(credentials: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if !credentials.is_empty() {
            let value = format!("Basic {}", STANDARD.encode(credentials));
            headers.insert(PROXY_AUTHORIZATION, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_user_is_the_sandbox() {
        let token = Admission::Password("t0ken".to_owned());
        let named = |name: &str| Ok(Some(Arc::from(name)));
        let asked = |by: &Admission| Err(Refusal::Asked(by.wants()));
        for (admission, given, expected) in [
            (&Admission::All, "t42:x", named("t42")),
            (&Admission::All, "t42:", named("t42")),
            (&Admission::All, ":x", Ok(None)),
            (&Admission::All, "", Ok(None)),
            (&Admission::All, "No_Name:x", Err(Refusal::Bad(no_name("No_Name")))),
            (&Admission::Named, "", asked(&Admission::Named)),
            (&Admission::Named, "t42:x", named("t42")),
            (&token, "t42:x", asked(&token)),
            (&token, "", asked(&token)),
            (&token, "t42:t0ken", named("t42")),
            (&token, ":t0ken", Ok(None)),
        ] {
            assert_eq!(admission.admit(&with(given)), expected, "{admission:?} {given}");
        }
    }

    #[test]
    fn credentials_that_cannot_be_read_are_nobodys() {
        let admit = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(PROXY_AUTHORIZATION, value.parse().unwrap());
            }
            Admission::All.admit(&headers)
        };
        let [one, two] = ["t1:x", "t2:x"].map(|user| format!("Basic {}", STANDARD.encode(user)));
        let no_colon = format!("Basic {}", STANDARD.encode("t42"));
        for value in ["Basic !!!", "Basic", "basic ", &no_colon, "Basic /w=="] {
            assert!(matches!(admit(&[value]), Err(Refusal::Bad(_))), "{value}");
        }
        for value in ["Bearer abc", "Digest username=\"t42\"", "Negotiate"] {
            assert!(matches!(admit(&[value]), Err(Refusal::Asked(_))), "{value}");
        }
        assert!(matches!(admit(&[&one, &two]), Err(Refusal::Bad(_))));
        assert_eq!(admit(&[&one, &one]), Ok(Some("t1".into())));
    }

    #[test]
    fn what_is_meant_for_the_proxy_goes_no_further() {
        let mut headers = with("t42:x");
        headers.insert("proxy-connection", "keep-alive".parse().unwrap());
        headers.insert("accept", "*/*".parse().unwrap());
        without_proxy_headers(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["accept"]);
    }
}
