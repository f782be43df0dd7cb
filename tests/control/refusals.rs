//! Every refusal and every sentence of one that the five profiles list, provoked through the front door: `why` names the
//! check that refused, what was received, the fact with its evidence, and who did it.

use erpsatz::registry;
use indexmap::IndexMap;
use reqwest::header::{CONTENT_TYPE, HeaderName};
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};
use simcore::Loaded;
use simcore::entity::overlay::tree;
use simcore::entity::refusals::Sentence;

use super::get;
use crate::support::samples::Client;
use crate::support::{App, send, try_send};

/// How the refusals of a server are provoked, and which cannot be.
struct Table {
    provoked: Vec<Provoked>,
    /// By name, each with the reason why one request cannot provoke it.
    unprovoked: IndexMap<String, String>,
}

/// A request, and which refusals it provokes.
#[derive(Default)]
struct Provoked {
    /// Names in the profile: of the refusal, and of the sentences that it is made of.
    says: Vec<String>,
    /// Verb, path and query.
    ask: String,
    body: String,
    headers: IndexMap<String, String>,
    /// Whether a client asks that has not signed in.
    unsigned: bool,
    /// Settings of the server.
    settings: Map<String, Value>,
    /// What is asked before, as `ask` and `body`, by a client that has signed in.
    before: Vec<(String, String)>,
    /// By how much the clock moves on before.
    advance: String,
}

fn table(slug: &str) -> Table {
    let file = format!("{}/control/refusals/{slug}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).expect("a table");
    let read = tree(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let provoked = read["provoked"].as_array().expect("a list").iter().map(Provoked::read).collect();
    let unprovoked = texts(&read["unprovoked"]);
    Table { provoked, unprovoked }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn texts(value: &Value) -> IndexMap<String, String> {
    value.as_object().expect("a mapping").iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

impl Provoked {
    fn read(row: &Value) -> Self {
        let mut read = Self::default();
        for (key, value) in row.as_object().expect("a mapping") {
            match key.as_str() {
                "says" => read.says = value.as_array().expect("a list").iter().map(text).collect(),
                "ask" => read.ask = text(value),
                "body" => read.body = text(value),
                "headers" => read.headers = texts(value),
                "unsigned" => read.unsigned = value == &Value::Bool(true),
                "settings" => read.settings.clone_from(value.as_object().expect("a mapping")),
                "before" => {
                    let asks = value.as_array().expect("a list").iter();
                    read.before = asks.map(|one| (text(&one[0]), text(&one[1]))).collect();
                }
                "advance" => read.advance = text(value),
                other => panic!("`{other}` is no key of a row"),
            }
        }
        read
    }
}

fn request(client: &Client<'_>, ask: &str, body: &str, row: Option<&Provoked>) -> RequestBuilder {
    let (method, path) = ask.split_once(' ').expect("a verb and a path");
    let method: Method = method.parse().expect("a verb");
    let Some(row) = row else { return client.request(method, path, body.to_owned()) };
    let has_type = row.headers.keys().any(|name| name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()));
    let request = match (row.unsigned, has_type) {
        (false, false) => client.request(method, path, body.to_owned()),
        (false, true) => client.request(method, path, String::new()).body(body.to_owned()),
        (true, _) => client.bare(method, path).body(body.to_owned()),
    };
    let (client, built) = request.build_split();
    let mut built = built.expect("a request");
    for (name, value) in &row.headers {
        let name: HeaderName = name.parse().expect("a name");
        built.headers_mut().insert(name, value.parse().expect("a value"));
    }
    RequestBuilder::from_parts(client, built)
}

/// Asks in a sandbox of its own; what `why` says, and the answer.
async fn provoked(app: &App, slug: &'static str, place: usize, row: &Provoked) -> (Value, String) {
    let sandbox = format!("{slug}-{place}");
    let client = Client::within(app, slug, &format!("/~{sandbox}")).await;
    if !row.settings.is_empty() {
        let settings = app.control(Method::PATCH, &format!("/sandboxes/{sandbox}/settings/{slug}"));
        let answer = send(settings.json(&row.settings)).await;
        assert_eq!(answer.status, 200, "{:?}: {}", row.says, answer.body);
    }
    for (ask, body) in &row.before {
        let _ = send(request(&client, ask, body, None)).await;
    }
    if !row.advance.is_empty() {
        let clock = app.control(Method::PATCH, &format!("/sandboxes/{sandbox}/clock"));
        assert_eq!(send(clock.json(&json!({ "advance": row.advance }))).await.status, 200);
    }
    let answer = try_send(request(&client, &row.ask, &row.body, Some(row))).await;
    let journal = app.journal(&sandbox).await;
    let id = journal.last().expect("an entry")["id"].as_u64().expect("an id");
    let why = get(app, &format!("/sandboxes/{sandbox}/journal/{id}/why")).await;
    let deleted = send(app.control(Method::DELETE, &format!("/sandboxes/{sandbox}"))).await;
    assert_eq!(deleted.status, 204);
    (why, answer.map(|answer| answer.body).unwrap_or_default())
}

/// Whether a text has the words of a sentence in their order, whatever stands in its placeholders.
fn holds(text: &str, sentence: &Sentence) -> bool {
    let has = |sentence: &str| {
        let words =
            sentence.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest).trim());
        let words: Vec<&str> = words.filter(|words| !words.is_empty()).collect();
        let mut left = text;
        let mut is_next = |words: &&str| match left.find(words) {
            Some(at) => {
                left = &left[at + words.len()..];
                true
            }
            None => false,
        };
        !words.is_empty() && words.iter().all(&mut is_next)
    };
    match sentence {
        Sentence::Text(text) => has(text),
        Sentence::Languages(texts) => texts.values().any(|text| has(text)),
    }
}

/// What `why` lacks; empty when it has all that it owes.
fn lacks(why: &Value) -> Vec<&'static str> {
    let steps = why["steps"].as_array().cloned().unwrap_or_default();
    let Some(step) = steps.iter().find(|step| step["result"] == "refused") else { return vec!["a refusal"] };
    let is_empty = |name: &str| step[name].as_str().is_none_or(str::is_empty);
    let mut lacks: Vec<_> =
        ["check", "received", "fact", "evidence"].into_iter().filter(|name| is_empty(name)).collect();
    lacks.extend(why["cause"].is_null().then_some("cause"));
    lacks
}

