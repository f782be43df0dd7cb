//! The Polish edition and its versions beside the unversioned paths (fact sheet 2.3, 4.2, 4.5, 4.6, 9).

use serde_json::{Value, json};

use super::{Client, assert_refused, invoice, keys, proforma};
use crate::support::App;

const POLISH: &str = "name: pl\nservers: { comarch-xt: { settings: { edition: pl } } }";

#[tokio::test(flavor = "multi_thread")]
async fn customers_of_1_2() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let expected = [
        "Name",
        "CountryCode",
        "CustomerTaxNumber",
        "CustomerCode",
        "Mail",
        "PhoneNumber",
        "CustomerType",
        "Address",
        "CustomerStatus",
        "RepresentativeFirstName",
        "RepresentativeLastName",
        "Id",
    ];
    assert_eq!(keys(&client.read("v1.2/customers").await[0]), expected);
    let body =
        json!({ "Name": "EU", "CountryCode": "AT", "CustomerStatus": 1, "RepresentativeLastName": "Muster" });
    let id = client.create("v1.2/customers", body).await;
    // A client of 1.0 does not know those fields, so its PUT leaves them alone.
    client.change("customers", json!({ "Id": id, "Name": "EU 2" })).await;
    let customer = client.read(&format!("v1.2/customers/{id}")).await;
    assert_eq!((&customer["CountryCode"], &customer["CustomerStatus"]), (&json!("AT"), &json!(1)));
    client.change("V1.2/Customers", json!({ "Id": id, "Name": "EU 3" })).await;
    assert_eq!(client.read(&format!("v1.2/customers/{id}")).await["CustomerStatus"], 0, "reset");
    assert_eq!(client.delete(&format!("v1.2/customers/{id}")).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn invoices_of_1_1_have_net_or_gross_prices() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let mut body = invoice();
    body["InvoiceType"] = 1.into();
    body["Description"] = "brutto".into();
    body["ReceivingPartyId"] = 529_802.into();
    body["Items"] = json!([{ "ProductId": 10_906_701, "Quantity": 2, "ProductCurrencyPrice": 11.90 }]);
    let id = client.create("v1.1/invoices", body.clone()).await;
    let shown = client.read(&format!("v1.1/invoices/{id}")).await;
    let expected = [
        "$id",
        "PaymentStatus",
        "PurchasingPartyId",
        "ReceivingPartyId",
        "PaymentTypeId",
        "BankAccountId",
        "SalesDate",
        "InvoiceType",
        "Items",
        "Description",
        "IssueDate",
        "Number",
        "Status",
        "Id",
    ];
    assert_eq!(keys(&shown), expected);
    assert_eq!(shown["Items"][0]["ProductCurrencyPrice"].to_string(), "11.90");
    let old = client.read(&format!("invoices/{id}")).await;
    assert_eq!(old["Items"][0]["ProductCurrencyNetPrice"].to_string(), "10.00", "1.0 shows net prices");
    let totals = client.read(&format!("v1.4/invoices/{id}")).await;
    assert_eq!(
        [&totals["NetTotal"], &totals["VatTotal"], &totals["GrossTotal"]].map(Value::to_string),
        ["20.00", "3.80", "23.80"]
    );
    body["InvoiceType"] = 2.into();
    assert_refused(&client.post("v1.1/invoices", body.clone()).await, "ValidationException");
    body["InvoiceType"] = 0.into();
    body["ReceivingPartyId"] = 1.into();
    assert_refused(&client.post("v1.1/invoices", body).await, "EntityNotFoundException");
    // Each version has one name for the price.
    assert_refused(&client.post("v1.1/invoices", invoice()).await, "ValidationException");
    let mut newer = invoice();
    newer["Items"] = json!([{ "ProductId": 10_906_701, "Quantity": 2, "ProductCurrencyPrice": 11.90 }]);
    assert_refused(&client.post("invoices", newer).await, "ValidationException");
}

