//! Bytes of files and bodies that hold text: UTF-8, or UTF-16 where a byte order mark says so, as Windows PowerShell
//! writes it.

use std::borrow::Cow;
use std::fmt::Write as _;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The bytes without a leading UTF-8 byte order mark, which JSON readers of other platforms skip.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes)
}

/// The text that `bytes` hold, without a byte order mark.
///
/// # Errors
/// Which encoding it is not.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let units: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => {
            let text = std::str::from_utf8(without_mark(bytes));
            return text.map(Cow::Borrowed).map_err(|_| "it is not UTF-8".to_owned());
        }
    };
    let pairs = bytes[2..].chunks_exact(2).map(|pair| units([pair[0], pair[1]]));
    let text: Result<String, _> = char::decode_utf16(pairs).collect();
    match text {
        Ok(text) if bytes.len().is_multiple_of(2) => Ok(Cow::Owned(text)),
        _ => Err("it begins as UTF-16 and is not; save it as UTF-8".to_owned()),
    }
}

/// `text` on one line, with every character spelled out (`\u{1b}`) that would not be seen or would change how the rest
/// looks: control characters, and those that turn the direction of writing.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            letter if is_hidden(letter) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(letter));
            }
            letter => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

/// `text` with what `value` gives for the names between its braces. It is one pass, so that braces in a value stay what they
/// are; what is no such name stays too.
pub fn fill<'v>(text: &str, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let named = after.split_once('}').and_then(|(name, next)| Some((value(name)?, next)));
        if let Some((value, next)) = named {
            filled.push_str(&value);
            rest = next;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

/// Whether both are the same whatever the case of their letters. Names are nearly always ASCII, and quickly compared.
pub fn is_same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
        || (!(left.is_ascii() && right.is_ascii()) && left.to_lowercase() == right.to_lowercase())
}

/// `text` in small letters.
pub fn lower(text: &str) -> Cow<'_, str> {
    match text.is_ascii() {
        true if text.bytes().any(|letter| letter.is_ascii_uppercase()) => text.to_ascii_lowercase().into(),
        true => Cow::Borrowed(text),
        false => text.to_lowercase().into(),
    }
}

fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether `text` is `pattern`, where `*` stands for anything, slashes too.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{decode, fill, is_same, lower, wildcard};

    #[test]
    fn names_are_the_same_whatever_their_case() {
        for (one, other, expected) in [
            ("Nom", "nOM", true),
            ("Nom", "Nam", false),
            ("\u{c9}tat", "\u{e9}TAT", true),
            ("\u{212a}", "k", true),
            ("a", "", false),
        ] {
            assert_eq!(is_same(one, other), expected, "{one} {other}");
            assert_eq!(lower(one) == lower(other), expected, "{one} {other}");
        }
    }

    #[test]
    fn known_names_between_braces_are_filled_in_one_pass() {
        let value = |name: &str| (name == "a").then(|| "{b}{a}".into());
        for (text, filled) in [("{a}!", "{b}{a}!"), ("{b} {", "{b} {"), ("{ {a}", "{ {b}{a}"), ("", "")] {
            assert_eq!(fill(text, value), filled);
        }
    }

    #[test]
    fn a_mark_says_which_encoding_it_is() {
        let utf16 = |mark: u16, units: fn(u16) -> [u8; 2]| -> Vec<u8> {
            [mark].into_iter().chain("né: 😀".encode_utf16()).flat_map(units).collect()
        };
        for bytes in [
            "né: 😀".as_bytes().to_vec(),
            [b"\xef\xbb\xbf", "né: 😀".as_bytes()].concat(),
            utf16(0xfeff, u16::to_le_bytes),
            utf16(0xfeff, u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes).as_deref(), Ok("né: 😀"), "{bytes:?}");
        }
        assert!(decode(b"\xff\xfea").is_err_and(|why| why.contains("UTF-16")), "half a unit");
        assert!(decode(b"\xff\xfe\x00\xd8").is_err_and(|why| why.contains("UTF-16")), "half a pair");
        assert!(decode(b"n\xe9").is_err_and(|why| why.contains("UTF-8")), "Latin-1");
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, expected) in [
            ("/a", "/a", true),
            ("/a", "/a/", false),
            ("/a/*", "/a/b/c", true),
            ("*", "", true),
            ("/*/x/*", "/a/b/x/c", true),
            ("a*a", "a", false),
            ("/a*b*c", "/a1b2b3c", true),
            ("/a*b*c", "/a1c", false),
        ] {
            assert_eq!(wildcard(pattern, text), expected, "{pattern} {text}");
        }
    }
}
