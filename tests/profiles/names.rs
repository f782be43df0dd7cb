//! Names that are others on the wire.

use super::{Client, Method, Value, corrected, get, json, send};
use crate::support::App;

async fn post(client: &Client<'_>, path: &str, body: Value) -> crate::support::Answer {
    send(client.request(Method::POST, path, body.to_string())).await
}

async fn of(slug: &str, names: &str) -> App {
    corrected(slug, &format!("names: {names}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_entities_and_options_of_xt() {
    let app = of("comarch-xt", "{ Name: Bezeichnung, products: artikel }").await;
    let client = Client::of(&app, "comarch-xt").await;
    let all = get(&client, "/api2/public/artikel?$orderby=Bezeichnung&$top=1").await;
    let first = all.json()[0].clone();
    assert!(first["Bezeichnung"].is_string() && first.get("Name").is_none(), "{}", all.body);
    let name = first["Bezeichnung"].as_str().unwrap().replace('\'', "''");
    let filter = format!("/api2/public/artikel?$filter=Bezeichnung%20eq%20'{}'", name.replace(' ', "%20"));
    assert_eq!(get(&client, &filter).await.json()[0]["Id"], first["Id"]);
    assert_eq!(get(&client, "/api2/public/artikel?$filter=Name%20eq%20'x'").await.status, 400);
    assert_eq!(get(&client, "/api2/public/products").await.status, 404);
    let (_, contract) = Client::contract(&app, "comarch-xt").await;
    assert!(
        contract.contains("\"Bezeichnung\"") && contract.contains("/api2/public/artikel"),
        "not in the contract"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_and_refusals_of_8sens_and_weavy() {
    let app = of("8sens", "{ cliRaisonSociale: raison }").await;
    let client = Client::of(&app, "8sens").await;
    let made = post(&client, "/v1/client", json!({ "cliType": "SOCIETE", "raison": "Forges" })).await;
    assert_eq!((made.status.as_u16(), &made.json()["raison"]), (201, &json!("Forges")), "{}", made.body);
    let missing = post(&client, "/v1/client", json!({ "cliType": "SOCIETE" })).await;
    assert!(
        missing.body.contains("raison") && !missing.body.contains("cliRaisonSociale"),
        "{}",
        missing.body
    );

    let app = of("weavy", "{ symptom: panne, label: libelle }").await;
    let client = Client::of(&app, "weavy").await;
    let shown = get(&client, "/v1/Data/DEMO/panne/BRUIT").await;
    assert!(shown.json()["libelle"].is_string(), "{}", shown.body);
    let select = json!({ "entityName": "panne", "filterFields": [{ "fieldName": "libelle", "operator": "IsNotNull" }] });
    assert_eq!(post(&client, "/v1/Data/DEMO/Select", select).await.status, 200);
    assert_eq!(get(&client, "/v1/Data/DEMO/symptom/BRUIT").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_a_document_of_clavus() {
    let app = of("clavus", "{ getTeams: equipes }").await;
    let client = Client::of(&app, "clavus").await;
    let asked = |field: &str| json!({ "query": format!("{{ erpEnrAPI {{ {field} {{ id name }} }} }}") });
    let path = "/api/external/graphql";
    let teams = post(&client, path, asked("equipes")).await;
    assert!(teams.json()["data"]["erpEnrAPI"]["equipes"].is_array(), "{}", teams.body);
    assert_eq!(post(&client, path, asked("getTeams")).await.status, 400);
    let (_, sdl) = Client::contract(&app, "clavus").await;
    assert!(sdl.contains("equipes") && !sdl.contains("getTeams("), "not in the SDL");
}

#[tokio::test(flavor = "multi_thread")]
async fn types_of_clavus_are_renamed_whole_and_refusals_are_about_what_was_sent() {
    let app = of("clavus", "{ Team: Equipe, color: couleur }").await;
    let client = Client::of(&app, "clavus").await;
    let ask = |query: &str| json!({ "query": query, "operationName": "Equipe" });
    let path = "/api/external/graphql";
    let text = "query Equipe { erpEnrAPI { getTeams { __typename id ... on Equipe { name } } } __type(name: \"X\") { name } }";
    let teams = post(&client, path, ask(text)).await.json();
    assert_eq!(teams["data"]["erpEnrAPI"]["getTeams"][0]["__typename"], "Equipe", "{teams}");
    let schema = "query Equipe { __schema { types { name fields { name } } } }";
    let schema = post(&client, path, ask(schema)).await.json()["data"]["__schema"].to_string();
    assert!(schema.contains("\"Equipe\"") && !schema.contains("\"Team\""), "{schema}");
    assert!(schema.contains("\"couleur\"") && !schema.contains("\"color\""), "{schema}");
    let wrong = "query Equipe { erpEnrAPI { getTeams { x: color, y } } }";
    let wrong = post(&client, path, ask(wrong)).await.json();
    let message = wrong["errors"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("Cannot query field \"color\" on type \"Equipe\"."), "{wrong}");
    assert_eq!(wrong["errors"][1]["locations"], json!([{ "line": 1, "column": 49 }]), "{wrong}");
}
