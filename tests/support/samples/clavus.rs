//! Clavus: an API key as bearer token.

use reqwest::Method;

use super::{Sample, SignIn};

pub(super) const SAMPLE: Sample = Sample {
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
};
