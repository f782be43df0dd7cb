//! Lessons at Clavus.

use reqwest::Method;
use serde_json::{Value, json};

use super::Told::Missed;
use super::lesson;
use crate::support::{Answer, App, send};

async fn ask(app: &App, query: &str) -> Answer {
    let request = app.request("clavus", Method::POST, "/api/external/graphql").bearer_auth("demo-key");
    send(request.json(&json!({ "query": query }))).await
}

/// The whole answer, `errors` and all.
async fn answer(app: &App, query: &str) -> Value {
    let answer = ask(app, query).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    answer.json()
}

/// `getFolders` with these arguments besides `page`.
async fn folders(app: &App, page: usize, arguments: &str) -> Value {
    let query = format!(
        "{{ erpEnrAPI {{ getFolders(page: {page}, {arguments}) {{ totalCount results {{ id }} }} }} }}"
    );
    answer(app, &query).await["data"]["erpEnrAPI"]["getFolders"].clone()
}

fn filter(column: &str) -> String {
    format!(r#"itemParPage: 10, filterColumns: [{{ column: "{column}", operator: ">", value: "3" }}]"#)
}

#[tokio::test]
async fn restricted_columns() {
    let good = async |app: &App| {
        let columns = answer(app, "{ erpEnrAPI { getColumns(page: 1, itemParPage: 100) { label } } }").await;
        let labels = columns["data"]["erpEnrAPI"]["getColumns"].to_string();
        assert!(!labels.contains("Montant HT") && labels.contains("Puissance"), "{labels}");
        assert!(folders(app, 1, &filter("installation.puissance")).await["totalCount"].is_u64());
    };
    let bad = async |app: &App| {
        assert!(folders(app, 1, &filter("devis.montant_ht")).await.is_null(), "no data at all");
    };
    lesson("restricted-columns", good, bad, &[Missed("getColumns"), Missed("never")]).await;
}

#[tokio::test]
async fn rate_limited() {
    let teams = "{ erpEnrAPI { getTeams { id } } }";
    let good = async |app: &App| {
        for _ in 0..7 {
            while ask(app, teams).await.status == 429 {
                app.advance("1s").await;
            }
        }
    };
    let bad = async |app: &App| {
        for _ in 0..30 {
            ask(app, teams).await;
        }
    };
    lesson("rate-limited", good, bad, &[Missed("at most 20 times")]).await;
}

#[tokio::test]
async fn lowered_page_size() {
    let good = async |app: &App| {
        let (mut read, mut page) = (0, 0);
        loop {
            page += 1;
            let list = folders(app, page, "itemParPage: 1000").await;
            read += list["results"].as_array().unwrap().len() as u64;
            if list["totalCount"] == read {
                return;
            }
        }
    };
    let bad = async |app: &App| {
        let list = folders(app, 1, "itemParPage: 1000").await;
        assert_eq!(list["results"].as_array().unwrap().len(), 50);
    };
    lesson("lowered-page-size", good, bad, &[Missed("at least 6 times")]).await;
}

#[tokio::test]
async fn error_under_200() {
    let change =
        r#"mutation { upsertProspect(id: "clnj1a46700kpwjz8vfk5xjwr", phone: "0611111111") { id } }"#;
    let good = async |app: &App| {
        assert!(answer(app, change).await.get("errors").is_none());
        assert_eq!(answer(app, change).await["errors"][0]["extensions"]["code"], "FORBIDDEN");
        let found = folders(app, 1, r#"itemParPage: 10, search: "\"Jean Dupont\"""#).await;
        assert!(found["totalCount"].as_u64() > Some(0), "{found}");
    };
    let bad = async |app: &App| {
        for _ in 0..2 {
            answer(app, change).await;
        }
    };
    lesson("error-under-200", good, bad, &[Missed("getFolders")]).await;
}
