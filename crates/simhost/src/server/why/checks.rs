//! Which check a violation belongs to, and which one refused a request.

use axum::http::{Method, StatusCode};

use crate::base::error::ErrorKind;
use crate::contract::{ParameterLocation, Violation};
use crate::journal::Entry;
use crate::journal::processing::{Refusal, Stage};
use crate::simulator::{Loaded, Routes};

/// The name of a check: `transport`, `sandbox`, `fault`, `quota`, `credentials`, `route`, `method`, `headers`, `query`,
/// `body`, `contract` (strict mode), `state` (of records and of the server), `rights`, `rule` (the vendor's own).
pub(super) type Check = &'static str;

/// The check that a violation belongs to.
pub(super) fn check_of(entry: &Entry, violation: &Violation) -> Check {
    let position = violation.position.as_str();
    let names = [Some(position), violation.nearest.as_deref()];
    let is = |location| {
        let place = entry.operation.unwrap_or(usize::MAX);
        names.iter().flatten().any(|name| {
            let name = name.split(':').next().unwrap_or(name);
            entry.contract.has_parameter(place, name, location)
        })
    };
    let is_credential = || names.iter().flatten().any(|name| entry.contract.is_credential(name));
    match violation.rule {
        "path" => "route",
        "alias" if position.starts_with('/') => "route",
        "verb" => "method",
        "header" | "required" if is_credential() => "credentials",
        "header" | "content-type" => "headers",
        "required" if is(ParameterLocation::Header) => "headers",
        "parameter" | "required" | "alias" | "value" if is(ParameterLocation::Query) => "query",
        // In a document of its own language the position is a line and a column.
        "parameter" if !position.starts_with(|letter: char| letter.is_ascii_digit()) => "query",
        _ => "body",
    }
}

/// Whether a refusal speaks of what a violation is about.
pub(super) fn is_about(refusal: Option<&Refusal>, violation: &Violation) -> bool {
    let Some(refusal) = refusal else { return false };
    let position = violation.position.split(':').next().unwrap_or(&violation.position);
    let is_named = |text: &str| !position.is_empty() && text.contains(position);
    is_named(&refusal.message)
        || refusal.details.iter().any(|(field, message)| {
            field.eq_ignore_ascii_case(position) || is_named(field) || is_named(message)
        })
}

/// The check that refused a request; nothing where none did.
pub(super) fn refused_at(entry: &Entry, server: &Loaded, is_strict: bool) -> Option<Check> {
    if entry.unreadable.is_some() {
        return Some("transport");
    }
    let Some(status) = entry.handled_status else {
        return Some(if entry.fault.is_some() { "fault" } else { "sandbox" });
    };
    let refusal = entry.processing.refusal.as_deref();
    // Some say no under a 200.
    let is_hidden = !entry.effects.refused.is_empty() || says_errors(entry, server);
    if status < 400 && refusal.is_none() && !is_hidden {
        return None;
    }
    let kind = refusal.map_or(ErrorKind::Vendor, |refusal| refusal.kind);
    Some(match entry.processing.stage {
        Stage::Arrival => "sandbox",
        Stage::Quota => "quota",
        Stage::Headers => "headers",
        Stage::Credentials => match status {
            401 => "credentials",
            403 => "rights",
            500.. => "state",
            _ => "headers",
        },
        Stage::Body if kind == ErrorKind::Encoding => "headers",
        Stage::Body => "body",
        Stage::Contract => "contract",
        Stage::Route if has_rule(entry, "verb") || kind == ErrorKind::Method || status == 405 => "method",
        Stage::Route => "route",
        // What a document in a language of its own gets wrong is never ignored.
        Stage::Handler => match by_words(entry, kind, status, is_strict || has_own_language(server)) {
            // What is wrong with a document before it is run.
            "rule" if has_own_language(server) && status == 400 => document_s(entry),
            check => check,
        },
    })
}

/// Where the document of a request stands.
fn document_s(entry: &Entry) -> Check {
    if entry.method == Method::GET { "query" } else { "body" }
}

/// Whether the answer of an API that has a language of its own holds errors.
fn says_errors(entry: &Entry, server: &Loaded) -> bool {
    has_own_language(server) && entry.response_body.windows(9).any(|part| part == b"\"errors\":")
}

fn has_own_language(server: &Loaded) -> bool {
    matches!(server.sim.routes, Routes::Router(_))
}

fn has_rule(entry: &Entry, rule: &str) -> bool {
    entry.violations.iter().any(|found| found.rule == rule)
}

/// The check that the vendor's own code made, by how it refused.
fn by_words(entry: &Entry, kind: ErrorKind, status: u16, is_strict: bool) -> Check {
    let refusal = entry.processing.refusal.as_deref();
    match (kind, status) {
        (ErrorKind::Route, _) => return "route",
        (ErrorKind::Method, _) | (_, 405) => return "method",
        (ErrorKind::MediaType | ErrorKind::Encoding | ErrorKind::Headers, _) | (_, 415 | 431) => {
            return "headers";
        }
        (ErrorKind::Syntax | ErrorKind::TooLarge | ErrorKind::Cut | ErrorKind::Late, _) | (_, 413) => {
            return "body";
        }
        (ErrorKind::RateLimited, _) | (_, 429) => return "quota",
        (ErrorKind::Auth, _) | (_, 401) => return "credentials",
        (_, 403) => return "rights",
        (_, 404) if has_rule(entry, "path") => return "route",
        (_, 404) if entry.violations.iter().any(|found| is_serious(found, is_strict)) => {}
        (_, 404 | 409 | 410 | 423 | 500..) => return "state",
        _ => {}
    }
    if refusal.is_some_and(|refusal| refusal.is_temporary) {
        return "state";
    }
    let violations = || entry.violations.iter();
    if let Some(found) = violations().find(|found| is_about(refusal, found)) {
        return check_of(entry, found);
    }
    if let Some(found) = violations().find(|found| is_serious(found, is_strict)) {
        return check_of(entry, found);
    }
    match refusal.and_then(|refusal| refusal.details.first()) {
        Some((field, _)) if is_parameter(entry, field) => "query",
        Some(_) if !entry.body.is_empty() && status == StatusCode::BAD_REQUEST => "body",
        _ => "rule",
    }
}

/// What is ignored unless strict mode asks is not what was refused.
fn is_serious(violation: &Violation, is_strict: bool) -> bool {
    is_strict || !matches!(violation.rule, "field" | "alias")
}

fn is_parameter(entry: &Entry, name: &str) -> bool {
    entry.operation.is_some_and(|place| entry.contract.has_parameter(place, name, ParameterLocation::Query))
}
