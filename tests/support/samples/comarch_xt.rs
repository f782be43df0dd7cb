//! Comarch ERP XT: a bearer token by OAuth 2.0 client credentials.

use reqwest::Method;

use super::{Sample, SignIn};
use crate::support::basic;

pub(super) const SAMPLE: Sample = Sample {
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
};
