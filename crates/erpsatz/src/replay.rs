//! A capsule played again, in servers of its own.

use std::sync::Arc;
use std::time::Instant;

use axum::http::Method;
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simcore::simulator::find;
use simcore::store::outbound::Reach;
use simhost::journal::{Filter, Limits};
use simhost::judge::results::Which;
use simhost::rules::fail_on::FailOn;
use simhost::sandbox::Sandbox;
use simhost::sandbox::capsule::difference;
use simhost::sandbox::sandboxes::Sandboxes;
use simhost::scenario::Ready;
use simhost::server::gate::Gate;
use simhost::server::opened::{MAX_BODY, Opened};

use crate::http_client;
use crate::running::{Config, Erpsatz, Profiles};

/// Larger than any run: nothing of what is played again is dropped.
const ALL: Limits = Limits { entries: 1 << 24, bytes: 1 << 31 };

/// The first answer that is not the same.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The request as it was recorded.
    pub request: Value,
    /// What differs, in words.
    pub what: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// How many requests were sent.
    pub requests: usize,
    /// Where it went otherwise; nothing when every answer was the same to the byte.
    pub difference: Option<Difference>,
    /// The report on the sandbox at its end.
    pub report: Value,
    /// How long after the beginning each event came, without what steps, actions and control moved the clock by.
    pub waited: Vec<SignedDuration>,
}

/// A scenario that is tried in the place of a capsule's own.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// It.
    pub scenario: &'a Value,
    /// How long after the beginning each event comes ([`Replayed::waited`] of the run as it was). Beyond that the clock
    /// moves as the scenario says, so that a step that moves it is missed when it is left out.
    pub waited: &'a [SignedDuration],
}

/// Plays a capsule again in a fresh sandbox, or tries another scenario with its requests. `profiles` are laid over in the
/// place of the capsule's own.
///
/// # Errors
/// One sentence, when it cannot be played.
pub async fn replay(
    capsule: &Opened,
    profiles: &Profiles,
    trial: Option<Trial<'_>>,
) -> Result<Replayed, String> {
    if capsule.head["whole"] != true {
        let why = match capsule.head["dropped"].as_u64() {
            Some(0) => "it goes back to a snapshot, or holds changes, that are not all kept",
            _ => "its beginning was dropped",
        };
        return Err(format!("{why}, so it cannot be played again"));
    }
    let mut capsule = capsule.clone();
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let config = config(&capsule, profiles, folder.path())?;
    let running = Erpsatz::start_with(config).await.map_err(|error| error.to_string())?;
    let sandboxes = running.sandboxes().clone();
    capsule.know(|slug, name| {
        let (_, server) = find(&sandboxes.shared().servers, slug).ok()?;
        let found = server.sim.credentials.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    });
    let played = play(&mut capsule, &running, trial).await;
    let stopped = running.stop().await;
    let replayed = played?;
    stopped.map_err(|error| error.to_string())?;
    Ok(replayed)
}

/// The servers that it was recorded with, with its profiles.
#[expect(clippy::disallowed_methods, reason = "files in a folder of our own")]
fn config(capsule: &Opened, profiles: &Profiles, folder: &std::path::Path) -> Result<Config, String> {
    let mut config = Config { no_tls: true, profiles: profiles.clone(), ..Config::default() };
    config.options.journal = ALL;
    config.options.strict = capsule.head["strict"] == true;
    let most = capsule.head["max_body"].as_u64().and_then(|most| usize::try_from(most).ok());
    config.options.max_body = most.unwrap_or(MAX_BODY).min(MAX_BODY);
    let ports = capsule.head["own_ports"].as_array().into_iter().flatten();
    let own_ports = ports.filter_map(|port| u16::try_from(port.as_u64()?).ok()).collect();
    config.options.reach = Reach { own_ports, is_silent: true, ..Reach::default() };
    config.only = keys(&capsule.head["servers"]);
    for slug in keys(&capsule.head["profiles"]) {
        let file = folder.join(format!("{slug}.yaml"));
        let text = capsule.head["profiles"][&slug].to_string();
        std::fs::write(&file, text).map_err(|error| error.to_string())?;
        config.profiles.or_insert(slug, file);
    }
    Ok(config)
}

fn keys(members: &Value) -> Vec<String> {
    members.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

fn instant(text: &Value) -> Option<Timestamp> {
    text.as_str()?.parse().ok()
}

/// The names of secrets of all servers.
fn secrets(sandboxes: &Sandboxes) -> Vec<&'static str> {
    sandboxes.shared().servers.iter().flat_map(|server| server.sim.secrets).copied().collect()
}

/// The sandbox as it began.
async fn begun(
    capsule: &Opened,
    sandboxes: &Sandboxes,
    scenario: Option<&Value>,
) -> Result<Arc<Sandbox>, String> {
    let head = &capsule.head;
    let mut text = scenario.unwrap_or(&head["scenario"]).clone();
    text["seed"] = head["seed"].clone();
    text["clock"] = json!({ "start": head["clock"]["made"], "frozen": true });
    // What it extended is laid under it already.
    if let Some(text) = text.as_object_mut() {
        text.shift_remove("extends");
    }
    let text = capsule.real(&text.to_string(), &secrets(sandboxes));
    let shared = sandboxes.shared();
    let ready = Ready::read(&text, None, &shared.servers, &shared.library)?;
    let name = head["sandbox"].as_str().unwrap_or_default();
    let sandbox = sandboxes.open(name).await.map_err(|error| error.explain())?;
    let seed = head["seed"].as_u64().unwrap_or_default();
    sandbox.load(ready, seed).await.map_err(|error| error.explain())?;
    if let Some(started) = instant(&head["clock"]["started"]) {
        sandbox.begin_at(started).await.map_err(|error| error.explain())?;
    }
    Ok(sandbox)
}