#[tokio::test(flavor = "multi_thread")]
async fn invoices_of_1_2_and_1_4() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let mut body = invoice();
    body["IsOSSProcedure"] = false.into();
    body["PaymentDeadline"] = "2024-05-01".into();
    body["Items"] = json!([
        { "ProductId": 10_906_701, "Quantity": 2, "ProductCurrencyPrice": 10, "VatRateId": 0 },
    ]);
    let id = client.create("v1.2/invoices", body.clone()).await;
    let shown = client.read(&format!("v1.2/invoices/{id}")).await;
    assert_eq!((&shown["IsOSSProcedure"], &shown["Items"][0]["VatRateId"]), (&json!(false), &json!(0)));
    assert!(shown.get("$id").is_none() && shown.get("PaymentDeadline").is_none());
    let newest = client.read(&format!("v1.4/invoices/{id}")).await;
    assert_eq!(newest["PaymentDeadline"], "2024-03-08T00:00:00+01:00", "not writable before 1.3");
    let mut named = keys(&newest);
    named.sort_unstable();
    let expected = "BankAccountId, BankAccountNumber, CurrencyCode, CurrencyConverter, CurrencyGrossTotal, \
        CurrencyNetTotal, CurrencyRate, CurrencyRateDate, CurrencyRateType, CurrencyVatTotal, Description, \
        DocumentCreatedByTaxPayer, GrossTotal, Id, InvoiceType, IsFinal, IsOSSProcedure, IssueDate, Items, NetTotal, \
        Number, OSSProcedureCountryCode, PaymentDeadline, PaymentId, PaymentStatus, PaymentType, PaymentTypeId, \
        PurchasingParty, PurchasingPartyId, ReceivingParty, ReceivingPartyId, SalesDate, Status, VatTotal";
    assert_eq!(named, expected.split(", ").collect::<Vec<_>>());
    assert_eq!(newest["PurchasingParty"]["Name"], "Muster GmbH");
    assert_eq!((&newest["CurrencyCode"], &newest["PaymentType"]), (&json!("EUR"), &json!(1)));
    let line = &newest["Items"][0];
    assert_eq!((&line["ProductName"], &line["UnitOfMeasurement"]), (&json!("Tastatur K2"), &json!("Stk.")));
    body["Id"] = id.into();
    client.change("v1.4/invoices", body).await;
    let changed = client.read(&format!("v1.3/invoices/{id}")).await;
    assert_eq!(changed["PaymentDeadline"], "2024-05-01T00:00:00+02:00");
    assert_eq!(client.delete(&format!("v1.4/invoices/{id}")).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn proformas_of_every_version() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let mut body = proforma();
    body["Items"] = json!([{ "ProductId": 10_906_701, "Quantity": 2, "ProductCurrencyPrice": 10 }]);
    for version in ["v1.1", "v1.2", "v1.4"] {
        let id = client.create(&format!("{version}/proformas"), body.clone()).await;
        let shown = client.read(&format!("{version}/proformas/{id}")).await;
        assert_eq!(shown["InvoiceDocIdNum"], Value::Null, "{version}");
        assert_eq!(shown["Items"][0]["ProductCurrencyPrice"].to_string(), "10.00");
        assert_eq!(shown.get("$id").is_some(), version == "v1.1");
        assert_eq!(shown.get("CurrencyRate").is_some(), version == "v1.4");
        assert_eq!(client.delete(&format!("{version}/proformas/{id}")).await.status, 204);
    }
    for path in
        ["v1.3/proformas", "v1.4/customers", "v1.1/products", "v1.6/invoices", "v2/invoices", "v1.2/token"]
    {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_polish_edition() {
    let app = App::scenario(POLISH).await;
    let client = Client::of(&app).await;
    let product = client.read("products?$top=1").await;
    let expected = [
        "Name",
        "Description",
        "ItemCode",
        "ProductCode",
        "UnitOfMeasurment",
        "Rate",
        "SaleNetPrice",
        "SaleGrossPrice",
        "Quantity",
        "ProductType",
        "Id",
    ];
    assert_eq!(keys(&product[0]), expected);
    assert!(client.read("customers?$top=1").await[0].get("CustomerKind").is_none());
    assert!(client.read("proformas?$top=1").await[0].get("InvoiceDocIdNum").is_some());
    let body = json!({ "Name": "Mysz", "UnitOfMeasurment": "szt.", "Rate": 9, "SaleGrossPrice": 100,
                       "ItemCode": "26.20", "ProductType": 2, "Quantity": 5 });
    let id = client.create("products", body).await;
    let product = client.read(&format!("products/{id}")).await;
    assert_eq!(product["SaleNetPrice"].to_string(), "81.3", "23 %");
    assert_eq!((&product["ItemCode"], &product["ProductType"]), (&json!("26.20"), &json!(2)));
    assert_eq!(product["Quantity"].to_string(), "0.0", "stock cannot be set");
    let refused = client.post("products", json!({})).await;
    assert!(refused.json()["Message"].as_str().unwrap().contains("pole wymagane"), "{}", refused.body);
    let id = client.invoice().await;
    assert_eq!(client.read(&format!("v1.4/invoices/{id}")).await["CurrencyCode"], "PLN");
}

#[tokio::test(flavor = "multi_thread")]
async fn reference_ids_are_a_setting() {
    for (settings, expected) in [
        ("emit_ref_ids: false", false),
        ("edition: pl", false),
        ("edition: pl, emit_ref_ids: true", true),
        ("edition: de", true),
    ] {
        let app =
            App::scenario(&format!("name: x\nservers: {{ comarch-xt: {{ settings: {{ {settings} }} }} }}"))
                .await;
        let client = Client::of(&app).await;
        for resource in ["products", "customers", "invoices", "proformas", "paymenttypes", "bankaccounts"] {
            let first = client.read(&format!("{resource}?$top=1")).await;
            assert_eq!(first[0].get("$id").is_some(), expected, "{settings} {resource}");
        }
        assert!(client.read("customprints").await[0].get("$id").is_none());
    }
}
