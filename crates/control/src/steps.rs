//! Doing at once what a step of a scenario would do: `{"do": [ … ]}`, with the actions of scenario files.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use simcore::base::error::Result;
use simcore::simulator::extract::Path;
use simhost::rules::step::StepAction;

use crate::App;
use crate::answer::Body;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Now {
    #[serde(rename = "do")]
    actions: Vec<StepAction>,
}

pub(crate) async fn run(State(app): State<App>, Path(name): Path<String>, body: Body) -> Result<StatusCode> {
    let sandbox = app.sandbox(&name)?;
    let now: Now = body.json()?;
    sandbox.enact(&now.actions).await?;
    Ok(StatusCode::NO_CONTENT)
}
