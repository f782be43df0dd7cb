//! `erpsatz contract`.

use erpsatz::{Config, load_simulators, segment};
use reqwest::Method;
use serde_json::{Value, json};
use simcore::simulator::find;

use crate::Failure;
use crate::args::{CONTROL_PORT, ContractArgs, ControlArgs};
use crate::client::{request, send};
use crate::commands::say;

/// The name of the control API among the servers.
const CONTROL: &str = "control";

pub(crate) async fn run(args: &ContractArgs) -> Result<(), Failure> {
    if let Some(control) = args.control.as_ref().filter(|control| !control.is_empty()) {
        let path = match args.slug.as_str() {
            CONTROL => "/openapi.json".to_owned(),
            slug => format!("/servers/{}/contract", segment(slug)),
        };
        let control = ControlArgs::of(control, args.control_token.as_deref());
        let answer = send(request(&control, Method::GET, &path)).await?;
        let document = answer.text().await.map_err(|error| Failure::Failed(error.to_string()))?;
        print(args, &document);
        return Ok(());
    }
    let profiles = args.profile.iter().cloned().collect();
    let loaded = load_simulators(&Config { profiles, ..Config::default() })?;
    if args.slug == CONTROL && !args.postman {
        let url = args.url.clone().unwrap_or_else(|| format!("http://127.0.0.1:{CONTROL_PORT}"));
        say(&format!("{:#}", control::document(&url)));
        return Ok(());
    }
    let (_, server) = find(&loaded, &args.slug).map_err(Failure::Usage)?;
    let usual = || format!("http://127.0.0.1:{}", server.sim.port);
    let url = args.url.clone().unwrap_or_else(usual);
    let contract = server.usual_contract();
    if !args.postman {
        print(args, &contract.document(server.sim.title, &url).1);
        return Ok(());
    }
    if contract.text.is_some() {
        let why = format!(
            "{} has no REST API, so there is no collection; `erpsatz contract {0}` prints its schema",
            args.slug
        );
        return Err(Failure::Usage(why));
    }
    say(&format!("{:#}", contract.postman(server.sim.title, &url, server.sim.credentials)));
    Ok(())
}

/// A contract as it is; one that is no JSON as a member of an object, where JSON is asked for.
fn print(args: &ContractArgs, document: &str) {
    let document = document.trim_end();
    if args.json && serde_json::from_str::<Value>(document).is_err() {
        say(&json!({ "sdl": document }).to_string());
    } else {
        say(document);
    }
}
