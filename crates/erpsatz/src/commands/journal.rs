//! `erpsatz journal`.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::Failure;
use crate::args::JournalArgs;
use crate::client::{in_sandbox, json, send};
use crate::commands::say;

/// How often `--follow` looks.
const PAUSE: Duration = Duration::from_millis(300);

pub(crate) async fn run(args: &JournalArgs) -> Result<(), Failure> {
    let mut since = show(args, None).await?;
    if !args.follow {
        return Ok(());
    }
    loop {
        tokio::time::sleep(PAUSE).await;
        since = show(args, since).await?;
    }
}

/// Shows what came after the entry `since`; gives the id of the last one shown.
async fn show(args: &JournalArgs, since: Option<u64>) -> Result<Option<u64>, Failure> {
    let mut query = vec![("limit", args.limit.to_string())];
    query.extend(args.server.iter().map(|server| ("server", server.clone())));
    query.extend(since.map(|since| ("since", since.to_string())));
    let parameters: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path = format!("/journal?{}", parameters.join("&"));
    let journal = json(send(in_sandbox(&args.sandbox, Method::GET, &path)).await?).await?;
    let entries = journal["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    for entry in entries {
        say(&if args.json { entry.to_string() } else { line(entry) });
    }
    Ok(entries.last().and_then(|entry| entry["id"].as_u64()).or(since))
}

fn line(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    let query = if text("query").is_empty() { String::new() } else { format!("?{}", text("query")) };
    let status = entry["status"].as_u64().map_or_else(|| "cut".to_owned(), |status| status.to_string());
    let fault = if text("fault").is_empty() { String::new() } else { format!("  fault {}", text("fault")) };
    let (id, at, server) = (&entry["id"], text("at"), text("server"));
    format!("#{id} {at} {server} {status} {:<6} {}{query}{fault}", text("method"), text("path"))
}
