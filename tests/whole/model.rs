//! The control API against a model of it that fits on a page: sandboxes, snapshots, clock, faults, data.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};

use super::{Draws, steps};
use crate::support::{App, send};

/// What a sandbox is, as far as the model goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct World {
    /// Minutes since the scenario's start.
    minutes: i64,
    faults: BTreeSet<String>,
    /// Descriptions of products by their numbers.
    products: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default)]
struct Sandbox {
    world: World,
    snapshots: BTreeMap<String, World>,
}

const SCENARIO: &str = r#"{"name":"model","clock":{"start":"2026-03-02T08:00:00Z","frozen":true}}"#;

fn instant(minutes: i64) -> String {
    let start: jiff::Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    (start + jiff::SignedDuration::from_mins(minutes)).to_string()
}

/// A call inside a sandbox, and the status that the model says it has.
type Call = (Method, String, Value, u16);

/// One random operation, done to the model: the call as it goes out, and the sandbox it is about.
fn operation(
    draws: &mut Draws,
    model: &mut BTreeMap<String, Sandbox>,
) -> (Method, String, String, u16, String) {
    let name = (*draws.pick(&["default", "s1", "s2", "s3"])).to_owned();
    let is_there = model.contains_key(&name);
    match draws.below(16) {
        0 => {
            let status = match name.as_str() {
                "default" => 409,
                _ if model.remove(&name).is_some() => 204,
                _ => 404,
            };
            (Method::DELETE, format!("/sandboxes/{name}"), String::new(), status, name)
        }
        1 => {
            model.entry(name.clone()).or_default();
            let wish = format!(r#"{{"name":"{name}","scenario":{SCENARIO}}}"#);
            (Method::POST, "/sandboxes".into(), wish, if is_there { 409 } else { 201 }, name)
        }
        2 => {
            *model.entry(name.clone()).or_default() = Sandbox::default();
            (Method::PUT, format!("/sandboxes/{name}/scenario"), SCENARIO.to_owned(), 200, name)
        }
        what => {
            let mut absent = Sandbox::default();
            let sandbox = model.get_mut(&name).unwrap_or(&mut absent);
            let (method, path, body, status) = match what {
                3..=6 => of_snapshots(draws, what, sandbox),
                7 | 8 => of_clock(draws, what, &mut sandbox.world),
                9..=11 => of_faults(draws, what, &mut sandbox.world),
                _ => of_data(draws, what, &mut sandbox.world),
            };
            let body = if body.is_null() { String::new() } else { body.to_string() };
            (method, format!("/sandboxes/{name}/{path}"), body, if is_there { status } else { 404 }, name)
        }
    }
}

fn of_snapshots(draws: &mut Draws, what: usize, Sandbox { world, snapshots }: &mut Sandbox) -> Call {
    let id = (*draws.pick(&["a", "b", "c"])).to_owned();
    let path = format!("snapshots/{id}");
    match what {
        3 => {
            *world = World::default();
            (Method::POST, "reset".into(), Value::Null, 204)
        }
        4 => {
            snapshots.insert(id, world.clone());
            (Method::PUT, path, Value::Null, 201)
        }
        5 => {
            let kept = snapshots.get(&id);
            let status = if kept.is_some() { 204 } else { 404 };
            *world = kept.unwrap_or(world).clone();
            (Method::POST, format!("{path}/restore"), Value::Null, status)
        }
        _ => {
            let status = if snapshots.remove(&id).is_some() { 204 } else { 404 };
            (Method::DELETE, path, Value::Null, status)
        }
    }
}

fn of_clock(draws: &mut Draws, what: usize, world: &mut World) -> Call {
    let draw = i64::try_from(draws.below(90)).unwrap();
    if what == 7 {
        world.minutes += draw;
        return (Method::PATCH, "clock".into(), json!({ "advance": format!("PT{draw}M") }), 200);
    }
    let to = world.minutes + draw - 45;
    let status = if to < world.minutes { 400 } else { 200 };
    world.minutes = world.minutes.max(to);
    (Method::PATCH, "clock".into(), json!({ "set": instant(to) }), status)
}

fn of_faults(draws: &mut Draws, what: usize, world: &mut World) -> Call {
    let id = (*draws.pick(&["a", "b", "c"])).to_owned();
    match what {
        9 => {
            let rule = json!({ "id": id, "server": "onlineerp", "when": { "path": "/x" }, "undocumented": true, "then": { "drop": true } });
            // One of the same id takes the place of the old one.
            world.faults.insert(id);
            (Method::POST, "faults".into(), rule, 201)
        }
        10 => {
            let status = if world.faults.remove(&id) { 204 } else { 404 };
            (Method::DELETE, format!("faults/{id}"), Value::Null, status)
        }
        _ => {
            world.faults.clear();
            (Method::DELETE, "faults".into(), Value::Null, 204)
        }
    }
}

fn of_data(draws: &mut Draws, what: usize, world: &mut World) -> Call {
    let number = format!("M-{}", draws.below(4));
    let path = format!("data/onlineerp/Product/{number}");
    match what {
        12 | 13 => {
            let record = json!({ "NoProduit": number, "Description": "made" });
            let status = if world.products.contains_key(&number) { 409 } else { 201 };
            world.products.entry(number).or_insert_with(|| "made".into());
            (Method::POST, "data/onlineerp/Product".into(), record, status)
        }
        14 => {
            let text = format!("changed {}", draws.below(90));
            let found = world.products.get_mut(&number).map(|kept| kept.clone_from(&text));
            (Method::PUT, path, json!({ "Description": text }), if found.is_some() { 200 } else { 404 })
        }
        _ => {
            let status = if world.products.remove(&number).is_some() { 204 } else { 404 };
            (Method::DELETE, path, Value::Null, status)
        }
    }
}

async fn get(app: &App, path: &str) -> Value {
    let answer = send(app.control(Method::GET, path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

/// The sandbox is what the model says.
async fn compare(app: &App, name: &str, sandbox: &Sandbox) {
    let texts = |list: &Value, key: &str| -> BTreeSet<String> {
        let items = list["items"].as_array().expect("items").iter();
        items.map(|item| item[key].as_str().unwrap_or_default().to_owned()).collect()
    };
    let at = |path: &str| format!("/sandboxes/{name}/{path}");
    let clock = get(app, &at("clock")).await;
    assert_eq!(clock, json!({ "now": instant(sandbox.world.minutes), "frozen": true }), "{name}");
    assert_eq!(texts(&get(app, &at("faults")).await, "id"), sandbox.world.faults, "{name}: faults");
    let kept: BTreeSet<String> = sandbox.snapshots.keys().cloned().collect();
    assert_eq!(texts(&get(app, &at("snapshots")).await, "id"), kept, "{name}: snapshots");
    let products = get(app, &at("data/onlineerp/Product")).await;
    let products = products["items"].as_array().expect("items").iter();
    let text = |product: &Value, key: &str| product[key].as_str().unwrap_or_default().to_owned();
    let products = products.map(|product| (text(product, "NoProduit"), text(product, "Description")));
    let products: BTreeMap<_, _> = products.filter(|(number, _)| number.starts_with("M-")).collect();
    assert_eq!(products, sandbox.world.products, "{name}: products");
}

#[tokio::test(flavor = "multi_thread")]
async fn control_is_what_its_model_is() {
    let app = App::start().await;
    app.load("default", SCENARIO).await;
    let mut model = BTreeMap::from([("default".to_owned(), Sandbox::default())]);
    let mut draws = Draws::new(3);
    for step in 0..steps(3000) {
        let (method, path, body, status, name) = operation(&mut draws, &mut model);
        let answer = send(app.control(method.clone(), &path).body(body.clone())).await;
        assert_eq!(answer.status.as_u16(), status, "step {step}: {method} {path} {body}: {}", answer.body);
        match model.get(&name) {
            Some(sandbox) if step % 5 == 0 => compare(&app, &name, sandbox).await,
            _ => {}
        }
        if step % 100 == 0 {
            let names: Vec<&String> = model.keys().collect();
            let listed = get(&app, "/sandboxes").await;
            let listed: Vec<&str> = listed["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["name"].as_str().unwrap())
                .collect();
            assert_eq!(listed, names, "step {step}");
        }
    }
    for (name, sandbox) in &model {
        compare(&app, name, sandbox).await;
    }
}
