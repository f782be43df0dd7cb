//! What a client asks of each server, so that most of what can differ is seen. Verb, path, body.

use reqwest::Method;
use serde_json::Value;
use simcore::Loaded;

use crate::support::samples::Client;
use crate::support::{App, send};

type Ask = (&'static str, &'static str, &'static str);

const ONLINEERP: &[Ask] = &[
    ("GET", "/api/Entity/Product", ""),
    ("GET", "/api/Entity/Product/BOLT-M8", ""),
    ("GET", "/api/Entity/Product?$top=4&$orderby=NoProduit desc", ""),
    ("GET", "/api/Entity/Product?$skip=2&$top=2", ""),
    ("GET", "/api/Entity/Customer", ""),
    ("GET", "/api/Entity/CustomerInvoice", ""),
    ("GET", "/api/Entity/SupplierInvoice", ""),
    ("GET", "/api/Entity/SupplierOrder", ""),
    ("GET", "/api/Entity/GLAccount", ""),
    ("GET", "/api/Entity/Supplier", ""),
    ("GET", "/api/Entity/Product/NIX", ""),
    ("GET", "/api/Entity/Nix", ""),
    ("GET", "/api/Entity/Product?$filter=Nix eq 3", ""),
    (
        "POST",
        "/api/Entity/Product",
        r#"{"NoProduit":"CANARY-1","Description":"canary words","PrixVente":3.5}"#,
    ),
    ("POST", "/api/Entity/Product", r#"{"NoProduit":"CANARY-1","Description":"canary words"}"#),
    ("PUT", "/api/Entity/Product/CANARY-1", r#"{"Description":"canary again"}"#),
    ("GET", "/api/Entity/Product/CANARY-1", ""),
    ("DELETE", "/api/Entity/Product/CANARY-1", ""),
    (
        "POST",
        "/api/Entity/CustomerInvoice",
        r#"{"InfoClientFacturerA":{"NoClient":"C0187"},"LigneFacture":[{"strNoProduit":"BOLT-M8","QteFacture":2}]}"#,
    ),
    ("POST", "/api/Entity/Customer", r#"{"NomClient":3}"#),
];

const EIGHTSENS: &[Ask] = &[
    ("GET", "/v1/client", ""),
    ("GET", "/v1/article", ""),
    ("GET", "/v1/article?limit=2", ""),
    ("GET", "/v1/article?limit=2&page=2", ""),
    ("GET", "/v1/article/1001", ""),
    ("GET", "/v1/devis", ""),
    ("GET", "/v1/commande", ""),
    ("GET", "/v1/prospect", ""),
    ("GET", "/v1/client/99999", ""),
    ("GET", "/v1/nix", ""),
    ("GET", "/v1/client?limit=9999", ""),
    ("POST", "/v1/client", r#"{"cliRaisonSociale":"canary words","cliRefExterne":"CANARY-1"}"#),
    ("GET", "/v1/client/88", ""),
    ("PUT", "/v1/client/88", r#"{"cliRefExterne":"CANARY-2"}"#),
    ("POST", "/v1/devis", r#"{"cliID":88,"lignes":[{"artID":1001,"quantite":2}]}"#),
    ("GET", "/v1/devis/541", ""),
    ("DELETE", "/v1/devis/541", ""),
    ("POST", "/v1/client", r#"{"cliNix":"canary"}"#),
    ("PATCH", "/v1/client", ""),
];

const COMARCH_XT: &[Ask] = &[
    ("GET", "/api2/public/products", ""),
    ("GET", "/api2/public/customers", ""),
    ("GET", "/api2/public/invoices", ""),
    ("GET", "/api2/public/proformas", ""),
    ("GET", "/api2/public/paymenttypes", ""),
    ("GET", "/api2/public/bankaccounts", ""),
    ("GET", "/api2/public/products/10906701", ""),
    ("GET", "/api2/public/products/1", ""),
    ("GET", "/api2/public/nix", ""),
    ("GET", "/api2/public/products?$top=3&$orderby=Name desc", ""),
    (
        "POST",
        "/api2/public/products",
        r#"{"Name":"canary words","UnitOfMeasurment":"Stk.","Rate":9,"SaleNetPrice":20.0}"#,
    ),
    ("GET", "/api2/public/products/10906781", ""),
    ("DELETE", "/api2/public/products/10906781", ""),
    ("POST", "/api2/public/products", r#"{"Rate":9}"#),
    (
        "POST",
        "/api2/public/invoices",
        r#"{"PaymentStatus":0,"PurchasingPartyId":529801,"PaymentTypeId":10260102,"SalesDate":"2026-03-02","IssueDate":"2026-03-02","Items":[{"ProductId":10906701,"Quantity":2,"ProductCurrencyNetPrice":40.0}]}"#,
    ),
];

const WEAVY: &[Ask] = &[
    ("GET", "/v1/Data/DEMO/product", ""),
    ("GET", "/v1/Data/DEMO/customer", ""),
    ("GET", "/v1/Data/DEMO/customer/C0000001", ""),
    ("GET", "/v1/Data/DEMO/intervention", ""),
    ("GET", "/v1/Data/DEMO/contract", ""),
    ("GET", "/v1/Data/DEMO/equipment", ""),
    ("GET", "/v1/Data/DEMO/deal", ""),
    ("GET", "/v1/Data/DEMO/supplier", ""),
    ("GET", "/v1/Data/DEMO/customer/NIX", ""),
    ("GET", "/v1/Data/DEMO/nix", ""),
    ("GET", "/v1/Nix", ""),
    ("POST", "/v1/Data/DEMO/product", r#"{"product_ID":"CANARY1","description":"canary words"}"#),
    ("PUT", "/v1/Data/DEMO/product/CANARY1", r#"{"description":"canary again"}"#),
    ("GET", "/v1/Data/DEMO/product/CANARY1", ""),
    ("DELETE", "/v1/Data/DEMO/product/CANARY1", ""),
    (
        "POST",
        "/v1/Data/DEMO/Select",
        r#"{"entityName":"product","limit":6,"sortFields":[{"fieldName":"description","sortOrder":"Descending"}]}"#,
    ),
    ("POST", "/v1/Data/DEMO/product", r#"{"nix":"canary"}"#),
];

const CLAVUS: &[Ask] = &[
    (
        "POST",
        "/api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getColumns(page: 1, itemParPage: 25) { id label } } }"}"#,
    ),
    ("POST", "/api/external/graphql", r#"{"query":"{ erpEnrAPI { getTeams { id name } } }"}"#),
    (
        "POST",
        "/api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getUsers { id firstName lastName email } } }"}"#,
    ),
    (
        "POST",
        "/api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getFolders(page: 1, itemParPage: 5) { totalCount results { id columns { name value } } } } }"}"#,
    ),
    (
        "POST",
        "/api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getValuesByIds(ids: [\"abc123\"]) { id values { name value } } } }"}"#,
    ),
    ("POST", "/api/external/graphql", r#"{"query":"{ erpEnrAPI { getFoldrs(page: 1) { totalCount } } }"}"#),
    (
        "POST",
        "/api/external/graphql",
        r#"{"query":"mutation { upsertProspect(firstName: \"canary\", lastName: \"words\") { id } }"}"#,
    ),
    ("POST", "/api/external/graphql", r#"{"query":"{ erpEnrAPI { "}"#),
    (
        "POST",
        "/api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getFolders(page: 1, itemParPage: 6, sortBy: [{ column: \"client.nom\", direction: \"desc\" }]) { results { id columns { name value } } } } }"}"#,
    ),
    (
        "POST",
        "/api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getFolders(page: 1, itemParPage: 5, filterColumns: [{ column: \"nix\", operator: \"=\", value: \"x\" }]) { totalCount } } }"}"#,
    ),
    (
        "POST",
        "/api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getFolders(page: -1, itemParPage: 5) { totalCount } } }"}"#,
    ),
    ("POST", "/api/external/graphql", r#"[{"query":"{ erpEnrAPI { getTeams { id } } }"}]"#),
    ("POST", "/api/external/graphql", r#"{"query":5}"#),
    ("POST", "/api/external/graphql", r#"{"query":"{ erpEnrAPI { getTeams { id } } }","variables":"x"}"#),
    ("POST", "/api/downloadFile", r#"{"fileId":"nix"}"#),
    ("POST", "/api/downloadFile", r"{}"),
    // A twin may have fields that the server has not; elsewhere they are refused.
    ("POST", "/api/external/graphql", PLANTED_TEAMS),
    ("POST", "/api/external/graphql", PLANTED_USERS),
    ("POST", "/api/external/graphql", PLANTED_COLUMNS),
    ("POST", "/api/external/graphql", PLANTED_FOLDERS),
    ("POST", "/api/external/graphql", PLANTED_VALUES),
];

macro_rules! planted {
    ($before:literal, $after:literal) => {
        concat!(
            r#"{"query":"{ erpEnrAPI { "#,
            $before,
            " id plantedA plantedB plantedC plantedD plantedE plantedF plantedG plantedH plantedI plantedJ ",
            $after,
            r#" } }"}"#
        )
    };
}

const PLANTED_TEAMS: &str = planted!("getTeams {", "}");
const PLANTED_USERS: &str = planted!("getUsers {", "}");
const PLANTED_COLUMNS: &str = planted!("getColumns(page: 1, itemParPage: 5) {", "}");
const PLANTED_FOLDERS: &str = planted!("getFolders(page: 1, itemParPage: 5) { results {", "} }");
const PLANTED_VALUES: &str = planted!(r#"getValuesByIds(ids: [\"abc123\"]) {"#, "}");

fn asks(slug: &str) -> &'static [Ask] {
    match slug {
        "onlineerp" => ONLINEERP,
        "8sens" => EIGHTSENS,
        "comarch-xt" => COMARCH_XT,
        "weavy" => WEAVY,
        _ => CLAVUS,
    }
}

/// Has a client live its life at a server, and gives the archive of it. The client knows what the profile of that server
/// has elsewhere and by other names.
pub(super) async fn recorded(app: &App, slug: &'static str, profile: Option<&Value>) -> Vec<u8> {
    let client = Client::of(app, slug).await;
    let sim = erpsatz::registry::find(slug).unwrap();
    let text = profile.map(Value::to_string);
    let twin = Loaded::new(sim, text.as_deref().map(|text| ("twin", text))).unwrap();
    let contract = twin.usual_contract();
    for (method, target, body) in asks(slug) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = contract.moved(method, path).unwrap_or_else(|| twin.renames.path(path).into_owned());
        let mark = if query.is_empty() { "" } else { "?" };
        let (mut query, mut body) = (query.to_owned(), (*body).to_owned());
        if !twin.renames.is_empty() {
            query = twin.renames.query(&query, sim.documents_in);
            body = twin.renames.json(&body, sim.names_in, sim.documents_in);
        }
        let method: Method = method.parse().unwrap();
        send(client.request(method, &format!("{path}{mark}{query}"), body)).await;
    }
    let (_, path, _) = asks(slug)[0];
    send(app.request(slug, Method::GET, path)).await;
    let archive = send(app.control(Method::GET, "/sandboxes/default/journal.har")).await;
    let count = archive.json()["log"]["entries"].as_array().map(Vec::len);
    assert!(count > Some(asks(slug).len()), "{count:?}");
    archive.body.into_bytes()
}
