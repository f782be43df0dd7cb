//! Random operations on all servers and on control.

use std::time::Duration;

use erpsatz::registry;
use reqwest::Method;

use super::Draws;
use crate::support::samples::Client;
use crate::support::{Answer, App, try_send};

/// One call of a server: `{n}` is a number from 0 to 9, so that calls meet the same records.
type Call = (&'static str, Method, &'static str, &'static str);

const CALLS: &[Call] = &[
    ("onlineerp", Method::GET, "/api/Entity/Product?$filter=PrixVente gt {n}&$orderby=NoProduit desc", ""),
    ("onlineerp", Method::GET, "/api/Entity/Product?$skip={n}&$top=2", ""),
    ("onlineerp", Method::GET, "/api/Entity/CustomerInvoice", ""),
    ("onlineerp", Method::POST, "/api/Entity/ProductTrail", r#"{"NoProduit":"BOLT-M8","Quantitee":{n}}"#),
    ("onlineerp", Method::POST, "/api/Entity/ProductTrail", r#"[{"NoProduit":"SAMPLE-{n}","Quantitee":1}]"#),
    (
        "onlineerp",
        Method::POST,
        "/api/Entity/CustomerInvoice",
        r#"{"InfoClientFacturerA":{"NoClient":"C0187"},"LigneFacture":[{"strNoProduit":"BOLT-M8","QteFacture":{n}}]}"#,
    ),
    ("onlineerp", Method::PUT, "/api/Entity/Product/SAMPLE-{n}", r#"{"Description":"changed {n}"}"#),
    ("8sens", Method::POST, "/v1/devis", r#"{"cliID":30,"lignes":[{"artID":1001,"quantite":{n}}]}"#),
    ("8sens", Method::GET, "/v1/devis", ""),
    ("8sens", Method::PUT, "/v1/client/30", r#"{"cliRefExterne":"R{n}"}"#),
    ("8sens", Method::DELETE, "/v1/client/3{n}", ""),
    ("8sens", Method::POST, "/v1/prospect", r#"{"proRaisonSociale":"Prospect {n}"}"#),
    (
        "comarch-xt",
        Method::POST,
        "/api2/public/invoices",
        r#"{"PaymentStatus":0,"PurchasingPartyId":529801,"PaymentTypeId":10260102,"SalesDate":"2026-03-0{n}","IssueDate":"2026-03-02","Items":[{"ProductId":10906701,"Quantity":{n},"ProductCurrencyNetPrice":40.00}]}"#,
    ),
    ("comarch-xt", Method::GET, "/api2/public/invoices", ""),
    ("comarch-xt", Method::POST, "/api2/public/customers", r#"{"Name":"Kunde {n}","CustomerType":1}"#),
    ("comarch-xt", Method::GET, "/api2/public/customers", ""),
    ("comarch-xt", Method::DELETE, "/api2/public/products/1090670{n}", ""),
    (
        "weavy",
        Method::POST,
        "/v1/Data/DEMO/DataSet?deleteMode=2&serverExport=0",
        r#"{"customer":{"customer_ID":"DS{n}","name":"Set","intervention":[{"intervention_ID":"DS{n}-1","title":"one"}]}}"#,
    ),
    (
        "weavy",
        Method::POST,
        "/v1/Data/DEMO/BulkImport",
        r#"{"entityName":"customer","rows":[{"customer_ID":"B{n}","name":"x"},{"customer_ID":"B1","name":"y"}]}"#,
    ),
    ("weavy", Method::GET, "/v1/Data/DEMO/customer", ""),
    ("weavy", Method::DELETE, "/v1/Data/DEMO/customer/B{n}", ""),
    ("weavy", Method::PUT, "/v1/Data/DEMO/customer/C000000{n}", r#"{"name":"changed"}"#),
    (
        "clavus",
        Method::POST,
        "/api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getFolders(page: {n}, itemParPage: 3, search: \"a\") { totalCount results { id } } } }"}"#,
    ),
    (
        "clavus",
        Method::POST,
        "/api/external/graphql",
        r#"{"query":"mutation { upsertProspect(firstName: \"P-{n}\", lastName: \"L\") { id } }"}"#,
    ),
];

/// One call of control on the sandbox `default`.
const CONTROLS: &[(Method, &str, &str)] = &[
    (Method::PATCH, "clock", r#"{"advance":"PT{n}M"}"#),
    (
        Method::POST,
        "faults",
        r#"{"server":"onlineerp","when":{"rate":0.3,"times":{n}},"then":{"status":503}}"#,
    ),
    (Method::POST, "faults", r#"{"server":"weavy","when":{"nth":{n}},"then":{"lose_response":true}}"#),
    (Method::POST, "faults", r#"{"server":"8sens","then":{"rate_limit":{"limit":3,"per":"PT{n}M"}}}"#),
    (Method::DELETE, "faults", ""),
    (Method::POST, "data/onlineerp/Product", r#"{"NoProduit":"CONTROL-{n}","QteEnMain":7}"#),
    (Method::DELETE, "data/onlineerp/Product/CONTROL-{n}", ""),
    (Method::POST, "data/comarch-xt/products", r#"{"Name":"Control {n}"}"#),
    (Method::POST, "actions/onlineerp/robot-offline", "{}"),
    (Method::POST, "actions/onlineerp/robot-online", "{}"),
    (Method::POST, "actions/onlineerp/robot-online", "{}"),
    (Method::POST, "actions/8sens/set-stock", r#"{"article":"1001","quantity":{n}}"#),
    (Method::POST, "actions/weavy/set-licences", r#"{"licences":{n}}"#),
    (Method::POST, "actions/8sens/restart", "{}"),
];

/// Clients of every server; signing in is an operation like the others.
pub(super) async fn sign_in(app: &App) -> Vec<Client<'_>> {
    let mut clients = Vec::new();
    for sim in registry::ALL {
        clients.push(Client::of(app, sim.slug).await);
    }
    clients
}

/// Does `count` random operations; what each was answered, to the byte.
pub(super) async fn run(app: &App, clients: &[Client<'_>], draws: &mut Draws, count: usize) -> Vec<String> {
    let mut answers = Vec::with_capacity(count);
    for _ in 0..count {
        let n = draws.below(10).to_string();
        let request = match draws.below(10) {
            0 => {
                let (method, path, body) = draws.pick(CONTROLS);
                let path = format!("/sandboxes/default/{}", path.replace("{n}", &n));
                app.control(method.clone(), &path).body(body.replace("{n}", &n))
            }
            1 | 2 => draws.pick(clients).read(),
            3 | 4 => {
                let number = draws.below(30);
                draws.pick(clients).write(number)
            }
            _ => {
                let (slug, method, path, body) = draws.pick(CALLS);
                let client = clients.iter().find(|client| client.slug == *slug).expect("a client");
                client.request(method.clone(), &path.replace("{n}", &n), body.replace("{n}", &n))
            }
        };
        let (client, request) = request.build_split();
        let mut request = request.expect("a request");
        let asked = format!("{} {}", request.method(), request.url().path());
        // Ports differ from run to run, and some answers name their host.
        let is_control = asked.contains("/sandboxes/");
        if !is_control {
            request.headers_mut().insert("host", "erp.example".parse().expect("a value"));
        }
        *request.timeout_mut() = Some(Duration::from_secs(60));
        let answer = try_send(reqwest::RequestBuilder::from_parts(client, request)).await;
        answers.push(format!("{asked}: {}", shown(answer.ok(), is_control)));
    }
    answers
}

fn shown(answer: Option<Answer>, is_control: bool) -> String {
    let Some(answer) = answer else { return "cut".to_owned() };
    // Control's own date is the wall clock's.
    let headers = answer.headers.iter().filter(|(name, _)| !is_control || *name != "date");
    let headers =
        headers.map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value.as_bytes())));
    let mut headers: Vec<String> = headers.collect();
    headers.sort();
    format!("{} {} {}", answer.status, headers.join(" "), answer.body)
}
