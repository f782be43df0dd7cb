//! `erpsatz health`.

use std::time::Duration;

use reqwest::Method;

use crate::Failure;
use crate::args::HealthArgs;
use crate::client::{json, request, send};
use crate::commands::say;

pub(crate) async fn run(args: &HealthArgs) -> Result<(), Failure> {
    let asked = request(&args.control, Method::GET, "/healthz").timeout(Duration::from_secs(5));
    let answer = send(asked).await?;
    if args.json {
        say(&json(answer).await?.to_string());
    }
    Ok(())
}
