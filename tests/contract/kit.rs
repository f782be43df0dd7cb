//! What vendors put together from the core and the template does not show: answers in an envelope, lists by the page,
//! keys that clients choose, a call of a vendor's own among the usual ones.

use erpsatz::Config;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simcore::contract::{Answer as Documented, Contract, ExampleKeys, Member, Object, Scheme, Shape, Usual};
use simcore::entity::model::Model;
use simcore::entity::profile::{Evidence, FieldKind};
use simcore::entity::settings::Settings;
use simcore::entity::validate::refuse;
use simcore::simulator::lists::{Envelope, Paging};
use simcore::simulator::records::{Records, Subject};
use simcore::simulator::route::{Answering, Call, Route, Rows, Table};
use simcore::simulator::{Routes, rest};
use simcore::{Simulator, said, usual};

use crate::support::{Answer, App, send};

const PARTS: Records = Records {
    paging: Paging::Pages { parameters: ["size", "page"], usual: 2, most: 3 },
    envelope: Some(Envelope { data: "data", meta: "meta", total: "total" }),
    filters: &["shelf"],
    ..Records::of("part", "no")
};

const ROWS: &[Route<Subject>] = &[
    usual!(List, "/parts", PARTS),
    usual!(Create, "/parts", PARTS),
    usual!(Read, "/parts/{no}", PARTS),
    usual!(Change, "/parts/{no}", PARTS),
    usual!(Own, "GET", "/parts/{no}/shelf", PARTS, shelf, "Where a part is"),
    usual!(Own, "GET", "/shelves", PARTS, shelves, "How many shelves there are"),
];

const PROFILE: &str = r#"
unknown_properties: ignore
settings:
  key: { kind: text, default: k, evidence: assumed, about: "The key." }
errors:
  INVALID: { status: 422, code: D-2, message: "Not valid.", kinds: [syntax], evidence: assumed }
  NOT_FOUND: { status: 404, code: D-3, message: "No {entity} {key}.", evidence: assumed }
  TAKEN: { status: 409, code: D-1, message: "The {entity} {key} is there.", evidence: assumed }
  REFUSED: { status: 400, code: D-4, message: "Refused.", kinds: [injected], evidence: assumed }
  BROKEN: { status: 500, code: D-5, message: "Broken.", kinds: [internal], evidence: assumed }
entities:
  part:
    evidence: assumed
    keys: [no]
    unique: [[no]]
    example_key: P-1
    example: { no: P-9, shelf: A }
    fields:
      no: { kind: text, required: true, evidence: assumed, about: "Its number." }
      shelf: { kind: text, evidence: assumed, about: "Where it is." }
"#;

static DEPOT: Simulator = AS_IT_IS;

const AS_IT_IS: Simulator = Simulator {
    slug: "depot",
    title: "Depot",
    port: 8098,
    profile: PROFILE,
    routes: Routes::Table(Table { rows: |_| Route::table(ROWS), ..Table::BASE }),
    contract,
    render: |_, error| {
        let wrong: Vec<&str> = error.details.iter().map(|detail| detail.field.as_str()).collect();
        let body = json!({ "code": error.code, "text": error.message, "wrong": wrong });
        rest::answer_with(error.status, body.to_string())
    },
    problems: |problems| refuse(said!(INVALID).into(), problems),
    complete: |_, _, _, record| match record.get("shelf") {
        Some(shelf) if shelf == "nowhere" => Err(said!(NOT_FOUND, entity = "shelf", key = "nowhere").into()),
        _ => Ok(()),
    },
    paging: &[("size", "page")],
    ..Simulator::BASE
};

