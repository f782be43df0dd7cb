//! Pages (5) and the lists without them (9).

use serde_json::{Value, json};

use super::{ask, data, refusal};
use crate::support::App;

fn query(page: i64, size: i64) -> String {
    format!(
        "{{ erpEnrAPI {{ getFolders(page: {page}, itemParPage: {size}) {{ totalCount results {{ id }} }} }} }}"
    )
}

async fn page(app: &App, page: i64, size: i64) -> (u64, Vec<Value>) {
    let data = data(app, &query(page, size)).await;
    let list = &data["erpEnrAPI"]["getFolders"];
    (list["totalCount"].as_u64().expect("a count"), list["results"].as_array().expect("results").clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_count_from_one() {
    let app = App::start().await;
    let (total, all) = page(&app, 1, 2_147_483_647).await;
    assert_eq!((total, all.len()), (300, 300));
    assert_eq!(page(&app, 2, 25).await, (300, all[25..50].to_vec()));
    assert_eq!(page(&app, 13, 25).await, (300, vec![]));
    assert_eq!(page(&app, 2_147_483_647, 2_147_483_647).await, (300, vec![]));
    assert_eq!(page(&app, 0, 25).await, (300, vec![]));
    assert_eq!(page(&app, 1, 0).await, (300, vec![]));
    for (number, size) in [(-1, 5), (1, -5)] {
        let refused = refusal(&ask(&app, &query(number, size)).await);
        assert_eq!(
            refused,
            ("page and itemParPage must be positive".to_owned(), "BAD_USER_INPUT".to_owned())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_page_can_be_set() {
    let app = App::scenario("name: m\nservers: { clavus: { settings: { max_item_par_page: 10 } } }").await;
    let (total, results) = page(&app, 1, 50).await;
    assert_eq!((total, results.len()), (300, 10));
    let (_, second) = page(&app, 2, 50).await;
    assert_eq!(second.len(), 10);
    assert_ne!(results, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_a_bare_slice() {
    let app = App::start().await;
    let columns = async |page: i64, size: i64| {
        let query = format!("{{ erpEnrAPI {{ getColumns(page: {page}, itemParPage: {size}) {{ id }} }} }}");
        data(&app, &query).await["erpEnrAPI"]["getColumns"].as_array().expect("columns").clone()
    };
    assert_eq!(columns(1, 100).await.len(), 20);
    assert_eq!(columns(2, 2).await, [json!({ "id": "col3" }), json!({ "id": "col4" })]);
    assert_eq!(columns(3, 20).await, Vec::<Value>::new());
    assert_eq!(columns(0, 20).await, Vec::<Value>::new());
    let answer = ask(&app, "{ erpEnrAPI { getColumns(page: -1, itemParPage: 1) { id } } }").await;
    assert_eq!(
        (answer.json()["data"].clone(), refusal(&answer).1),
        (Value::Null, "BAD_USER_INPUT".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_the_active_ones_of_a_team() {
    let app = App::start().await;
    let users = async |arguments: &str| {
        let query = format!("{{ erpEnrAPI {{ getUsers{arguments} {{ id }} }} }}");
        data(&app, &query).await["erpEnrAPI"]["getUsers"].as_array().expect("users").len()
    };
    assert_eq!(users("(teamId: \"1\")").await, 2, "the third of the team is inactive");
    assert_eq!(users("(teamId: 1)").await, 2);
    assert_eq!(users("").await, 13);
    assert_eq!(users("(teamId: null)").await, 13);
    assert_eq!(users("(teamId: \"nowhere\")").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_by_ids_keep_the_order_and_leave_out_the_unknown() {
    let app = App::start().await;
    let query = r#"{ erpEnrAPI { getValuesByIds(ids: ["def456", "nobody", "abc123", "def456"]) { id values { name value } } none: getValuesByIds(ids: []) { id } } }"#;
    let data = data(&app, query).await;
    let values = |name: &str, day: &str| {
        json!([{ "name": "client.nom", "value": name }, { "name": "date.creation", "value": day },
            { "name": "commercial", "value": "John" }, { "name": "statut", "value": "Nouveau" }])
    };
    let expected = json!({ "erpEnrAPI": { "getValuesByIds": [
        { "id": "def456", "values": values("Jane Smith", "2022-02-15") },
        { "id": "abc123", "values": values("John Doe", "2022-01-01") },
    ], "none": [] } });
    assert_eq!(data, expected);
}
