//! Secrets never reach the journal: headers by name, body fields by name, in JSON, forms, XML, multipart and broken text
//! alike, also where one of these is a text inside another.

use std::io::Read as _;
use std::ops::Range;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

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

/// Fields whose value is a URL that only its receiver knows.
const URLS: &[&str] = &["hookurl", "webhookurl", "callbackurl"];

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
    let mut cuts = Vec::new();
    let whole = Layer { text: text.to_owned(), places: (0..=text.len()).collect() };
    whole.cut(names, LEVELS, &mut cuts);
    cuts.sort_unstable_by_key(|cut: &Range<usize>| (cut.start, std::cmp::Reverse(cut.end)));
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for cut in cuts {
        if cut.start >= from {
            masked.push_str(&text[from..cut.start]);
            masked.push_str(MASK);
            from = cut.end;
        } else if cut.end > from {
            from = cut.end;
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

/// A text, and where in the text that it stands in each of its bytes begins.
struct Layer {
    text: String,
    places: Vec<usize>,
}

impl Layer {
    /// Adds what is to be masked, as places of the outermost text.
    fn cut(&self, names: &[&str], levels: usize, cuts: &mut Vec<Range<usize>>) {
        for found in secrets(&self.text, names) {
            cuts.push(self.places[found.start]..self.places[found.end]);
        }
        if levels == 0 {
            return;
        }
        for inner in [self.unescaped(), self.decoded()].into_iter().flatten() {
            inner.cut(names, levels - 1, cuts);
        }
    }

    /// What stands in it as a string of JSON.
    fn unescaped(&self) -> Option<Self> {
        if !self.text.contains("\\\"") {
            return None;
        }
        Some(self.read(|rest| {
            let mut letters = rest.chars();
            let letter = match (letters.next()?, letters.next()) {
                ('\\', Some('n')) => '\n',
                ('\\', Some('r')) => '\r',
                ('\\', Some('t')) => '\t',
                ('\\', Some(escaped @ ('"' | '\\' | '/'))) => escaped,
                (letter, _) => return Some((letter, letter.len_utf8())),
            };
            Some((letter, 2))
        }))
    }

    /// What stands in it percent-encoded.
    fn decoded(&self) -> Option<Self> {
        if !["%22", "%25", "%3A", "%3a", "%3D", "%3d"].iter().any(|sign| self.text.contains(sign)) {
            return None;
        }
        Some(self.read(|rest| {
            let code = rest.strip_prefix('%').and_then(|code| code.get(..2));
            match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(u8::is_ascii) {
                Some(byte) => Some((char::from(byte), 3)),
                None => rest.chars().next().map(|letter| (letter, letter.len_utf8())),
            }
        }))
    }

    /// Reads it letter by letter: each with how many bytes it takes.
    fn read(&self, next: impl Fn(&str) -> Option<(char, usize)>) -> Self {
        let (mut text, mut places, mut at) = (String::with_capacity(self.text.len()), Vec::new(), 0);
        while let Some((letter, length)) = next(&self.text[at..]) {
            places.extend(std::iter::repeat_n(self.places[at], letter.len_utf8()));
            text.push(letter);
            at += length;
        }
        places.push(self.places[at]);
        Self { text, places }
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '$')
}

/// Where the values of secret fields stand in `text`.
fn secrets(text: &str, names: &[&str]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(is_of_name).map(|start| at + start) {
        let end = text[start..].find(|letter| !is_of_name(letter)).map_or(text.len(), |end| start + end);
        let name = &text[start..end];
        at = end;
        // What is longer is a value.
        if name.len() > 100 {
            continue;
        }
        if URLS.contains(&signs_off(name).as_str()) {
            found.extend(value_after(text, start, end).map(|value| beyond_host(text, value)));
        } else if is_secret_field(name, names) {
            found.extend(value_after(text, start, end));
        }
    }
    found.extend(users(text));
    found
}

/// Of a URL, what follows its host.
fn beyond_host(text: &str, value: Range<usize>) -> Range<usize> {
    let url = &text[value.clone()];
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let path = url[host..].find(['/', '?', '#']).map_or(url.len(), |path| host + path + 1);
    value.start + path.min(url.len())..value.end
}

/// User and password of URLs.
fn users(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (scheme, _) in text.match_indices("://") {
        let start = scheme + 3;
        let host = text[start..].find(|letter: char| letter.is_whitespace() || "/?#\"'<>\\".contains(letter));
        let host = &text[start..host.map_or(text.len(), |end| start + end)];
        found.extend(host.rfind('@').filter(|user| *user > 0).map(|user| start..start + user));
    }
    found
}

/// Where the value of a field begins and ends whose name begins and ends there.
fn value_after(text: &str, name: usize, at: usize) -> Option<Range<usize>> {
    let (before, rest) = (&text[..name], &text[at..]);
    if let Some(value) = in_xml(text, before, at).or_else(|| in_part(text, before, at)) {
        return Some(value);
    }
    // Deeper inside a text, the layer below reads it.
    if rest.starts_with('\\') {
        return None;
    }
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest).trim_start();
    // The end of a path in a sentence is no name of a field.
    if before.ends_with('/') && rest.starts_with(':') {
        return None;
    }
    let is_form = rest.starts_with('=');
    let value = rest.strip_prefix([':', '='])?;
    let value = if is_form { value } else { value.trim_start() };
    let start = text.len() - value.len();
    let (skipped, length) = if value.starts_with('\\') {
        return None;
    } else if let Some(block) = value.strip_prefix("\"\"\"") {
        (3, end_of_block(block))
    } else if let Some(inner) = value.strip_prefix('"') {
        (1, end_of_string(inner, '"'))
    } else if let Some(inner) = value.strip_prefix('\'') {
        (1, end_of_string(inner, '\''))
    } else if value.starts_with(['[', '{']) {
        (0, end_of_nest(value))
    } else if is_form {
        // A form or a query: whatever stands there up to the next field, commas and blanks too.
        let ends: &[char] = if text.starts_with(['{', '[', '"']) { &['&', '\n', '"'] } else { &['&', '\n'] };
        (0, value.find(ends).unwrap_or(value.len()))
    } else {
        (0, end_of_plain(value))
    };
    Some(start + skipped..start + skipped + length)
}

/// The text of an element, or what a closing tag is not.
fn in_xml(text: &str, before: &str, at: usize) -> Option<Range<usize>> {
    let prefix = before.rfind('<').map(|open| &before[open + 1..])?;
    let is_tag =
        prefix.is_empty() || (prefix.ends_with(':') && prefix[..prefix.len() - 1].chars().all(is_of_name));
    let open = text[at..].find('>').filter(|_| is_tag)?;
    if text[at..at + open].contains('<') || text[at..at + open].ends_with('/') {
        return None;
    }
    let start = at + open + 1;
    Some(start..text[start..].find("</").map_or(text.len(), |end| start + end))
}

/// The content of a part of a multipart body.
fn in_part(text: &str, before: &str, at: usize) -> Option<Range<usize>> {
    let is_part = ["name=\"", "name="].iter().any(|named| before.ends_with(named));
    let line = text[at..].find('\n').filter(|_| is_part)?;
    let head =
        text[at..].find("\r\n\r\n").map(|end| end + 4).or_else(|| text[at..].find("\n\n").map(|end| end + 2));
    let start = at + head.filter(|head| *head > line)?;
    Some(start..text[start..].find("\n--").map_or(text.len(), |end| start + end))
}

/// A plain value; the scheme of `Authorization` belongs to it.
fn end_of_plain(value: &str) -> usize {
    let scheme = ["basic ", "bearer ", "digest "]
        .iter()
        .find(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let from = scheme.map_or(0, |scheme| scheme.len());
    value[from..].find([',', '}', ']', ')', '\n', ' ', '"', '\\']).map_or(value.len(), |end| from + end)
}

/// Where a list or an object ends that begins `value`.
fn end_of_nest(value: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(letter) = value[at..].chars().next() {
        at += letter.len_utf8();
        match letter {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            '"' => at += (end_of_string(&value[at..], '"') + 1).min(value.len() - at),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_string(value: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in value.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == quote => return at,
            _ => {}
        }
    }
    value.len()
}

/// Where a block string of GraphQL ends.
fn end_of_block(value: &str) -> usize {
    let ends = value.match_indices("\"\"\"").map(|(at, _)| at).find(|at| !value[..*at].ends_with('\\'));
    ends.unwrap_or(value.len())
}

#[cfg(test)]
mod tests;
