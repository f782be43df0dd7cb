//! JSON Web Tokens signed with HS256 (RFC 7515, RFC 7519): the one form that weavy gives and takes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac::{self, HMAC_SHA256, Key};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// A token that says `claims`.
///
/// # Errors
/// When `claims` cannot be written as JSON.
pub(crate) fn sign(claims: &impl Serialize, secret: &str) -> serde_json::Result<String> {
    let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims)?);
    let signed = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(HEADER));
    let signature = hmac::sign(&key(secret), signed.as_bytes());
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// What a token says that was signed with `secret`; nothing for any other text. Signatures are compared in constant
/// time.
pub(crate) fn verify<T: DeserializeOwned>(token: &str, secret: &str) -> Option<T> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    hmac::verify(&key(secret), signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let header: Header = part(header)?;
    if header.alg == "HS256" { part(claims) } else { None }
}

fn key(secret: &str) -> Key {
    Key::new(HMAC_SHA256, secret.as_bytes())
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The example of <https://jwt.io>.
    const KNOWN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
        eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
        SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

    #[test]
    fn a_token_of_another_library_is_read() {
        let claims: Value = verify(KNOWN, "your-256-bit-secret").expect("it is well signed");
        assert_eq!(claims, json!({ "sub": "1234567890", "name": "John Doe", "iat": 1_516_239_022 }));
    }

    #[test]
    fn only_what_was_signed_with_the_secret_is_read() {
        let token = sign(&json!({ "sub": "a" }), "s").unwrap();
        assert_eq!(verify::<Value>(&token, "s"), Some(json!({ "sub": "a" })));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (_, claims) = signed.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let others = [
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
            format!("{signed}."),
            format!("{signed}.{signature}A"),
            format!("{signed}.{}", signature.to_uppercase()),
            signed.to_owned(),
            String::new(),
        ];
        for other in others {
            assert_eq!(verify::<Value>(&other, "s"), None, "{other}");
        }
        assert_eq!(verify::<Value>(&token, "another"), None);
        let unsigned = format!("{none}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key("s"), unsigned.as_bytes()));
        assert_eq!(verify::<Value>(&format!("{unsigned}.{signature}"), "s"), None, "another algorithm");
    }
}
