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

/// One random operation: the call, and the status that the model, changed by it, says it has.
fn operation(
    draws: &mut Draws,
    model: &mut BTreeMap<String, Sandbox>,
) -> (Method, String, String, u16, String) {
    let name = (*draws.pick(&["default", "s1", "s2", "s3"])).to_owned();
    let id = (*draws.pick(&["a", "b", "c"])).to_owned();
    let number = format!("M-{}", draws.below(4));
    let what = draws.below(14);
    let draw = i64::try_from(draws.below(90)).unwrap();
    let at = |path: &str| format!("/sandboxes/{name}/{path}");
    let is_there = model.contains_key(&name);
    let call = |method: Method, path: String, body: Value, status: u16| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        (method, path, body, if is_there { status } else { 404 }, name.clone())
    };
    if what == 0 {
        let scenario: Value = serde_json::from_str(SCENARIO).unwrap();
        let wish = json!({ "name": name, "scenario": scenario });
        model.entry(name.clone()).or_default();
        return (Method::POST, "/sandboxes".into(), wish.to_string(), if is_there { 409 } else { 201 }, name);
    }
    if what == 1 {
        model.entry(name.clone()).or_default().snapshots.clear();
        model.entry(name.clone()).or_default().world = World::default();
        return (Method::PUT, at("scenario"), SCENARIO.to_owned(), 200, name);
    }
    let mut absent = Sandbox::default();
    let sandbox = model.get_mut(&name).unwrap_or(&mut absent);
    let Sandbox { world, snapshots } = sandbox;
    match what {
        2 => {
            *world = World::default();
            call(Method::POST, at("reset"), Value::Null, 204)
        }
        3 => {
            snapshots.insert(id.clone(), world.clone());
            call(Method::PUT, at(&format!("snapshots/{id}")), Value::Null, 201)
        }
        4 => {
            let kept = snapshots.get(&id);
            let status = if kept.is_some() { 204 } else { 404 };
            *world = kept.unwrap_or(world).clone();
            call(Method::POST, at(&format!("snapshots/{id}/restore")), Value::Null, status)
        }
        5 => {
            let status = if snapshots.remove(&id).is_some() { 204 } else { 404 };
            call(Method::DELETE, at(&format!("snapshots/{id}")), Value::Null, status)
        }
        6 => {
            world.minutes += draw;
            call(Method::PATCH, at("clock"), json!({ "advance": format!("PT{draw}M") }), 200)
        }
        7 => {
            let to = world.minutes + draw - 45;
            let status = if to < world.minutes { 400 } else { 200 };
            world.minutes = world.minutes.max(to);
            call(Method::PATCH, at("clock"), json!({ "set": instant(to) }), status)
        }
        8 => {
            let rule = json!({ "id": id, "server": "onlineerp", "when": { "path": "/x" }, "then": { "drop": true } });
            // One of the same id takes the place of the old one.
            world.faults.insert(id);
            call(Method::POST, at("faults"), rule, 201)
        }
        9 => {
            let status = if world.faults.remove(&id) { 204 } else { 404 };
            call(Method::DELETE, at(&format!("faults/{id}")), Value::Null, status)
        }
        10 if draw < 20 => {
            world.faults.clear();
            call(Method::DELETE, at("faults"), Value::Null, 204)
        }
        10 | 11 => {
            let record = json!({ "NoProduit": number, "Description": "made" });
            let status = if world.products.contains_key(&number) { 409 } else { 201 };
            world.products.entry(number).or_insert_with(|| "made".into());
            call(Method::POST, at("data/onlineerp/Product"), record, status)
        }
        12 => {
            let text = format!("changed {draw}");
            let found = world.products.get_mut(&number).map(|kept| kept.clone_from(&text));
            let status = if found.is_some() { 200 } else { 404 };
            call(
                Method::PUT,
                at(&format!("data/onlineerp/Product/{number}")),
                json!({ "Description": text }),
                status,
            )
        }
        _ => {
            let status = if world.products.remove(&number).is_some() { 204 } else { 404 };
            call(Method::DELETE, at(&format!("data/onlineerp/Product/{number}")), Value::Null, status)
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
        let (method, path, body, status, name) = if draws.below(20) == 0 {
            let name = (*draws.pick(&["default", "s1", "s2", "s3"])).to_owned();
            let status = match name.as_str() {
                "default" => 409,
                _ if model.remove(&name).is_some() => 204,
                _ => 404,
            };
            (Method::DELETE, format!("/sandboxes/{name}"), String::new(), status, name)
        } else {
            operation(&mut draws, &mut model)
        };
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
