//! Which sandbox of a name answers: every answer about one says so, and a request that means another life is refused.

use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use simhost::judge::life::{LIFE_HEADER, check};

use crate::App;

pub(crate) async fn say(
    State(app): State<App>,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let name = params.iter().find_map(|(name, value)| (name == "s").then(|| value.to_owned()));
    let name = name.unwrap_or_default();
    let id = || app.sandboxes.get(&name).map(|sandbox| sandbox.id.clone());
    let before = id();
    let meant = before.as_ref().map_or(Ok(()), |id| check(request.headers(), id));
    let mut response = match meant {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    // A call may have made it, and it may be gone by now.
    if let Some(id) = id().or(before) {
        response.headers_mut().insert(LIFE_HEADER, id);
    }
    response
}
