//! Every call of the vendor's page, with its records, and the examples of the page that cannot work (3.1).

use serde_json::json;

use super::{ask, data, refusal};
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn the_reads_answer_as_the_page_says() {
    let app = App::start().await;
    let query = r#"query { erpEnrAPI { getFolders(page: 1, itemParPage: 2, columns: ["Nom du client", "Date de création"]) {
        totalCount results { id columns { id name value } } } } }"#;
    let answer = data(&app, query).await;
    let page = json!({ "erpEnrAPI": { "getFolders": { "totalCount": 300, "results": [
        { "id": "abc123", "columns": [
            { "id": "col1", "name": "Nom du client", "value": "John Doe" },
            { "id": "col2", "name": "Date de création", "value": "2022-01-01" } ] },
        { "id": "def456", "columns": [
            { "id": "col1", "name": "Nom du client", "value": "Jane Smith" },
            { "id": "col2", "name": "Date de création", "value": "2022-02-15" } ] },
    ] } } });
    assert_eq!(answer, page);
    let query = r#"{ erpEnrAPI { getFolders(page: 1, itemParPage: 10, columns: ["commercial"],
        filterColumns: [{ column: "commercial", operator: "=", value: "user1" }],
        sortBy: [{ column: "date.creation", direction: "desc" }]) { totalCount results { id columns { id name value } } } } }"#;
    let commercial = json!([{ "id": "col3", "name": "Commercial", "value": "user1" }]);
    let page = json!({ "erpEnrAPI": { "getFolders": { "totalCount": 2, "results": [
        { "id": "def456", "columns": commercial }, { "id": "abc123", "columns": commercial },
    ] } } });
    assert_eq!(data(&app, query).await, page);
    let query = r#"{ erpEnrAPI {
        getColumns(page: 1, itemParPage: 4) { id label }
        getTeams { id name description color }
        getUsers(teamId: "id1") { id firstName lastName email }
        getValuesByIds(ids: ["clsc618zi01qbwjw3m1hw93ge"]) { id values { id name label value } } } }"#;
    let lists = json!({ "erpEnrAPI": {
        "getColumns": [
            { "id": "col1", "label": "Nom du client" }, { "id": "col2", "label": "Date de création" },
            { "id": "col3", "label": "Commercial" }, { "id": "col4", "label": "Statut du dossier" } ],
        "getTeams": [
            { "id": "1", "name": "Équipe A", "description": "La première équipe", "color": "#ff0000" },
            { "id": "2", "name": "Équipe B", "description": "La deuxième équipe", "color": "#00ff00" } ],
        "getUsers": [
            { "id": "user1", "firstName": "John", "lastName": "Doe", "email": "john.doe@example.com" },
            { "id": "user2", "firstName": "Jane", "lastName": "Smith", "email": "jane.smith@example.com" } ],
        "getValuesByIds": [ { "id": "clsc618zi01qbwjw3m1hw93ge", "values": [ {
            "id": "clsc5ug8w001vwjw3neqiqice", "name": "commercial.accompagnant",
            "label": "Commercial accompagnant", "value": "Marvin" } ] } ],
    } });
    assert_eq!(data(&app, query).await, lists);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mutation_echoes_what_it_was_given() {
    let app = App::start().await;
    let query = r#"mutation { upsertProspect(firstName: "Jean", lastName: "Dupont", address: "1 rue", postalCode: "09100",
        email: "jean@courriel.example", phone: "0666666666", type: MORAL, siren: "0000000000000", puissanceKc: 300,
        prixHT: "23.00", gps: ["0.2993", "1.2020"], commercialNote: "Note") {
        id firstName lastName address postalCode email phone type siren puissanceKc prixHT gps commercialNote } }"#;
    let made = data(&app, query).await["upsertProspect"].clone();
    let id = made["id"].as_str().expect("an id");
    assert!(
        id.len() == 25 && id.starts_with('c') && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{id}"
    );
    let expected = json!({ "id": id, "firstName": "Jean", "lastName": "Dupont", "address": "1 rue", "postalCode": "09100",
        "email": "jean@courriel.example", "phone": "0666666666", "type": "MORAL", "siren": "0000000000000",
        "puissanceKc": 300, "prixHT": "23.00", "gps": ["0.2993", "1.2020"], "commercialNote": "Note" });
    assert_eq!(made.to_string(), expected.to_string());
    let query = r#"mutation { upsertProspect(id: "clnj1a46700kpwjz8vfk5xjwr", firstName: "Jeanne") { id firstName lastName } }"#;
    let expected = json!({ "id": "clnj1a46700kpwjz8vfk5xjwr", "firstName": "Jeanne", "lastName": "Dupont" });
    assert_eq!(data(&app, query).await["upsertProspect"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_that_are_no_graphql_fail_as_they_must() {
    let app = App::start().await;
    for (query, message, column) in [
        (
            "{ erpEnrAPI { getFolders(page: Int!, itemParPage: Int!) { totalCount } } }",
            "Syntax Error: Expected Name, found \"!\".",
            35,
        ),
        (
            "{ erpEnrAPI { getFolders(sortBy: [{direction: \"desc\" // asc\n }]) { totalCount } } }",
            "Syntax Error: Unexpected character: \"/\".",
            54,
        ),
    ] {
        let answer = ask(&app, query).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(refusal(&answer), (message.to_owned(), "GRAPHQL_PARSE_FAILED".to_owned()));
        assert_eq!(answer.json()["errors"][0]["locations"], json!([{ "line": 1, "column": column }]));
        assert!(answer.json().get("data").is_none());
    }
}
