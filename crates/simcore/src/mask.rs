//! Secrets never reach the journal: headers by name, body fields by name, in JSON, forms and broken text alike.

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Words in the names of headers that carry secrets, whatever the server: a client may knock at the wrong door.
const HEADERS: &[&str] = &["auth", "cookie", "key", "password", "secret", "token"];

/// Whether the value of header `name` (in lower case) is a secret, `names` being the simulator's own list.
pub fn is_secret_header(name: &str, names: &[&str]) -> bool {
    HEADERS.iter().any(|word| name.contains(word))
        || names.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// `text` with the values of all fields named in `names` masked: `"name": "value"`, `name=value` and
/// `name: "value"`, whatever the case. It works on the text, so that broken JSON leaks nothing either.
pub fn mask_text(text: &str, names: &[&str]) -> String {
    let lower = text.to_ascii_lowercase();
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    for name in names {
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

fn is_word(before: Option<char>) -> bool {
    before.is_some_and(|before| before.is_alphanumeric() || before == '_')
}

/// Where the value of a field begins and ends whose name ends at `at`.
fn value_after(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = &text[at..];
    let rest = rest.strip_prefix("\\\"").or_else(|| rest.strip_prefix('"')).unwrap_or(rest).trim_start();
    let value = rest.strip_prefix(':').map(str::trim_start).or_else(|| rest.strip_prefix('='))?;
    let (open, value) = match value.strip_prefix("\\\"") {
        Some(inner) => ("\\\"", inner),
        None => value.strip_prefix('"').map_or(("", value), |inner| ("\"", inner)),
    };
    let start = text.len() - value.len();
    let end = match open {
        "" => value.find(['&', ',', '}', ']', ')', '\n', ' ']).unwrap_or(value.len()),
        "\"" => end_of_string(value),
        _ => value.find("\\\"").unwrap_or(value.len()),
    };
    Some((start, start + end))
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
        ] {
            assert_eq!(mask_text(text, &names), masked);
        }
    }
}
