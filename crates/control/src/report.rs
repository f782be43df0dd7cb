//! What a run came to: as JSON or Markdown here, as JUnit in `junit.rs`.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use simcore::base::error::Result;
use simcore::simulator::extract::{Path, Query};

use crate::App;
use crate::answer::bad_request;
use crate::junit::junit;

pub(crate) async fn show(State(app): State<App>, Path(name): Path<String>, query: Query) -> Result<Response> {
    let sandbox = app.sandbox(&name)?;
    sandbox.play().await;
    let report = sandbox.report();
    match query.get("format").unwrap_or("json") {
        "json" => Ok(Json(report).into_response()),
        "junit" => {
            let xml = junit(&[report]).map_err(simcore::Error::internal)?;
            Ok(([(CONTENT_TYPE, "application/xml; charset=utf-8")], xml).into_response())
        }
        "markdown" => {
            Ok(([(CONTENT_TYPE, "text/markdown; charset=utf-8")], markdown(&[report])).into_response())
        }
        other => Err(bad_request(format!("`format` is json, junit or markdown, not `{other}`"))),
    }
}

/// Reports of sandboxes as Markdown, for the summary of a CI run.
pub fn markdown(reports: &[Value]) -> String {
    let mut lines = Vec::new();
    for report in reports {
        let mark = if report["ok"] == true { "met" } else { "**not met**" };
        lines.push(format!(
            "## {} in sandbox `{}`: {mark}\n",
            text(report, "scenario"),
            text(report, "sandbox")
        ));
        for expectation in items(report, "expectations") {
            let tick = if expectation["met"] == true { "x" } else { " " };
            let why =
                if expectation["met"] == true { String::new() } else { format!(": {}", missed(expectation)) };
            lines.push(format!("- [{tick}] {}{why}", text(expectation, "description")));
        }
        lines.extend(remarks(report).iter().map(|remark| format!("- {remark}")));
        lines.push(String::new());
    }
    lines.join("\n")
}

/// What else there is to say of a run: verdicts, the first requests outside the contract, and how often faults struck.
pub(crate) fn remarks(report: &Value) -> Vec<String> {
    let verdict = |one: &Value| format!("verdict on {}: {}", text(one, "server"), text(one, "message"));
    let violation =
        |one: &Value| format!("outside the contract of {}: {}", text(one, "server"), text(one, "message"));
    let fault = |one: &Value| format!("fault `{}`: {} hits", text(one, "id"), one["hits"]);
    let verdicts = items(report, "verdicts").iter().map(verdict);
    let violations = items(report, "violations").iter().take(20).map(violation);
    verdicts.chain(violations).chain(items(report, "faults").iter().map(fault)).collect()
}

/// Why an expectation was not met: how often it came, and what came nearest.
pub fn missed(expectation: &Value) -> String {
    let near = items(expectation, "nearest").iter().filter(|near| near["request"].is_string());
    let near: Vec<String> =
        near.map(|near| format!("{} ({})", text(near, "request"), text(near, "difference"))).collect();
    let nearest = if near.is_empty() { String::new() } else { format!("; nearest: {}", near.join(", ")) };
    format!("came {} times{nearest}", expectation["count"])
}

pub(crate) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
