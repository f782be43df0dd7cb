//! `erpsatz reset`.

use reqwest::Method;
use serde_json::Value;

use crate::Failure;
use crate::args::CallArgs;
use crate::commands::calls::{call, print};

pub(crate) async fn run(args: &CallArgs) -> Result<(), Failure> {
    call(args, Method::POST, "/reset", None).await?;
    print(args, &Value::Null, "");
    Ok(())
}
