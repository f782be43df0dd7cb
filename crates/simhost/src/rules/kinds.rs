//! The kinds of verdicts, as expectations name them and the judge says them.

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It works; there is a better way.
    Advice,
    /// It works today and breaks on the real service.
    Warning,
    /// Harm was done, or would be.
    Error,
}

/// Every kind of verdict with its usual severity and what to do instead.
pub const KINDS: [(&str, Severity, &str); 16] = [
    (
        "done_twice",
        Severity::Error,
        "After an answer that did not come, look whether the record is there before you send it again, or give it a reference of your own that the server keeps unique.",
    ),
    (
        "refusal_ignored",
        Severity::Error,
        "Read every answer to a write, also under a 2xx; change what was refused, or tell somebody.",
    ),
    (
        "lost_update",
        Severity::Error,
        "Send only the fields that you mean to change, or read the record again right before you write it.",
    ),
    (
        "emptied_fields",
        Severity::Error,
        "A PUT replaces the whole record: send back every field that you have read.",
    ),
    ("ignored_retry_after", Severity::Warning, "Wait as long as Retry-After says before you ask again."),
    (
        "retried_without_pause",
        Severity::Warning,
        "Wait longer after each failure, and give up after a few; after a 401 ask for a new token first.",
    ),
    (
        "token_on_every_call",
        Severity::Warning,
        "Keep the token until it expires and ask for one again after a 401.",
    ),
    (
        "list_not_finished",
        Severity::Warning,
        "Read on until a page is shorter than you asked for, or until you have the total.",
    ),
    (
        "row_missed",
        Severity::Warning,
        "Page by the key of the last row that you have (keyset), not by an offset into a list that moves.",
    ),
    (
        "sent_ignored_fields",
        Severity::Warning,
        "Use the names that the server has, and leave out what only the server writes.",
    ),
    (
        "stale_export",
        Severity::Warning,
        "Validate each row with the srvDateUTC that it was delivered with, after you have stored it.",
    ),
    ("left_open", Severity::Advice, "Log out when you are done; sessions take licences until they expire."),
    (
        "wasted_calls",
        Severity::Advice,
        "Ask once and keep what you have: read in larger pages, write only what has changed, wait between polls.",
    ),
    (
        "unordered_pages",
        Severity::Advice,
        "Give $orderby with $skip: without it the server may order each page anew.",
    ),
    ("assumed_default", Severity::Advice, "Say which company is meant, and in which zone a time is."),
    (
        "imprecise_money",
        Severity::Advice,
        "Reckon money in decimals and round it to cents before you send it.",
    ),
];
