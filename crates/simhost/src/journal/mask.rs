//! Secrets never reach the journal: headers by name, body fields by name, in JSON, forms, XML, multipart, filters and broken
//! text alike, also where one of these is a text inside another. What a name told once is known wherever it stands.

mod comparisons;
mod fields;
mod known;
mod layers;

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Read as _;
use std::ops::Range;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

pub use self::known::{Known, forms, is_rare};
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
    &["password", "again"],
    &["password", "confirm"],
    &["password", "confirmation"],
    &["password", "repeat"],
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

/// From how many letters on such words are known at the end of a name that is written in one case, as `refreshtoken`:
/// shorter ones end ordinary words.
const LONG: usize = 5;

/// How often a text may stand inside another one.
const LEVELS: usize = 4;

/// How many names are remembered with whether they stand for secrets: an API has few, and they come again and again.
const MAX_REMEMBERED: usize = 4096;

/// Longer names than this are no fields of an API.
const MAX_REMEMBERED_NAME: usize = 64;

thread_local! {
    static REMEMBERED: RefCell<HashMap<Box<str>, bool>> = RefCell::default();
}

/// How much of a compressed body is looked at for secrets.
const MAX_INFLATED: u64 = 32 << 20;

/// Whether the value of header `name` is a secret, `names` being the simulator's own list; also where the name is
/// nearly that of one.
pub fn is_secret_header(name: &str, names: &[&str]) -> bool {
    let (lower, letters) = (name.to_ascii_lowercase(), signs_off(name));
    HEADERS.iter().any(|word| lower.contains(word))
        || names.iter().any(|secret| is_slip(&letters, &signs_off(secret)))
        || MEANT.iter().any(|meant| meant.len() >= 6 && is_near(&letters, meant, 2))
        || is_near(&letters, "token", 1)
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
    if name.len() > MAX_REMEMBERED_NAME {
        return is_secret_name(name);
    }
    REMEMBERED.with_borrow_mut(|remembered| {
        if let Some(is_secret) = remembered.get(name) {
            return *is_secret;
        }
        if remembered.len() >= MAX_REMEMBERED {
            remembered.clear();
        }
        let is_secret = is_secret_name(name);
        remembered.insert(name.into(), is_secret);
        is_secret
    })
}

/// Whether a name tells by its words that it stands for a secret, whatever the server.
fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let ends_with = |end: &&[&str]| {
        words.len() >= end.len()
            && words[words.len() - end.len()..].iter().zip(*end).all(|(word, end)| word == end)
    };
    let all = words.concat();
    let ends_in_one_case = |end: &&[&str]| {
        let length: usize = end.iter().map(|word| word.len()).sum();
        length >= LONG && end.iter().rev().try_fold(&*all, |left, word| left.strip_suffix(word)).is_some()
    };
    WORDS.iter().any(ends_with)
        || WORDS.iter().any(ends_in_one_case)
        || MEANT.iter().any(|meant| is_slip(&all, meant))
}

/// Nearly the same: two letters apart at most, where there are enough of them.
fn is_slip(name: &str, meant: &str) -> bool {
    meant.len() >= 6 && is_near(name, meant, if meant.len() >= 8 { 2 } else { 1 })
}

/// At most so many letters apart, and the same at the beginning.
fn is_near(name: &str, meant: &str, apart: usize) -> bool {
    name.len().abs_diff(meant.len()) <= apart
        && name.starts_with(&meant[..1])
        && strsim::osa_distance(name, meant) <= apart
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
/// It works on the text, so that broken JSON leaks nothing either. `meet` is shown each value.
pub fn mask_text(text: &str, names: &[&str], mut meet: impl FnMut(&str)) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for cut in secret_places(text, names) {
        masked.push_str(&text[from..cut.start]);
        masked.push_str(MASK);
        meet(&text[cut.clone()]);
        from = cut.end;
    }
    masked.push_str(&text[from..]);
    masked
}

/// Where in `text` secrets stand, in order; none overlaps another.
pub fn secret_places(text: &str, names: &[&str]) -> Vec<Range<usize>> {
    let mut cuts = Vec::new();
    let variables = variables(text, names);
    let known: Vec<&str> = names.iter().copied().chain(variables.iter().map(String::as_str)).collect();
    Layer::of(text).cut(&known, LEVELS, &mut cuts);
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

/// The variables of GraphQL that stand for secrets (`password: $v`): what they are is given elsewhere, under their names.
fn variables(text: &str, names: &[&str]) -> Vec<String> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut found = Vec::new();
    for sign in ["$", "%24"] {
        for (at, _) in text.match_indices(sign) {
            let after = &text[at + sign.len()..];
            let variable = &after[..after.find(|letter| !is_of_name(letter)).unwrap_or(after.len())];
            let before = without_blanks(&text[..at]);
            let Some(before) = before.strip_suffix(':').or_else(|| before.strip_suffix("%3A")) else {
                continue;
            };
            let before = without_blanks(before);
            let name = before.rfind(|letter| !is_of_name(letter)).map_or(before, |end| {
                &before[end + before[end..].chars().next().map_or(0, char::len_utf8)..]
            });
            let is_known = || found.iter().any(|known| known == variable);
            if !variable.is_empty() && is_secret_field(name, names) && !is_known() {
                found.push(variable.to_owned());
            }
        }
    }
    found
}

/// Without the blanks at the end, also where they are escaped for JSON or for a query.
fn without_blanks(mut text: &str) -> &str {
    loop {
        text = text.trim_end();
        let blanks = ["\\n", "\\r", "\\t", "%20", "%0A", "%0D", "%09"];
        match blanks.iter().find_map(|blank| text.strip_suffix(blank)) {
            Some(rest) => text = rest,
            None => return text.strip_suffix('+').map_or(text, str::trim_end),
        }
    }
}

/// The same for bytes that are no UTF-8: each is a character of its own. What is hidden in a gzip is looked for as well;
/// where there is some, the inflated bytes are shown.
pub fn mask_bytes(bytes: &[u8], names: &[&str]) -> Vec<u8> {
    let mask = |bytes: &[u8]| {
        let text: String = bytes.iter().copied().map(char::from).collect();
        mask_text(&text, names, |_| {})
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
        Value::String(text) => *text = mask_text(text, &[], |_| {}),
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
                    Value::Array(items) if is_secret_field(name, &[]) => {
                        let scalars = items.iter_mut().filter(|item| item.is_string() || item.is_number());
                        scalars.for_each(|item| *item = MASK.into());
                        items.iter_mut().for_each(mask_json);
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
