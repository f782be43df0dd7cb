//! Clients, their addresses, prospects and their conversion (fact sheet 6.4, 6.5).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Shop, id, refused, refused_on};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_created_with_all_its_fields() {
    let shop = Shop::open().await;
    let body = json!({
        "cliType": "PARTICULIER", "cliNom": "Kerbrat", "cliPrenom": "Aude", "cliEmail": "aude@kerbrat.example",
        "cliSiret": "12345678901234", "cliRefExterne": "W-1", "racineID": 129, "cliCode": "MINE",
        "adresses": [{ "adrVille": "Brest" }, { "adrType": "LIVRAISON", "adrVille": "Vannes", "adrPays": "BE" }],
    });
    let client = shop.create("/v1/client", body).await;
    let names: Vec<&str> = client.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "cliID",
            "cliCode",
            "racineID",
            "cliType",
            "cliRaisonSociale",
            "cliCivilite",
            "cliNom",
            "cliPrenom",
            "cliEmail",
            "cliTel",
            "cliMobile",
            "cliSiret",
            "cliTvaIntra",
            "cliRefExterne",
            "cliDivers",
            "pecID",
            "desactive",
            "dateCreation",
            "dateModif",
            "adresses",
        ]
    );
    assert_eq!((&client["cliCode"], &client["racineID"]), (&json!("WEB000001"), &json!(129)));
    let address = &client["adresses"][0];
    assert_eq!((&address["adrType"], &address["adrPays"]), (&json!("FACTURATION"), &json!("FR")));
    assert_ne!(address["adrID"], client["adresses"][1]["adrID"]);
    assert_eq!(shop.get("/v1/client/88").await, client);
    assert_eq!(shop.get("/v1/client/code/web000001").await, client);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_must_and_must_not_have() {
    let shop = Shop::open().await;
    shop.create("/v1/client", json!({ "cliRaisonSociale": "X", "cliRefExterne": "W-1" })).await;
    for (body, status, code, field) in [
        (json!({}), 400, "MISSING_FIELD", "cliRaisonSociale"),
        (json!({ "cliRaisonSociale": " " }), 400, "MISSING_FIELD", "cliRaisonSociale"),
        (json!({ "cliType": "PARTICULIER", "cliRaisonSociale": "X" }), 400, "MISSING_FIELD", "cliNom"),
        (json!({ "cliRaisonSociale": "X", "cliType": "ONG" }), 422, "VALIDATION", "cliType"),
        (json!({ "cliRaisonSociale": "X", "cliEmail": "x.example" }), 422, "VALIDATION", "cliEmail"),
        (json!({ "cliRaisonSociale": "X", "cliSiret": "1234567890123" }), 422, "VALIDATION", "cliSiret"),
        (json!({ "cliRaisonSociale": "X", "cliSiret": "1234567890123a" }), 422, "VALIDATION", "cliSiret"),
        (json!({ "cliRaisonSociale": "X", "desactive": "non" }), 422, "VALIDATION", "desactive"),
        (json!({ "cliRaisonSociale": [] }), 422, "VALIDATION", "cliRaisonSociale"),
        (json!({ "cliRaisonSociale": "X", "adresses": {} }), 422, "VALIDATION", "adresses"),
        (json!({ "cliRaisonSociale": "X", "adresses": [1] }), 422, "VALIDATION", "adresses[0]"),
        (json!({ "cliRaisonSociale": "X", "racineID": 1 }), 422, "RACINE_NOT_ALLOWED", "racineID"),
    ] {
        refused_on(&shop.post("/v1/client", body).await, status, code, field);
    }
    let twice = shop.post("/v1/client", json!({ "cliRaisonSociale": "Y", "cliRefExterne": "W-1" })).await;
    refused(&twice, 409, "DUPLICATE_REF");
    assert_eq!(twice.json()["details"], json!([{ "cliID": 88 }]));
    let next = shop.create("/v1/client", json!({ "cliRaisonSociale": "Y" })).await;
    assert_eq!(next["cliCode"], "WEB000002", "refusals use up no number");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_leaves_what_it_does_not_name() {
    let shop = Shop::open().await;
    let before = shop.get("/v1/client/30").await;
    let after = shop.change("/v1/client/30", json!({ "cliTel": "02 61 91 11 11", "cliSiret": null })).await;
    assert_eq!((&after["cliTel"], &after["cliSiret"]), (&json!("02 61 91 11 11"), &Value::Null));
    for field in ["cliCode", "cliRaisonSociale", "cliEmail", "adresses", "dateCreation"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_ne!(after["dateModif"], before["dateModif"]);
    let echoed = shop.change("/v1/client/30", after.clone()).await;
    assert_eq!(echoed["adresses"], after["adresses"], "a record can be written back as it was read");
    let patched = shop.call(Method::PATCH, "/v1/client/30", json!({ "cliType": null })).await;
    assert_eq!(patched.json()["cliType"], "SOCIETE", "{}", patched.body);
    for (body, status, code) in [
        (json!({ "cliRaisonSociale": null }), 400, "MISSING_FIELD"),
        (json!({ "cliType": "PARTICULIER" }), 400, "MISSING_FIELD"),
        (json!({ "cliCode": "" }), 400, "MISSING_FIELD"),
        (json!({ "cliCode": "x".repeat(21) }), 422, "VALIDATION"),
        (json!({ "cliCode": "CLI00001" }), 409, "DUPLICATE_CODE"),
        (json!({ "racineID": 129 }), 422, "RACINE_NOT_ALLOWED"),
    ] {
        refused(&shop.put("/v1/client/30", body).await, status, code);
    }
    let quote = shop.quote().await;
    assert_eq!(shop.change("/v1/client/30", json!({ "cliCode": "MANUEL" })).await["cliCode"], "MANUEL");
    assert_eq!(shop.get(&format!("/v1/devis/{quote}")).await["cliCode"], "MANUEL");
    shop.create("/v1/client", json!({ "cliRaisonSociale": "X" })).await;
    let auto = shop.change("/v1/client/88", json!({ "cliCode": "MINE" })).await;
    assert_eq!(auto["cliCode"], "WEB000001", "the code of an automatic racine is read-only");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_divers_is_read_only() {
    let shop = Shop::open().await;
    refused(&shop.put("/v1/client/87", json!({ "cliTel": "1" })).await, 403, "CLIENT_DIVERS_READONLY");
    refused(&shop.post("/v1/client/87/adresse", json!({})).await, 403, "CLIENT_DIVERS_READONLY");
    let divers = shop.get("/v1/client/code/DIVERS").await;
    assert_eq!((&divers["cliDivers"], &divers["racineID"]), (&json!(true), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manual_racine_asks_for_a_code() {
    let shop = Shop::set("{ racine_client: 1 }").await;
    refused_on(
        &shop.post("/v1/client", json!({ "cliRaisonSociale": "X" })).await,
        400,
        "MISSING_FIELD",
        "cliCode",
    );
    let body = json!({ "cliRaisonSociale": "X", "cliCode": "CLI00001" });
    refused(&shop.post("/v1/client", body).await, 409, "DUPLICATE_CODE");
    let body = json!({ "cliRaisonSociale": "X", "cliCode": "X1", "racineID": 1 });
    assert_eq!(shop.create("/v1/client", body).await["cliCode"], "X1");
    refused_on(&shop.post("/v1/prospect/11/client", json!(null)).await, 400, "MISSING_FIELD", "cliCode");
    let converted = shop.create("/v1/prospect/11/client", json!({ "cliCode": "X2" })).await;
    assert_eq!(converted["cliCode"], "X2");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_found() {
    let shop = Shop::open().await;
    for (query, expected) in [
        ("code=cli00005", vec![32]),
        ("email=CONTACT@pepinieres-trois-chenes.example", vec![29]),
        ("refExterne=boutique-2001", vec![29]),
        ("nom=TROIS-CH%C3%8ANES", vec![29]),
        ("nom=nobody", vec![]),
        ("code=cli00005&nom=mairie&email=&refExterne=", vec![32]),
        ("code=cli00005&nom=ferme", vec![]),
    ] {
        let list = shop.get(&format!("/v1/client?{query}")).await;
        let ids: Vec<i64> =
            list["data"].as_array().unwrap().iter().map(|client| id(client, "cliID")).collect();
        assert_eq!(ids, expected, "{query}");
    }
    shop.edit("client", 32, json!({ "supprime": true })).await;
    assert_eq!(shop.get("/v1/client?code=CLI00005").await["total"], 0);
    refused(&shop.call(Method::GET, "/v1/client/32", Value::Null).await, 404, "NOT_FOUND");
    refused(&shop.put("/v1/client/32", json!({})).await, 404, "NOT_FOUND");
    assert_eq!(shop.get("/v1/client/48").await["desactive"], true, "disabled ones are readable");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_come_and_go() {
    let shop = Shop::open().await;
    let before = shop.get("/v1/client/30/adresse").await;
    assert_eq!((&before["total"], before["data"][0]["adrDefaut"].as_bool()), (&json!(1), Some(true)));
    let body = json!({ "adrNom": "Quai 2", "adrVille": "Nantes", "adrDefaut": true, "adrID": 1 });
    let answer = shop.post("/v1/client/30/adresse", body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let address = answer.json();
    let path = format!("/v1/client/30/adresse/{}", address["adrID"]);
    assert_eq!(answer.header("location"), path);
    let list = shop.get("/v1/client/30/adresse").await;
    let defaults: Vec<bool> =
        list["data"].as_array().unwrap().iter().map(|address| address["adrDefaut"] == true).collect();
    assert_eq!(defaults, [false, true], "one default of a type");
    let changed = shop.change(&path, json!({ "adrType": "LIVRAISON", "adrLigne1": "3, quai" })).await;
    assert_eq!((&changed["adrID"], &changed["adrVille"]), (&address["adrID"], &json!("Nantes")));
    refused_on(&shop.put(&path, json!({ "adrType": "AUTRE" })).await, 422, "VALIDATION", "adrType");
    refused(&shop.put("/v1/client/30/adresse/999999", json!({})).await, 404, "NOT_FOUND");
    assert_eq!(shop.delete(&path).await.status, 204);
    refused(&shop.delete(&path).await, 404, "NOT_FOUND");
    assert_eq!(shop.get("/v1/client/30").await["adresses"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prospect_becomes_a_client_once() {
    let shop = Shop::open().await;
    let body = json!({
        "pecRaisonSociale": "Lavande & Cie", "pecEmail": "a@lavande.example", "pecSource": "SALON",
        "pecRefExterne": "L-1", "adresses": [{ "adrVille": "Le Mans" }],
    });
    let prospect = shop.create("/v1/prospect", body).await;
    assert_eq!((&prospect["pecCode"], &prospect["racineID"]), (&json!("PW000001"), &json!(127)));
    let path = format!("/v1/prospect/{}", prospect["pecID"]);
    let line = json!([{ "artID": 1001, "quantite": 1 }]);
    let quote = shop.create("/v1/devis", json!({ "pecID": prospect["pecID"], "lignes": line })).await;
    assert_eq!((&quote["cliID"], &quote["clientDivers"]), (&json!(87), &json!(true)));
    assert_eq!(quote["adresseFacturation"]["adrVille"], "Le Mans");
    let quote_path = format!("/v1/devis/{}", quote["devID"]);
    refused(&shop.post(&format!("{quote_path}/commande"), Value::Null).await, 422, "CLIENT_DIVERS");

    let client = shop.create(&format!("{path}/client"), Value::Null).await;
    assert_eq!((&client["cliCode"], &client["pecID"]), (&json!("WEB000001"), &prospect["pecID"]));
    for (cli, pec) in [
        ("cliRaisonSociale", "pecRaisonSociale"),
        ("cliEmail", "pecEmail"),
        ("cliRefExterne", "pecRefExterne"),
    ] {
        assert_eq!(client[cli], prospect[pec]);
    }
    assert_eq!(client["adresses"][0]["adrVille"], "Le Mans");
    let converted = shop.get(&path).await;
    assert_eq!(converted["cliID"], client["cliID"]);
    assert!(converted["dateConversion"].is_string());
    let quote = shop.get(&quote_path).await;
    assert_eq!((&quote["cliID"], &quote["clientDivers"]), (&client["cliID"], &json!(false)));
    assert_eq!(shop.get(&format!("/v1/devis?pecID={}", prospect["pecID"])).await["total"], 1);

    for answer in [shop.post(&format!("{path}/client"), Value::Null).await, shop.put(&path, json!({})).await]
    {
        refused(&answer, 409, "ALREADY_CONVERTED");
        assert_eq!(answer.json()["details"], json!([{ "cliID": client["cliID"] }]));
    }
    shop.create(&format!("{quote_path}/commande"), Value::Null).await;
    let later = shop.create("/v1/devis", json!({ "pecID": prospect["pecID"] })).await;
    assert_eq!(later["cliID"], client["cliID"], "a converted prospect's quotes are its client's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_conversion_changes_nothing() {
    let shop = Shop::open().await;
    let body = json!({ "cliRaisonSociale": "X", "cliRefExterne": "LEAD-003" });
    shop.create("/v1/client", body).await;
    refused(&shop.post("/v1/prospect/13/client", Value::Null).await, 409, "DUPLICATE_REF");
    assert_eq!(shop.get("/v1/prospect/13").await["cliID"], Value::Null);
    refused(&shop.post("/v1/prospect/19/client", Value::Null).await, 422, "DISABLED");
    assert_eq!(shop.get("/v1/racine/129").await["racineCompteur"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_have_no_gaps_and_never_come_twice() {
    let shop = Shop::open().await;
    shop.add("client", json!({ "cliCode": "WEB000002", "cliRaisonSociale": "Saisi", "racineID": 129 })).await;
    let creations = (0..20).map(|n| {
        let body = json!({ "cliRaisonSociale": format!("Client {n}") });
        tokio::spawn(crate::support::send(shop.request(Method::POST, "/v1/client").json(&body)))
    });
    let mut codes = Vec::new();
    for creation in creations.collect::<Vec<_>>() {
        codes.push(creation.await.unwrap().json()["cliCode"].as_str().unwrap().to_owned());
    }
    codes.sort();
    let expected: Vec<String> =
        (1..=21).filter(|number| *number != 2).map(|number| format!("WEB{number:06}")).collect();
    assert_eq!(codes, expected);
    assert_eq!(shop.get("/v1/racine/129").await["racineCompteur"], 21);
}
