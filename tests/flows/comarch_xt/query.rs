//! Query options of lists (fact sheet 4.0 and section 10).

use serde_json::{Value, json};

use super::{Client, SLUG, assert_refused};
use crate::support::App;

/// A scenario with few products of known names, and the client's view of them.
const FEW: &str = "name: few
servers:
  comarch-xt:
    data: none
    records:
      customers: [{ Name: Über GmbH, Mail: info@ueber.example, CustomerTaxNumber: DE7 }, { Name: Zweite }]
      paymenttypes: [{ Name: Bar, Type: 0 }]
      products:
        - { Name: Maus, ProductCode: M-1, SaleNetPrice: 10, Description: optisch }
        - { Name: maus, ProductCode: M-2, SaleNetPrice: 9.5 }
        - { Name: \"O'Hara\", ProductCode: X, SaleNetPrice: 100, Rate: 8 }
        - { Name: Öl, ProductCode: OEL, SaleNetPrice: 2 }
      invoices:
        - { PurchasingPartyId: 529801, PaymentTypeId: 10260101, IssueDate: 2024-01-20, Description: Eilauftrag }
        - { PurchasingPartyId: 529802, PaymentTypeId: 10260101, IssueDate: 2024-02-20,
            Items: [{ ProductId: 10906701, Quantity: 1, ProductCurrencyNetPrice: 1, ProductDescription: Sonderposten }] }
";

async fn found(client: &Client<'_>, path: &str) -> Vec<String> {
    let list = client.read(path).await;
    let name = |it: &Value| it.get("ProductCode").or(it.get("Number")).or(it.get("Name")).cloned();
    list.as_array().unwrap().iter().map(|it| name(it).unwrap().as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_are_documented() {
    let app = App::scenario(FEW).await;
    let client = Client::of(&app).await;
    for (filter, expected) in [
        ("Name eq 'Maus'", vec!["M-1", "M-2"]),
        ("Name eq 'ÖL'", vec!["OEL"]),
        ("name ne 'maus'", vec!["X", "OEL"]),
        ("Name eq 'O''Hara'", vec!["X"]),
        ("Name eq 'Maus' or ProductCode eq 'X'", vec!["M-1", "M-2", "X"]),
        ("SaleGrossPrice ge 11.30 and SaleGrossPrice lt 100", vec!["M-1", "M-2"]),
        ("not (Name eq 'Maus')", vec!["X", "OEL"]),
        ("not Name eq 'Maus' and SaleNetPrice gt 50", vec!["X"]),
        ("ProductCode eq 'X' or Name eq 'Maus' and SaleNetPrice le 9.5", vec!["M-2", "X"]),
        ("Id eq 10906701", vec!["M-1"]),
        ("Description eq null", vec![]),
        ("ItemCode eq '' and ProductType eq 1 and Rate eq 8", vec!["X"]),
    ] {
        let path = format!("products?$filter={}", filter.replace('+', "%2B"));
        assert_eq!(found(&client, &path).await, expected, "{filter}");
    }
    let by_mail = found(&client, "customers?$filter=Mail eq 'INFO@ueber.example'").await;
    assert_eq!(by_mail, ["Über GmbH"]);
    for (filter, expected) in [
        ("IssueDate ge datetime'2024-01-20'", vec!["FS/24/1/1", "FS/24/2/1"]),
        ("IssueDate gt datetime'2024-01-20'", vec!["FS/24/2/1"]),
        ("IssueDate eq datetime'2024-01-20T00:00:00'", vec!["FS/24/1/1"]),
        ("BankAccountId eq null and Number eq 'fs/24/2/1'", vec!["FS/24/2/1"]),
        // The same instant is the same day in Berlin, however it is written.
        ("IssueDate eq datetime'2024-01-20T00:00:00%2B01:00'", vec!["FS/24/1/1"]),
        ("IssueDate eq 2024-01-19T23:00:00Z", vec!["FS/24/1/1"]),
        ("IssueDate eq '2024-01-19T18:00:00-05:00'", vec!["FS/24/1/1"]),
        ("IssueDate eq datetime'2024-01-20T00:00:00%2B02:00'", vec![]),
        ("not (IssueDate lt datetime'2024-02-19T23:30:00Z')", vec!["FS/24/2/1"]),
    ] {
        assert_eq!(found(&client, &format!("invoices?$filter={filter}")).await, expected, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn undocumented_filters_are_400_and_never_500() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let deep = format!("{}Id eq 1{}", "(".repeat(500), ")".repeat(500));
    let long = vec!["Id eq 1"; 1500].join(" or ");
    for filter in [
        "contains(Name,'a')",
        "startswith(Name,'a')",
        "endswith(Name,'a')",
        "substringof('a',Name)",
        "tolower(Name) eq 'a'",
        "not contains(Name,'a')",
        "Id in (1,2)",
        "Name",
        "Name eq",
        "Name eq 'a",
        "Name = 'a'",
        "Name like 'a'",
        "Nope eq 1",
        "_id eq 1",
        "Id eq 'x'",
        "SaleNetPrice eq 'billig'",
        "Name eq 'a' and",
        "(Name eq 'a'",
        "Name gt null",
        "Name eq 'a'; DROP TABLE products",
        "",
        deep.as_str(),
        long.as_str(),
    ] {
        let encoded: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = client.get(&format!("products?$filter={encoded}")).await;
        assert_eq!(answer.status, 400, "{filter}: {}", answer.body);
        assert_eq!(answer.json()["Code"], "QueryException", "{filter}");
    }
    assert_refused(&client.get("invoices?$filter=IssueDate eq 'gestern'").await, "QueryException");
    client.read("products").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn order_skip_and_top() {
    let app = App::scenario(FEW).await;
    let client = Client::of(&app).await;
    for (options, expected) in [
        ("", vec!["M-1", "M-2", "X", "OEL"]),
        ("$orderby=SaleNetPrice", vec!["OEL", "M-2", "M-1", "X"]),
        ("$orderby=SaleNetPrice desc", vec!["X", "M-1", "M-2", "OEL"]),
        ("$orderby=Name asc, Id desc", vec!["M-2", "M-1", "X", "OEL"]),
        ("$skip=1&$top=2", vec!["M-2", "X"]),
        ("$top=0", vec![]),
        ("$skip=10", vec![]),
        // The examples of the help page (fact sheet 4.0).
        ("&$orderby= SaleNetPrice desc &  $top = 1 ", vec!["X"]),
        ("&&$orderby=+SaleNetPrice+desc+&%20$top%20=%201%20&&", vec!["X"]),
        ("page=7&pageSize=1&$count=true", vec!["M-1", "M-2", "X", "OEL"]),
    ] {
        assert_eq!(found(&client, &format!("products/?{options}")).await, expected, "{options}");
    }
    for options in [
        "$orderby=Nope",
        "$orderby=",
        "$orderby=Name up",
        "$top=-1",
        "$top=x",
        "$top=1.5",
        "$skip=-1",
        "$skip=99999999999999999999",
        "$top=",
    ] {
        assert_refused(&client.get(&format!("products?{options}")).await, "QueryException");
    }
    assert_eq!(
        client.read("products/10906701?$top=x").await["ProductCode"],
        "M-1",
        "only lists have options"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn full_text() {
    let app = App::scenario(FEW).await;
    let client = Client::of(&app).await;
    for (path, expected) in [
        ("products?$fts='AUS'", vec!["M-1", "M-2"]),
        ("products?$fts='optisch'", vec!["M-1"]),
        ("products?$fts='m-2'", vec!["M-2"]),
        ("products?$fts='öl'", vec!["OEL"]),
        ("products?$fts='o''h'", vec!["X"]),
        ("products?$fts=hara", vec!["X"]),
        ("products?$fts='%25'", vec![]),
        ("products?$fts='aus'&$filter=SaleNetPrice gt 9.5&$top=5", vec!["M-1"]),
        ("invoices?$fts='sonder'", vec!["FS/24/2/1"]),
        ("invoices?$fts='eilauf'", vec!["FS/24/1/1"]),
        ("invoices?$fts='über'", vec!["FS/24/1/1"]),
        ("invoices?$fts='24/2/'", vec!["FS/24/2/1"]),
        ("customers?$fts='zwei'", vec!["Zweite"]),
        ("paymenttypes?$fts='bar'", vec!["Bar"]),
        ("bankaccounts?$fts='x'", vec![]),
        ("customprints?$fts='x'", vec![]),
        ("proformas?$fts='x'", vec![]),
    ] {
        assert_eq!(found(&client, path).await, expected, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_is_a_setting() {
    let app = App::start().await;
    let sensitive =
        FEW.replace("    data: none", "    settings: { filter_ignore_case: false }\n    data: none");
    app.load("default", &sensitive).await;
    let client = Client::of(&app).await;
    assert_eq!(found(&client, "products?$filter=Name eq 'maus'").await, ["M-2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_in_another_currency_are_for_version_1_4() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let control = format!("/sandboxes/default/data/{SLUG}/invoices/18369501");
    let dollars = app.control(reqwest::Method::PUT, &control).json(&json!({ "CurrencyCode": "USD" }));
    assert_eq!(crate::support::send(dollars).await.status, 200);
    for (path, count) in [("invoices", 149), ("v1.1/invoices", 149), ("v1.4/invoices", 150)] {
        assert_eq!(client.read(path).await.as_array().unwrap().len(), count, "{path}");
    }
}