async fn every_refusal_is_explained(slug: &'static str) {
    let sim = registry::find(slug).expect("a server");
    let errors = &Loaded::new(sim, None).expect("it loads").model.profile.errors;
    let table = table(slug);
    let app = App::start().await;
    let mut wrong = Vec::new();
    for (place, row) in table.provoked.iter().enumerate() {
        let (why, answer) = provoked(&app, slug, place, row).await;
        let lacking = lacks(&why);
        if !lacking.is_empty() {
            wrong.push(format!("{:?} lacks {lacking:?}: {why:#}", row.says));
        }
        let text = answer.replace("\\\"", "\"");
        for name in &row.says {
            let Some(refusal) = errors.get(name) else { panic!("{slug} has no refusal {name}") };
            let is_named = why["answer"]["refusal"] == name.as_str();
            let is_told = refusal.message.as_ref().is_some_and(|sentence| holds(&text, sentence));
            if !is_named && !is_told {
                wrong.push(format!("{name} is not what `{}` provokes: {why:#}", row.ask));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let provoked = |name: &String| table.provoked.iter().any(|row| row.says.contains(name));
    let missing: Vec<&String> =
        errors.keys().filter(|name| !provoked(name) && !table.unprovoked.contains_key(*name)).collect();
    assert!(missing.is_empty(), "{slug}: nothing provokes {missing:?}");
    for (name, reason) in &table.unprovoked {
        assert!(errors.contains_key(name) && !provoked(name), "{slug}: {name} is provoked, or is none");
        assert!(reason.contains(' '), "{slug}: {name} needs a reason");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_onlineerp_is_explained() {
    every_refusal_is_explained("onlineerp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_eightsens_is_explained() {
    every_refusal_is_explained("8sens").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_comarch_xt_is_explained() {
    every_refusal_is_explained("comarch-xt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_weavy_is_explained() {
    every_refusal_is_explained("weavy").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_clavus_is_explained() {
    every_refusal_is_explained("clavus").await;
}
