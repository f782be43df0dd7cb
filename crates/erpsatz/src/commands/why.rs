//! `erpsatz why`.

use reqwest::Method;
use serde_json::Value;

use crate::Failure;
use crate::args::WhyArgs;
use crate::client::{in_sandbox, json, send};
use crate::commands::say;

pub(crate) async fn run(args: &WhyArgs) -> Result<(), Failure> {
    let path = format!("/journal/{}/why", args.id);
    let told = json(send(in_sandbox(&args.sandbox, Method::GET, &path)).await?).await?;
    say(&if args.json { told.to_string() } else { page(&told) });
    Ok(())
}

/// What is told, for people: a line of the request, a line a check, and what did it.
pub(crate) fn page(told: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (request, answer) = (&told["request"], &told["answer"]);
    let query = text(&request["query"]);
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let status =
        answer["status"].as_u64().map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let mut lines = vec![format!(
        "#{} {} {} {}{query} -> {status}",
        request["id"],
        text(&request["server"]),
        text(&request["method"]),
        text(&request["path"]),
    )];
    lines.extend(answer["message"].as_str().filter(|said| !said.is_empty()).map(|said| format!("  {said}")));
    for step in told["steps"].as_array().into_iter().flatten() {
        lines.extend(step_lines(step));
    }
    let cause = told["cause"].as_str().unwrap_or("nothing is wrong");
    lines.push(format!("cause: {cause}"));
    lines.join("\n")
}

fn step_lines(step: &Value) -> Vec<String> {
    let text = |name: &str| step[name].as_str().filter(|text| !text.is_empty());
    let (check, result) = (text("check").unwrap_or_default(), text("result").unwrap_or_default());
    let received = text("received").map(|received| format!("  {received}")).unwrap_or_default();
    let mut lines = vec![format!("  {check:<11} {result:<8}{received}")];
    if result == "passed" {
        return lines;
    }
    lines.extend(text("message").map(|message| format!("    {message}")));
    lines.extend(text("nearest").map(|nearest| format!("    nearest: {nearest}")));
    let evidence = text("evidence").map(|evidence| format!(" [{evidence}]")).unwrap_or_default();
    lines.extend(text("fact").map(|fact| format!("    by: {fact}{evidence}")));
    lines
}
