//! `erpsatz report`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::Failure;
use crate::args::ReportArgs;
use crate::client::{in_sandbox, json, request, send};
use crate::commands::{exec, say};

pub(crate) async fn run(args: &ReportArgs) -> Result<(), Failure> {
    exec::check_files(args.junit.as_deref(), args.summary.as_deref())?;
    let verdict = &args.verdict;
    let asked = format!("/report?fail_on={}&worlds={}", verdict.fail_on.words().join(","), verdict.worlds);
    let control = &args.call.sandbox.control;
    let asked = if args.all {
        request(control, Method::GET, &asked)
    } else {
        in_sandbox(&args.call.sandbox, Method::GET, &asked)
    };
    let report = json(send(asked).await?).await?;
    say(&report.to_string());
    let run = if args.all { report } else { one(report) };
    exec::tell(&run, verdict, args.junit.as_deref(), args.summary.as_deref())?;
    exec::judge(&run)
}

/// The report on one sandbox as a run of one.
fn one(report: Value) -> Value {
    let failed = report["failed"].clone();
    let mut run = json!({ "items": [], "failed": failed });
    run["items"] = Value::Array(vec![report]);
    run
}
