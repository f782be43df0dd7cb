//! Divalto weavy: a bearer token by name and password.

use reqwest::Method;

use super::{Sample, SignIn};

pub(super) const SAMPLE: Sample = Sample {
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
};
