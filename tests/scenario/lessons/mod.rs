//! Each built-in scenario, met by a good client and missed by a bad one: a file a vendor, a test a lesson.

mod clavus;
mod comarch_xt;
mod eightsens;
mod onlineerp;
mod weavy;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::report;
use crate::support::{App, send, try_send};

const README: &str = include_str!("../../../scenarios/README.md");
const VERDICTS: &str = include_str!("../../../examples/clients/verdicts.py");

/// How the report tells the bad client from the good one.
enum Told<'a> {
    /// The expectation whose description contains this is missed, and the report is not `ok`.
    Missed(&'a str),
    /// The report has this verdict.
    Verdict(&'a str),
}

/// Plays the scenario `name` to a good client, then anew to a bad one.
async fn lesson(name: &str, good: impl AsyncFn(&App), bad: impl AsyncFn(&App), told: &[Told<'_>]) {
    let app = App::start().await;
    app.load("default", &format!("{{ \"name\": \"{name}\" }}")).await;
    good(&app).await;
    let judged = report(&app).await;
    assert_eq!(judged["ok"], true, "{name}, good client: {judged}");
    assert_eq!(judged["violations"], Value::Array(Vec::new()), "{name}, good client: {judged}");
    let is_more_than_advice = |verdict: &&Value| verdict["severity"] != "advice";
    let accused = judged["verdicts"].as_array().unwrap().iter().find(is_more_than_advice);
    assert_eq!(accused, None, "{name}, good client: {judged}");
    check_steps(name, &judged);
    send(app.control(Method::POST, "/sandboxes/default/reset")).await;
    bad(&app).await;
    let judged = report(&app).await;
    check_steps(name, &judged);
    let has = |list: &str, is_it: &dyn Fn(&Value) -> bool| judged[list].as_array().unwrap().iter().any(is_it);
    for told in told {
        match told {
            Told::Missed(part) => {
                assert_eq!(judged["ok"], false, "{name}, bad client: {judged}");
                let is_missed =
                    |one: &Value| one["met"] == false && one["description"].as_str().unwrap().contains(part);
                assert!(has("expectations", &is_missed), "{name}, bad client: {judged}");
            }
            Told::Verdict(verdict) => {
                assert!(has("verdicts", &|one| one["verdict"] == *verdict), "{name}, bad client: {judged}");
            }
        }
    }
}

/// What a scenario does by itself, it can do.
fn check_steps(name: &str, judged: &Value) {
    for step in judged["steps"].as_array().unwrap() {
        assert_eq!(step["error"], Value::Null, "{name}: {judged}");
    }
}

/// The status of the answer; none when the connection was cut, or the body is not whole.
async fn status(request: RequestBuilder) -> Option<u16> {
    try_send(request).await.ok().map(|answer| answer.status.as_u16())
}

#[tokio::test]
async fn every_built_in_scenario_is_a_lesson_here() {
    let lessons = [
        include_str!("clavus.rs"),
        include_str!("comarch_xt.rs"),
        include_str!("eightsens.rs"),
        include_str!("onlineerp.rs"),
        include_str!("weavy.rs"),
    ]
    .concat();
    let app = App::start().await;
    let known = send(app.control(Method::GET, "/scenarios")).await.json();
    for item in known["items"].as_array().unwrap() {
        let name = item["name"].as_str().unwrap();
        let test = format!("async fn {}()", name.replace('-', "_"));
        let is_lesson = match name.strip_prefix("verdict-") {
            // Those have clients that are run under `exec`.
            Some(verdict) => VERDICTS.contains(&format!("def {}_good()", verdict.replace('-', "_"))),
            None => name == "default" || lessons.contains(&test),
        };
        assert!(is_lesson, "{name} has no lesson");
        assert!(README.contains(&format!("| `{name}` |")), "scenarios/README.md does not list {name}");
    }
}
