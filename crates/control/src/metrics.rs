//! Figures for Prometheus, all of them read from the state at hand.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use crate::App;

/// Names, types and meanings of the figures of each sandbox.
const FIGURES: [(&str, &str, &str); 3] = [
    ("erpsatz_journal_entries", "gauge", "Entries in the journal."),
    ("erpsatz_journal_dropped_total", "counter", "Entries that the journal's limits have cost."),
    ("erpsatz_fault_rules", "gauge", "Fault rules in force."),
];

pub(crate) async fn show(State(app): State<App>) -> impl IntoResponse {
    let sandboxes = app.sandboxes.list();
    let mut text = String::new();
    head(&mut text, "erpsatz_sandboxes", "gauge", "Sandboxes that exist.");
    let _ = writeln!(text, "erpsatz_sandboxes {}", sandboxes.len());
    let figures: Vec<_> = sandboxes
        .iter()
        .map(|sandbox| {
            let (entries, dropped) = sandbox.journal(|journal| (journal.count() as u64, journal.dropped()));
            (&sandbox.name, [entries, dropped, sandbox.world().faults.rules().len() as u64])
        })
        .collect();
    for (place, (name, kind, help)) in FIGURES.into_iter().enumerate() {
        head(&mut text, name, kind, help);
        for (sandbox, values) in &figures {
            let _ = writeln!(text, "{name}{{sandbox=\"{sandbox}\"}} {}", values[place]);
        }
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
