//! The headers that matter, without what in them is a value.

use std::collections::BTreeSet;

use axum::http::HeaderName;

use simcore::contract::Contract;
use simhost::journal::mask::MASK;

use crate::difference::Kind;
use crate::ids::last_segment;
use crate::recording::Exchange;
use crate::words::HIDDEN;
use crate::world::Answer;

/// Their names; `*` stands for the rest of one.
const NAMES: [&str; 6] = ["allow", "location", "retry-after", "www-authenticate", "content-type", "link"];

/// How those about quotas begin, however they are written.
const QUOTAS: [&str; 2] = ["x-rate-limit", "x-ratelimit"];

/// How many digits a limit has at most.
const LIMIT: usize = 9;

/// Types that are nobody's own.
const MEDIA: [&str; 18] = [
    "application/json",
    "application/problem+json",
    "application/graphql-response+json",
    "application/hal+json",
    "application/ld+json",
    "application/vnd.api+json",
    "application/xml",
    "application/octet-stream",
    "application/pdf",
    "application/zip",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/json",
    "text/html",
    "text/plain",
    "text/xml",
    "text/csv",
    "image/png",
];

/// Words of names of headers about quotas.
const QUOTA_WORDS: [&str; 14] = [
    "x",
    "rate",
    "ratelimit",
    "limit",
    "remaining",
    "reset",
    "used",
    "policy",
    "resource",
    "after",
    "second",
    "minute",
    "hour",
    "day",
];

pub(crate) const VERBS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

fn matters(name: &str) -> bool {
    NAMES.contains(&name) || QUOTAS.iter().any(|quota| name.starts_with(quota))
}

/// A header that differs.
pub(crate) struct Header {
    pub(crate) kind: Kind,
    /// Its name as it is usually written.
    pub(crate) title: String,
    pub(crate) recorded: String,
    pub(crate) ours: String,
}

/// The headers in which two answers differ.
pub(crate) fn differing(contract: &Contract, entry: &Exchange, ours: &Answer) -> Vec<Header> {
    let mut found = Vec::new();
    let recorded = entry.answer_headers.iter().map(|(name, _)| name.as_str());
    let here = ours.headers.keys().map(HeaderName::as_str);
    let names: BTreeSet<&str> = recorded.chain(here).filter(|name| matters(name)).collect();
    for name in names {
        let of_body = name == "content-type";
        if of_body && (entry.answer.is_empty() || ours.body.is_empty()) {
            continue;
        }
        let recorded = entry.answer_header(name).map(|value| form(contract, name, value));
        let here = ours
            .headers
            .get(name)
            .map(|value| form(contract, name, &String::from_utf8_lossy(value.as_bytes())));
        let is_masked = entry.answer_header(name) == Some(MASK);
        if recorded == here || is_masked && here.is_some() {
            continue;
        }
        let is_limit = name.ends_with("limit") && recorded.is_some() && here.is_some();
        let kind = if is_limit { Kind::Limit } else { Kind::Header };
        let told = |form: Option<String>| form.unwrap_or_else(|| "none".to_owned());
        found.push(Header { kind, title: title(name), recorded: told(recorded), ours: told(here) });
    }
    found
}

/// A header's value in the words that are none of anybody's.
fn form(contract: &Contract, name: &str, value: &str) -> String {
    match name {
        "allow" => {
            let verbs: BTreeSet<String> =
                value.split(',').map(|verb| verb.trim().to_ascii_uppercase()).collect();
            let known = verbs.iter().filter(|verb| VERBS.contains(&verb.as_str())).map(String::as_str);
            known.collect::<Vec<_>>().join(", ")
        }
        "location" => location(contract, value),
        "retry-after" => {
            let is_number = value.trim().bytes().all(|letter| letter.is_ascii_digit());
            (if is_number { "seconds" } else { "a date" }).to_owned()
        }
        "www-authenticate" => challenge(value),
        "content-type" => media(value),
        "link" => {
            let relations = value.split("rel=").skip(1).map(|part| part.trim_start_matches('"'));
            let relations: BTreeSet<&str> = relations
                .filter_map(|part| {
                    ["next", "prev", "previous", "first", "last"]
                        .into_iter()
                        .find(|known| part.starts_with(known))
                })
                .collect();
            format!("rel {}", relations.into_iter().collect::<Vec<_>>().join(", "))
        }
        _ if name.ends_with("limit")
            && value.len() <= LIMIT
            && value.bytes().all(|letter| letter.is_ascii_digit()) =>
        {
            value.to_owned()
        }
        _ => "there".to_owned(),
    }
}

