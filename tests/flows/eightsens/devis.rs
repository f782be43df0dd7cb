//! Quotes and their lines (fact sheet 6.7).

use proptest::prelude::{Strategy, any, prop};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use super::{Shop, id, refused, refused_on};

fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap_or_else(|error| panic!("{value}: {error}"))
}

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Every amount of a document follows from quantity, price, discount and rate of its lines.
fn adds_up(document: &Value) {
    let mut bases: Vec<(Decimal, Decimal)> = Vec::new();
    for line in document["lignes"].as_array().unwrap() {
        let kept = Decimal::ONE - decimal(&line["remisePct"]) / Decimal::ONE_HUNDRED;
        let amount = cents(decimal(&line["quantite"]) * decimal(&line["puHT"]) * kept);
        assert_eq!(decimal(&line["montantHT"]), amount, "{line}");
        let rate = decimal(&line["tauxTva"]);
        match bases.iter_mut().find(|(own, _)| *own == rate) {
            Some((_, base)) => *base += amount,
            None => bases.push((rate, amount)),
        }
    }
    bases.sort_by_key(|(rate, _)| std::cmp::Reverse(*rate));
    let shown: Vec<(Decimal, Decimal, Decimal)> = document["tva"]
        .as_array()
        .unwrap()
        .iter()
        .map(|vat| (decimal(&vat["taux"]), decimal(&vat["baseHT"]), decimal(&vat["montant"])))
        .collect();
    let expected: Vec<(Decimal, Decimal, Decimal)> = bases
        .into_iter()
        .map(|(rate, base)| (rate, base, cents(base * rate / Decimal::ONE_HUNDRED)))
        .collect();
    assert_eq!(shown, expected);
    let (before, vat): (Decimal, Decimal) =
        (expected.iter().map(|(_, base, _)| base).sum(), expected.iter().map(|(_, _, vat)| vat).sum());
    assert_eq!(decimal(&document["totalHT"]), before);
    assert_eq!(decimal(&document["totalTVA"]), vat);
    assert_eq!(decimal(&document["totalTTC"]), before + vat);
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_of_any_lines_agree_to_the_cent() {
    let shop = Shop::open().await;
    let sold = shop.get("/v1/article?limit=500").await;
    let articles: Vec<(Value, bool)> = sold["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|article| (article["artID"].clone(), article["artRemisable"] == true))
        .collect();
    let line = (0..articles.len(), 1..5_000_000_i64, 0..500_000_000_i64, 0..=1_000_000_i64, any::<bool>());
    let lines = prop::collection::vec(line, 0..12);
    let mut runner = TestRunner::deterministic();
    for _ in 0..60 {
        let lines = lines.new_tree(&mut runner).unwrap().current();
        let lines: Vec<Value> = lines
            .into_iter()
            .map(|(article, quantity, price, discount, own_price)| {
                let (article, is_discountable) = &articles[article];
                let number = |value: i64, scale: u32| -> Value {
                    serde_json::from_str(&Decimal::new(value, scale).to_string()).unwrap()
                };
                json!({
                    "artID": article,
                    "quantite": number(quantity, 3),
                    "puHT": if own_price { number(price, 4) } else { Value::Null },
                    "remisePct": if *is_discountable { number(discount, 4) } else { Value::Null },
                })
            })
            .collect();
        adds_up(&shop.create("/v1/devis", json!({ "lignes": lines })).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_data_adds_up() {
    let shop = Shop::open().await;
    let quotes = shop.get("/v1/devis?limit=500").await;
    let orders = shop.get("/v1/commande?limit=500").await;
    assert_eq!((&quotes["total"], &orders["total"]), (&json!(40), &json!(25)));
    quotes["data"].as_array().unwrap().iter().chain(orders["data"].as_array().unwrap()).for_each(adds_up);
    for state in ["EN_COURS", "TRANSFORME", "ANNULE"] {
        assert!(shop.get(&format!("/v1/devis?etat={state}")).await["total"] != 0, "{state}");
    }
    for order in orders["data"].as_array().unwrap() {
        let quote = shop.get(&format!("/v1/devis/{}", order["devID"])).await;
        assert_eq!((&quote["cdeID"], &quote["devEtat"]), (&order["cdeID"], &json!("TRANSFORME")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_of_500_lines() {
    let shop = Shop::open().await;
    let lines: Vec<Value> =
        (0..500).map(|n| json!({ "artID": 1001 + n % 20, "quantite": 1 + n % 7 })).collect();
    let quote = shop.create("/v1/devis", json!({ "cliID": 30, "lignes": lines })).await;
    let stored = quote["lignes"].as_array().unwrap();
    assert_eq!(stored.len(), 500);
    assert!(stored.iter().zip(1..).all(|(line, number)| line["ligNumero"] == number));
    adds_up(&quote);
    let order = shop.create(&format!("/v1/devis/{}/commande", quote["devID"]), Value::Null).await;
    assert_eq!(order["lignes"].as_array().unwrap().len(), 500);
    assert_eq!(order["totalTTC"], quote["totalTTC"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_body_makes_an_anonymous_cart() {
    let app =
        crate::support::App::scenario("name: f\nclock: { start: 2026-03-02T23:30:00Z, frozen: true }").await;
    let shop = Shop::enter(app).await;
    let quote = shop.create("/v1/devis", json!({})).await;
    let expected = json!({
        "devID": 541, "devCode": "DW000001", "natureID": 1, "racineID": 125, "cliID": 87, "cliCode": "DIVERS",
        "pecID": null, "clientDivers": true, "devDate": "2026-03-03", "devDateValidite": "2026-04-02",
        "devRefExterne": null, "devEtat": "EN_COURS", "devCommentaire": null, "adresseFacturation": null,
        "adresseLivraison": null, "lignes": [], "totalHT": quote["totalHT"], "totalTVA": quote["totalTVA"],
        "totalTTC": quote["totalTTC"], "tva": [], "cdeID": null, "dateCreation": "2026-03-03T00:30:00+01:00",
        "dateModif": "2026-03-03T00:30:00+01:00",
    });
    assert_eq!(quote.to_string(), expected.to_string(), "fields in the order of the sheet");
    assert_eq!(quote["totalTTC"].to_string(), "0.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_takes_what_it_does_not_say_from_the_article() {
    let shop = Shop::open().await;
    let lines = json!([
        { "artCode": "bec-001", "quantite": 2 },
        { "artID": 1001, "quantite": "1.5", "puHT": 10, "remisePct": 12.5, "ligLib": "Autre nom" },
    ]);
    let quote = shop.create("/v1/devis", json!({ "lignes": lines })).await;
    let rounded = json!({ "lignes": [{ "artID": 1001, "quantite": 1.2345, "puHT": 8.333_333_333_333_334 }] });
    let rounded = shop.create("/v1/devis", rounded).await;
    assert_eq!(rounded["lignes"][0]["quantite"].to_string(), "1.235", "quantities have three decimals");
    assert_eq!(rounded["lignes"][0]["montantHT"].to_string(), "10.29");
    let shown: Vec<String> = quote["lignes"].as_array().unwrap().iter().map(Value::to_string).collect();
    let (first, second) = (&quote["lignes"][0]["ligID"], &quote["lignes"][1]["ligID"]);
    assert_eq!(
        shown[0],
        format!(
            r#"{{"ligID":{first},"ligNumero":1,"artID":1001,"artCode":"BEC-001","ligLib":"Bêche à dents plates","quantite":2,"puHT":42.65,"remisePct":0,"tauxTva":20,"montantHT":85.30}}"#
        )
    );
    assert_eq!(
        shown[1],
        format!(
            r#"{{"ligID":{second},"ligNumero":2,"artID":1001,"artCode":"BEC-001","ligLib":"Autre nom","quantite":1.5,"puHT":10,"remisePct":12.5,"tauxTva":20,"montantHT":13.13}}"#
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_changes_nothing() {
    let shop = Shop::open().await;
    let line = |line: Value| json!({ "lignes": [{ "artID": 1001, "quantite": 1 }, line] });
    let not_discountable = json!({ "artCode": "LIV-001", "quantite": 1, "remisePct": 5 });
    let one = json!([{ "artID": 1001, "quantite": 1 }]);
    for (body, status, code, field) in [
        (json!({ "cliID": 30, "pecID": 11 }), 422, "CLIENT_AND_PROSPECT", ""),
        (json!({ "cliID": 9999, "lignes": one }), 422, "CLIENT_UNKNOWN", "cliID"),
        (json!({ "pecID": 9999 }), 422, "CLIENT_UNKNOWN", "pecID"),
        (json!({ "cliID": 48 }), 422, "DISABLED", "cliID"),
        (json!({ "pecID": 19 }), 422, "DISABLED", "pecID"),
        (json!({ "devDate": "2026-02-30" }), 422, "VALIDATION", "devDate"),
        (json!({ "lignes": "x" }), 422, "VALIDATION", "lignes"),
        (line(json!({ "quantite": 1 })), 400, "MISSING_FIELD", "lignes[1].artID"),
        (line(json!({ "artID": 1001 })), 400, "MISSING_FIELD", "lignes[1].quantite"),
        (line(json!({ "artID": 1001, "quantite": 0 })), 422, "VALIDATION", "lignes[1].quantite"),
        (line(json!({ "artID": 1001, "quantite": -1 })), 422, "VALIDATION", "lignes[1].quantite"),
        (line(json!({ "artID": 1001, "quantite": 0.0004 })), 422, "VALIDATION", "lignes[1].quantite"),
        (line(json!({ "artID": 1001, "quantite": "beaucoup" })), 422, "VALIDATION", "lignes[1].quantite"),
        (line(json!({ "artID": 1001, "quantite": 1e12 })), 422, "VALIDATION", "lignes[1].quantite"),
        (line(json!({ "artID": 1001, "quantite": 1, "puHT": -1 })), 422, "VALIDATION", "lignes[1].puHT"),
        (
            line(json!({ "artID": 1001, "quantite": 1, "remisePct": 101 })),
            422,
            "VALIDATION",
            "lignes[1].remisePct",
        ),
        (
            line(json!({ "artID": 1001, "quantite": 1, "remisePct": -1 })),
            422,
            "VALIDATION",
            "lignes[1].remisePct",
        ),
        (line(json!({ "artID": 999, "quantite": 1 })), 422, "ARTICLE_UNKNOWN", "lignes[1].artID"),
        (line(json!({ "artCode": "RIEN", "quantite": 1 })), 422, "ARTICLE_UNKNOWN", "lignes[1].artCode"),
        (line(json!({ "artCode": "VET-005", "quantite": 1 })), 422, "ARTICLE_UNKNOWN", "lignes[1].artCode"),
        (
            line(json!({ "artCode": "SVC-004", "quantite": 1 })),
            422,
            "ARTICLE_NOT_SELLABLE",
            "lignes[1].artCode",
        ),
        (
            line(json!({ "artCode": "TUY-005", "quantite": 1 })),
            422,
            "ARTICLE_NOT_SELLABLE",
            "lignes[1].artCode",
        ),
        (line(not_discountable), 422, "NOT_DISCOUNTABLE", "lignes[1].remisePct"),
    ] {
        let answer = shop.post("/v1/devis", body).await;
        if field.is_empty() {
            refused(&answer, status, code);
        } else {
            refused_on(&answer, status, code, field);
        }
    }
    assert_eq!(shop.get("/v1/devis").await["total"], 40);
    assert_eq!(shop.get("/v1/racine/125").await["racineCompteur"], 0);
    assert_eq!(shop.create("/v1/devis", json!({})).await["devCode"], "DW000001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_with_the_same_reference_is_safe() {
    let shop = Shop::open().await;
    let body = json!({ "devRefExterne": "PANIER-1", "lignes": [] });
    let quote = shop.create("/v1/devis", body.clone()).await;
    let again = shop.post("/v1/devis", body).await;
    refused(&again, 409, "DUPLICATE_REF");
    assert_eq!(again.json()["details"], json!([{ "devID": quote["devID"] }]));
    assert_eq!(shop.get("/v1/devis?refExterne=panier-1").await["total"], 1);
    let other = shop.quote().await;
    refused(
        &shop.put(&format!("/v1/devis/{other}"), json!({ "devRefExterne": "PANIER-1" })).await,
        409,
        "DUPLICATE_REF",
    );
    let own = format!("/v1/devis/{}", quote["devID"]);
    assert_eq!(shop.put(&own, json!({ "devRefExterne": "PANIER-1" })).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn header_and_lines_are_changed_while_the_quote_is_open() {
    let shop = Shop::open().await;
    let quote = shop.quote().await;
    let path = format!("/v1/devis/{quote}");
    let before = shop.get(&path).await;
    let change =
        json!({ "devCommentaire": "Urgent", "adresseLivraison": { "adrVille": "Caen" }, "cliID": 31 });
    let after = shop.change(&path, change).await;
    assert_eq!((&after["devCommentaire"], &after["cliID"]), (&json!("Urgent"), &json!(30)));
    assert_eq!(after["adresseLivraison"]["adrPays"], "FR");
    assert_eq!(after["lignes"], before["lignes"]);
    let echoed = shop.change(&path, after.clone()).await;
    assert_eq!(echoed["lignes"], after["lignes"], "a record can be written back as it was read");
    let twice = json!([after["lignes"][0], after["lignes"][0]]);
    let twice = shop.change(&path, json!({ "lignes": twice })).await;
    assert_ne!(twice["lignes"][0]["ligID"], twice["lignes"][1]["ligID"], "an id is kept once");
    let emptied = shop.change(&path, json!({ "lignes": [], "devCommentaire": null })).await;
    assert_eq!((&emptied["lignes"], &emptied["devCommentaire"]), (&json!([]), &Value::Null));
    assert_eq!(emptied["totalTTC"].to_string(), "0.00");

    let lines = format!("{path}/ligne");
    let first = shop.create(&lines, json!({ "artID": 1001, "quantite": 1, "ligID": 5 })).await;
    let second = shop.create(&lines, json!({ "artID": 1002, "quantite": 2, "remisePct": 10 })).await;
    let line = format!("{lines}/{}", second["ligID"]);
    let changed = shop.change(&line, json!({ "quantite": 4 })).await;
    assert_eq!((&changed["remisePct"], &changed["ligID"]), (&json!(10), &second["ligID"]));
    let other = shop.change(&line, json!({ "artCode": "LIV-001" })).await;
    assert_eq!((&other["quantite"], &other["remisePct"]), (&json!(4), &json!(0)));
    assert!(other["ligLib"].as_str().unwrap().starts_with("Livre"));
    adds_up(&shop.get(&path).await);
    refused(&shop.put(&line, json!({ "remisePct": 5 })).await, 422, "NOT_DISCOUNTABLE");
    refused_on(&shop.put(&line, json!({ "quantite": 0 })).await, 422, "VALIDATION", "quantite");
    refused(&shop.put(&line, json!({ "quantite": null })).await, 400, "MISSING_FIELD");
    refused(&shop.put(&format!("{lines}/999999"), json!({ "quantite": 1 })).await, 404, "NOT_FOUND");
    assert_eq!(shop.delete(&format!("{lines}/{}", first["ligID"])).await.status, 204);
    let left = shop.get(&path).await;
    assert_eq!((&left["lignes"][0]["ligNumero"], &left["lignes"][0]["ligID"]), (&json!(1), &second["ligID"]));
    adds_up(&left);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_quote_is_identified() {
    let shop = Shop::open().await;
    let quote = shop.create("/v1/devis", json!({ "adresseLivraison": { "adrVille": "Caen" } })).await;
    let path = format!("/v1/devis/{}/client", quote["devID"]);
    for (body, status, code) in [
        (json!({}), 400, "MISSING_FIELD"),
        (json!({ "cliID": null }), 400, "MISSING_FIELD"),
        (json!({ "cliID": "x" }), 422, "VALIDATION"),
        (json!({ "cliID": 9999 }), 422, "CLIENT_UNKNOWN"),
        (json!({ "cliID": 48 }), 422, "DISABLED"),
        (json!({ "cliID": 87 }), 422, "CLIENT_DIVERS"),
    ] {
        refused(&shop.put(&path, body).await, status, code);
    }
    let identified = shop.change(&path, json!({ "cliID": 30 })).await;
    assert_eq!((&identified["cliCode"], &identified["clientDivers"]), (&json!("CLI00003"), &json!(false)));
    assert_eq!(identified["adresseLivraison"]["adrVille"], "Caen", "what was given stays");
    let client = shop.get("/v1/client/30").await;
    assert_eq!(identified["adresseFacturation"]["adrLigne1"], client["adresses"][0]["adrLigne1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_that_is_not_open_is_locked() {
    let shop = Shop::open().await;
    let cancelled = shop.quote().await;
    assert_eq!(shop.delete(&format!("/v1/devis/{cancelled}")).await.status, 204);
    let transformed = shop.quote().await;
    shop.create(&format!("/v1/devis/{transformed}/commande"), Value::Null).await;
    for (quote, state) in [(cancelled, "ANNULE"), (transformed, "TRANSFORME")] {
        let path = format!("/v1/devis/{quote}");
        let line = format!("{path}/ligne/{}", shop.get(&path).await["lignes"][0]["ligID"]);
        for answer in [
            shop.put(&path, json!({ "devCommentaire": "x" })).await,
            shop.delete(&path).await,
            shop.post(&format!("{path}/ligne"), json!({ "artID": 1001, "quantite": 1 })).await,
            shop.put(&line, json!({ "quantite": 2 })).await,
            shop.delete(&line).await,
            shop.put(&format!("{path}/client"), json!({ "cliID": 31 })).await,
        ] {
            refused(&answer, 409, "DEVIS_LOCKED");
        }
        assert_eq!(shop.get(&path).await["devEtat"], state);
    }
    refused(&shop.post(&format!("/v1/devis/{cancelled}/commande"), Value::Null).await, 409, "DEVIS_LOCKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_quotes_of_the_configured_racine_and_nature_are_visible() {
    let shop = Shop::open().await;
    for other in [json!({ "racineID": 1 }), json!({ "natureID": 2 })] {
        let quote = shop.add("devis", json!({ "cliID": 30, "devCode": "AGENCE-1" })).await;
        shop.edit("devis", id(&quote, "devID"), other).await;
        let path = format!("/v1/devis/{}", quote["devID"]);
        refused(&shop.call(Method::GET, &path, Value::Null).await, 404, "NOT_FOUND");
        refused(&shop.put(&path, json!({})).await, 404, "NOT_FOUND");
    }
    assert_eq!(shop.get("/v1/devis").await["total"], 40);
    let line = json!([{ "artID": 1001, "quantite": 2 }]);
    let added = shop.add("devis", json!({ "cliID": 30, "lignes": line })).await;
    assert_eq!((&added["devCode"], added["totalTTC"].to_string()), (&json!("DW000001"), "102.36".into()));
}
