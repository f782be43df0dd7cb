//! What all resources share: lists, paths, bodies, modes (fact sheet 6.3).

use reqwest::Method;
use serde_json::{Value, json};

use super::{SLUG, Shop, bare, id, refused, refused_on, scenario, token};
use crate::support::{App, send};

fn ids(list: &Value, field: &str) -> Vec<i64> {
    list["data"].as_array().expect("data").iter().map(|record| id(record, field)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages_ordered_by_id() {
    let shop = Shop::open().await;
    let all = shop.get("/v1/client?limit=500").await;
    let names: Vec<&String> = all.as_object().unwrap().keys().collect();
    assert_eq!(names, ["total", "page", "limit", "data"]);
    assert_eq!((&all["total"], &all["page"], &all["limit"]), (&json!(60), &json!(1), &json!(500)));
    assert_eq!(ids(&all, "cliID"), (28..=87).collect::<Vec<_>>());
    assert_eq!(shop.get("/v1/client").await["limit"], 50);
    let third = shop.get("/v1/client?page=3&limit=25").await;
    assert_eq!(ids(&third, "cliID"), (78..=87).collect::<Vec<_>>());
    for beyond in ["page=4&limit=25", "page=18446744073709551615&limit=500"] {
        let page = shop.get(&format!("/v1/client?{beyond}")).await;
        assert_eq!((&page["data"], &page["total"]), (&json!([]), &json!(60)), "{beyond}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_parameters_are_named() {
    let shop = Shop::open().await;
    for (path, name) in [
        ("/v1/client?page=0", "page"),
        ("/v1/client?page=-1", "page"),
        ("/v1/client?page=abc", "page"),
        ("/v1/client?page=", "page"),
        ("/v1/client?limit=0", "limit"),
        ("/v1/client?limit=501", "limit"),
        ("/v1/client?limit=1.5", "limit"),
        ("/v1/client/30/adresse?limit=501", "limit"),
        ("/v1/racine?page=0", "page"),
        ("/v1/client?depuis=hier", "depuis"),
        ("/v1/article?tous=oui", "tous"),
        ("/v1/devis?cliID=abc", "cliID"),
        ("/v1/devis?etat=OUVERT", "etat"),
        ("/v1/commande?devID=x", "devID"),
        ("/v1/article/1001/tarif?quantite=0", "quantite"),
        ("/v1/article/1001/tarif?cliID=x", "cliID"),
    ] {
        refused_on(&shop.call(Method::GET, path, Value::Null).await, 400, "BAD_PARAMETER", name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn depuis_includes_the_instant_it_names() {
    let app = App::scenario("name: f\nclock: { start: 2026-07-01T08:00:00Z, frozen: true }").await;
    let shop = Shop::enter(app).await;
    let client = shop.create("/v1/client", json!({ "cliRaisonSociale": "Neuf" })).await;
    assert_eq!(client["dateCreation"], "2026-07-01T10:00:00+02:00");
    for (depuis, total) in [
        ("2026-07-01T10:00:00%2B02:00", 1),
        ("2026-07-01T08:00:00Z", 1),
        ("2026-07-01T08:00:00.900Z", 1),
        ("2026-07-01T08:00:01Z", 0),
        ("2026-07-01T10:00:00", 1),
        ("2026-07-01T10:00:01", 0),
        ("2026-07-01", 1),
        ("2026-07-02", 0),
    ] {
        assert_eq!(shop.get(&format!("/v1/client?depuis={depuis}")).await["total"], total, "{depuis}");
    }
    shop.app.advance("PT10M").await;
    shop.create("/v1/client/30/adresse", json!({ "adrVille": "Brest" })).await;
    let changed = shop.get("/v1/client?depuis=2026-07-01T08:05:00Z").await;
    assert_eq!(ids(&changed, "cliID"), [30]);
}

#[tokio::test(flavor = "multi_thread")]
async fn slashes_at_the_end_are_tolerated_and_aliases_in_lenient_mode() {
    let shop = Shop::open().await;
    for path in
        ["/v1/client/", "/v1/client/30/", "/v1/clients", "/v1/clients/30/adresse/", "/v1/articles?limit=1"]
    {
        shop.get(path).await;
    }
    for path in ["/v1/prospects", "/v1/commandes", "/v1/commandes/code/CV25-0001"] {
        shop.get(path).await;
    }
    for path in ["/v1/client//", "/v1//client", "/v2/client", "/v1/Client", "/v1/produit", "/v1", "/"] {
        let answer = shop.call(Method::GET, path, Value::Null).await;
        refused(&answer, 404, "ROUTE_NOT_FOUND");
    }
    shop.app.load("default", "name: strict\nstrict: true").await;
    let shop = Shop { token: token(&shop.app).await, ..shop };
    shop.get("/v1/client/30/").await;
    for path in ["/v1/clients", "/v1/prospects/11", "/v1/articles", "/v1/commandes"] {
        refused(&shop.call(Method::GET, path, Value::Null).await, 404, "ROUTE_NOT_FOUND");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_name_nothing() {
    let shop = Shop::open().await;
    for path in [
        "/v1/client/999999",
        "/v1/client/abc",
        "/v1/client/code/NOBODY",
        "/v1/client/999999/adresse",
        "/v1/prospect/1",
        "/v1/article/1",
        "/v1/article/code/NOTHING",
        "/v1/article/1/stock",
        "/v1/article/1/tarif",
        "/v1/devis/1",
        "/v1/commande/1",
        "/v1/commande/code/NOTHING",
        "/v1/racine/1",
        "/v1/nature/9",
        "/v1/transfo/9",
        "/v1/client/99999999999999999999",
    ] {
        refused(&shop.call(Method::GET, path, Value::Null).await, 404, "NOT_FOUND");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_path_says_which_verbs_it_serves() {
    let shop = Shop::open().await;
    for (method, path, allow) in [
        (Method::DELETE, "/v1/client", "GET, POST"),
        (Method::DELETE, "/v1/client/30", "GET, PUT, PATCH"),
        (Method::POST, "/v1/client/code/CLI00001", "GET"),
        (Method::PUT, "/v1/client/30/adresse", "GET, POST"),
        (Method::GET, "/v1/client/30/adresse/1", "PUT, PATCH, DELETE"),
        (Method::DELETE, "/v1/prospect/11", "GET, PUT, PATCH"),
        (Method::GET, "/v1/prospect/11/client", "POST"),
        (Method::POST, "/v1/article", "GET"),
        (Method::PUT, "/v1/article/1001", "GET"),
        (Method::DELETE, "/v1/article/1001", "GET"),
        (Method::POST, "/v1/devis/501", "GET, PUT, PATCH, DELETE"),
        (Method::GET, "/v1/devis/501/ligne", "POST"),
        (Method::POST, "/v1/devis/501/client", "PUT, PATCH"),
        (Method::GET, "/v1/devis/501/commande", "POST"),
        (Method::POST, "/v1/commande", "GET"),
        (Method::DELETE, "/v1/commande/301", "GET, PUT, PATCH"),
        (Method::POST, "/v1/racine", "GET"),
        (Method::PUT, "/v1/nature/1", "GET"),
    ] {
        let answer = send(shop.app.request(SLUG, method.clone(), path)).await;
        refused(&answer, 405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        let options = send(shop.app.request(SLUG, Method::OPTIONS, path)).await;
        assert_eq!((options.status.as_u16(), options.header("allow")), (204, allow), "OPTIONS {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_are_bodies_in_lenient_mode_only() {
    let shop = Shop::open().await;
    let form = |path: &str, body: &str| {
        let request =
            shop.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        request.body(body.to_owned())
    };
    let body = "cliRaisonSociale=D%C3%A9p%C3%B4t+Ouest&cliTel=02+61+91+00+00&desactive=true&cliEmail=";
    let answer = send(form("/v1/client", body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let client = answer.json();
    assert_eq!((&client["cliRaisonSociale"], &client["desactive"]), (&json!("Dépôt Ouest"), &json!(true)));
    assert_eq!(client["cliEmail"], Value::Null);
    let quote = shop.quote().await;
    let line = send(form(&format!("/v1/devis/{quote}/ligne"), "artID=1002&quantite=2.5")).await;
    assert_eq!(line.json()["quantite"], json!(2.5), "{}", line.body);
    let text = shop.request(Method::POST, "/v1/client").header("content-type", "text/plain").body("{}");
    refused(&send(text).await, 415, "UNSUPPORTED_MEDIA_TYPE");

    shop.app.load("default", "name: strict\nstrict: true").await;
    let shop = Shop { token: token(&shop.app).await, ..shop };
    let form =
        shop.request(Method::POST, "/v1/client").header("content-type", "application/x-www-form-urlencoded");
    refused(&send(form.body("cliRaisonSociale=X")).await, 415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_and_parameters_are_refused_in_strict_mode_only() {
    let body = json!({ "cliRaisonSociale": "X", "cliFax": "1", "cliID": 5, "cliDivers": true });
    let nested = json!({ "lignes": [{ "artID": 1001, "quantite": 1, "couleur": "rouge" }] });
    let shop = Shop::open().await;
    let client = shop.create("/v1/client", body.clone()).await;
    assert!(client.get("cliFax").is_none());
    assert_eq!((&client["cliID"], &client["cliDivers"]), (&json!(88), &json!(false)), "read-only is ignored");
    shop.create("/v1/devis", nested.clone()).await;
    shop.get("/v1/client?tri=nom").await;

    shop.app.load("default", "name: strict\nstrict: true").await;
    let shop = Shop { token: token(&shop.app).await, ..shop };
    refused_on(&shop.post("/v1/client", body).await, 422, "UNKNOWN_FIELD", "cliFax");
    refused_on(&shop.post("/v1/devis", nested).await, 422, "UNKNOWN_FIELD", "lignes[0].couleur");
    let sorted = shop.call(Method::GET, "/v1/client?tri=nom", Value::Null).await;
    refused_on(&sorted, 400, "BAD_PARAMETER", "tri");
    let client = shop.create("/v1/client", json!({ "cliRaisonSociale": "X", "cliDivers": true })).await;
    assert_eq!(client["cliCode"], "WEB000001", "refusals use up no number");
    let whole = shop.get("/v1/client/30").await["adresses"][0].clone();
    let quote = shop.create("/v1/devis", json!({ "cliID": 31, "adresseLivraison": whole })).await;
    assert_eq!(quote["adresseLivraison"]["adrVille"], whole["adrVille"]);
    for path in ["/v1/client/30", "/v1/devis/541", "/v1/commande/301"] {
        let read = shop.get(path).await;
        shop.change(path, read).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_more_than_a_mebibyte_is_too_large() {
    let shop = Shop::open().await;
    let body = |size: usize| {
        let rest = size - r#"{"cliRaisonSociale":""}"#.len();
        shop.request(Method::POST, "/v1/client")
            .header("content-type", "application/json")
            .body(format!(r#"{{"cliRaisonSociale":"{}"}}"#, "x".repeat(rest)))
    };
    assert_eq!(send(body(1 << 20)).await.status, 201);
    refused(&send(body((1 << 20) + 1)).await, 413, "PAYLOAD_TOO_LARGE");
    refused(&send(body(5 << 20)).await, 413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test(flavor = "multi_thread")]
async fn locations_keep_the_sandbox() {
    let app = App::start().await;
    let request = bare(&app, Method::POST, "/~shop/v1/login/user");
    let body = json!({ "login": "CLIENTREST", "password": "clientrest" });
    let token = send(request.json(&body)).await.json()["access_token"].as_str().unwrap().to_owned();
    let create = bare(&app, Method::POST, "/~shop/v1/client").header("token", &token);
    let created = send(create.json(&json!({ "cliRaisonSociale": "X" }))).await;
    assert_eq!(created.header("location"), "/~shop/v1/client/88");
    let read = bare(&app, Method::GET, created.header("location")).header("token", token);
    assert_eq!(send(read).await.body, created.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_may_be_texts() {
    let shop = Shop::set("{ ids_as_strings: true }").await;
    let body = json!({ "cliID": "30", "lignes": [{ "artID": "1001", "quantite": 1 }] });
    let quote = shop.create("/v1/devis", body).await;
    assert_eq!(
        (&quote["devID"], &quote["cliID"], &quote["cdeID"]),
        (&json!("541"), &json!("30"), &Value::Null)
    );
    assert_eq!((&quote["lignes"][0]["artID"], &quote["lignes"][0]["ligNumero"]), (&json!("1001"), &json!(1)));
    let list = shop.get("/v1/devis?cliID=30&limit=1").await;
    assert!(list["total"].is_number() && list["data"][0]["natureID"] == "1");
    shop.create("/v1/devis/541/commande", Value::Null).await;
    let again = shop.post("/v1/devis/541/commande", Value::Null).await;
    assert_eq!(again.json()["details"], json!([{ "cdeID": "326" }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn assumed_names_can_be_corrected() {
    let settings = "{ path_names: { v1: v3, client: tiers }, field_names: { cliCode: codeTiers, adrVille: ville, \
                    code: reference }, api_key_header: x-key }";
    let app = App::scenario(&scenario(settings)).await;
    let with_key = |method: Method, path: &str| app.request(SLUG, method, path).header("x-key", super::KEY);
    let body = json!({ "login": "CLIENTREST", "password": "clientrest" });
    let token = send(with_key(Method::POST, "/v3/login/user").json(&body)).await.json();
    let token = token["access_token"].as_str().unwrap();
    let body = json!({ "cliRaisonSociale": "X", "adresses": [{ "ville": "Brest" }] });
    let created = send(with_key(Method::POST, "/v3/tiers").header("token", token).json(&body)).await;
    assert_eq!(created.header("location"), "/v3/tiers/88", "{}", created.body);
    let client = created.json();
    assert_eq!(
        (&client["codeTiers"], &client["adresses"][0]["ville"]),
        (&json!("WEB000001"), &json!("Brest"))
    );
    assert!(client.get("cliCode").is_none());
    let found = with_key(Method::GET, "/v3/tiers?reference=web000001").header("token", token);
    assert_eq!(send(found).await.json()["total"], 1);
    let twice = with_key(Method::POST, "/v3/tiers").header("token", token);
    let twice = send(twice.json(&json!({ "cliRaisonSociale": "X", "racineID": 1 }))).await;
    refused(&twice, 422, "RACINE_NOT_ALLOWED");
    for path in ["/v1/tiers", "/v3/client"] {
        refused(&send(with_key(Method::GET, path).header("token", token)).await, 404, "ROUTE_NOT_FOUND");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_configured_reference_records_are_visible() {
    let shop = Shop::open().await;
    assert_eq!(ids(&shop.get("/v1/racine").await, "racineID"), [125, 126, 127, 129]);
    assert_eq!(ids(&shop.get("/v1/nature").await, "natureID"), [1, 2]);
    assert_eq!(ids(&shop.get("/v1/transfo").await, "transfoID"), [2]);
    let racine = shop.get("/v1/racine/129").await;
    let expected = json!({
        "racineID": 129, "racineCode": "CLIWEB", "racineLib": "Clients web", "racineType": "CLI",
        "racineAuto": true, "racinePrefixe": "WEB", "racineLongueur": 6, "racineCompteur": 0,
    });
    assert_eq!(racine, expected);
    assert_eq!(
        shop.get("/v1/nature/1").await,
        json!({ "natureID": 1, "natureLib": "Devis", "natureType": "DEV" })
    );
    let transfo = json!({
        "transfoID": 2, "transfoLib": "Devis -> Commande", "natureSourceID": 1, "natureCibleID": 2,
        "racineCibleID": 126,
    });
    assert_eq!(shop.get("/v1/transfo/2").await, transfo);
}
