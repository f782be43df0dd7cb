//! The control API from the shell.

use erpsatz::{http_client, segment};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::Failure;
use crate::args::{ControlArgs, SandboxArgs};

/// What the control API calls names that the program knows none of: a misuse of the command line.
const NAMES: [&str; 5] =
    ["unknown_server", "unknown_entity", "unknown_action", "unknown_scenario", "unknown_state"];

/// A request to the control API of a running Erpsatz.
pub(crate) fn request(control: &ControlArgs, method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}{path}", control.url());
    let request = http_client(&url).unwrap_or_default().request(method, url);
    match &control.control_token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

/// A request about one sandbox.
pub(crate) fn in_sandbox(sandbox: &SandboxArgs, method: Method, path: &str) -> RequestBuilder {
    request(&sandbox.control, method, &format!("/sandboxes/{}{path}", segment(&sandbox.sandbox)))
}

/// Sends it; what the control API refuses becomes its own sentence.
pub(crate) async fn send(request: RequestBuilder) -> Result<Response, Failure> {
    let url =
        request.try_clone().and_then(|request| request.build().ok()).map(|request| request.url().clone());
    let response = erpsatz::send(request).await.map_err(|why| {
        let why = match &url {
            Some(url) if url.scheme() == "https" => format!(" ({why})"),
            _ => String::new(),
        };
        let url = url.as_ref().map(ToString::to_string).unwrap_or_default();
        Failure::Failed(format!(
            "no Erpsatz answers at {url}{why}; start one with `erpsatz serve` or name it with --control"
        ))
    })?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    let body: Value = response.json().await.unwrap_or_default();
    let message = body["error"]["message"].as_str().unwrap_or("the control API refused");
    let message = format!("{message} ({status})");
    let is_name = body["error"]["code"].as_str().is_some_and(|code| NAMES.contains(&code));
    Err(if is_name { Failure::Usage(message) } else { Failure::Failed(message) })
}

/// The JSON of an answer.
pub(crate) async fn json(response: Response) -> Result<Value, Failure> {
    response.json().await.map_err(|error| Failure::Failed(format!("the answer is no JSON: {error}")))
}
