//! `erpsatz sandbox`: those there are, new ones, and what one holds as files.

#![expect(clippy::disallowed_methods, reason = "a folder that the command line names")]

use std::fs;
use std::path::Path;

use erpsatz::{library, segment};
use reqwest::Method;
use serde_json::{Value, json};

use super::{is_scenario_file, print, show};
use crate::Failure;
use crate::args::{WorldArgs, WorldCommand};
use crate::client::{json as body, request, send};
use crate::commands::say;

pub(super) async fn run(args: &WorldArgs) -> Result<(), Failure> {
    let control = &args.call.sandbox.control;
    match &args.what {
        WorldCommand::List => {
            let found = body(send(request(control, Method::GET, "/sandboxes")).await?).await?;
            let line = |item: &Value| {
                let text = |name: &str| item[name].as_str().unwrap_or_default();
                format!(
                    "{:<32} {:<24} {}",
                    text("name"),
                    text("scenario"),
                    item["clock"]["now"].as_str().unwrap_or_default()
                )
            };
            show(&args.call, &found, line);
        }
        WorldCommand::New { name, scenario, seed } => {
            let mut wish = json!({});
            for (key, given) in [("name", name.clone().map(Value::from)), ("seed", seed.map(Value::from))] {
                if let Some(given) = given {
                    wish[key] = given;
                }
            }
            if let Some(named) = scenario {
                let is_file = is_scenario_file(named);
                // A text of one line would be taken for a name.
                let text = if is_file {
                    library::read(named.as_ref()).map_err(Failure::Failed)? + "\n"
                } else {
                    named.clone()
                };
                wish["scenario"] = text.into();
            }
            let made = body(send(request(control, Method::POST, "/sandboxes").json(&wish)).await?).await?;
            say(&if args.call.json {
                made.to_string()
            } else {
                made["name"].as_str().unwrap_or_default().to_owned()
            });
        }
        WorldCommand::Rm { name } => {
            let name = name.as_deref().unwrap_or(&args.call.sandbox.sandbox);
            send(request(control, Method::DELETE, &format!("/sandboxes/{}", segment(name)))).await?;
            print(&args.call, &Value::Null, "");
        }
        WorldCommand::Export { name, dir } => {
            let found = body(
                send(request(control, Method::GET, &format!("/sandboxes/{}/export", segment(name)))).await?,
            )
            .await?;
            let written = write(&found, name, dir);
            written.map_err(|error| Failure::Failed(format!("{}: {error}", dir.display())))?;
            print(&args.call, &found, "");
        }
    }
    Ok(())
}

/// The scenario, and a set of the sandbox's name for every server.
fn write(found: &Value, name: &str, dir: &Path) -> std::io::Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(dir.join(format!("{name}.yaml")), found["scenario"].as_str().unwrap_or_default())?;
    for (slug, entities) in found["data"].as_object().into_iter().flatten() {
        let set = dir.join(slug).join(name);
        fs::create_dir_all(&set)?;
        for (entity, records) in entities.as_object().into_iter().flatten() {
            fs::write(set.join(format!("{entity}.json")), format!("{records:#}\n"))?;
        }
    }
    Ok(())
}
