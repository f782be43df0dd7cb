//! Queries and forms: `application/x-www-form-urlencoded`; parts of paths.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The decoded pairs of a query or a form.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// What stands plainly in a part of a path: letters, digits, and these signs.
const IN_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as one part of a path, or as a value of a query, whatever is in it.
pub fn segment(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, IN_SEGMENT).into()
}

/// A name or value of a query: percent-encoded, plus signs for spaces.
fn decode(text: &str) -> Cow<'_, str> {
    if text.contains(['%', '+']) {
        let spaced = text.replace('+', " ");
        Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn names_and_values_are_decoded_and_empty_pairs_are_none() {
        let read: Vec<_> = pairs("a=1&&b=x+y%20z&c&%C3%A9=%FF=").collect();
        let read: Vec<(&str, &str)> = read.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(read, [("a", "1"), ("b", "x y z"), ("c", ""), ("é", "\u{fffd}=")]);
    }
}
