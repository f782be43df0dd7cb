//! A tenant whose error texts, paths and one entity differ: the example that users copy.

use super::{App, Config, Method, Value, basic, json, send};

async fn tenant() -> App {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/tenant/onlineerp.yaml");
    let profiles = [("onlineerp".to_owned(), file)].into_iter().collect();
    App::with(Config { profiles, ..Config::default() }).await
}

async fn call(
    app: &App,
    company: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> crate::support::Answer {
    let request = app.request("onlineerp", method, path).header("COMPANY_ID", company);
    let request = request.header("authorization", basic("DEMO-LICENCE", "demo-secret"));
    send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_differs_in_texts_paths_and_an_entity() {
    let app = tenant().await;
    let gone = call(&app, "0", Method::GET, "/api/Entity/Product/NIX", None).await;
    assert_eq!(
        (gone.status.as_u16(), gone.json()),
        (410, json!({ "erreur": { "code": "GONE", "texte": "Product NIX n'est plus là." } }))
    );
    let unknown = send(app.request("onlineerp", Method::GET, "/api/Entity/Product")).await;
    assert_eq!(unknown.status, 401);
    assert!(
        unknown.json()["erreur"]["texte"].as_str().is_some_and(|text| !text.is_empty()),
        "{}",
        unknown.body
    );

    let suppliers = call(&app, "0", Method::GET, "/api/v2/Fournisseurs", None).await;
    assert_eq!(suppliers.status, 200, "{}", suppliers.body);
    let number = suppliers.json()[0]["NoFournisseur"].as_str().unwrap().to_owned();
    assert_eq!(
        call(&app, "0", Method::GET, &format!("/api/v2/Fournisseurs/{number}"), None).await.status,
        200
    );
    assert_eq!(call(&app, "0", Method::GET, "/api/Entity/Supplier", None).await.status, 404);

    let product = call(&app, "0", Method::GET, "/api/Entity/Product/BOLT-M8", None).await.json();
    assert!(product["PrixDeVente"].is_number() && product.get("PrixVente").is_none(), "{product}");

    let depot = json!({ "Code": "D1", "Ville": "Rimouski" });
    let made = call(&app, "0", Method::POST, "/api/Entity/Entrepot", Some(depot.clone())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let shown = call(&app, "0", Method::GET, "/api/Entity/Entrepot/D1", None).await.json();
    assert_eq!((&shown["Code"], &shown["Ville"]), (&depot["Code"], &depot["Ville"]));
    let twice = call(&app, "0", Method::POST, "/api/Entity/Entrepot", Some(depot)).await;
    assert_eq!(twice.status, 409, "{}", twice.body);
    assert_eq!(
        call(&app, "1", Method::POST, "/api/Entity/Entrepot", Some(json!({ "Code": "D2" }))).await.status,
        405
    );
    let long =
        call(&app, "0", Method::POST, "/api/Entity/Entrepot", Some(json!({ "Code": "DEPOT-9-9" }))).await;
    assert_eq!(long.status, 400);
    assert!(long.json()["erreur"]["champs"]["Code"].is_array(), "{}", long.body);
}

#[test]
fn every_tenant_fits_its_server() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/tenant");
    let files = std::fs::read_dir(folder).expect("the tenants").map(|entry| entry.expect("an entry").path());
    let mut tried = 0;
    for file in files {
        let slug = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let sim = erpsatz::registry::find(&slug).expect("a file is called after its server");
        let text = std::fs::read_to_string(&file).expect("a text");
        let loaded = simcore::simulator::Loaded::new(sim, Some((&slug, &text)));
        assert!(loaded.is_ok_and(|loaded| loaded.corrected), "{}: it does not fit", file.display());
        tried += 1;
    }
    assert!(tried > 0);
}
