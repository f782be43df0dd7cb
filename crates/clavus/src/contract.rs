//! What is documented of the API: the schema, and the HTTP calls around it (fact sheet 2, 3, 10).

use graphql_js::schema::Type;
use serde_json::{Value, json};
use simcore::contract::{Answer, Contract, Fact, Holds, JSON, Member, Operation, Parameter, Scheme, Shape};
use simcore::entity::model::Model;
use simcore::entity::profile::{Evidence, FieldKind, Profile};
use simcore::entity::settings::Settings;

use crate::endpoint::is_for_playground;
use crate::schema::{added, documented, of_profile};

/// What of the schema no source shows; the rest is the seed's (fact sheet 3).
const ASSUMED: [&str; 1] = ["ProspectTypeEnum.PHYSIQUE"];

const QUERY: &str = "{ erpEnrAPI { getColumns(page: 1, itemParPage: 25) { id label } } }";

pub(crate) fn contract(model: &Model, settings: &Settings) -> Contract {
    let mut contract = Contract::new("2", "");
    contract.text = Some(of_profile(false, &model.profile));
    contract.security = vec![vec![Scheme {
        name: "key",
        header: "Authorization".to_owned(),
        variable: "api_key",
        mistaken: &["x-api-key", "api-key", "apikey", "api_key", "token", "x-auth-token", "key"],
        openapi: json!({ "type": "http", "scheme": "bearer", "description": "The API key." }),
    }]];
    contract.named = facts(&model.profile);
    contract.refusals = refusals();
    contract.operations = vec![post(settings), get(settings), download(), content()];
    contract
}

/// Every field, argument and value of the schema.
fn facts(profile: &Profile) -> Vec<Fact> {
    let schema = documented(profile);
    let mut facts = Vec::new();
    let mut add = |kind, name: String, about: String| {
        let of_user = name.split_once('.').and_then(|(on, field)| added(profile, on, field));
        let usual = if ASSUMED.contains(&name.as_str()) { Evidence::Assumed } else { Evidence::Seed };
        let evidence = of_user.unwrap_or(usual);
        facts.push(Fact { kind, name, evidence, about });
    };
    for (on, kind) in schema.types.iter().filter(|(on, _)| !on.starts_with("__")) {
        match kind {
            Type::Scalar => {}
            Type::Enum(values) => {
                for value in values {
                    add("field", format!("{on}.{value}"), String::new());
                }
            }
            Type::Input(fields) => {
                for (name, field) in fields {
                    add("field", format!("{on}.{name}"), field.kind.to_string());
                }
            }
            Type::Object(fields) => {
                for (name, field) in fields {
                    let is_call = matches!(on.as_str(), "ErpEnrAPI" | "Mutation");
                    let kind = if is_call { "operation" } else { "field" };
                    add(kind, format!("{on}.{name}"), field.kind.to_string());
                    for (argument, description) in &field.arguments {
                        let name = format!("{on}.{name}({argument})");
                        add("parameter", name, description.kind.to_string());
                    }
                }
            }
        }
    }
    facts
}

fn text() -> Shape {
    Shape::kind(FieldKind::Text)
}

fn answer(status: u16, about: &'static str, evidence: Evidence) -> Answer {
    Answer::json(status, about, Shape::Anything, evidence)
}

fn refusals() -> Vec<Answer> {
    vec![
        answer(400, "The request cannot be read, or the document is not valid.", Evidence::Doc),
        answer(401, "No API key, or one that is not in force.", Evidence::Assumed),
        answer(405, "The path does not take this verb, or GET a mutation.", Evidence::Doc),
        answer(413, "The body is too large.", Evidence::Assumed),
        answer(429, "Too many requests: when a setting limits them.", Evidence::Doc),
        answer(431, "The headers are too large.", Evidence::Assumed),
        answer(500, "Anything else.", Evidence::Assumed),
    ]
}

/// Data and errors of an operation; a bad key and variables that do not fit have the statuses that settings say.
fn graphql(operation: Operation, settings: &Settings) -> Operation {
    let mut operation = operation.answers(answer(200, "Data, errors, or both.", Evidence::Doc));
    for (setting, about) in [
        ("auth_error_status", "No API key, or one that is not in force."),
        ("variable_error_status", "Variables that do not fit."),
    ] {
        let status = u16::try_from(settings.integer(setting)).unwrap_or(200);
        let known = operation.answers.iter().map(|answer| answer.status).chain([400, 401]);
        if !known.into_iter().any(|known| known == status) {
            operation = operation.answers(answer(status, about, Evidence::Assumed));
        }
    }
    operation
}

fn post(settings: &Settings) -> Operation {
    let maybe = |shape| Member::maybe(shape, Evidence::Doc);
    let body = Shape::object([
        ("query", Member::maybe(text(), Evidence::Doc)),
        ("variables", maybe(Shape::Map(Box::new(Shape::Anything)))),
        ("operationName", maybe(text())),
        ("extensions", maybe(Shape::Map(Box::new(Shape::Anything)))),
    ]);
    let operation = Operation::new("POST", "/api/external/graphql", "graphql", Evidence::Seed)
        .about("GraphQL", "Run an operation.")
        .takes(&[JSON], body, json!({ "query": QUERY }));
    graphql(operation, settings)
}

fn get(settings: &Settings) -> Operation {
    let parameter = |name: &'static str, about: &'static str, example: Value| {
        Parameter::query(name, Holds::kind(FieldKind::Text), Evidence::Doc).about(about).example(example)
    };
    let operation = Operation::new("GET", "/api/external/graphql", "graphqlByGet", Evidence::Assumed)
        .about("GraphQL", "Run a query; without one, in a browser, the playground.")
        .with([
            parameter("query", "The document.", QUERY.into()),
            parameter("variables", "Variables as JSON.", Value::Null),
            parameter("operationName", "Which operation of the document.", Value::Null),
            parameter("extensions", "Of Apollo's persisted queries, as JSON.", Value::Null),
        ])
        .open_to(is_for_playground);
    graphql(operation, settings)
}

fn download() -> Operation {
    let body = Shape::object([("fileId", Member::always(text(), Evidence::Doc))]);
    Operation::new("POST", "/api/downloadFile", "downloadFile", Evidence::Doc)
        .about("Files", "Get a link to a file.")
        .takes(&[JSON], body, json!({ "fileId": "devis-001" }))
        .answers(Answer::json(200, "The link.", Shape::Anything, Evidence::Doc))
        .answers(Answer::json(404, "There is no such file.", Shape::Anything, Evidence::Doc))
}

/// Behind the links that [`download`] gives: whoever has one may follow it.
fn content() -> Operation {
    let parameter =
        |name: &'static str| Parameter::query(name, Holds::kind(FieldKind::Text), Evidence::Assumed);
    let file = Parameter::path("file", FieldKind::Text, "devis-001");
    Operation::new("GET", "/__s3/{file}", "fileContent", Evidence::Assumed)
        .about("Files", "Follow a link to a file.")
        .open(None)
        .with([file, parameter("X-Amz-Expires"), parameter("X-Amz-Date"), parameter("X-Amz-Signature")])
        .answers(Answer::json(200, "The file.", Shape::Bytes, Evidence::Assumed))
        .answers(Answer::json(403, "The link has expired or is no link.", Shape::Bytes, Evidence::Assumed))
        .answers(Answer::json(404, "The file is gone.", Shape::Bytes, Evidence::Assumed))
}