fn contract(model: &Model, _: &Settings, rows: &Rows<'_>) -> Contract {
    let text = || Member::always(Shape::kind(FieldKind::Text), Evidence::Assumed);
    let wrong = Member::always(Shape::list(Shape::kind(FieldKind::Text)), Evidence::Assumed);
    let error = Object::of([("code", text()), ("text", text()), ("wrong", wrong)]);
    let mut contract =
        Contract::usual("A depot.", Scheme::key("X-Key", "key"), error, model, Evidence::Assumed);
    contract.refusals.push(Documented::refusal(422, "Not valid.", Evidence::Assumed));
    let mut keys = ExampleKeys::default();
    contract.operations = rows.operations(|route, operation| {
        let (records, does) = ROWS[route.subject].subject;
        let operation = records.described(operation, does, model, &mut keys);
        if !matches!(does, Usual::Own(_)) {
            return operation;
        }
        let shape = records.shape(Shape::object([("shelf", text())]), Evidence::Assumed);
        operation.answers(Documented::json(200, "The shelf.", shape, Evidence::Assumed))
    });
    contract
}

fn shelf(call: Call) -> Answering {
    Box::pin(async move {
        let found = call.ctx.read(|db| PARTS.find(db, "", call.variable("no")));
        Ok(PARTS.answer(json!({ "shelf": found.await?.text("shelf") }).to_string().into()))
    })
}

fn shelves(_: Call) -> Answering {
    Box::pin(async { Ok(PARTS.answer(json!({ "shelf": "two" }).to_string().into())) })
}

/// A depot that begins with these parts, and the folder of its data.
fn with(parts: &Value) -> (Config, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let small = folder.path().join("depot/small");
    std::fs::create_dir_all(&small).expect("a folder");
    std::fs::write(small.join("part.json"), parts.to_string()).expect("a file");
    let seed_data = Some(folder.path().to_owned());
    (Config { more: vec![&DEPOT], seed_data, ..Config::default() }, folder)
}

/// Why a server does not start.
async fn refused(config: Config) -> String {
    erpsatz::Erpsatz::start_with(config).await.err().expect("it does not start").to_string()
}

/// A depot with five parts.
async fn depot() -> (App, tempfile::TempDir) {
    let shelf = |number| if number < 4 { "A" } else { "B" };
    let parts = (1..=5).map(|number| json!({ "no": format!("P-{number}"), "shelf": shelf(number) }));
    let (config, folder) = with(&parts.collect());
    (App::with(config).await, folder)
}

