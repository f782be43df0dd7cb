//! Secrets never reach the journal: headers by name, body fields by name, in JSON, forms, XML, multipart and broken text
//! alike, also where one of these is a text inside another.

mod fields;
mod layers;

use std::io::Read as _;
use std::ops::Range;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use self::layers::Layer;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Words in the names of headers that carry secrets, whatever the server: a client may knock at the wrong door.
const HEADERS: &[&str] = &["auth", "cookie", "key", "password", "secret", "signature", "token"];

/// Names of headers that carry secrets, without signs: what is nearly one of them was meant to be it.
const MEANT: &[&str] = &[
    "authorization",
    "apikey",
    "xapikey",
    "accesstoken",
    "authtoken",
    "xauthtoken",
    "cookie",
    "clientsecret",
    "password",
    "motdepasse",
];

/// The words that names of fields and parameters end with which carry secrets, whatever the server.
const WORDS: &[&[&str]] = &[
    &["access", "key"],
    &["apikey"],
    &["api", "key"],
    &["auth"],
    &["authorization"],
    &["bearer"],
    &["client", "assertion"],
    &["code", "verifier"],
    &["cookie"],
    &["credential"],
    &["credentials"],
    &["csrf"],
    &["haslo"],
    &["hasło"],
    &["jwt"],
    &["kennwort"],
    &["mdp"],
    &["mot", "de", "passe"],
    &["otp"],
    &["passcode"],
    &["passphrase"],
    &["passwd"],
    &["password"],
    &["private", "key"],
    &["pwd"],
    &["secret"],
    &["secret", "key"],
    &["session", "id"],
    &["sessionid"],
    &["signing", "key"],
    &["token"],
    &["x", "signature"],
    &["amz", "signature"],
];

/// How often a text may stand inside another one.
const LEVELS: usize = 4;

/// How much of a compressed body is looked at for secrets.
const MAX_INFLATED: u64 = 32 << 20;

/// Whether the value of header `name` is a secret, `names` being the simulator's own list; also where the name is
/// nearly that of one.
pub fn is_secret_header(name: &str, names: &[&str]) -> bool {
    let (lower, letters) = (name.to_ascii_lowercase(), signs_off(name));
    HEADERS.iter().any(|word| lower.contains(word))
        || names.iter().any(|secret| is_slip(&letters, &signs_off(secret)))
        || is_secret_field(name, names)
}

/// Whether the field or parameter of that name carries a secret.
pub fn is_secret_field(name: &str, names: &[&str]) -> bool {
    if names.iter().any(|secret| secret.eq_ignore_ascii_case(name)) {
        return true;
    }
    // Numbers and letters of lists look like names, and there may be millions of them.
    if name.len() < 3 || name.bytes().all(|letter| letter.is_ascii_digit()) {
        return false;
    }
    let words = words(name);
    let ends_with = |end: &&[&str]| {
        words.len() >= end.len()
            && words[words.len() - end.len()..].iter().zip(*end).all(|(word, end)| word == end)
    };
    let all = words.concat();
    WORDS.iter().any(ends_with) || MEANT.iter().any(|meant| is_slip(&all, meant))
}

/// Nearly the same: two letters apart at most, where there are enough of them.
fn is_slip(name: &str, meant: &str) -> bool {
    let apart = if meant.len() >= 8 { 2 } else { 1 };
    name.len().abs_diff(meant.len()) <= apart
        && meant.len() >= 6
        && name.starts_with(&meant[..1])
        && distance(name.as_bytes(), meant.as_bytes()) <= apart
}

/// How many letters have to be put in, taken out or changed.
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.iter().enumerate() {
        let mut corner = at;
        row[0] = at + 1;
        for (place, other) in right.iter().enumerate() {
            let cost = corner + usize::from(letter != other);
            corner = row[place + 1];
            row[place + 1] = cost.min(corner + 1).min(row[place] + 1);
        }
    }
    row[right.len()]
}

fn signs_off(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// `clientSecret`, `client_secret` and `Client-Secret` are the words "client" and "secret".
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for letter in name.chars() {
        let begins = !before.is_alphanumeric() || (before.is_lowercase() && letter.is_uppercase());
        if letter.is_alphanumeric() {
            match words.last_mut().filter(|_| !begins) {
                Some(word) => word.extend(letter.to_lowercase()),
                None => words.push(letter.to_lowercase().collect()),
            }
        }
        before = letter;
    }
    words
}

/// `text` with the values of all fields masked that carry secrets everywhere or are named in `names`, whatever the case.
/// It works on the text, so that broken JSON leaks nothing either.
pub fn mask_text(text: &str, names: &[&str]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for cut in secret_places(text, names) {
        masked.push_str(&text[from..cut.start]);
        masked.push_str(MASK);
        from = cut.end;
    }
    masked.push_str(&text[from..]);
    masked
}

/// Where in `text` secrets stand, in order; none overlaps another.
pub fn secret_places(text: &str, names: &[&str]) -> Vec<Range<usize>> {
    let mut cuts = Vec::new();
    Layer::of(text).cut(names, LEVELS, &mut cuts);
    cuts.sort_unstable_by_key(|cut: &Range<usize>| (cut.start, std::cmp::Reverse(cut.end)));
    let mut places: Vec<Range<usize>> = Vec::with_capacity(cuts.len());
    for cut in cuts {
        match places.last_mut() {
            Some(last) if cut.start < last.end => last.end = last.end.max(cut.end),
            _ => places.push(cut),
        }
    }
    places
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

/// JSON of ours that repeats what a user wrote, such as a rule's conditions.
pub fn mask_json(value: &mut Value) {
    match value {
        Value::String(text) => *text = mask_text(text, &[]),
        Value::Array(items) => items.iter_mut().for_each(mask_json),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::Object(headers) if name == "header" => {
                        for (name, value) in
                            headers.iter_mut().filter(|(name, _)| is_secret_header(name, &[]))
                        {
                            let _ = name;
                            *value = MASK.into();
                        }
                        mask_json(member);
                    }
                    Value::String(_) | Value::Number(_) if is_secret_field(name, &[]) => {
                        *member = MASK.into();
                    }
                    member => mask_json(member),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
