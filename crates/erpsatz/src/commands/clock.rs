//! `erpsatz clock`.

use reqwest::Method;
use serde_json::json;

use crate::Failure;
use crate::args::{ClockArgs, ClockChange};
use crate::commands::calls::call;
use crate::commands::say;

/// Prints the control API's own answer, with `--json` and without it.
pub(crate) async fn run(args: &ClockArgs) -> Result<(), Failure> {
    let change = match &args.change {
        None | Some(ClockChange::Show) => None,
        Some(ClockChange::Advance { by }) => Some(json!({ "advance": by })),
        Some(ClockChange::Set { at }) => Some(json!({ "set": at })),
        Some(ClockChange::Freeze) => Some(json!({ "frozen": true })),
        Some(ClockChange::Resume) => Some(json!({ "frozen": false })),
    };
    let method = if change.is_some() { Method::PATCH } else { Method::GET };
    say(&call(&args.call, method, "/clock", change.as_ref()).await?.to_string());
    Ok(())
}
