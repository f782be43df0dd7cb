//! What is documented of the API, from the table of routes and the profile (fact sheet 2.4, 3 to 20).

mod bodies;
mod calls;
mod parts;
mod records;

use serde_json::json;
use simcore::contract::{Answer, Contract, Scheme};
use simcore::entity::model::Model;
use simcore::entity::profile::Evidence;
use simcore::entity::settings::Settings;
use simcore::simulator::route::Rows;

use crate::routes::ROWS;
use calls::Known;

const ABOUT: &str = "Simulated by Erpsatz from what is public of the vendor's API: pages of its documentation, most of \
    them in part, and clients. Where no source shows a path or a shape it is assumed; x-evidence says which. Not a \
    document of the vendor.";

pub(crate) fn contract(model: &Model, settings: &Settings, rows: &Rows<'_>) -> Contract {
    let mut contract = Contract::new("1", ABOUT);
    contract.security = vec![vec![Scheme {
        name: "token",
        header: "Authorization".to_owned(),
        variable: "token",
        mistaken: &["token", "auth-token", "authToken", "x-auth-token", "x-access-token", "x-token"],
        openapi: json!({
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "What Authenticate answers as authToken.",
        }),
    }]];
    contract.refusals = refusals().into_iter().map(with_headers).collect();
    contract.components = records::components(model);
    let known = Known::new(model, settings);
    contract.operations =
        rows.operations(|route, operation| known.call(route, ROWS[route.subject].subject.target, operation));
    contract
}

fn refusal(status: u16, about: &'static str) -> Answer {
    Answer::refusal(status, about, Evidence::Assumed)
}

/// What the server says in the head of a refusal; the quota's headers are in every answer while there is one (fact sheet
/// 18).
fn with_headers(answer: Answer) -> Answer {
    match answer.status {
        401 => answer.header("WWW-Authenticate", "Bearer."),
        429 => answer
            .may_have("X-Rate-Limit-Limit", "The longest window of the quota: second, minute or hour.")
            .may_have("X-Rate-Limit-Remaining", "Calls left in that window.")
            .may_have("X-Rate-Limit-Reset", "When that window ends, in UTC."),
        _ => answer,
    }
}

/// What every call can be answered with (fact sheet 20).
fn refusals() -> Vec<Answer> {
    simcore::contract::refusals(
        Evidence::Assumed,
        [
            (400, "The request cannot be read, or something in it is missing or wrong."),
            (401, "No token, or one that is not valid or has expired."),
            (403, "The token does not open the project or company, or the entity is not open to the API."),
            (404, "There is no such entity or record."),
            (405, "The path does not take this verb."),
            (413, "The body is too large."),
            (429, "The quota of calls is used up."),
            (431, "The headers are too large."),
            (500, "Anything else."),
        ],
    )
}
