//! Who uses the proxy: the user name is the sandbox.

use std::sync::Arc;

use axum::http::header::PROXY_AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;

use crate::sandbox::sandboxes::{is_name, no_name};

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
    /// 407: credentials are asked for.
    Credentials,
    /// 400: the user is no sandbox.
    Name(String),
}

impl Admission {
    /// The sandbox that the credentials name.
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<Option<Arc<str>>, Refusal> {
        let given = credentials(headers);
        let is_admitted = match self {
            Self::All => true,
            Self::Named => given.is_some(),
            Self::Password(wanted) => {
                given.as_ref().is_some_and(|(_, given)| bool::from(given.as_bytes().ct_eq(wanted.as_bytes())))
            }
        };
        if !is_admitted {
            return Err(Refusal::Credentials);
        }
        match given {
            Some((user, _)) if user.is_empty() => Ok(None),
            Some((user, _)) if !is_name(&user) => Err(Refusal::Name(no_name(&user))),
            Some((user, _)) => Ok(Some(user.into())),
            None => Ok(None),
        }
    }
}

/// User and password of `Proxy-Authorization: Basic`.
fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, rest) = headers.get(PROXY_AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (user.to_owned(), password.to_owned()))
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
        for (admission, given, expected) in [
            (&Admission::All, "t42:x", named("t42")),
            (&Admission::All, "t42:", named("t42")),
            (&Admission::All, ":x", Ok(None)),
            (&Admission::All, "", Ok(None)),
            (&Admission::All, "No_Name:x", Err(Refusal::Name(no_name("No_Name")))),
            (&Admission::Named, "", Err(Refusal::Credentials)),
            (&Admission::Named, "t42:x", named("t42")),
            (&token, "t42:x", Err(Refusal::Credentials)),
            (&token, "", Err(Refusal::Credentials)),
            (&token, "t42:t0ken", named("t42")),
            (&token, ":t0ken", Ok(None)),
        ] {
            assert_eq!(admission.admit(&with(given)), expected, "{admission:?} {given}");
        }
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