/// Whether an address is whole, and which call it leads to.
fn location(contract: &Contract, value: &str) -> String {
    let (form, rest) = match value.split_once("://") {
        Some((_, rest)) => ("an address", rest.find('/').map_or("/", |start| &rest[start..])),
        None if value.starts_with('/') => ("a path", value),
        None => ("a relative path", value),
    };
    let path = match rest.strip_prefix("/~") {
        Some(named) => named.find('/').map_or("/", |start| &named[start..]),
        None => rest,
    };
    let found = contract.find("GET", path);
    let operation = found.operation.and_then(|place| contract.operations.get(place));
    let to = operation.map_or_else(
        || last_segment(path).map(|_| "…".to_owned()).unwrap_or_default(),
        |one| one.path.clone(),
    );
    format!("{form} to {to}")
}

/// Schemes and the names of their parameters.
fn challenge(value: &str) -> String {
    let scheme = value.split([' ', ',']).next().unwrap_or_default();
    let known = ["basic", "bearer", "digest", "negotiate", "ntlm", "apikey"];
    let scheme =
        known.into_iter().find(|known| known.eq_ignore_ascii_case(scheme)).unwrap_or("another scheme");
    let known = ["realm", "error", "error_description", "scope", "charset"];
    let names: Vec<&str> = known.into_iter().filter(|name| value.contains(&format!("{name}="))).collect();
    if names.is_empty() { scheme.to_owned() } else { format!("{scheme} with {}", names.join(", ")) }
}

/// Type and character set.
fn media(value: &str) -> String {
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let media = parts.next().unwrap_or_default();
    let is_known = MEDIA.contains(&media.as_str());
    let suffix = ["+json", "+xml"].into_iter().find(|suffix| media.ends_with(suffix));
    let media = match suffix {
        _ if is_known => media,
        Some(suffix) => format!("another type{suffix}"),
        None => "another type".to_owned(),
    };
    let charset = parts.find(|part| part.starts_with("charset="));
    let known = charset.as_deref().map(|set| {
        ["utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii"]
            .into_iter()
            .find(|known| set.contains(known))
            .unwrap_or("another")
    });
    known.map_or_else(|| media.clone(), |known| format!("{media}; charset={known}"))
}

/// A header's name as it is usually written.
fn title(name: &str) -> String {
    match name {
        "www-authenticate" => "WWW-Authenticate".to_owned(),
        name => {
            let is_quota = QUOTAS.iter().any(|quota| name.starts_with(quota));
            let words = name.split('-').map(|word| {
                let (first, rest) = word.split_at(word.len().min(1));
                let is_told = !is_quota || QUOTA_WORDS.contains(&word);
                if is_told { first.to_ascii_uppercase() + rest } else { HIDDEN.to_owned() }
            });
            words.collect::<Vec<_>>().join("-")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_told_without_values() {
        assert_eq!(challenge("Basic realm=\"CANARY\""), "basic with realm");
        assert_eq!(media("application/json; charset=UTF-8"), "application/json; charset=utf-8");
        assert_eq!(media("application/vnd.canary+json"), "another type+json");
        assert_eq!(title("x-rate-limit-remaining"), "X-Rate-Limit-Remaining");
        assert_eq!(title("x-ratelimit-canary-limit"), "X-Ratelimit-{…}-Limit");
    }
}
