//! Stock movements, one by one and in batches (fact sheet 6.2, Q12).

use serde_json::{Value, json};

use super::{get, post};
use crate::support::App;

async fn stock(app: &App, product: &str) -> Value {
    get(app, &format!("Product/{product}")).await.json()["QteEnMain"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn movements_add_to_the_stock() {
    let app = App::start().await;
    assert_eq!(stock(&app, "BOLT-M8").await.to_string(), "240");
    let movement =
        post(&app, "ProductTrail", json!({ "NoProduit": "BOLT-M8", "Quantitee": 50.5, "PrixCoutant": 0.60 }))
            .await;
    assert_eq!(movement.status, 201, "{}", movement.body);
    assert_eq!(movement.header("location"), "");
    assert!(movement.json()["DateMouvement"].is_string());
    assert_eq!(stock(&app, "BOLT-M8").await.to_string(), "290.5");
    let both =
        json!({ "NoProduit": "RONDELLE", "NoProduit_NoUniqueSystemeSource": "1042", "Quantitee": -300 });
    assert_eq!(
        post(&app, "ProductTrail", both).await.json()["NoProduit"],
        "BOLT-M8",
        "the technical key wins"
    );
    assert_eq!(stock(&app, "BOLT-M8").await.to_string(), "-9.5", "stock may go negative");
    assert_eq!(post(&app, "ProductTrail", json!({ "Quantitee": 1 })).await.status, 400);
    assert_eq!(post(&app, "ProductTrail", json!({ "NoProduit": "BOLT-M8" })).await.status, 400);
    assert_eq!(
        post(&app, "ProductTrail", json!({ "NoProduit": "NOTHING", "Quantitee": 1 })).await.status,
        422
    );
    let segmented = json!({ "NoProduit": "GANT-TRAVAIL", "Quantitee": 1 });
    let refused = post(&app, "ProductTrail", segmented.clone()).await;
    assert_eq!(refused.status, 400);
    assert!(refused.json()["ModelState"]["Caracteristiques"].is_array(), "{}", refused.body);
    let mut named = segmented;
    named["Caracteristiques"] = json!([{ "Code": "TAILLE", "Valeur": "L" }]);
    assert_eq!(post(&app, "ProductTrail", named).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_item_of_a_batch_stands_for_itself() {
    let app = App::start().await;
    let batch = json!([
        { "NoProduit": "BOLT-M8", "Quantitee": 1 },
        { "NoProduit": "NOTHING", "Quantitee": 1 },
        { "NoProduit_NoUniqueSystemeSource": "1042", "Quantitee": 2 },
        { "NoProduit": "BOLT-M8" },
        7,
    ]);
    let answer = post(&app, "ProductTrail", batch.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let items = answer.json();
    assert_eq!(items[0]["Quantitee"], 1);
    assert!(items[1]["Message"].as_str().is_some_and(|message| message.contains("NOTHING")));
    assert_eq!(items[2]["Quantitee"], 2);
    assert!(items[3]["Message"].as_str().is_some_and(|message| message.contains("Quantitee")), "{items}");
    assert!(items[4]["Message"].is_string());
    assert_eq!(stock(&app, "BOLT-M8").await.to_string(), "243");

    let hopeless = post(&app, "ProductTrail", json!([{ "NoProduit": "NOTHING", "Quantitee": 1 }, {}])).await;
    assert_eq!(hopeless.status, 400, "{}", hopeless.body);
    assert_eq!(post(&app, "ProductTrail", json!([])).await.status, 400);

    app.load("default", "servers: { onlineerp: { settings: { batch_mode: all_or_nothing } } }").await;
    let refused = post(&app, "ProductTrail", batch).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(stock(&app, "BOLT-M8").await.to_string(), "240", "nothing of it was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_movements_come_in_batches() {
    let app = App::start().await;
    for entity in
        ["Product", "Customer", "CustomerInvoice", "SupplierInvoice", "SupplierOrder", "GLJournalEntry"]
    {
        assert_eq!(post(&app, entity, json!([{}])).await.status, 400, "{entity}");
    }
}
