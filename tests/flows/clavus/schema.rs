//! The schema, lenient and strict (3, 3.1).

use serde_json::{Value, json};

use super::{ask, ask_with, data, refusal};
use crate::support::App;

const TYPES: &str = "{ __schema { queryType { name } mutationType { name } subscriptionType { name } directives { name } types {
    kind name fields(includeDeprecated: true) { name isDeprecated args { name defaultValue type { ...T } } type { ...T } }
    inputFields { name type { ...T } } enumValues { name } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A type as SDL writes it.
fn text(kind: &Value) -> String {
    match kind["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", text(&kind["ofType"])),
        Some("LIST") => format!("[{}]", text(&kind["ofType"])),
        _ => kind["name"].as_str().expect("a name").to_owned(),
    }
}

/// The types of Clavus as `Type.field(argument: Type): Type`, as introspection tells them.
async fn introspected(app: &App) -> Vec<String> {
    let answer = data(app, TYPES).await;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let built_in = ["Int", "Float", "String", "Boolean", "ID"];
    let mut lines = Vec::new();
    for kind in list(&answer["__schema"]["types"]) {
        let name = kind["name"].as_str().expect("a name");
        if name.starts_with("__") || built_in.contains(&name) {
            continue;
        }
        for field in list(&kind["fields"]).iter().chain(&list(&kind["inputFields"])) {
            let arguments: Vec<String> = list(&field["args"])
                .iter()
                .map(|argument| {
                    format!("{}: {}", argument["name"].as_str().expect("a name"), text(&argument["type"]))
                })
                .collect();
            let arguments =
                if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
            let old = if field["isDeprecated"] == true { " @deprecated" } else { "" };
            lines.push(format!(
                "{name}.{}{arguments}: {}{old}",
                field["name"].as_str().expect("a name"),
                text(&field["type"])
            ));
        }
        lines.extend(
            list(&kind["enumValues"])
                .iter()
                .map(|value| format!("{name}.{}", value["name"].as_str().expect("a name"))),
        );
        if kind["kind"] == "SCALAR" {
            lines.push(format!("scalar {name}"));
        }
    }
    lines
}

const DOCUMENTED: &str = "\
Query.erpEnrAPI: ErpEnrAPI!
ErpEnrAPI.getFolders(page: Int!, itemParPage: Int!, search: String, columns: [String], filterColumns: [FilterInput], sortBy: [SortByInput]): FolderList!
ErpEnrAPI.getColumns(page: Int!, itemParPage: Int!): [Column!]!
ErpEnrAPI.getTeams: [Team!]!
ErpEnrAPI.getUsers(teamId: ID): [User!]!
ErpEnrAPI.getValuesByIds(ids: [ID!]!): [FolderValues!]!
FolderList.totalCount: Int!
FolderList.results: [Folder!]!
Folder.id: ID!
Folder.columns: [FolderColumn!]!
FolderColumn.id: ID!
FolderColumn.name: String!
FolderColumn.value: String
Column.id: ID!
Column.label: String!
Team.id: ID!
Team.name: String!
Team.description: String
Team.color: String
User.id: ID!
User.firstName: String
User.lastName: String
User.email: String
FolderValues.id: ID!
FolderValues.values: [FolderValue!]!
FolderValue.id: ID!
FolderValue.name: String!
FolderValue.label: String!
FolderValue.value: String
FilterInput.column: String!
FilterInput.operator: String!
FilterInput.value: FilterValue
SortByInput.column: String!
SortByInput.direction: String
scalar FilterValue
Mutation.upsertProspect(id: ID, firstName: String, lastName: String, address: String, postalCode: String, email: String, phone: String, type: ProspectTypeEnum, siren: String, puissanceKc: Float, prixHT: String, gps: [String!], commercialNote: String): Prospect
ProspectTypeEnum.MORAL
ProspectTypeEnum.PHYSIQUE
Prospect.id: ID!
Prospect.firstName: String
Prospect.lastName: String
Prospect.address: String
Prospect.postalCode: String
Prospect.email: String
Prospect.phone: String
Prospect.type: ProspectTypeEnum
Prospect.siren: String
Prospect.puissanceKc: Float
Prospect.prixHT: String
Prospect.gps: [String!]
Prospect.commercialNote: String";

