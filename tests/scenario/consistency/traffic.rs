//! Clients of all servers that only do what they may, for a while.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{all, found};
use crate::support::{App, basic, send};

/// Everything that the sandbox holds, as a scenario without a data set.
async fn as_scenario(app: &App) -> String {
    let get =
        async |path: &str| send(app.control(Method::GET, &format!("/sandboxes/default/{path}"))).await.json();
    let now = get("clock").await["now"].clone();
    let mut servers = Map::new();
    for (slug, companies) in [
        ("onlineerp", &["0", "1", "2", "3", "4", "5"][..]),
        ("8sens", &[""]),
        ("comarch-xt", &[""]),
        ("weavy", &["C01", "C02"]),
        ("clavus", &[""]),
    ] {
        let mut records: Map<String, Value> = Map::new();
        let entities = get(&format!("data/{slug}")).await;
        for entity in entities["items"].as_array().unwrap() {
            let entity = entity["entity"].as_str().unwrap();
            // The server makes these from its settings.
            if matches!(entity, "account" | "task") {
                continue;
            }
            for company in companies {
                let of = if company.is_empty() { String::new() } else { format!("?company={company}") };
                let list = get(&format!("data/{slug}/{entity}{of}")).await;
                let items = list["items"]
                    .as_array()
                    .unwrap_or_else(|| panic!("{slug} {entity}: {list}"))
                    .iter()
                    .cloned();
                let owned = items.map(|mut item| {
                    if !company.is_empty() {
                        item["_company"] = json!(company);
                    }
                    item
                });
                let all = records.entry(entity).or_insert_with(|| json!([]));
                all.as_array_mut().unwrap().extend(owned);
            }
        }
        servers.insert(slug.to_owned(), json!({ "data": "none", "records": records }));
    }
    json!({ "name": "after", "clock": { "start": now, "frozen": true }, "servers": servers }).to_string()
}

/// Draws that a seed decides.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn pick<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

/// Clients of all servers that only do what they may.
struct Traffic<'a> {
    app: &'a App,
    session: String,
    xt: String,
    weavy: String,
    draws: Draws,
    made: usize,
}

