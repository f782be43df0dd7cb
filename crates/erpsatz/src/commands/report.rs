//! `erpsatz report`.

use reqwest::Method;

use crate::Failure;
use crate::args::ReportArgs;
use crate::client::{in_sandbox, json, send};
use crate::commands::{exec, say};

pub(crate) async fn run(args: &ReportArgs) -> Result<(), Failure> {
    let report = json(send(in_sandbox(&args.sandbox, Method::GET, "/report")).await?).await?;
    say(&report.to_string());
    let reports = [report];
    exec::write(&reports, args.junit.as_deref(), args.summary.as_deref())?;
    exec::judge(&reports)
}