#[expect(clippy::disallowed_methods, reason = "the judge goes by real time where that is longer")]
fn real_now() -> Instant {
    Instant::now()
}

/// When an event comes: `at` as it was recorded, or as long after the event before as it came then.
fn due(now: Timestamp, at: &Value, place: usize, trial: Option<Trial<'_>>) -> Option<Timestamp> {
    let Some(trial) = trial else { return instant(at) };
    let waited = |place: usize| trial.waited.get(place).copied().unwrap_or_default();
    let before = place.checked_sub(1).map(waited).unwrap_or_default();
    now.checked_add(waited(place) - before).ok()
}

async fn play(capsule: &mut Opened, running: &Erpsatz, trial: Option<Trial<'_>>) -> Result<Replayed, String> {
    let sandboxes = running.sandboxes();
    let sandbox = begun(capsule, sandboxes, trial.map(|trial| trial.scenario)).await?;
    let events = std::mem::take(&mut capsule.events);
    let began = real_now();
    let mut requests = 0;
    let mut waited = Vec::with_capacity(events.len());
    let mut all = SignedDuration::ZERO;
    for (place, event) in events.iter().enumerate() {
        let (request, change) = (&event["request"], &event["change"]);
        let what = if request.is_null() { change } else { request };
        let before = sandbox.now();
        if let Some(at) = due(before, &what["at"], place, trial) {
            sandbox.stand_at(at).await.map_err(|error| error.explain())?;
        }
        all += sandbox.now().duration_since(before);
        waited.push(all);
        if !change.is_null() {
            send_change(capsule, running, &sandbox, change).await?;
        } else if request["unreadable"].is_null() {
            requests += 1;
            send_request(capsule, sandboxes, &sandbox, request, began).await?;
        }
    }
    let bytes = sandbox.capsule().await.map_err(|error| error.explain())?.bytes;
    let again = Opened::read(&bytes)?;
    let difference = first_difference(&events, &again.events);
    let fail_on = FailOn { expectations: true, violations: false, errors: false, warnings: false };
    let report = sandbox.report(fail_on, Which::Last).await;
    Ok(Replayed { requests, difference, report, waited })
}

async fn send_request(
    capsule: &mut Opened,
    sandboxes: &Arc<Sandboxes>,
    sandbox: &Sandbox,
    event: &Value,
    began: Instant,
) -> Result<(), String> {
    let slug = event["server"].as_str().unwrap_or_default();
    let (index, server) = find(&sandboxes.shared().servers, slug)?;
    let named = |why: String| format!("request #{}: {why}", event["id"]);
    let request = capsule.request(event, server.sim.secrets, began).map_err(named)?;
    let answer = Gate::new(sandboxes.clone(), index).pass(request).await;
    // A cut body is what a fault made of it.
    let _ = answer.into_body().collect().await;
    let last = sandbox.journal(|journal| journal.find(&Filter::default()).pop());
    if let Some(played) = last {
        capsule.learn(event, &played.open());
    }
    Ok(())
}

/// Does what the control API did.
async fn send_change(
    capsule: &Opened,
    running: &Erpsatz,
    sandbox: &Sandbox,
    event: &Value,
) -> Result<(), String> {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    let names = secrets(running.sandboxes());
    let (verb, path) = (text("method"), capsule.real(text("path"), &names));
    let mut body = capsule.body(event, &names);
    if path == "/clock" {
        // It stands wherever the recorded one was.
        let mut change: Value = serde_json::from_slice(&body).unwrap_or_default();
        let is_left = change.as_object_mut().is_some_and(|change| {
            change.shift_remove("frozen");
            !change.is_empty()
        });
        if !is_left {
            return Ok(());
        }
        body = change.to_string().into();
    }
    let method: Method = verb.parse().map_err(|_| format!("`{verb}` is no verb"))?;
    let url = format!("{}/sandboxes/{}{path}", running.control_url(), sandbox.name);
    let client = http_client(&url).map_err(|error| error.to_string())?;
    let answer = client.request(method, &url).body(body).send().await.map_err(|error| error.to_string())?;
    let status = answer.status();
    if !status.is_success() {
        let told: Value = answer.json().await.unwrap_or_default();
        let why = told["error"]["message"].as_str().unwrap_or_default();
        return Err(format!("the change {verb} {path} cannot be made again: {why} ({status})"));
    }
    if let Some(started) = instant(&event["started"]) {
        sandbox.begin_at(started).await.map_err(|error| error.explain())?;
    }
    Ok(())
}

fn first_difference(recorded: &[Value], played: &[Value]) -> Option<Difference> {
    let requests = |events: &[Value]| -> Vec<Value> {
        let all = events.iter().map(|event| &event["request"]);
        all.filter(|request| !request.is_null() && request["unreadable"].is_null()).cloned().collect()
    };
    let (recorded, played) = (requests(recorded), requests(played));
    for (place, then) in recorded.iter().enumerate() {
        let what = match played.get(place) {
            Some(now) => difference(then, now),
            None => Some("it left no entry in the journal".to_owned()),
        };
        if let Some(what) = what {
            return Some(Difference { request: then.clone(), what });
        }
    }
    None
}
