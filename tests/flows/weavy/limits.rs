//! What a document or a question may hold at most.

use serde_json::{Value, json};

use super::Weavy;
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn long_questions_and_deep_documents_are_refused() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let one = json!({ "fieldName": "name" });
    let many = |list: &str, count: usize| json!({ "entityName": "customer", list: vec![one.clone(); count] });
    assert_eq!(weavy.post("Data/DEMO/Select", many("returnFields", 200)).await.status, 200);
    for list in ["returnFields", "sortFields"] {
        let refused = weavy.post("Data/DEMO/Select", many(list, 201)).await;
        assert!(refused.status == 400 && refused.body.contains("200"), "{list}: {}", refused.body);
    }
    let path = "Data/DEMO/DataSet?deleteMode=0&serverExport=0";
    let nested = |levels: usize| {
        let mut inner = Value::Null;
        for level in (0..levels).rev() {
            let mut contact = json!({ "customercontact_ID": format!("N{level}") });
            if !inner.is_null() {
                contact["customercontact"] = json!([inner]);
            }
            inner = contact;
        }
        json!({ "customer": { "customer_ID": "DEEP", "name": "Deep", "customercontact": [inner] } })
    };
    let deep = weavy.post(path, nested(40)).await;
    assert!(deep.status == 400 && deep.body.contains("too deeply"), "{}", deep.body);
    let none = json!({ "entityName": "customer", "filters": [{ "fieldName": "customer_ID", "operator": "Equal", "values": ["DEEP"] }] });
    assert!(weavy.select(none).await.iter().all(|row| row["customer_ID"] != "DEEP"), "nothing of it is kept");
}
