//! 8sens: a key, and a token from the login.

use reqwest::Method;

use super::{Sample, SignIn};

const API_KEY: &str = "ZghY887665YhGH";

pub(super) const SAMPLE: Sample = Sample {
    slug: "8sens",
    sign_in: SignIn::Token {
        path: "/v1/login/user",
        with: || {
            vec![
                ("api_key", API_KEY.to_owned()),
                ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ]
        },
        body: "login=CLIENTREST&password=clientrest",
        member: "access_token",
        then: |token| vec![("api_key", API_KEY.to_owned()), ("access_token", token.to_owned())],
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
};
