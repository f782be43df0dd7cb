//! The examples of the contracts work in the default data: every call of a server's Postman collection, in its order, is
//! answered with a documented success, and is no violation.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::Value;

use super::violations::of_last;
use super::{app_of_all, everyone};
use crate::support::{App, basic, send};

/// The variables of a collection, as sign-in requests fill them.
type Variables = HashMap<String, String>;

/// A text with its variables `{{name}}` filled in.
fn filled(text: &str, variables: &Variables) -> String {
    let known = variables.iter();
    known.fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

/// The pairs `{"key","value"}` of a list, switched off ones left out.
fn pairs<'a>(list: &'a Value, variables: &'a Variables) -> impl Iterator<Item = (&'a str, String)> {
    let on = list.as_array().into_iter().flatten().filter(|pair| pair["disabled"] != true);
    on.map(|pair| {
        let value = pair["value"].as_str().expect("a value");
        (pair["key"].as_str().expect("a key"), filled(value, variables))
    })
}

/// The address of a request, its path variables filled in.
fn address(request: &Value, variables: &Variables) -> String {
    let raw = filled(request["url"]["raw"].as_str().expect("an address"), variables);
    let own = pairs(&request["url"]["variable"], variables);
    own.fold(raw, |raw, (name, value)| {
        let (path, query) =
            raw.split_once('?').map_or((raw.as_str(), None), |(path, query)| (path, Some(query)));
        let is_it = |segment: &&str| segment.strip_prefix(':') == Some(name);
        let path: Vec<&str> =
            path.split('/').map(|one| if is_it(&one) { value.as_str() } else { one }).collect();
        let path = path.join("/");
        query.map_or(path.clone(), |query| format!("{path}?{query}"))
    })
}

/// Sends one request of a collection as Postman would; gives the status it had.
async fn ask(app: &App, item: &Value, variables: &mut Variables) {
    let request = &item["request"];
    let method: Method = request["method"].as_str().expect("a verb").parse().expect("a verb");
    let mut call = app.at(method, &address(request, variables));
    for (name, value) in pairs(&request["header"], variables) {
        call = call.header(name, value);
    }
    if request["auth"]["type"] == "basic" {
        let parts: HashMap<&str, String> = pairs(&request["auth"]["basic"], variables).collect();
        call = call.header("authorization", basic(&parts["username"], &parts["password"]));
    }
    call = match request["body"]["mode"].as_str() {
        Some("raw") => call.body(filled(request["body"]["raw"].as_str().expect("a body"), variables)),
        Some("urlencoded") => {
            let form = pairs(&request["body"]["urlencoded"], variables)
                .map(|(name, value)| format!("{name}={value}"));
            call.body(form.collect::<Vec<_>>().join("&"))
        }
        _ => call,
    };
    let answer = send(call).await;
    let script = item["event"][0]["script"]["exec"].to_string();
    let status = answer.status.as_u16().to_string();
    let expected =
        script.split_once("expect([").and_then(|(_, rest)| rest.split_once(']')).expect("successes").0;
    let documented = expected.split(", ").any(|one| one == status);
    assert!(documented, "{}: {status} instead of {expected}: {}", item["name"], answer.body);
    assert_eq!(of_last(app).await, [""; 0], "{}", item["name"]);
    if let Some((_, set)) = script.split_once("collectionVariables.set('") {
        let (variable, rest) = set.split_once('\'').expect("a variable");
        let member =
            rest.split_once("json().").and_then(|(_, rest)| rest.split_once(')')).expect("a member").0;
        let token = answer.json()[member].as_str().expect("a token").to_owned();
        variables.insert(variable.to_owned(), token);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_of_a_collection_works() {
    let app = app_of_all().await;
    let mut tried = 0;
    for sim in everyone() {
        let path = format!("/servers/{}/contract?format=postman", sim.slug);
        let answer = send(app.control(Method::GET, &path)).await;
        if answer.status == 400 {
            assert!(answer.body.contains("no REST API"), "{}: {}", sim.slug, answer.body);
            continue;
        }
        let collection = answer.json();
        let mut variables: Variables = pairs(&collection["variable"], &HashMap::new())
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        for folder in collection["item"].as_array().expect("folders") {
            for item in folder["item"].as_array().expect("requests") {
                ask(&app, item, &mut variables).await;
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "only {tried} calls");
}
