//! Customers and suppliers (fact sheet 4.2).

use serde_json::{Value, json};

use super::{Client, assert_refused, keys};
use crate::support::App;

const ADDRESS: [&str; 7] = ["$id", "Street", "BuildingNumber", "FlatNumber", "PostalCode", "City", "Id"];

#[tokio::test(flavor = "multi_thread")]
async fn the_german_fields_in_their_order() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let list = client.read("customers").await;
    assert_eq!(list.as_array().unwrap().len(), 50);
    let expected = [
        "$id",
        "Name",
        "CustomerTaxNumber",
        "CustomerCode",
        "Mail",
        "PhoneNumber",
        "CustomerType",
        "Address",
        "Id",
        "CustomerKind",
    ];
    assert_eq!(keys(&list[0]), expected);
    assert_eq!(keys(&list[0]["Address"]), ADDRESS);
    let numbers: Vec<&Value> =
        list.as_array().unwrap().iter().take(2).flat_map(|it| [&it["$id"], &it["Address"]["$id"]]).collect();
    assert_eq!(numbers, ["1", "2", "3", "4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_has_defaults_for_all_but_the_name() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.create("customers", json!({ "Name": "Muster GmbH" })).await;
    assert_eq!(id, 529_851);
    let customer = client.read(&format!("customers/{id}")).await;
    for (field, value) in [
        ("CustomerTaxNumber", json!("")),
        ("CustomerCode", json!("K/000051")),
        ("Mail", json!("")),
        ("PhoneNumber", json!("")),
        ("CustomerType", json!(0)),
        ("CustomerKind", json!(1)),
    ] {
        assert_eq!(customer[field], value, "{field}");
    }
    assert_eq!(customer["Address"]["City"], "");
    assert!(customer["Address"]["Id"].as_i64().unwrap() > 530_050);
    let business =
        json!({ "Name": "A", "CustomerTaxNumber": "DE1", "Address": { "City": "Berlin", "Id": 7 } });
    let id = client.create("customers", business).await;
    let customer = client.read(&format!("customers/{id}")).await;
    assert_eq!(customer["CustomerType"], 1, "a tax number makes a business");
    assert_eq!(
        (&customer["Address"]["City"], &customer["Address"]["Street"]),
        (&json!("Berlin"), &json!(""))
    );
    assert_ne!(customer["Address"]["Id"], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    for body in [
        json!({}),
        json!({ "Name": "" }),
        json!({ "Name": null }),
        json!({ "Name": "A", "CustomerType": 2 }),
        json!({ "Name": "A", "CustomerKind": 4 }),
        json!({ "Name": "A", "Address": "Berlin" }),
        json!({ "Name": "A", "Address": { "City": [] } }),
        json!({ "Name": "A", "CustomerCode": "K/000001" }),
    ] {
        assert_refused(&client.post("customers", body.clone()).await, "ValidationException");
    }
    let status = json!({ "Name": "A", "CustomerStatus": 4 });
    assert_refused(&client.post("v1.2/customers", status).await, "ValidationException");
    client.create("v1.2/customers", json!({ "Name": "A", "CustomerStatus": 10 })).await;
    assert_eq!(client.read("customers").await.as_array().unwrap().len(), 51);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_keeps_what_it_must() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let body = json!({
        "Name": "Lieferant", "CustomerTaxNumber": "DE9", "CustomerCode": "L-1", "Mail": "a@b.example",
        "CustomerKind": 2, "Address": { "Street": "Weg", "City": "Bonn" },
    });
    let id = client.create("customers", body).await;
    let before = client.read(&format!("customers/{id}")).await;
    client.change("customers", json!({ "Id": id, "Name": "Neu", "Address": { "city": "Kiel" } })).await;
    let after = client.read(&format!("customers/{id}")).await;
    assert_eq!((&after["Name"], &after["Mail"]), (&json!("Neu"), &json!("")));
    assert_eq!((&after["CustomerCode"], &after["CustomerKind"]), (&json!("L-1"), &json!(2)));
    assert_eq!(after["CustomerType"], 0, "follows from the tax number, which is gone");
    assert_eq!((&after["Address"]["City"], &after["Address"]["Street"]), (&json!("Kiel"), &json!("Weg")));
    assert_eq!(after["Address"]["Id"], before["Address"]["Id"]);
    client.change("customers", json!({ "Id": id, "Name": "Neu" })).await;
    assert_eq!(client.read(&format!("customers/{id}")).await["Address"]["City"], "Kiel", "untouched");
}

#[tokio::test(flavor = "multi_thread")]
async fn lookups_by_tax_number() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let one = client.read("customers/nip/DE123456789").await;
    assert_eq!(one["Id"], 529_801);
    // Several may share a tax number: the first by id.
    client.create("customers", json!({ "Name": "Zweite", "CustomerTaxNumber": "DE123456789" })).await;
    assert_eq!(client.read("customers/nip/DE123456789").await["Id"], 529_801);
    assert_eq!(client.read("v1.2/customers/?nip=DE123456789").await["Id"], 529_801);
    for path in ["customers/nip/DE0", "v1.2/customers?nip=DE0"] {
        let absent = client.get(path).await;
        assert_eq!(absent.status, 404, "{path}");
        assert_eq!(absent.json()["Data"], json!({ "EntityId": "DE0", "EntityName": "Customer" }));
    }
    let all = client.read("customers?nip=DE0").await;
    assert_eq!(all.as_array().unwrap().len(), 51, "1.0 knows no such parameter");
    app.load("default", "name: x\nservers: { comarch-xt: { settings: { lookup_as_array: true } } }").await;
    let client = Client::of(&app).await;
    assert_eq!(client.read("v1.2/customers?nip=DE123456789").await[0]["Id"], 529_801);
    assert!(client.read("customers/nip/DE123456789").await.is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_in_use_stays() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.create("customers", json!({ "Name": "Kunde" })).await;
    let mut invoice = super::invoice();
    invoice["PurchasingPartyId"] = id.into();
    let invoice = client.create("invoices", invoice).await;
    assert_refused(&client.delete(&format!("customers/{id}")).await, "EntityInUseException");
    assert_eq!(client.delete(&format!("invoices/{invoice}")).await.status, 204);
    assert_eq!(client.delete(&format!("customers/{id}")).await.status, 204);
}
