//! OnlineERP: HTTP Basic with every request.

use reqwest::Method;

use super::{Sample, SignIn};
use crate::support::basic;

pub(super) const SAMPLE: Sample = Sample {
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
};
