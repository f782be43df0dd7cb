//! Expectations of a scenario, judged.

use serde_json::{Value, json};

use crate::journal::Entry;
use crate::rules::expect::{Count, Expectation};

impl Expectation {
    /// The expectation in the report: met or not, how often, and when not, the requests that came nearest.
    pub fn judge(&self, count: Count, journal: &[impl AsRef<Entry>]) -> Value {
        let met = self.is_met(count);
        let nearest = if met { Vec::new() } else { self.nearest(journal) };
        json!({ "description": self.description(), "met": met, "count": count.matched, "nearest": nearest })
    }

    /// The three requests to the same server that differ least, newest first, and what differed.
    fn nearest(&self, journal: &[impl AsRef<Entry>]) -> Vec<Value> {
        let Some(request) = &self.request else { return Vec::new() };
        let to_server =
            journal.iter().rev().map(AsRef::as_ref).filter(|entry| entry.server == request.server);
        let mut candidates: Vec<(usize, &Entry, Option<String>)> = to_server
            .map(|entry| {
                let difference = request.when.mismatch(&entry.view());
                (rank(difference.as_deref()), entry, difference)
            })
            .collect();
        candidates.sort_by_key(|(rank, _, _)| *rank);
        candidates.truncate(3);
        let show = |(_, entry, difference): (usize, &Entry, Option<String>)| {
            json!({
                "id": entry.id,
                "request": format!("{} {}", entry.method, entry.path),
                "difference": difference.unwrap_or_else(|| "none: it counts".to_owned()),
            })
        };
        candidates.into_iter().map(show).collect()
    }
}

/// Differences are found in the order method, path, header, query, body: a later one means a nearer request.
fn rank(difference: Option<&str>) -> usize {
    let words = ["method", "path", "header", "query", "body"];
    difference.map_or(0, |text| {
        words.len() - words.iter().position(|word| text.starts_with(word)).unwrap_or_default()
    })
}