async fn strict() -> App {
    App::scenario("name: s\nstrict: true").await
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_mode_has_the_sheets_schema_and_lenient_mode_three_fields_more() {
    let documented: Vec<&str> = DOCUMENTED.lines().collect();
    assert_eq!(introspected(&strict().await).await, documented);
    let mut lenient = introspected(&App::start().await).await;
    lenient.retain(|line| !documented.contains(&line.as_str()));
    let more = [
        "Query.getTeams: [Team!]! @deprecated",
        "User.firstname: String @deprecated",
        "User.lastname: String @deprecated",
    ];
    assert_eq!(lenient, more);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_readings_of_the_page_work_unless_strict() {
    let (lenient, strict) = (App::start().await, strict().await);
    let teams = "{ getTeams { id } }";
    assert_eq!(data(&lenient, teams).await["getTeams"][0], json!({ "id": "1" }));
    let message = "Cannot query field \"getTeams\" on type \"Query\".";
    assert_eq!(
        refusal(&ask(&strict, teams).await),
        (message.to_owned(), "GRAPHQL_VALIDATION_FAILED".to_owned())
    );
    let users = "{ erpEnrAPI { getUsers(teamId: \"1\") { firstname lastname } } }";
    assert_eq!(
        data(&lenient, users).await["erpEnrAPI"]["getUsers"][0],
        json!({ "firstname": "John", "lastname": "Doe" })
    );
    let message =
        "Cannot query field \"firstname\" on type \"User\". Did you mean \"firstName\" or \"lastName\"?";
    assert_eq!(refusal(&ask(&strict, users).await).0, message);
    let values = "query($i: [String!]!) { erpEnrAPI { getValuesByIds(ids: $i) { id } } }";
    let variables = json!({ "i": ["abc123"] });
    let answer = ask_with(&lenient, values, variables.clone()).await;
    assert_eq!(answer.json()["data"]["erpEnrAPI"]["getValuesByIds"], json!([{ "id": "abc123" }]));
    let message = "Variable \"$i\" of type \"[String!]!\" used in position expecting type \"[ID!]!\".";
    assert_eq!(refusal(&ask_with(&strict, values, variables).await).0, message);
    let filter = |operator: &str, value: &str| {
        format!(
            "{{ erpEnrAPI {{ getFolders(page: 1, itemParPage: 1, filterColumns: [{{column: \"commercial\", operator: \"{operator}\", value: {value}}}]) {{ totalCount }} }} }}"
        )
    };
    assert_eq!(data(&lenient, &filter("==", "3")).await["erpEnrAPI"]["getFolders"]["totalCount"], 0);
    let answer = ask(&strict, &filter("=", "3")).await;
    assert_eq!(
        (answer.status.as_u16(), refusal(&answer).0.as_str()),
        (400, "String cannot represent a non string value: 3")
    );
    assert_eq!(refusal(&ask(&strict, &filter("==", "\"3\"")).await).0, "Unknown operator \"==\"");
    // The name that people see is no id.
    assert_eq!(data(&lenient, &filter("=", "\"John\"")).await["erpEnrAPI"]["getFolders"]["totalCount"], 2);
    assert_eq!(data(&strict, &filter("=", "\"John\"")).await["erpEnrAPI"]["getFolders"]["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_type_can_be_asked_for() {
    let app = App::start().await;
    let query = "{ __type(name: \"User\") { name kind fields { name } } none: __type(name: \"Nope\") { name } __typename }";
    let fields = ["id", "firstName", "lastName", "email"].map(|name| json!({ "name": name }));
    let expected = json!({ "__type": { "name": "User", "kind": "OBJECT", "fields": fields }, "none": null, "__typename": "Query" });
    assert_eq!(data(&app, query).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_field_and_argument_says_what_it_is_for() {
    let query = "{ __schema { types { name description enumValues { name description } inputFields { name description }
        fields(includeDeprecated: true) { name description args { name description } } } } }";
    let answer = data(&App::start().await, query).await;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let built_in = ["Int", "Float", "String", "Boolean", "ID"];
    let types = list(&answer["__schema"]["types"]).into_iter();
    let own = types.filter(|kind| {
        let name = kind["name"].as_str().expect("a name");
        !name.starts_with("__") && !built_in.contains(&name)
    });
    let mut silent = Vec::new();
    let mut hear = |inside: &str, thing: &Value| {
        if thing["description"].as_str().is_none_or(str::is_empty) {
            silent.push(format!("{inside}{}", thing["name"]));
        }
    };
    for kind in own {
        hear("", &kind);
        let members = ["enumValues", "inputFields", "fields"].map(|part| list(&kind[part])).concat();
        for member in members {
            hear(&format!("{}.", kind["name"]), &member);
            for argument in list(&member["args"]) {
                hear(&format!("{}.{} ", kind["name"], member["name"]), &argument);
            }
        }
    }
    assert!(silent.is_empty(), "{silent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_names_only_places_that_older_clients_know() {
    let query = "{ __schema { directives { name locations isRepeatable } } __type(name: \"__DirectiveLocation\") { enumValues { name } } }";
    let answer = data(&App::start().await, query).await;
    let directives = answer["__schema"]["directives"].as_array().expect("directives");
    let names: Vec<&Value> = directives.iter().map(|directive| &directive["name"]).collect();
    assert_eq!(names, ["include", "skip", "deprecated", "specifiedBy", "oneOf"]);
    assert!(!answer.to_string().contains("DIRECTIVE_DEFINITION"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_can_be_switched_off() {
    let app = App::scenario("name: i\nservers: { clavus: { settings: { introspection: false } } }").await;
    for query in [
        "{ __schema { queryType { name } } }",
        "{ ...F } fragment F on Query { __type(name: \"Team\") { name } }",
    ] {
        let answer = ask(&app, query).await;
        assert_eq!((answer.status.as_u16(), refusal(&answer).1.as_str()), (400, "GRAPHQL_VALIDATION_FAILED"));
    }
    data(&app, "{ __typename }").await;
}
