//! The template of a vendor: a key with every request.

use reqwest::Method;

use super::{Sample, SignIn};

pub(super) const SAMPLE: Sample = Sample {
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
};
