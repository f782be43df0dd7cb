//! VAT rates, payments, and the versions that clients alone were seen with (fact sheet 2.3, 4.5.3, 4.5.4, 4.8).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, SLUG, assert_refused, invoice, keys};
use crate::support::{App, send};

/// The `RateId` of a country's rate.
async fn rate_of(client: &Client<'_>, country: &str, percent: &str) -> i64 {
    let found = client
        .read(&format!("v1.2/vatrates?$filter=CountryCode eq '{country}' and Rate eq '{percent}'"))
        .await;
    found[0]["RateId"].as_i64().unwrap()
}

/// An invoice of v1.2 and later: 2 times 100.00.
fn newer() -> Value {
    let mut body = invoice();
    body["Items"] = json!([{ "ProductId": 10_906_701, "Quantity": 2, "ProductCurrencyPrice": 100 }]);
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn vat_rates_and_their_countries() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let rates = client.read("v1.2/vatrates").await;
    assert_eq!(keys(&rates[0]), ["RateId", "Rate", "Symbol", "CountryCode"]);
    assert!(rates[0]["RateId"].is_i64() && rates[0]["Rate"].is_string());
    let countries = client.read("v1.2/vatrates/countries").await;
    let countries: Vec<&str> = countries.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!((countries.len(), countries[0], countries[11], countries[27]), (28, "PL", "EL", "XI"));
    for country in countries {
        let its = rates.as_array().unwrap().iter().filter(|rate| rate["CountryCode"] == country);
        assert_ne!(its.count(), 0, "{country}");
    }
    assert_eq!(client.read("v1.2/vatrates?$orderby=RateId desc&$top=1").await[0]["CountryCode"], "XI");
    for (path, body) in [("v1.2/vatrates", json!({})), ("v1.2/vatrates/countries", json!({}))] {
        assert_eq!(client.post(path, body).await.status, 405, "{path}");
    }
    for path in ["vatrates", "v1.2/vatrates/61", "v1.4/vatrates/countries"] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_taxed_by_the_rate_it_names() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let (french, austrian) = (rate_of(&client, "FR", "5.5").await, rate_of(&client, "AT", "20").await);
    let german = rate_of(&client, "DE", "7").await;
    let mut body = newer();
    body["IsOSSProcedure"] = true.into();
    body["OSSProcedureCountryCode"] = "FR".into();
    body["Items"][0]["VatRateId"] = french.into();
    let id = client.create("v1.2/invoices", body.clone()).await;
    let shown = client.read(&format!("v1.4/invoices/{id}")).await;
    assert_eq!(
        (&shown["VatTotal"].to_string(), &shown["Items"][0]["VatRateId"]),
        (&"11.00".to_owned(), &json!(french))
    );
    // A rate of another country, no country, and one that has no rates.
    body["Items"][0]["VatRateId"] = austrian.into();
    let refused = client.post("v1.2/invoices", body.clone()).await;
    assert_refused(&refused, "ValidationException");
    assert!(refused.json()["Message"].as_str().unwrap().contains("Items[0].VatRateId"), "{}", refused.body);
    body["Items"][0]["VatRateId"] = 0.into();
    for country in [json!(null), json!("US"), json!("")] {
        body["OSSProcedureCountryCode"] = country;
        assert_refused(&client.post("v1.2/invoices", body.clone()).await, "ValidationException");
    }
    // Without the procedure the firm's own country holds.
    let mut body = newer();
    body["Items"][0]["VatRateId"] = french.into();
    assert_refused(&client.post("v1.4/proformas", body.clone()).await, "ValidationException");
    body["Items"][0]["VatRateId"] = 9999.into();
    assert_refused(&client.post("v1.4/invoices", body.clone()).await, "EntityNotFoundException");
    body["Items"][0]["VatRateId"] = german.into();
    let id = client.create("v1.4/invoices", body).await;
    assert_eq!(client.read(&format!("v1.4/invoices/{id}")).await["GrossTotal"].to_string(), "214.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_invoice_has_its_payment() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.create("v1.4/invoices", newer()).await;
    let payment_id = client.read(&format!("v1.4/invoices/{id}")).await["PaymentId"].as_i64().unwrap();
    let path = format!("v1.5/paymentdetails?$filter=PaymentId eq {payment_id}");
    let payment = client.read(&path).await[0].clone();
    let mut named = keys(&payment);
    named.sort_unstable();
    let expected = "Amount, Balance, CashAccounting, CreationDate, Currency, DocumentId, DocumentNumber, DocumentType, \
        DueDate, ExchangeRate, ExportStatus, IssueDate, Payable, PaymentDirection, PaymentId, PaymentStatus, \
        PaymentType, RecipientAccountNumber, RecipientAddress, RecipientName, RecipientTaxId, SenderAccountNumber, \
        SenderAddress, SenderName, SenderTaxId, SplitPayment, Title, UpdateDate, VatAmount";
    assert_eq!(named, expected.split(", ").collect::<Vec<_>>());
    assert_eq!((&payment["DocumentId"], &payment["PaymentStatus"]), (&json!(id), &json!(0)));
    assert_eq!([&payment["Amount"], &payment["Balance"]].map(Value::to_string), ["238.00", "238.00"]);
    assert_eq!(payment["SenderName"], "Muster GmbH");
    assert_eq!(payment["DueDate"], "2024-03-08T00:00:00+01:00");
    app.act(SLUG, "record-payment", json!({ "id": id, "amount": 100 })).await;
    let path =
        format!("v1.4/paymentdetails?$filter=DocumentId eq {id} and Amount gt 200&$orderby=DueDate desc");
    let payment = client.read(&path).await[0].clone();
    assert_eq!(
        (&payment["PaymentStatus"], &payment["Balance"].to_string()),
        (&json!(2), &"138.00".to_owned())
    );
    app.act(SLUG, "record-payment", json!({ "id": id })).await;
    let payment = client.read(&path).await[0].clone();
    assert_eq!((&payment["Balance"].to_string(), &payment["Payable"]), (&"0.00".to_owned(), &json!(false)));
    // One for each invoice, and none twice.
    let all = client.read("v1.5/paymentdetails").await;
    let ids: std::collections::HashSet<i64> =
        all.as_array().unwrap().iter().map(|it| it["PaymentId"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), client.read("v1.4/invoices").await.as_array().unwrap().len());
    assert_refused(&client.get("v1.4/paymentdetails?$filter=SenderName eq 'x'").await, "QueryException");
    assert_eq!(client.post("v1.4/paymentdetails", json!({})).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_of_a_payment_can_be_set() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.create("v1.4/invoices", newer()).await;
    app.act(SLUG, "confirm-invoice", json!({ "id": id })).await;
    let invoice = async || client.read(&format!("v1.4/invoices/{id}")).await;
    let payment = invoice().await["PaymentId"].clone();
    for (status, balance) in [(1, "0.00"), (1, "0.00"), (0, "238.00")] {
        client.change("v1.4/payments", json!({ "PaymentId": payment, "PaymentStatus": status })).await;
        assert_eq!(invoice().await["PaymentStatus"], status, "confirmed, and paid all the same");
        let path = format!("v1.4/paymentdetails?$filter=PaymentId eq {payment}");
        assert_eq!(client.read(&path).await[0]["Balance"].to_string(), balance);
    }
    // That a part was paid only the application can say; paying goes on from what the client said.
    app.act(SLUG, "record-payment", json!({ "id": id, "amount": 100 })).await;
    client.change("v1.4/payments", json!({ "PaymentId": payment, "PaymentStatus": 0 })).await;
    assert_eq!(app.act(SLUG, "record-payment", json!({ "id": id, "amount": 200 })).await["PaymentStatus"], 2);
    for wrong in [
        json!({ "PaymentId": payment, "PaymentStatus": 2 }),
        json!({ "PaymentId": payment }),
        json!({ "PaymentStatus": 1 }),
        json!({ "PaymentId": "x", "PaymentStatus": 1 }),
    ] {
        assert_refused(&client.put("v1.4/payments", wrong).await, "ValidationException");
    }
    let unknown = client.put("v1.4/payments", json!({ "PaymentId": 1, "PaymentStatus": 1 })).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["Data"]["EntityName"]), (404, &json!("Payment")));
    for path in ["payments", "v1.2/payments", "v1.5/payments", "v1.4/payments/1"] {
        assert_eq!(client.put(path, json!({})).await.status, 404, "{path}");
    }
    let deleted = client.delete("v1.4/payments").await;
    assert_eq!((deleted.status.as_u16(), deleted.header("allow")), (405, "PUT"));
    let history = app.records(SLUG, "history").await;
    let of_client: Vec<&Value> =
        history.iter().filter(|it| it["Change"] == "paid" && it["Application"] == "demo-client").collect();
    assert_eq!(of_client.len(), 4);
    let changed = json!([{ "Field": "PaymentStatus", "Before": "0", "After": "1" }]);
    assert_eq!(of_client[0]["Fields"], changed);
}