async fn call(app: &App, method: Method, path: &str, body: Value) -> Answer {
    let request = app.request("depot", method, path);
    send(if body.is_null() { request } else { request.json(&body) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_by_the_page_in_an_envelope() {
    let (app, _folder) = depot().await;
    for (query, numbers, meta) in [
        ("", &["P-1", "P-2"][..], json!({ "size": 2, "page": 1, "total": 5 })),
        ("?page=3", &["P-5"], json!({ "size": 2, "page": 3, "total": 5 })),
        ("?size=3&page=2", &["P-4", "P-5"], json!({ "size": 3, "page": 2, "total": 5 })),
        ("?shelf=B&size=1&page=2", &["P-5"], json!({ "size": 1, "page": 2, "total": 2 })),
        ("?page=9223372036854775807", &[], json!({ "size": 2, "page": i64::MAX, "total": 5 })),
    ] {
        let listed = call(&app, Method::GET, &format!("/parts{query}"), Value::Null).await;
        assert_eq!(listed.status, 200, "{query}: {}", listed.body);
        let body = listed.json();
        let data = body["data"].as_array().expect("a list");
        assert_eq!(
            data.iter().map(|part| part["no"].as_str().unwrap()).collect::<Vec<_>>(),
            numbers,
            "{query}"
        );
        assert_eq!(body["meta"], meta, "{query}");
    }
    for (query, wrong) in [("size=4", "size"), ("size=0", "size"), ("page=0", "page"), ("page=x", "page")] {
        let refused = call(&app, Method::GET, &format!("/parts?{query}"), Value::Null).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["wrong"]), (422, &json!([wrong])), "{query}");
        let entry = app.last().await;
        let violations = entry["violations"].as_array().into_iter().flatten();
        let is_told = violations.filter(|one| one["position"] == wrong).count() == 1;
        assert!(is_told, "{query}: the contract has other bounds: {entry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_and_calls_of_the_vendors_own_stand_in_the_envelope() {
    let (app, _folder) = depot().await;
    let made = call(&app, Method::POST, "/parts", json!({ "no": "P-6", "shelf": "C" })).await;
    assert_eq!((made.status, made.header("location")), (StatusCode::CREATED, "/parts/P-6"));
    assert_eq!(made.json(), json!({ "data": { "no": "P-6", "shelf": "C" } }));
    let changed = call(&app, Method::PATCH, "/parts/P-6", json!({ "shelf": "A" })).await;
    assert_eq!(changed.json(), json!({ "data": { "no": "P-6", "shelf": "A" } }));
    let read = call(&app, Method::GET, "/parts/P-6/shelf", Value::Null).await;
    assert_eq!(read.json(), json!({ "data": { "shelf": "A" } }));
    assert_eq!(call(&app, Method::GET, "/parts/P-7/shelf", Value::Null).await.status, 404);
    assert_eq!(call(&app, Method::GET, "/shelves", Value::Null).await.json()["data"]["shelf"], "two");
    let contract = send(app.control(Method::GET, "/servers/depot/contract")).await.json();
    let of = |path: &str| &contract["paths"][path]["get"];
    let list = &of("/parts")["responses"]["200"]["content"]["application/json"]["schema"]["properties"];
    assert_eq!(list["data"]["type"], "array", "{list}");
    assert_eq!(list["meta"]["required"], json!(["size", "page", "total"]), "{list}");
    assert_eq!(of("/parts/{no}/shelf")["summary"], "Where a part is");
    assert!(of("/shelves")["parameters"].as_array().is_none_or(Vec::is_empty));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_taken_is_refused_in_the_vendors_words() {
    let (app, _folder) = depot().await;
    let said = json!({ "code": "D-1", "text": "The part P-1 is there.", "wrong": [] });
    let refused = call(&app, Method::POST, "/parts", json!({ "no": "P-1" })).await;
    assert_eq!((refused.status, refused.json()), (StatusCode::CONFLICT, said.clone()));
    let refused = call(&app, Method::PATCH, "/parts/P-2", json!({ "no": "P-1" })).await;
    assert_eq!((refused.status, refused.json()), (StatusCode::CONFLICT, said));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vendor_refuses_of_data_is_said_in_its_words() {
    let (config, _folder) =
        with(&json!([{ "no": "P-1", "shelf": "A" }, { "no": "P-2", "shelf": "nowhere" }]));
    let refused = refused(config).await;
    assert!(refused.contains("part record 2: No shelf nowhere."), "{refused}");
    let (app, _folder) = depot().await;
    let made = app.control(Method::POST, "/sandboxes/default/data/depot/part");
    let made = send(made.json(&json!({ "no": "P-8", "shelf": "nowhere" }))).await;
    assert!(made.status == 404 && made.body.contains("No shelf nowhere."), "{} {}", made.status, made.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_core_refuses_has_a_code_where_the_rest_has() {
    let with = |from: &str, to: &str| {
        let profile: &'static str = PROFILE.replacen(from, to, 1).leak();
        let vendor: &'static Simulator = Box::leak(Box::new(Simulator { profile, ..AS_IT_IS }));
        Config { more: vec![vendor], ..Config::default() }
    };
    for (from, to, why) in [
        (", kinds: [injected]", "", "depot: no refusal of `errors` is what is said of `kinds: [route]`"),
        ("code: D-3, ", "", "depot: `errors.NOT_FOUND` has no `code`"),
        ("code: D-4, ", "", "depot: `errors.REFUSED` has no `code`"),
    ] {
        let refused = refused(with(from, to)).await;
        assert!(refused.contains(why), "{refused}");
    }
    let app = App::with(with("code: D-4, ", "about: It has none., ")).await;
    assert_eq!(call(&app, Method::GET, "/nowhere", Value::Null).await.json()["code"], "");
    let (app, _folder) = depot().await;
    assert_eq!(call(&app, Method::GET, "/nowhere", Value::Null).await.json()["code"], "D-4");
}
