//! `erpsatz capsule`: a run kept as a file, played again, told, and made small.

#![expect(clippy::disallowed_methods, reason = "files that the command line names")]

mod script;
mod smallest;
mod told;

use std::io::Read as _;
use std::path::Path;

use control::text::{counted, shown};
use erpsatz::Profiles;
use erpsatz::replay::{Replayed, replay};
use reqwest::Method;
use serde_json::json;
use simhost::sandbox::capsule::MAX_CAPSULE;
use simhost::server::opened::Opened;

use crate::Failure;
use crate::args::{CallArgs, CapsuleArgs, CapsuleDo, PlayArgs, ToScenarioArgs};
use crate::client::{in_sandbox, send};
use crate::commands::{complain, say};

pub(crate) async fn run(args: &CapsuleArgs) -> Result<(), Failure> {
    match &args.what {
        CapsuleDo::Save { file } => save(&args.call, file).await,
        CapsuleDo::Replay(play) => play_again(play, args.call.json).await,
        CapsuleDo::Show { file } => {
            let capsule = open(file)?;
            let whole = json!({ "head": capsule.head, "events": capsule.events, "end": capsule.end });
            say(&if args.call.json { whole.to_string() } else { told::page(&capsule) });
            Ok(())
        }
        CapsuleDo::ToScenario(wish) => to_scenario(wish, args.call.json).await,
    }
}

async fn save(call: &CallArgs, file: &Path) -> Result<(), Failure> {
    let answer = send(in_sandbox(&call.sandbox, Method::GET, "/capsule")).await?;
    let header = |name: &str| {
        let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let requests: u64 = header("erpsatz-capsule-requests").parse().unwrap_or_default();
    let dropped: u64 = header("erpsatz-capsule-dropped").parse().unwrap_or_default();
    let is_whole = header("erpsatz-capsule-whole") == "true";
    let bytes = answer.bytes().await.map_err(|error| Failure::Failed(error.to_string()))?;
    std::fs::write(file, &bytes).map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))?;
    if dropped > 0 || !is_whole {
        let what = if is_whole {
            "it begins at the oldest world that is whole"
        } else {
            "no world is whole, so it can be shown and not be played again"
        };
        let why = match dropped {
            0 => "it goes back to a snapshot, or holds changes, that are not all kept".to_owned(),
            dropped => format!(
                "{} not in the capsule",
                counted(dropped, "earlier request is", "earlier requests are")
            ),
        };
        complain(&format!("erpsatz: {why}: {what}"));
    }
    if call.json {
        let file = file.display().to_string();
        let told = json!({ "file": file, "requests": requests, "dropped": dropped, "whole": is_whole, "bytes": bytes.len() });
        say(&told.to_string());
    } else {
        say(&format!("{} in {}", counted(requests, "request", "requests"), file.display()));
    }
    Ok(())
}

/// Reads a capsule.
fn open(file: &Path) -> Result<Opened, Failure> {
    let named = |why: String| Failure::Failed(format!("{}: {why}", file.display()));
    let mut bytes = Vec::new();
    // One byte more than a capsule may have: a file that never ends is refused as well.
    let opened = std::fs::File::open(file).map(|file| file.take(MAX_CAPSULE as u64 + 1));
    let read = opened.and_then(|mut file| file.read_to_end(&mut bytes));
    read.map_err(|error| named(error.to_string()))?;
    Opened::read(&bytes).map_err(named)
}

fn profiles(args: &PlayArgs) -> Profiles {
    args.profile.iter().cloned().collect()
}

async fn play_again(args: &PlayArgs, as_json: bool) -> Result<(), Failure> {
    let capsule = open(&args.file)?;
    let named = |why: String| Failure::Failed(format!("{}: {why}", args.file.display()));
    let played = replay(&capsule, &profiles(args), None).await.map_err(named)?;
    if as_json {
        let difference = played.difference.as_ref().map(|difference| {
            let request = &difference.request;
            json!({
                "request": request["id"],
                "server": request["server"],
                "method": request["method"],
                "path": request["path"],
                "what": difference.what,
            })
        });
        say(&json!({ "requests": played.requests, "difference": difference }).to_string());
    } else {
        say(&in_words(&played));
    }
    match &played.difference {
        None => Ok(()),
        Some(_) => {
            let own = env!("CARGO_PKG_VERSION");
            let version = capsule.head["erpsatz"].as_str().unwrap_or_default();
            if version != own {
                complain(&format!("erpsatz: the capsule is of version {version}, this is {own}"));
            }
            Err(Failure::Unmet)
        }
    }
}

fn in_words(played: &Replayed) -> String {
    let requests = counted(played.requests as u64, "request", "requests");
    match &played.difference {
        None => format!("{requests} played again, every answer the same"),
        Some(difference) => {
            let text = |name: &str| difference.request[name].as_str().unwrap_or_default().to_owned();
            format!(
                "the first difference is in request #{} {} {} {}: {}",
                difference.request["id"],
                text("server"),
                text("method"),
                shown(&text("path")),
                shown(&difference.what),
            )
        }
    }
}

async fn to_scenario(args: &ToScenarioArgs, as_json: bool) -> Result<(), Failure> {
    let capsule = open(&args.play.file)?;
    let named = |why: String| Failure::Failed(format!("{}: {why}", args.play.file.display()));
    let smallest = smallest::of(&capsule, &profiles(&args.play)).await.map_err(named)?;
    let script = script::of(&capsule, &smallest)?;
    if let Some(file) = &args.script {
        std::fs::write(file, &script)
            .map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))?;
    }
    if as_json {
        let told = json!({ "scenario": smallest.scenario, "fails": smallest.fails, "script": script });
        say(&told.to_string());
        return Ok(());
    }
    let yaml = control::yaml_of(&smallest.scenario).map_err(|error| named(error.explain()))?;
    let comments: Vec<String> =
        script.lines().map(|line| format!("# {line}").trim_end().to_owned()).collect();
    say(&format!("{}\n{}", yaml.trim_end(), comments.join("\n")));
    Ok(())
}
