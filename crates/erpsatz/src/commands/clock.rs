//! `erpsatz clock`.

use reqwest::Method;
use serde_json::json;

use crate::Failure;
use crate::args::{ClockArgs, ClockChange};
use crate::client::{in_sandbox, json, send};
use crate::commands::say;

pub(crate) async fn run(args: &ClockArgs) -> Result<(), Failure> {
    let change = match &args.change {
        None | Some(ClockChange::Show) => None,
        Some(ClockChange::Advance { by }) => Some(json!({ "advance": by })),
        Some(ClockChange::Set { at }) => Some(json!({ "set": at })),
        Some(ClockChange::Freeze) => Some(json!({ "frozen": true })),
        Some(ClockChange::Resume) => Some(json!({ "frozen": false })),
    };
    let request = match change {
        None => in_sandbox(&args.sandbox, Method::GET, "/clock"),
        Some(change) => in_sandbox(&args.sandbox, Method::PATCH, "/clock").json(&change),
    };
    say(&json(send(request).await?).await?.to_string());
    Ok(())
}
