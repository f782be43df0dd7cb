//! Secrets never reach the journal: headers by name, body fields by name, in JSON, forms and broken text alike.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Words in the names of headers that carry secrets, whatever the server: a client may knock at the wrong door.
const HEADERS: &[&str] = &["auth", "cookie", "key", "password", "secret", "token"];

/// Names of fields and parameters that carry secrets, whatever the server.
const FIELDS: &[&str] = &[
    "access_token",
    "api_key",
    "apikey",
    "authorization",
    "client_secret",
    "password",
    "refresh_token",
    "secret",
    "token",
];

/// Whether the value of header `name` (in lower case) is a secret, `names` being the simulator's own list.
pub fn is_secret_header(name: &str, names: &[&str]) -> bool {
    HEADERS.iter().any(|word| name.contains(word))
        || names.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// `text` with the values of all fields masked that carry secrets everywhere or are named in `names`: `"name": "value"`,
/// `name=value` and `name: "value"`, whatever the case. It works on the text, so that broken JSON leaks nothing either.
pub fn mask_text(text: &str, names: &[&str]) -> String {
    let lower = text.to_ascii_lowercase();
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    for name in FIELDS.iter().chain(names) {
        let name = name.to_ascii_lowercase();
        for (start, _) in lower.match_indices(&name) {
            let end = start + name.len();
            if !is_word(lower[..start].chars().next_back()) {
                cuts.extend(value_after(text, end));
            }
        }
    }
    cuts.sort_unstable();
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for (start, end) in cuts {
        if start >= from {
            masked.push_str(&text[from..start]);
            masked.push_str(MASK);
            from = end;
        }
    }
    masked.push_str(&text[from..]);
    masked
}

/// The same for bytes that are no UTF-8: each is a character of its own. What is hidden in a gzip is looked for as well;
/// where there is some, the inflated bytes are shown.
pub fn mask_bytes(bytes: &[u8], names: &[&str]) -> Vec<u8> {
    let mask = |bytes: &[u8]| {
        let text: String = bytes.iter().copied().map(char::from).collect();
        mask_text(&text, names)
            .chars()
            .map(|letter| u8::try_from(letter).unwrap_or(b'?'))
            .collect::<Vec<u8>>()
    };
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut inflated = Vec::new();
        // Of a torn one, what there is.
        let _ = MultiGzDecoder::new(bytes).take(MAX_INFLATED).read_to_end(&mut inflated);
        let masked = mask(&inflated);
        if masked != inflated {
            return masked;
        }
    }
    mask(bytes)
}

/// How much of a compressed body is looked at for secrets.
const MAX_INFLATED: u64 = 32 << 20;

fn is_word(before: Option<char>) -> bool {
    before.is_some_and(|before| before.is_alphanumeric() || before == '_')
}

/// Where the value of a field begins and ends whose name ends at `at`.
fn value_after(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = &text[at..];
    let rest =
        rest.strip_prefix("\\\"").or_else(|| rest.strip_prefix(['"', '\''])).unwrap_or(rest).trim_start();
    if let Some(value) = rest.strip_prefix('=') {
        // A form or a query: whatever stands there up to the next field, commas and blanks too.
        let start = text.len() - value.len();
        return Some((start, start + value.find(['&', '\n']).unwrap_or(value.len())));
    }
    let value = rest.strip_prefix(':').map(str::trim_start)?;
    let (open, value) = match value.strip_prefix("\\\"") {
        Some(inner) => ("\\\"", inner),
        None if value.starts_with(['[', '{']) => ("[", value),
        None => match value.strip_prefix('\'') {
            Some(inner) => ("'", inner),
            None => value.strip_prefix('"').map_or(("", value), |inner| ("\"", inner)),
        },
    };
    let start = text.len() - value.len();
    let end = match open {
        "" => value.find([',', '}', ']', ')', '\n', ' ']).unwrap_or(value.len()),
        "\"" => end_of_string(value),
        "[" => end_of_nest(value),
        "'" => value.find('\'').unwrap_or(value.len()),
        _ => value.find("\\\"").unwrap_or(value.len()),
    };
    Some((start, start + end))
}

/// Where a list or an object ends that begins `value`.
fn end_of_nest(value: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(letter) = value[at..].chars().next() {
        at += letter.len_utf8();
        match letter {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            '"' => at += (end_of_string(&value[at..]) + 1).min(value.len() - at),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_string(value: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in value.char_indices() {
        match letter {
            '"' if !escaped => return at,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use super::mask_text;

    #[test]
    fn values_are_masked_wherever_they_stand() {
        let names = ["password", "access_token"];
        for (text, masked) in [
            (r#"{"userName":"a","Password": "p\"w","n":1}"#, r#"{"userName":"a","Password": "***","n":1}"#),
            ("login=a&password=pw&x=1", "login=a&password=***&x=1"),
            (r#"{"access_token":"abc","expires":600}"#, r#"{"access_token":"***","expires":600}"#),
            (r#"{"password":"torn"#, r#"{"password":"***"#),
            (r#"{"query":"{ f(password: \"x\") }"}"#, r#"{"query":"{ f(password: \"***\") }"}"#),
            (r#"{"password":12345}"#, r#"{"password":***}"#),
            ("nothing here", "nothing here"),
            (r#"{"mypassword":"kept"}"#, r#"{"mypassword":"kept"}"#),
            (r#"{"password":["a","b, ]"],"n":1}"#, r#"{"password":***,"n":1}"#),
            (r#"{"password":{"x":["a"]}}"#, r#"{"password":***}"#),
            (r#"{"password":["torn"#, r#"{"password":***"#),
            (r#"{"password":["é","ü"#, r#"{"password":***"#),
            ("password=a, b c&x=1", "password=***&x=1"),
            ("{'password': 'a b', 'n': 1}", "{'password': '***', 'n': 1}"),
            (r#"{"Client_Secret":"s","api_key":"k"}"#, r#"{"Client_Secret":"***","api_key":"***"}"#),
        ] {
            assert_eq!(mask_text(text, &names), masked);
        }
    }
}