impl Traffic<'_> {
    async fn ask(&self, slug: &str, method: Method, path: &str, body: Value) -> Value {
        let request = self.app.request(slug, method.clone(), path);
        let request = match slug {
            "onlineerp" => request.header("authorization", basic("DEMO-LICENCE", "demo-secret")),
            "8sens" => request.header("api_key", "ZghY887665YhGH").header("access_token", &self.session),
            "comarch-xt" => request.bearer_auth(&self.xt),
            "weavy" => request.bearer_auth(&self.weavy),
            _ => request.bearer_auth("demo-key"),
        };
        let answer = send(if body.is_null() { request } else { request.json(&body) }).await;
        assert!(
            answer.status.is_success(),
            "{slug} {method} {path} {body}: {} {}",
            answer.status,
            answer.body
        );
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    async fn step(&mut self) {
        self.made += 1;
        match self.draws.below(5) {
            0 => self.onlineerp().await,
            1 => self.eightsens().await,
            2 => self.comarch().await,
            3 => self.weavy().await,
            _ => self.clavus().await,
        }
    }

    async fn onlineerp(&mut self) {
        let n = self.made;
        let client = *self.draws.pick(&["C0101", "C0103", "C0104"]);
        let product = *self.draws.pick(&["BOLT-M12", "POUTRE-W6", "ECROU-M10"]);
        let quantity = self.draws.below(9) + 1;
        let lines = json!([{ "strNoProduit": product, "QteFacture": quantity }]);
        let (entity, body) = match self.draws.below(7) {
            0 => ("Customer", json!({ "NoClient": format!("N{n}"), "NomClient": "Nouveau" })),
            1 => (
                "Product",
                json!({ "NoProduit": format!("N{n}"), "Description": "Neuf", "PrixVente": 3.35, "GroupeProduit": { "CodeGroupe": "QUINC" } }),
            ),
            2 => (
                "CustomerInvoice",
                json!({ "TypeDoc": "SOUMISSIONS", "InfoClientFacturerA": { "NoClient": client }, "LigneFacture": lines }),
            ),
            3 => (
                "SupplierInvoice",
                json!({ "NoFournisseur": "F-220", "NoFacture": format!("N{n}"), "DateFacture": self.today().await, "LigneFacture": [{ "strNoProduit": product, "QteFacture": quantity, "PrixFinal": 1.17 }] }),
            ),
            4 => ("ProductTrail", json!({ "NoProduit": product, "Quantitee": quantity })),
            _ => (
                "CustomerInvoice",
                json!({ "InfoClientFacturerA": { "NoClient": client }, "LigneFacture": lines }),
            ),
        };
        self.ask("onlineerp", Method::POST, &format!("/api/Entity/{entity}"), body).await;
    }

    async fn today(&self) -> String {
        let clock = send(self.app.control(Method::GET, "/sandboxes/default/clock")).await.json();
        clock["now"].as_str().unwrap()[..10].to_owned()
    }

    async fn eightsens(&mut self) {
        let n = self.made;
        match self.draws.below(4) {
            0 => {
                let client = json!({ "cliRaisonSociale": format!("Firme {n}"), "cliSiret": "73282932000074", "cliTvaIntra": "FR44732829320" });
                self.ask("8sens", Method::POST, "/v1/client", client).await;
            }
            1 => {
                let prospect = self
                    .ask(
                        "8sens",
                        Method::POST,
                        "/v1/prospect",
                        json!({ "pecRaisonSociale": format!("Piste {n}") }),
                    )
                    .await;
                let quote =
                    json!({ "pecID": prospect["pecID"], "lignes": [{ "artID": 1002, "quantite": 1 }] });
                self.ask("8sens", Method::POST, "/v1/devis", quote).await;
                self.ask(
                    "8sens",
                    Method::POST,
                    &format!("/v1/prospect/{}/client", prospect["pecID"]),
                    Value::Null,
                )
                .await;
            }
            _ => {
                let lines = json!([{ "artID": 1001 + self.draws.below(20), "quantite": self.draws.below(5) + 1, "remisePct": 5 },
                    { "artID": 1042, "quantite": 2.5 }]);
                let quote = self
                    .ask("8sens", Method::POST, "/v1/devis", json!({ "cliID": 30, "lignes": lines }))
                    .await;
                let path = format!("/v1/devis/{}", quote["devID"]);
                self.change_lines(&path, &quote).await;
                if self.draws.below(6) == 0 {
                    self.ask("8sens", Method::DELETE, &path, Value::Null).await;
                    return;
                }
                if self.draws.below(2) == 0 {
                    self.ask(
                        "8sens",
                        Method::POST,
                        &format!("{path}/ligne"),
                        json!({ "artID": 1003, "quantite": 2 }),
                    )
                    .await;
                }
                let order = self.ask("8sens", Method::POST, &format!("{path}/commande"), Value::Null).await;
                assert_ne!(
                    order["lignes"][0]["ligID"], quote["lignes"][0]["ligID"],
                    "lines of orders have ids of their own"
                );
                self.deliver(&order).await;
            }
        }
    }

    /// Another quantity on the first line, the second one taken out.
    async fn change_lines(&mut self, path: &str, quote: &Value) {
        let line = |place: usize| format!("{path}/ligne/{}", quote["lignes"][place]["ligID"]);
        if self.draws.below(2) == 0 {
            let verb = if self.draws.below(2) == 0 { Method::PUT } else { Method::PATCH };
            let change = json!({ "quantite": self.draws.below(7) + 1 });
            self.ask("8sens", verb, &line(0), change).await;
        }
        if self.draws.below(3) == 0 {
            self.ask("8sens", Method::DELETE, &line(1), Value::Null).await;
        }
    }

    async fn deliver(&mut self, order: &Value) {
        let mut with = json!({ "cdeID": order["cdeID"] });
        match self.draws.below(3) {
            0 => {}
            1 => with["lignes"] = json!([{ "ligID": order["lignes"][0]["ligID"], "quantite": 1 }]),
            _ => return,
        }
        self.app.act("8sens", "deliver-order", with).await;
    }

    async fn comarch(&mut self) {
        let n = self.made;
        let items = json!([{ "ProductId": 10_906_701 + self.draws.below(40), "Quantity": self.draws.below(9) + 1, "ProductCurrencyNetPrice": 12.35 }]);
        let document = json!({ "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_102, "Items": items });
        match self.draws.below(5) {
            0 => {
                let customer = json!({ "Name": format!("Firma {n}"), "CustomerTaxNumber": "DE136695976" });
                self.comarch_record("customers", customer).await;
            }
            1 => {
                let product =
                    json!({ "Name": "Neu", "UnitOfMeasurment": "Stk.", "Rate": 9, "SaleGrossPrice": 9.99 });
                self.comarch_record("products", product).await;
            }
            2 => {
                let Some(id) = self.comarch_record("proformas", document).await else { return };
                self.app.act("comarch-xt", "convert-proforma", json!({ "id": id })).await;
            }
            _ => {
                let Some(id) = self.comarch_record("invoices", document).await else { return };
                if self.draws.below(2) == 0 {
                    self.app.act("comarch-xt", "confirm-invoice", json!({ "id": id })).await;
                }
                if self.draws.below(2) == 0 {
                    self.app.act("comarch-xt", "record-payment", json!({ "id": id, "amount": 1.5 })).await;
                }
            }
        }
    }

    /// A new record, which is perhaps changed, and perhaps deleted; its id while it is there.
    async fn comarch_record(&mut self, resource: &str, mut record: Value) -> Option<Value> {
        let path = format!("/api2/public/{resource}");
        let id = self.ask("comarch-xt", Method::POST, &path, record.clone()).await;
        if self.draws.below(2) == 0 {
            record["Id"] = id.clone();
            if let Some(item) = record["Items"].get_mut(0) {
                item["Quantity"] = json!(self.draws.below(9) + 1);
            }
            self.ask("comarch-xt", Method::PUT, &path, record).await;
        }
        if self.draws.below(4) == 0 {
            self.ask("comarch-xt", Method::DELETE, &format!("{path}/{id}"), Value::Null).await;
            return None;
        }
        Some(id)
    }

    async fn weavy(&mut self) {
        let n = self.made;
        let base = "/v1/Data/DEMO";
        let visit = json!({ "intervention": { "intervention_ID": format!("N{n}"), "customer_ID": "C0000001", "customeraddress_ID": "A0000001",
            "contract_ID": "CT00001", "startDate": "2026-03-03 08:00:00", "endDate": "2026-03-03 09:00:00",
            "interventionpart": [{ "interventionpart_ID": format!("N{n}-1") }] } });
        match self.draws.below(3) {
            0 => {
                let customer = json!({ "customer_ID": format!("N{n}"), "name": "Nouveau", "siretNumber": "73282932000074" });
                self.ask("weavy", Method::POST, &format!("{base}/customer"), customer).await;
                if self.draws.below(3) == 0 {
                    self.ask("weavy", Method::DELETE, &format!("{base}/customer/N{n}"), Value::Null).await;
                }
            }
            1 => {
                let path = format!("{base}/DataSet?deleteMode=0&serverExport=0");
                self.ask("weavy", Method::POST, &path, visit).await;
                match self.draws.below(4) {
                    0 => {
                        let part = format!("{base}/interventionpart/N{n}-1");
                        self.ask("weavy", Method::DELETE, &part, Value::Null).await;
                        self.ask("weavy", Method::DELETE, &format!("{base}/intervention/N{n}"), Value::Null)
                            .await;
                    }
                    1 => {
                        let bare = json!({ "intervention": { "intervention_ID": format!("N{n}"), "interventionpart": [] } });
                        let path = format!("{base}/DataSet?deleteMode=1&serverExport=0");
                        self.ask("weavy", Method::POST, &path, bare).await;
                    }
                    _ => {}
                }
            }
            _ => {
                let comment = json!({ "comment": format!("{n}") });
                self.ask("weavy", Method::PUT, &format!("{base}/customer/C0000002"), comment).await;
            }
        }
    }

    async fn clavus(&mut self) {
        let query = format!(
            "mutation {{ upsertProspect(firstName: \"N{}\", type: MORAL, siren: \"732829320\") {{ id }} }}",
            self.made
        );
        let made = self.ask("clavus", Method::POST, "/api/external/graphql", json!({ "query": query })).await;
        if self.draws.below(2) == 0 {
            let id = made["data"]["upsertProspect"]["id"].clone();
            self.app.act("clavus", "convert-prospect", json!({ "id": id })).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_add_up_after_random_legal_traffic() {
    let app = App::scenario("name: x\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    let login = app.request("8sens", Method::POST, "/v1/login/user").header("api_key", "ZghY887665YhGH");
    let login = login.header("content-type", "application/x-www-form-urlencoded");
    let session = send(login.body("login=CLIENTREST&password=clientrest")).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = app
        .request("comarch-xt", Method::POST, "/api2/public/token")
        .basic_auth("demo-client", Some("demo-secret"));
    let token = token
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let xt = send(token).await.json()["access_token"].as_str().unwrap().to_owned();
    let who = json!({ "projectCode": "DEMO", "userName": "api", "password": "api" });
    let weavy =
        send(app.request("weavy", Method::POST, "/v1/Authenticate").json(&who)).await.json()["authToken"]
            .as_str()
            .unwrap()
            .to_owned();
    let mut traffic = Traffic { app: &app, session, xt, weavy, draws: Draws(7), made: 0 };
    for _ in 0..150 {
        traffic.step().await;
    }
    let scenario = as_scenario(&app).await;
    let (library, loaded) = all();
    let found = tokio::task::spawn_blocking(move || found(&scenario, &library, &loaded)).await.unwrap();
    assert_eq!(found, Vec::<String>::new());
}
