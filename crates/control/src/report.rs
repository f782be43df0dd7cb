//! What a run came to: as JSON here, for people in `markdown.rs` and `screen.rs`, for CI servers in `junit.rs`. All of
//! them show a run as [`simhost::judge::results::Results::run`] describes it.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use simcore::base::diagnostics::unknown;
use simcore::base::error::{Error, Result};
use simcore::simulator::extract::{Path, Query};
use simhost::judge::results::{Which, together};
use simhost::rules::fail_on::FailOn;

use crate::App;
use crate::answer::bad_request;
use crate::junit::junit;
use crate::markdown::markdown;
use crate::peers::Asker;
use crate::screen::screen;

/// What a report is asked for.
struct Wish {
    format: String,
    fail_on: FailOn,
    which: Which,
    advice: bool,
}

impl Wish {
    fn read(query: Query) -> Result<Self> {
        let mut wish =
            Self { format: "json".to_owned(), fail_on: FailOn::default(), which: Which::All, advice: false };
        for (name, value) in query.0 {
            match name.as_str() {
                "format" => wish.format = value,
                "fail_on" => wish.fail_on = value.parse().map_err(bad_request)?,
                "worlds" => wish.which = value.parse().map_err(bad_request)?,
                "advice" => wish.advice = value == "true",
                other => {
                    let known = ["format", "fail_on", "worlds", "advice"];
                    return Err(bad_request(unknown("parameter", other, known.into_iter())));
                }
            }
        }
        Ok(wish)
    }

    /// `shown` is what JSON shows of `run`.
    fn answer(&self, run: &Value, shown: &Value) -> Result<Response> {
        let as_text = |kind: &'static str, text: String| ([(CONTENT_TYPE, kind)], text).into_response();
        match self.format.as_str() {
            "json" => Ok(Json(shown).into_response()),
            "junit" => {
                let xml = junit(run).map_err(Error::internal)?;
                Ok(as_text("application/xml; charset=utf-8", xml))
            }
            "markdown" => Ok(as_text("text/markdown; charset=utf-8", markdown(run))),
            "text" => Ok(as_text("text/plain; charset=utf-8", screen(run, self.advice))),
            other => Err(bad_request(format!("`format` is json, junit, markdown or text, not `{other}`"))),
        }
    }
}

/// The report on one sandbox.
pub(crate) async fn show(State(app): State<App>, Path(name): Path<String>, query: Query) -> Result<Response> {
    let sandbox = app.sandbox(&name)?;
    let wish = Wish::read(query)?;
    sandbox.play().await;
    let report = sandbox.report(wish.fail_on, wish.which).await;
    let run = json!({ "items": [report] });
    wish.answer(&run, &run["items"][0])
}

/// The whole run, sandboxes that are gone included, those of the peers too.
pub(crate) async fn run(State(app): State<App>, asker: Asker, query: Query) -> Result<Response> {
    let wish = Wish::read(query)?;
    let run = match asker {
        Asker::Own => together(Vec::new(), wish.fail_on),
        Asker::Client if !app.peers.is_alone() => {
            let path = format!("/report?fail_on={}&worlds={}", wish.fail_on.words().join(","), wish.which);
            let said = app.peers.ask(Method::GET, &path).await?;
            let own = app.sandboxes.run(wish.fail_on, wish.which).await;
            let runs = [own].into_iter().chain(said.answers.into_iter().map(|(_, run)| run)).collect();
            let mut run = together(runs, wish.fail_on);
            if !said.unreachable.is_empty() {
                run["unreachable"] = said.unreachable.into();
            }
            run
        }
        Asker::Client | Asker::Peer => app.sandboxes.run(wish.fail_on, wish.which).await,
    };
    wish.answer(&run, &run)
}

/// Somebody else has judged the sandbox: it is reported and fails nothing again.
pub(crate) async fn judged(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode> {
    app.sandbox(&name)?.mark_judged();
    Ok(StatusCode::NO_CONTENT)
}
