//! `$filter`, `$select`, `$orderby`, `$top`, `$skip`, `$expand` (fact sheet 5).

use reqwest::Method;
use serde_json::{Value, json};

use super::{call, get, post};
use crate::support::{Answer, App};

async fn list(app: &App, company: &str, entity: &str, options: &[(&str, &str)]) -> Answer {
    let mut url = reqwest::Url::parse("http://x/").unwrap();
    url.query_pairs_mut().extend_pairs(options);
    let query = url.query().unwrap_or_default().replace("%24", "$");
    call(app, company, Method::GET, &format!("{entity}?{query}"), None).await
}

async fn column(app: &App, entity: &str, filter: &str, field: &str) -> Vec<String> {
    let answer = list(app, "0", entity, &[("$filter", filter)]).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.body);
    let text =
        |record: &Value| record[field].as_str().map_or_else(|| record[field].to_string(), str::to_owned);
    answer.json().as_array().expect("a list").iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_choose_what_they_say() {
    let app = App::start().await;
    let body = r#"{ "NoProduit": "É'1", "Description": "Vis à l'ancienne", "PrixVente": 123456789012.123456,
        "Couleur": "rouge", "Tags": [{ "Nom": "a" }, { "Nom": "b" }] }"#;
    let created = post(&app, "Product", serde_json::from_str(body).unwrap()).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert!(created.body.contains("123456789012.123456"), "decimals stay exact: {}", created.body);
    for filter in [
        "NoProduit eq 'É''1'",
        "NoProduit eq ‘É''1’",
        "noproduit eq ’É''1’",
        "PrixVente eq 123456789012.123456",
        "PrixVente gt 123456789012.12 and EstActif eq true",
        "Couleur eq 'rouge'",
        "couleur eq 'rouge' and not (Description eq null)",
        "Tags.Nom eq 'b'",
        "contains(Description,'l''ancienne') and startswith(NoProduit,'É') and endswith(Description,'ancienne')",
        "NoProduit in ('x','É''1')",
        "(NoProduit eq 'nothing' or NoProduit eq 'É''1') and GroupeProduit.CodeGroupe eq null",
    ] {
        assert_eq!(column(&app, "Product", filter, "NoProduit").await, ["É'1"], "{filter}");
    }
    assert_eq!(column(&app, "Product", "PrixVente gt 123456789012.123456", "NoProduit").await, [""; 0]);
    let group = column(&app, "Product", "GroupeProduit.CodeGroupe eq 'QUINC'", "NoProduit").await;
    assert!(group.contains(&"BOLT-M8".to_owned()) && !group.contains(&"POUTRE-W6".to_owned()));
    let lines = column(&app, "CustomerInvoice", "LigneFacture.strNoProduit eq 'TOLE-4X8'", "NoFacture").await;
    assert!(lines.contains(&"10002".to_owned()), "any line that fits is enough");
    let dated = column(&app, "CustomerInvoice", "DateFacture lt 2025-09-03", "DateFacture").await;
    assert!(!dated.is_empty() && dated.iter().all(|date| date.as_str() < "2025-09-03"));
    let nothing = list(&app, "0", "Product", &[("$filter", "NoProduit eq 'nothing'")]).await;
    assert_eq!((nothing.status.as_u16(), nothing.body.as_str()), (200, "[]"));
    assert_eq!(
        column(&app, "Product", "NoProduit eq 'bolt-m8'", "NoProduit").await,
        [""; 0],
        "texts mind case"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn select_keeps_the_nesting() {
    let app = App::start().await;
    let select = |names: &'static str| {
        let app = &app;
        async move {
            list(app, "0", "Customer", &[("$select", names), ("$filter", "NoClient eq 'C0187'")]).await.json()
        }
    };
    assert_eq!(
        select("NoClient,NomClient").await,
        json!([{ "NoClient": "C0187", "NomClient": "Atelier du Fjord inc." }])
    );
    assert_eq!(select("nomclient, Nothing").await, json!([{ "NomClient": "Atelier du Fjord inc." }]));
    let ageing =
        select("InfoAgeDesComptes.MontantDu_Cycle1_Courant,InfoAgeDesComptes.MontantDu_Cycle2").await;
    let keys: Vec<&String> = ageing[0]["InfoAgeDesComptes"].as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["MontantDu_Cycle1_Courant", "MontantDu_Cycle2"]);
    let options = [("$select", "NoFacture,LigneFacture.strNoProduit"), ("$filter", "NoFacture eq '10001'")];
    let lines = list(&app, "0", "CustomerInvoice", &options).await.json();
    assert_eq!(
        lines,
        json!([{ "NoFacture": "10001", "LigneFacture": [{ "strNoProduit": "DISQ-COUPE-45" }] }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_orders_and_expansion() {
    let app = App::start().await;
    let all = get(&app, "Product").await.json();
    let all = all.as_array().expect("a list");
    let mut paged = Vec::new();
    for skip in (0..100).step_by(7) {
        let page = list(&app, "0", "Product", &[("$top", "7"), ("$skip", &skip.to_string())]).await.json();
        paged.extend(page.as_array().expect("a list").clone());
    }
    assert_eq!(&paged, all, "pages cover everything once");
    assert_eq!(get(&app, "Product?%24top=0").await.body, "[]");
    assert_eq!(
        get(&app, "Product?$TOP=1&$count=true&other=1").await.json().as_array().map(Vec::len),
        Some(1)
    );

    let prices =
        list(&app, "0", "Product", &[("$orderby", "PrixVente desc,NoProduit"), ("$top", "60")]).await.json();
    let price = |record: &Value| record["PrixVente"].to_string().parse::<rust_decimal::Decimal>().unwrap();
    let prices: Vec<_> = prices.as_array().unwrap().iter().map(price).collect();
    assert!(prices.is_sorted_by(|left, right| left >= right), "as numbers, not as texts: {prices:?}");
    let unknown = list(&app, "0", "Product", &[("$orderby", "Nothing desc")]).await;
    assert_eq!(unknown.json().as_array().map(Vec::len), Some(all.len()), "an unknown field orders nothing");

    assert!(all.iter().all(|product| product.get("ExtendedProperties").is_none()));
    let expanded = list(&app, "0", "Product", &[("$expand", "extendedproperties")]).await.json();
    assert!(expanded.as_array().unwrap().iter().any(|product| product["ExtendedProperties"].is_object()));
    let one =
        get(&app, "Product/POUTRE-W6?$expand=ExtendedProperties&$select=ExtendedProperties.Nuance").await;
    assert_eq!(one.json(), json!({ "ExtendedProperties": { "Nuance": "350W" } }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_400() {
    let app = App::start().await;
    let long = format!("NoProduit eq '{}'", "x".repeat(60_000));
    let deep = format!("{}NoProduit eq 'x'{}", "(".repeat(5_000), ")".repeat(5_000));
    for (option, value) in [
        ("$filter", "NoProduit"),
        ("$filter", "NoProduit eq"),
        ("$filter", "NoProduit == 'x'"),
        ("$filter", "NoProduit eq 'x"),
        ("$filter", ""),
        ("$filter", "Nothing eq 'x'"),
        ("$filter", "_segmented eq true"),
        ("$filter", "PrixVente eq 'beaucoup'"),
        ("$filter", "substringof('x',NoProduit)"),
        ("$filter", "NoProduit eq 'x'; DROP TABLE Product"),
        ("$filter", deep.as_str()),
        ("$top", "-1"),
        ("$top", "x"),
        ("$top", "1.5"),
        ("$skip", "-1"),
        ("$skip", ""),
        ("$orderby", "NoProduit sideways"),
    ] {
        let answer = list(&app, "0", "Product", &[(option, value)]).await;
        assert_eq!(answer.status, 400, "{option}={}", &value[..value.len().min(60)]);
        assert!(
            answer.json()["Message"].as_str().is_some_and(|message| message.contains(option)),
            "{}",
            answer.body
        );
    }
    assert_eq!(list(&app, "0", "Product", &[("$filter", &long)]).await.body, "[]");
}

/// A filter of a megabyte is no request line that anybody reads: it is refused, and the server goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_of_a_megabyte() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let app = App::start().await;
    let address = app.url("onlineerp").replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let filter = "x".repeat(1 << 20);
    let head =
        format!("GET /api/Entity/Product?$filter=NoProduit%20eq%20'{filter}' HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    // Which of the two depends on how much of it has come when it is given up.
    let status = String::from_utf8_lossy(&answer).into_owned();
    assert!(["HTTP/1.1 414", "HTTP/1.1 431"].contains(&status.as_str()), "{status}");
    assert_eq!(get(&app, "Product").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_orders_take_one_condition_on_three_fields() {
    let app = App::start().await;
    for company in ["4", "5"] {
        for (filter, status) in [
            ("Id eq 5101", 200),
            ("Id eq '5101'", 200),
            ("Id in (5101,5102)", 200),
            ("WorkOrderNumber eq 'BT-005101'", 200),
            ("WorkOrderNumber in ('BT-005101','BT-005102')", 200),
            ("LastModifiedDate gt 2026-01-01", 200),
            ("LastModifiedDate le '2026-01-01T10:00:00'", 200),
            ("Id gt 5101", 400),
            ("LastModifiedDate eq 2026-01-01", 400),
            ("Status eq 'Open'", 400),
            ("Id eq 5101 and Id eq 5101", 400),
            ("Id eq 5101 or Id eq 5102", 400),
            ("not Id eq 5101", 400),
            ("contains(WorkOrderNumber,'BT')", 400),
        ] {
            let answer = list(&app, company, "WorkOrder", &[("$filter", filter)]).await;
            assert_eq!(answer.status.as_u16(), status, "{company} {filter}: {}", answer.body);
        }
    }
    let one = list(&app, "4", "WorkOrder", &[("$filter", "Id eq 5101")]).await.json();
    assert_eq!(one.as_array().map(Vec::len), Some(1));
    let since = list(&app, "4", "WorkOrder", &[("$filter", "LastModifiedDate gt 2026-01-01")]).await.json();
    assert!(since.as_array().is_some_and(|orders| !orders.is_empty() && orders.len() < 20));
    assert_eq!(list(&app, "4", "WorkOrder", &[("$orderby", "Id desc")]).await.json()[0]["Id"], 5101);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_inside_objects_and_lists_must_be_known() {
    let app = App::start().await;
    for (entity, filter) in [
        ("Product", "GroupeProduit.Inconnu eq 'x'"),
        ("Product", "ExtendedProperties.Inconnu eq 'x'"),
        ("CustomerInvoice", "LigneFacture.Zzz eq 1"),
        ("CustomerInvoice", "LigneFacture.Produit.Zzz eq 1"),
        ("Customer", "Nom.Zzz eq 'x'"),
    ] {
        let refused = list(&app, "0", entity, &[("$filter", filter)]).await;
        assert_eq!(refused.status, 400, "{entity} {filter}: {}", refused.body);
        assert!(refused.body.contains('.'), "{}", refused.body);
    }
    // What some stored record has is known, described or not.
    for (entity, filter) in [
        ("Product", "ExtendedProperties.Nuance eq '350W'"),
        ("CustomerInvoice", "LigneFacture.strNoProduit eq 'POUTRE-W6'"),
    ] {
        let found = list(&app, "0", entity, &[("$filter", filter)]).await;
        assert_eq!(found.status, 200, "{entity} {filter}: {}", found.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn supplier_invoices_show_supplier_and_products() {
    let app = App::start().await;
    let both = [("$expand", "fournisseur,LigneFacture.Produit")];
    let invoices = list(&app, "0", "SupplierInvoice", &both).await.json();
    for invoice in invoices.as_array().unwrap() {
        assert_eq!(invoice["Fournisseur"]["NoFournisseur"], invoice["NoFournisseur"], "{invoice}");
        for line in invoice["LigneFacture"].as_array().unwrap() {
            let product = &line["Produit"];
            if line["strNoProduit"].is_string() {
                assert_eq!(product["NoProduit"], line["strNoProduit"], "{line}");
            } else {
                assert!(product.is_null() && line.as_object().unwrap().contains_key("Produit"), "{line}");
            }
        }
    }
    let lines = invoices.as_array().unwrap().iter().flat_map(|it| it["LigneFacture"].as_array().unwrap());
    assert!(lines.into_iter().any(|line| line["Produit"].is_object()), "some line names a product");
    let bare = list(&app, "0", "SupplierInvoice", &[]).await.json();
    assert!(bare[0].get("Fournisseur").is_none() && bare[0]["LigneFacture"][0].get("Produit").is_none());
    let id = bare[0]["NoUniqueSystemeSource"].as_str().unwrap();
    let one =
        get(&app, &format!("SupplierInvoice/{id}?$expand=Fournisseur&$select=Fournisseur.NoFournisseur"))
            .await;
    assert_eq!(one.json(), json!({ "Fournisseur": { "NoFournisseur": bare[0]["NoFournisseur"] } }));
    for (entity, name) in
        [("SupplierInvoice", "Zzz"), ("SupplierInvoice", "LigneFacture.Zzz"), ("Product", "Fournisseur")]
    {
        let refused = list(&app, "0", entity, &[("$expand", name)]).await;
        assert_eq!(refused.status, 400, "{entity} {name}: {}", refused.body);
        assert!(refused.body.contains(name), "{}", refused.body);
        assert_eq!(
            refused.body.contains("LigneFacture.Produit"),
            entity == "SupplierInvoice",
            "{}",
            refused.body
        );
    }
}