/// Who writes an invoice as unpaid takes back what was paid of it.
#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_a_client_writes_unpaid_is_due_in_full() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.create("v1.4/invoices", newer()).await;
    app.act(SLUG, "record-payment", json!({ "id": id, "amount": 100 })).await;
    let mut body = newer();
    body["Id"] = id.into();
    client.change("v1.4/invoices", body).await;
    let paid = app.act(SLUG, "record-payment", json!({ "id": id, "amount": 200 })).await;
    assert_eq!(paid["PaymentStatus"], 2, "238.00 are due again");
}

#[tokio::test(flavor = "multi_thread")]
async fn invoices_of_1_5_and_1_7() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let account = client.read("bankaccounts").await[1].clone();
    for version in ["v1.5", "v1.7"] {
        let mut body = newer();
        body["BankAccountNumber"] = account["AccountNumber"].clone();
        let id = client.create(&format!("{version}/invoices"), body.clone()).await;
        let path = format!("{version}/invoices/{id}");
        let shown = client.read(&path).await;
        let expected = if version == "v1.7" { account["Id"].clone() } else { Value::Null };
        assert_eq!(shown["BankAccountId"], expected, "{version}");
        assert_eq!(keys(&shown), keys(&client.read(&format!("v1.4/invoices/{id}")).await));
        assert!(!client.read(&format!("{version}/invoices")).await.as_array().unwrap().is_empty());
        body["Id"] = id.into();
        client.change(&format!("{version}/invoices"), body).await;
        for print in [format!("{version}/invoices/{id}/print"), format!("{version}/invoices/print/{id}")] {
            assert_eq!(client.get(&print).await.status, 200, "{print}");
        }
        assert_eq!(client.delete(&path).await.status, 204);
        let id = client.create(&format!("{version}/invoices"), newer()).await;
        client.change(&format!("{version}/invoices/confirm"), json!({ "Id": id })).await;
        assert_eq!(client.read(&format!("{version}/invoices/{id}")).await["Status"], 1);
    }
    let mut body = newer();
    body["BankAccountNumber"] = "DE00".into();
    assert_refused(&client.post("v1.7/invoices", body.clone()).await, "ValidationException");
    body["BankAccountId"] = 10_176_501.into();
    let id = client.create("v1.7/invoices", body).await;
    assert_eq!(client.read(&format!("v1.7/invoices/{id}")).await["BankAccountId"], 10_176_501, "the id wins");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_currency_is_kept_or_refused() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    for version in ["", "v1.1/", "v1.2/", "v1.3/"] {
        let mut body = if version.is_empty() { invoice() } else { newer() };
        body["CurrencyCode"] = "USD".into();
        assert_refused(
            &client.post(&format!("{version}invoices"), body.clone()).await,
            "ValidationException",
        );
        body["CurrencyCode"] = "EUR".into();
        client.create(&format!("{version}invoices"), body).await;
    }
    let mut body = newer();
    body["CurrencyCode"] = "USD".into();
    assert_refused(&client.post("v1.4/invoices", body.clone()).await, "ValidationException");
    body["CurrencyRate"] = json!(0.92);
    body["CurrencyRateDate"] = "2024-02-29".into();
    let id = client.create("v1.4/invoices", body.clone()).await;
    let shown = client.read(&format!("v1.5/invoices/{id}")).await;
    assert_eq!(shown["CurrencyCode"], "USD");
    assert_eq!(
        [&shown["CurrencyNetTotal"], &shown["CurrencyGrossTotal"], &shown["NetTotal"], &shown["GrossTotal"]]
            .map(Value::to_string),
        ["200.00", "238.00", "184.00", "218.96"]
    );
    assert_eq!(shown["CurrencyRateDate"], "2024-02-29T00:00:00+01:00");
    assert_eq!(shown["Items"][0]["ProductPrice"].to_string(), "92.00");
    let payment = client.read(&format!("v1.4/paymentdetails?$filter=DocumentId eq {id}")).await[0].clone();
    assert_eq!((&payment["Currency"], &payment["Amount"].to_string()), (&json!("USD"), &"238.00".to_owned()));
    for wrong in ["EURO", "E1", "€€€"] {
        body["CurrencyCode"] = wrong.into();
        assert_refused(&client.post("v1.4/invoices", body.clone()).await, "ValidationException");
    }
    // The account's own has no rate but 1.
    body["CurrencyCode"] = "eur".into();
    let id = client.create("v1.4/proformas", body).await;
    let shown = client.read(&format!("v1.4/proformas/{id}")).await;
    assert_eq!((&shown["CurrencyCode"], &shown["CurrencyRate"]), (&json!("EUR"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_instant_is_one_day_and_one_series() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let mut numbers = Vec::new();
    for instant in
        ["2024-06-30T22:30:00Z", "2024-07-01T00:30:00+02:00", "2024-06-30T18:30:00-04:00", "2024-07-01"]
    {
        let mut body = invoice();
        body["IssueDate"] = instant.into();
        body["SalesDate"] = instant.into();
        let id = client.create("invoices", body).await;
        let shown = client.read(&format!("invoices/{id}")).await;
        for field in ["IssueDate", "SalesDate"] {
            assert_eq!(shown[field], "2024-07-01T00:00:00+02:00", "{instant}");
        }
        numbers.push(shown["Number"].as_str().unwrap().to_owned());
    }
    assert_eq!(numbers, ["FS/24/7/1", "FS/24/7/2", "FS/24/7/3", "FS/24/7/4"]);
    for unset in ["0001-01-01", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00"] {
        let mut body = invoice();
        body["IssueDate"] = unset.into();
        assert_refused(&client.post("invoices", body).await, "ValidationException");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn countries_and_rates_are_data() {
    let app = App::scenario(
        "name: x
servers:
  comarch-xt:
    settings: { vat_countries: [CH] }
    records: { vatrates: [{ Rate: '8.1', Symbol: '8.1 %', CountryCode: CH }] }",
    )
    .await;
    let client = Client::of(&app).await;
    assert_eq!(client.read("v1.2/vatrates/countries").await, json!(["CH"]));
    let rate = rate_of(&client, "CH", "8.1").await;
    let mut body = newer();
    body["IsOSSProcedure"] = true.into();
    body["OSSProcedureCountryCode"] = "CH".into();
    body["Items"][0]["VatRateId"] = rate.into();
    let id = client.create("v1.2/invoices", body).await;
    assert_eq!(client.read(&format!("v1.4/invoices/{id}")).await["VatTotal"].to_string(), "16.20");
    let url = format!("/sandboxes/default/data/{SLUG}/vatrates/{rate}");
    assert_eq!(send(app.control(Method::DELETE, &url)).await.status, 204);
}
