//! What a run came to, as JSON, JUnit or Markdown.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::Value;
use simcore::error::Result;
use simcore::extract::{Path, Query};

use crate::App;
use crate::answer::bad_request;

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

/// Reports of sandboxes as JUnit: a suite a sandbox, a case an expectation.
///
/// # Errors
/// When a text cannot be written as XML.
pub fn junit(reports: &[Value]) -> Result<String, quick_junit::SerializeError> {
    let mut whole = Report::new("erpsatz");
    for report in reports {
        let mut suite =
            TestSuite::new(format!("{} in sandbox {}", text(report, "scenario"), text(report, "sandbox")));
        for expectation in items(report, "expectations") {
            let mut status = TestCaseStatus::success();
            if expectation["met"] != true {
                status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(missed(expectation));
            }
            suite.add_test_case(TestCase::new(text(expectation, "description"), status));
        }
        whole.add_test_suite(suite);
    }
    whole.to_string()
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
        for verdict in items(report, "verdicts") {
            lines.push(format!("- verdict on {}: {}", text(verdict, "server"), text(verdict, "message")));
        }
        for violation in items(report, "violations").iter().take(20) {
            lines.push(format!(
                "- outside the contract of {}: {}",
                text(violation, "server"),
                text(violation, "message")
            ));
        }
        for fault in items(report, "faults") {
            lines.push(format!("- fault `{}`: {} hits", text(fault, "id"), fault["hits"]));
        }
        lines.push(String::new());
    }
    lines.join("\n")
}

/// Why an expectation was not met: how often it came, and what came nearest.
pub fn missed(expectation: &Value) -> String {
    let near = items(expectation, "nearest").iter().filter(|near| near["request"].is_string());
    let near: Vec<String> =
        near.map(|near| format!("{} ({})", text(near, "request"), text(near, "difference"))).collect();
    let nearest = if near.is_empty() { String::new() } else { format!("; nearest: {}", near.join(", ")) };
    format!("came {} times{nearest}", expectation["count"])
}

fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
