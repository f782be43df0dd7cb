//! `erpsatz fault`, `data`, `action`, `snapshot`, `load`, `sandbox`, `settings`, `expect`, `verify`: calls of the control API.

#![expect(clippy::disallowed_methods, reason = "files that the command line names")]

mod sandbox;

use std::io::Read as _;
use std::path::Path;

use erpsatz::{library, segment};
use reqwest::Method;
use serde_json::{Map, Value, json};
use simcore::base::written::from_yaml;

use crate::Failure;
use crate::args::{
    ActionArgs, CallArgs, CallCommand, DataArgs, DataCommand, ExpectArgs, FaultArgs, FaultCommand, LoadArgs,
    SettingsArgs, SnapshotArgs, SnapshotCommand,
};
use crate::client::{in_sandbox, send};
use crate::commands::say;

/// Sends a call about the sandbox; gives the JSON of the answer, null where there is none.
pub(super) async fn call(
    args: &CallArgs,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, Failure> {
    let request = in_sandbox(&args.sandbox, method, path);
    let response = send(match body {
        Some(body) => request.json(body),
        None => request,
    });
    let text = response.await?.text().await.map_err(|error| Failure::Failed(error.to_string()))?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

/// Prints the answer as JSON where that is asked for, otherwise what `line` says of each item.
pub(super) fn show(args: &CallArgs, answer: &Value, line: impl Fn(&Value) -> String) {
    if args.json {
        say(&answer.to_string());
        return;
    }
    for item in answer["items"].as_array().into_iter().flatten() {
        say(&line(item));
    }
}

/// Prints `text`, or the answer where JSON is asked for: an empty object where the control API gives none.
pub(super) fn print(args: &CallArgs, answer: &Value, text: &str) {
    if args.json {
        say(&if answer.is_null() { "{}".to_owned() } else { answer.to_string() });
    } else if !text.is_empty() {
        say(text);
    }
}

/// What a command was given: stdin for `-`, the file of that name, or the text itself.
pub(super) fn given(text: &str) -> Result<String, Failure> {
    if text == "-" {
        let mut read = String::new();
        let done = std::io::stdin().read_to_string(&mut read);
        done.map_err(|error| Failure::Failed(format!("stdin: {error}")))?;
        return Ok(read);
    }
    if Path::new(text).is_file() {
        library::read(Path::new(text)).map_err(Failure::Failed)
    } else {
        Ok(text.to_owned())
    }
}

/// The same, read as YAML or JSON.
fn read(text: &str) -> Result<Value, Failure> {
    let text = given(text)?;
    let value = serde_json::from_str(&text).or_else(|_| from_yaml::<Value>(&text));
    let value = value.map_err(|error| Failure::Failed(error.to_string()))?;
    match value {
        Value::Object(_) | Value::Array(_) => Ok(value),
        _ => Err(Failure::Failed(format!("`{text}` is neither YAML of several keys nor a file"))),
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

pub(crate) async fn run(command: &CallCommand) -> Result<(), Failure> {
    match command {
        CallCommand::Fault(args) => fault(args).await,
        CallCommand::Data(args) => data(args).await,
        CallCommand::Action(args) => action(args).await,
        CallCommand::Snapshot(args) => snapshot(args).await,
        CallCommand::Load(args) => load(args).await,
        CallCommand::Sandbox(args) => sandbox::run(args).await,
        CallCommand::Settings(args) => settings(args).await,
        CallCommand::Expect(args) => expect(args).await,
        CallCommand::Verify(args) => verify(args).await,
    }
}

async fn fault(args: &FaultArgs) -> Result<(), Failure> {
    let ask = |method, path: String| async move { call(&args.call, method, &path, None).await };
    match &args.what {
        FaultCommand::Add { rule } => {
            let added = call(&args.call, Method::POST, "/faults", Some(&read(rule)?)).await?;
            print(&args.call, &added, text(&added, "id"));
        }
        FaultCommand::List => {
            let line = |rule: &Value| {
                let (id, server) = (text(rule, "id"), text(rule, "server"));
                format!(
                    "{id:<16} {server:<12} hits {}  when {}  then {}",
                    rule["hits"], rule["when"], rule["then"]
                )
            };
            show(&args.call, &ask(Method::GET, "/faults".to_owned()).await?, line);
        }
        FaultCommand::Rm { id, .. } => {
            let one = id.as_ref().map(|id| format!("/{}", segment(id))).unwrap_or_default();
            print(&args.call, &ask(Method::DELETE, format!("/faults{one}")).await?, "");
        }
    }
    Ok(())
}

async fn data(args: &DataArgs) -> Result<(), Failure> {
    let path = |parts: &[&str], query: &[(&str, Option<String>)]| {
        let parts: Vec<String> = parts.iter().map(|part| segment(part).to_string()).collect();
        let company = ("company", args.company.clone());
        let query = query.iter().chain([&company]);
        let query = query.filter_map(|(name, value)| Some(format!("{name}={}", segment(value.as_ref()?))));
        format!("/data/{}?{}", parts.join("/"), query.collect::<Vec<_>>().join("&"))
    };
    match &args.what {
        DataCommand::List { slug, entity: None, .. } => {
            let found = call(&args.call, Method::GET, &path(&[slug], &[]), None).await?;
            show(&args.call, &found, |item| format!("{:<24} {}", text(item, "entity"), item["count"]));
        }
        DataCommand::List { slug, entity: Some(entity), limit, offset, q } => {
            let (limit, offset) = (limit.map(|n| n.to_string()), offset.map(|n| n.to_string()));
            let query = [("limit", limit), ("offset", offset), ("q", q.clone())];
            let found = call(&args.call, Method::GET, &path(&[slug, entity], &query), None).await?;
            show(&args.call, &found, ToString::to_string);
        }
        DataCommand::Get { slug, entity, key } => {
            let found = call(&args.call, Method::GET, &path(&[slug, entity, key], &[]), None).await?;
            print(&args.call, &found, &format!("{found:#}"));
        }
        DataCommand::Put { slug, entity, key_and_record } => {
            let (method, path, record) = match key_and_record.as_slice() {
                [key, record] => (Method::PUT, path(&[slug, entity, key], &[]), record),
                records => (Method::POST, path(&[slug, entity], &[]), &records[0]),
            };
            let stored = call(&args.call, method, &path, Some(&read(record)?)).await?;
            print(&args.call, &stored, &format!("{stored:#}"));
        }
        DataCommand::Rm { slug, entity, key } => {
            let gone = call(&args.call, Method::DELETE, &path(&[slug, entity, key], &[]), None).await?;
            print(&args.call, &gone, "");
        }
    }
    Ok(())
}

/// `1`, `true`, `{…}` as what they are unless a text is wanted; anything else is a text.
fn value(text: &str, wants_text: bool) -> Value {
    if wants_text { text.into() } else { serde_json::from_str(text).unwrap_or_else(|_| text.into()) }
}

async fn action(args: &ActionArgs) -> Result<(), Failure> {
    let known = call(&args.call, Method::GET, "/actions", None).await?;
    let (Some(slug), Some(name)) = (&args.slug, &args.name) else {
        let line = |item: &Value| {
            let parameters = item["parameters"]["properties"].as_object().into_iter().flatten();
            let parameters: Vec<String> = parameters.map(|(name, _)| format!("{name}=…")).collect();
            let (server, action) = (text(item, "server"), text(item, "action"));
            format!(
                "{server:<12} {action} {}\n{:<12} {}",
                parameters.join(" "),
                "",
                text(item, "description")
            )
        };
        show(&args.call, &known, line);
        return Ok(());
    };
    let items = known["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let spec = items.iter().find(|item| text(item, "server") == slug && text(item, "action") == name);
    let with = args.with.iter().map(|(key, given)| {
        let wants_text = spec.is_some_and(|spec| spec["parameters"]["properties"][key]["type"] == "string");
        (key.clone(), value(given, wants_text))
    });
    let with = Value::Object(with.collect::<Map<_, _>>());
    let path = format!("/actions/{}/{}", segment(slug), segment(name));
    let done = call(&args.call, Method::POST, &path, Some(&with)).await?;
    say(&done.to_string());
    Ok(())
}

async fn snapshot(args: &SnapshotArgs) -> Result<(), Failure> {
    let ask = |method, path: String| async move { call(&args.call, method, &path, None).await };
    match &args.what {
        SnapshotCommand::Take { id } => {
            let taken = ask(Method::PUT, format!("/snapshots/{}", segment(id))).await?;
            print(&args.call, &taken, "");
        }
        SnapshotCommand::Restore { id } => {
            let restored = ask(Method::POST, format!("/snapshots/{}/restore", segment(id))).await?;
            print(&args.call, &restored, "");
        }
        SnapshotCommand::List => {
            let found = ask(Method::GET, "/snapshots".to_owned()).await?;
            show(&args.call, &found, |item| format!("{:<24} {}", text(item, "id"), text(item, "at")));
        }
        SnapshotCommand::Rm { id } => {
            print(&args.call, &ask(Method::DELETE, format!("/snapshots/{}", segment(id))).await?, "");
        }
    }
    Ok(())
}

/// Whether a scenario is named or written in a file.
pub(super) fn is_scenario_file(named: &str) -> bool {
    named == "-" || named.contains(['/', '\\', '.'])
}

async fn load(args: &LoadArgs) -> Result<(), Failure> {
    let request = in_sandbox(&args.call.sandbox, Method::PUT, "/scenario");
    let request = if is_scenario_file(&args.scenario) {
        // A file that is not there is no text of a scenario.
        let text = if args.scenario == "-" {
            given("-")?
        } else {
            library::read(args.scenario.as_ref()).map_err(Failure::Failed)?
        };
        request.body(text)
    } else {
        request.json(&json!({ "name": args.scenario }))
    };
    let loaded = crate::client::json(send(request).await?).await?;
    print(&args.call, &loaded, "");
    Ok(())
}

async fn settings(args: &SettingsArgs) -> Result<(), Failure> {
    let path = format!("/settings/{}", segment(&args.slug));
    let mut now = call(&args.call, Method::GET, &path, None).await?;
    if !args.changes.is_empty() {
        let changes = args.changes.iter().map(|(key, given)| {
            let given = if given.is_empty() { Value::Null } else { value(given, now[key].is_string()) };
            (key.clone(), given)
        });
        let changes = Value::Object(changes.collect::<Map<_, _>>());
        now = call(&args.call, Method::PATCH, &path, Some(&changes)).await?;
    }
    let lines = now.as_object().into_iter().flatten().map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        value => format!("{name}={value}"),
    });
    print(&args.call, &now, &lines.collect::<Vec<_>>().join("\n"));
    Ok(())
}

async fn expect(args: &ExpectArgs) -> Result<(), Failure> {
    let added = call(&args.call, Method::POST, "/expectations", Some(&read(&args.expectation)?)).await?;
    show(&args.call, &added, |item| text(item, "id").to_owned());
    Ok(())
}

/// Exit 3 when it is not met.
async fn verify(args: &ExpectArgs) -> Result<(), Failure> {
    let verdict = call(&args.call, Method::POST, "/verify", Some(&read(&args.expectation)?)).await?;
    let is_met = verdict["met"] == true;
    let said = if is_met { "met" } else { "not met" };
    let near = verdict["nearest"].as_array().into_iter().flatten();
    let near = near
        .map(|near| format!("\n  #{} {} {}", near["id"], text(near, "request"), text(near, "difference")));
    let line = format!(
        "{}: {said}, {} so far{}",
        text(&verdict, "description"),
        verdict["count"],
        near.collect::<String>()
    );
    print(&args.call, &verdict, line.trim_end());
    if is_met { Ok(()) } else { Err(Failure::Unmet) }
}
