//! The samples: one struct a vendor.

use reqwest::Method;

use super::{Sample, SignIn};
use crate::support::basic;

/// One a simulator; `every_simulator_has_a_sample_that_works` says when one is missing.
pub(crate) const ALL: &[Sample] = &[ONLINEERP, EIGHTSENS, COMARCH_XT, WEAVY, CLAVUS];

/// OnlineERP: HTTP Basic with every request.
const ONLINEERP: Sample = Sample {
    slug: "onlineerp",
    sign_in: SignIn::Always(|| vec![("authorization", basic("DEMO-LICENCE", "demo-secret"))]),
    read: (Method::GET, "/api/Entity/Product", ""),
    write: (Method::POST, "/api/Entity/Product", r#"{"NoProduit":"SAMPLE-{n}","Description":"Échantillon"}"#),
    mark: "SAMPLE-",
    entity: "Product",
    calls: &[
        (Method::GET, "/api/Entity/Product?$filter=PrixVente gt {n}&$orderby=NoProduit desc", ""),
        (Method::GET, "/api/Entity/Product?$skip={n}&$top=2", ""),
        (Method::GET, "/api/Entity/CustomerInvoice", ""),
        (Method::POST, "/api/Entity/ProductTrail", r#"{"NoProduit":"BOLT-M8","Quantitee":{n}}"#),
        (Method::POST, "/api/Entity/ProductTrail", r#"[{"NoProduit":"SAMPLE-{n}","Quantitee":1}]"#),
        (
            Method::POST,
            "/api/Entity/CustomerInvoice",
            r#"{"InfoClientFacturerA":{"NoClient":"C0187"},"LigneFacture":[{"strNoProduit":"BOLT-M8","QteFacture":{n}}]}"#,
        ),
        (Method::PUT, "/api/Entity/Product/SAMPLE-{n}", r#"{"Description":"changed {n}"}"#),
    ],
    controls: &[
        (
            Method::POST,
            "faults",
            r#"{"server":"onlineerp","when":{"rate":0.3,"times":{n}},"then":{"status":503}}"#,
        ),
        (Method::POST, "data/onlineerp/Product", r#"{"NoProduit":"CONTROL-{n}","QteEnMain":7}"#),
        (Method::DELETE, "data/onlineerp/Product/CONTROL-{n}", ""),
        (Method::POST, "actions/onlineerp/robot-offline", "{}"),
        (Method::POST, "actions/onlineerp/robot-online", "{}"),
        (Method::POST, "actions/onlineerp/robot-online", "{}"),
    ],
    settings: &[],
};

const EIGHTSENS_KEY: &str = "ZghY887665YhGH";

/// 8sens: a key, and a token from the login.
const EIGHTSENS: Sample = Sample {
    slug: "8sens",
    sign_in: SignIn::Token {
        path: "/v1/login/user",
        with: || {
            vec![
                ("api_key", EIGHTSENS_KEY.to_owned()),
                ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ]
        },
        body: "login=CLIENTREST&password=clientrest",
        member: "access_token",
        then: |token| vec![("api_key", EIGHTSENS_KEY.to_owned()), ("access_token", token.to_owned())],
    },
    read: (Method::GET, "/v1/article", ""),
    write: (Method::POST, "/v1/client", r#"{"cliRaisonSociale":"Échantillon {n}","cliRefExterne":"S-{n}"}"#),
    mark: "Échantillon ",
    entity: "client",
    calls: &[
        (Method::POST, "/v1/devis", r#"{"cliID":30,"lignes":[{"artID":1001,"quantite":{n}}]}"#),
        (Method::GET, "/v1/devis", ""),
        (Method::PUT, "/v1/client/30", r#"{"cliRefExterne":"R{n}"}"#),
        (Method::DELETE, "/v1/client/3{n}", ""),
        (Method::POST, "/v1/prospect", r#"{"proRaisonSociale":"Prospect {n}"}"#),
    ],
    controls: &[
        (Method::POST, "faults", r#"{"server":"8sens","then":{"rate_limit":{"limit":3,"per":"PT{n}M"}}}"#),
        (Method::POST, "actions/8sens/set-stock", r#"{"article":"1001","quantity":{n}}"#),
        (Method::POST, "actions/8sens/restart", "{}"),
    ],
    settings: &[],
};

/// Comarch ERP XT: a bearer token by OAuth 2.0 client credentials.
const COMARCH_XT: Sample = Sample {
    slug: "comarch-xt",
    sign_in: SignIn::Token {
        path: "/api2/public/token",
        with: || {
            vec![
                ("authorization", basic("demo-client", "demo-secret")),
                ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ]
        },
        body: "grant_type=client_credentials",
        member: "access_token",
        then: |token| vec![("authorization", format!("Bearer {token}"))],
    },
    read: (Method::GET, "/api2/public/products", ""),
    write: (
        Method::POST,
        "/api2/public/products",
        r#"{"Name":"Muster {n}","UnitOfMeasurment":"Stk.","Rate":9,"SaleNetPrice":20.00}"#,
    ),
    mark: "Muster ",
    entity: "products",
    calls: &[
        (
            Method::POST,
            "/api2/public/invoices",
            r#"{"PaymentStatus":0,"PurchasingPartyId":529801,"PaymentTypeId":10260102,"SalesDate":"2026-03-0{n}","IssueDate":"2026-03-02","Items":[{"ProductId":10906701,"Quantity":{n},"ProductCurrencyNetPrice":40.00}]}"#,
        ),
        (Method::GET, "/api2/public/invoices", ""),
        (Method::POST, "/api2/public/customers", r#"{"Name":"Kunde {n}","CustomerType":1}"#),
        (Method::GET, "/api2/public/customers", ""),
        (Method::DELETE, "/api2/public/products/1090670{n}", ""),
    ],
    controls: &[(Method::POST, "data/comarch-xt/products", r#"{"Name":"Control {n}"}"#)],
    settings: &[],
};

/// Divalto weavy: a bearer token by name and password.
const WEAVY: Sample = Sample {
    slug: "weavy",
    sign_in: SignIn::Token {
        path: "/v1/Authenticate",
        with: || vec![("content-type", "application/json".to_owned())],
        body: r#"{"scope":"API","projectCode":"DEMO","userName":"api","password":"api"}"#,
        member: "authToken",
        then: |token| vec![("authorization", format!("Bearer {token}"))],
    },
    read: (Method::GET, "/v1/Data/DEMO/product", ""),
    write: (
        Method::POST,
        "/v1/Data/DEMO/product",
        r#"{"product_ID":"SAMPLE-{n}","description":"Échantillon"}"#,
    ),
    mark: "SAMPLE-",
    entity: "product",
    calls: &[
        (
            Method::POST,
            "/v1/Data/DEMO/DataSet?deleteMode=2&serverExport=0",
            r#"{"customer":{"customer_ID":"DS{n}","name":"Set","intervention":[{"intervention_ID":"DS{n}-1","title":"one"}]}}"#,
        ),
        (
            Method::POST,
            "/v1/Data/DEMO/BulkImport",
            r#"{"entityName":"customer","rows":[{"customer_ID":"B{n}","name":"x"},{"customer_ID":"B1","name":"y"}]}"#,
        ),
        (Method::GET, "/v1/Data/DEMO/customer", ""),
        (Method::DELETE, "/v1/Data/DEMO/customer/B{n}", ""),
        (Method::PUT, "/v1/Data/DEMO/customer/C000000{n}", r#"{"name":"changed"}"#),
    ],
    controls: &[
        (Method::POST, "faults", r#"{"server":"weavy","when":{"nth":{n}},"then":{"lose_response":true}}"#),
        (Method::POST, "actions/weavy/set-licences", r#"{"licences":{n}}"#),
    ],
    settings: &[],
};

/// Clavus: an API key as bearer token.
const CLAVUS: Sample = Sample {
    slug: "clavus",
    sign_in: SignIn::Always(|| vec![("authorization", "Bearer demo-key".to_owned())]),
    read: (
        Method::POST,
        "/api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getFolders(page: 1, itemParPage: 5) { totalCount results { id columns { name value } } } } }"}"#,
    ),
    write: (
        Method::POST,
        "/api/external/graphql",
        r#"{"query":"mutation { upsertProspect(firstName: \"P-{n}\") { id } }"}"#,
    ),
    mark: "P-",
    entity: "prospects",
    calls: &[
        (
            Method::POST,
            "/api/external/graphql",
            r#"{"query":"{ erpEnrAPI { getFolders(page: {n}, itemParPage: 3, search: \"a\") { totalCount results { id } } } }"}"#,
        ),
        (
            Method::POST,
            "/api/external/graphql",
            r#"{"query":"{ erpEnrAPI { getValuesByIds(ids: [\"abc123\"]) { id values { name value } } } }"}"#,
        ),
        (
            Method::POST,
            "/api/external/graphql",
            r#"{"query":"mutation { upsertProspect(firstName: \"P-{n}\", lastName: \"L\") { id } }"}"#,
        ),
        (
            Method::POST,
            "/api/external/graphql",
            r#"{"query":"mutation { upsertProspect(id: \"p{n}\", prixHT: \"{n}.00\") { id } }"}"#,
        ),
    ],
    controls: &[(Method::POST, "data/clavus/prospects", r#"{"firstName":"Control {n}"}"#)],
    settings: &[],
};

/// The template of a vendor (`examples/vendor-template`): a key with every request.
pub(super) const TEMPLATE: Sample = Sample {
    slug: "helpdesk",
    sign_in: SignIn::Always(|| vec![("x-api-key", "demo-key".to_owned())]),
    read: (Method::GET, "/api/customers", ""),
    write: (Method::POST, "/api/customers", r#"{"name":"SAMPLE-{n}"}"#),
    mark: "SAMPLE-",
    entity: "customer",
    calls: &[
        (Method::GET, "/api/tickets?state=open&limit={n}", ""),
        (Method::POST, "/api/tickets", r#"{"customer":"C-0001","subject":"{n}","priority":{n}}"#),
        (Method::PATCH, "/api/tickets/T-000{n}", r#"{"priority":{n}}"#),
        (Method::POST, "/api/tickets/T-000{n}/close", ""),
    ],
    controls: &[],
    settings: &[
        ("close_needs_answer: false", (Method::POST, "/api/tickets/T-0001/close", ""), 200),
        ("api_key: another", (Method::GET, "/api/customers", ""), 401),
        ("error_template: { sorry: '{message}' }", (Method::GET, "/api/tickets/none", ""), 404),
    ],
};
