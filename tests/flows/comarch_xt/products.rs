//! Products: fields, price rule, codes, verbs (fact sheet 4.1).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, assert_refused, keys};
use crate::support::{App, send};

const GERMAN: [&str; 9] = [
    "$id",
    "Name",
    "Description",
    "ProductCode",
    "UnitOfMeasurment",
    "Rate",
    "SaleNetPrice",
    "SaleGrossPrice",
    "Id",
];

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_single_products_have_the_german_fields() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let answer = client.get("products").await;
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let list = answer.json();
    assert_eq!(list.as_array().unwrap().len(), 80);
    assert_eq!(keys(&list[0]), GERMAN);
    let ids: Vec<&str> = list.as_array().unwrap().iter().map(|it| it["$id"].as_str().unwrap()).collect();
    assert_eq!((ids[0], ids[79]), ("1", "80"), "it counts through the answer");
    assert!(answer.body.contains(r#""SaleNetPrice":40.00,"SaleGrossPrice":47.60"#), "lists show the scale");
    let one = client.get("products/10906701").await;
    assert_eq!(keys(&one.json()), GERMAN);
    assert!(one.body.contains(r#""SaleNetPrice":40.0,"SaleGrossPrice":47.6"#), "{}", one.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_price_rule() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    for (prices, net, gross) in [
        (json!({ "SaleNetPrice": 20.00 }), "20.0", "23.8"),
        (json!({ "SaleGrossPrice": 25.00 }), "21.01", "25.0"),
        (json!({ "SaleNetPrice": 20.00, "SaleGrossPrice": 99.00 }), "20.0", "23.8"),
        (json!({ "SaleNetPrice": 0.0, "SaleGrossPrice": 25.00 }), "21.01", "25.0"),
        (json!({ "SaleNetPrice": 10.005 }), "10.01", "11.91"),
        (json!({}), "0.0", "0.0"),
    ] {
        let mut body = json!({ "Name": "Maus", "UnitOfMeasurment": "Stk.", "Rate": 9 });
        body.as_object_mut().unwrap().extend(prices.as_object().unwrap().clone());
        let id = client.create("products", body).await;
        let product = client.read(&format!("products/{id}")).await;
        assert_eq!(product["SaleNetPrice"].to_string(), net, "{prices}");
        assert_eq!(product["SaleGrossPrice"].to_string(), gross, "{prices}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_spellings_of_the_unit_are_read_and_one_is_written() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    for spelling in ["UnitOfMeasurment", "UnitOfMeasurement", "unitofmeasurment"] {
        let id = client.create("products", json!({ "name": "Papier", "Rate": 9, spelling: "Pack" })).await;
        let product = client.read(&format!("products/{id}")).await;
        assert_eq!(product["UnitOfMeasurment"], "Pack", "{spelling}");
        assert!(product.get("UnitOfMeasurement").is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_product_needs() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let good = json!({ "Name": "Maus", "UnitOfMeasurment": "Stk.", "Rate": 9 });
    let cases: [(&str, Value); 12] = [
        ("Name", Value::Null),
        ("Name", json!("  ")),
        ("UnitOfMeasurment", Value::Null),
        ("UnitOfMeasurment", json!("")),
        ("Rate", Value::Null),
        ("Rate", json!(3)),
        ("Rate", json!(10)),
        ("Rate", json!("viel")),
        ("SaleNetPrice", json!(-0.01)),
        ("SaleGrossPrice", json!("teuer")),
        ("SaleNetPrice", json!(1e20)),
        ("ProductCode", json!("P/000001")),
    ];
    for (field, value) in cases {
        let mut body = good.clone();
        body[field] = value.clone();
        let answer = client.post("products", body).await;
        assert_refused(&answer, "ValidationException");
        let message = answer.json()["Message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(field), "{field} {value}: {message}");
    }
    assert_eq!(client.read("products").await.as_array().unwrap().len(), 80, "nothing was left behind");
    for rate in [0, 1, 2, 6, 7, 8, 9] {
        let mut body = good.clone();
        body["Rate"] = rate.into();
        client.create("products", body).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_and_codes_come_from_the_server() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    // Clients send what only the server sets; unknown properties do no harm.
    let body =
        json!({ "Id": 0, "Name": "Maus", "UnitOfMeasurment": "Stk.", "Rate": 9, "ItemCode": "x", "Foo": 1 });
    let first = client.create("products", body.clone()).await;
    assert!(first > 10_906_780, "{first}");
    let product = client.read(&format!("products/{first}")).await;
    assert_eq!(product["ProductCode"], "P/000081");
    assert_eq!(product["Description"], "");
    let mut own = body.clone();
    own["ProductCode"] = "P/000082".into();
    client.create("products", own).await;
    let next = client.create("products", body).await;
    assert_eq!(client.read(&format!("products/{next}")).await["ProductCode"], "P/000083");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_is_whole_and_goes_to_the_collection() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    client
        .change(
            "products",
            json!({ "Id": 10_906_702, "Name": "Maus M1 schwarz", "UnitOfMeasurment": "Stk.", "Rate": 9,
                    "SaleGrossPrice": 25.00 }),
        )
        .await;
    let product = client.read("products/10906702").await;
    assert_eq!(product["Name"], "Maus M1 schwarz");
    assert_eq!(product["Description"], "", "reset");
    assert_eq!(product["ProductCode"], "P/000002", "kept");
    assert_eq!(product["SaleNetPrice"].to_string(), "21.01");
    let incomplete = client.put("products", json!({ "Id": 10_906_702, "Name": "Maus" })).await;
    assert_refused(&incomplete, "ValidationException");
    let without_id = json!({ "Name": "Maus", "UnitOfMeasurment": "Stk.", "Rate": 9 });
    assert_refused(&client.put("products", without_id.clone()).await, "ValidationException");
    let mut odd_id = without_id.clone();
    odd_id["Id"] = "zwei".into();
    assert_refused(&client.put("products", odd_id).await, "ValidationException");
    let in_path = client.put("products/10906702", without_id).await;
    assert_eq!((in_path.status.as_u16(), in_path.header("allow")), (405, "GET, DELETE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partial_put_is_a_setting() {
    let app = App::scenario("name: x\nservers: { comarch-xt: { settings: { put_mode: partial } } }").await;
    let client = Client::of(&app).await;
    client.change("products", json!({ "Id": 10_906_701, "Name": "Neu" })).await;
    let product = client.read("products/10906701").await;
    assert_eq!((&product["Name"], &product["UnitOfMeasurment"]), (&json!("Neu"), &json!("Stk.")));
    assert_eq!(product["Description"], "kabelgebunden, deutsches Layout");
    assert_eq!(product["SaleNetPrice"].to_string(), "40.0");
    client.change("products", json!({ "Id": 10_906_701, "Rate": 8 })).await;
    let product = client.read("products/10906701").await;
    assert_eq!(product["SaleGrossPrice"].to_string(), "42.8", "the gross price follows the rate");
    assert_refused(
        &client.put("products", json!({ "Id": 10_906_701, "Name": "" })).await,
        "ValidationException",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_twice_and_in_use() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let body = json!({ "Name": "Maus", "UnitOfMeasurment": "Stk.", "Rate": 9 });
    let id = client.create("products", body).await;
    let path = format!("products/{id}");
    let gone = client.delete(&path).await;
    assert_eq!((gone.status.as_u16(), gone.body.as_str()), (204, ""));
    let again = client.delete(&path).await;
    assert_eq!(again.status, 404);
    assert_eq!(again.json()["Code"], "EntityNotFoundException");
    client.invoice().await;
    assert_refused(&client.delete("products/10906701").await, "EntityInUseException");
    client.read("products/10906701").await;
    let all = send(client.request(Method::DELETE, "products")).await;
    assert_eq!((all.status.as_u16(), all.header("allow")), (405, "GET, POST, PUT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn percentages_are_settings() {
    let settings = r#"{ rate_percentages: { "9": 20, "1": 7.7 } }"#;
    let app = App::scenario(&format!("name: x\nservers: {{ comarch-xt: {{ settings: {settings} }} }}")).await;
    let client = Client::of(&app).await;
    for (rate, gross) in [(9, "120.0"), (8, "107.0"), (1, "107.7"), (0, "100.0")] {
        let body = json!({ "Name": "Maus", "UnitOfMeasurment": "Stk.", "Rate": rate, "SaleNetPrice": 100 });
        let id = client.create("products", body).await;
        assert_eq!(client.read(&format!("products/{id}")).await["SaleGrossPrice"].to_string(), gross);
    }
}
