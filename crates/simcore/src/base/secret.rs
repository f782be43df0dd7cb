//! Secrets compared, without telling by the time that it takes how much of one was right; and read from Basic credentials.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

/// User and password of what stands behind `Basic` in a header (RFC 7617); nothing where it cannot be read.
pub fn basic(encoded: &str) -> Option<(String, String)> {
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Whether `given` is the secret. Nothing is one: where none is known, nobody has it.
pub fn is_secret(given: &[u8], known: &[u8]) -> bool {
    !known.is_empty() && bool::from(given.ct_eq(known))
}

#[cfg(test)]
mod tests {
    use super::{basic, is_secret};

    #[test]
    fn only_the_secret_itself_is_it() {
        for (given, known, expected) in [
            ("a", "a", true),
            ("a", "b", false),
            ("a", "ab", false),
            ("ab", "a", false),
            ("", "a", false),
            ("", "", false),
        ] {
            assert_eq!(is_secret(given.as_bytes(), known.as_bytes()), expected, "{given} {known}");
        }
    }

    #[test]
    fn basic_credentials_are_split_at_the_first_colon() {
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        for (encoded, expected) in [
            ("bWU6YTpi", pair("me", "a:b")),
            (" bWU6 ", pair("me", "")),
            ("bWU=", None),
            ("no base64", None),
            ("/zo=", None),
        ] {
            assert_eq!(basic(encoded), expected, "{encoded}");
        }
    }
}
