//! Messages, codes, places and statuses (10.3 to 10.5).

use serde_json::{Value, json};

use super::{ask, ask_with, refusal};
use crate::support::App;

const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";
const UNREADABLE: &str = "GRAPHQL_PARSE_FAILED";

/// Documents with the code, message and place of their one error; graphql-js 16 says the same of each.
const DOCUMENTS: &[(&str, &str, &str, [u64; 2])] = &[
    ("{", UNREADABLE, "Syntax Error: Expected Name, found <EOF>.", [1, 2]),
    ("{ a(b: 01) }", UNREADABLE, "Syntax Error: Invalid number, unexpected digit after 0: \"1\".", [1, 9]),
    ("{ a(b: \"x\n\") }", UNREADABLE, "Syntax Error: Unterminated string.", [1, 10]),
    ("{ é }", UNREADABLE, "Syntax Error: Unexpected character: U+00E9.", [1, 3]),
    (
        "{ a(b: \"\\u{110000}\") }",
        UNREADABLE,
        "Syntax Error: Invalid Unicode escape sequence: \"\\u{110000}\".",
        [1, 9],
    ),
    ("type Q(", UNREADABLE, "Syntax Error: Unexpected \"(\".", [1, 7]),
    ("foo { a }", UNREADABLE, "Syntax Error: Unexpected Name \"foo\".", [1, 1]),
    ("type X { a: Int }", INVALID, "The \"X\" definition is not executable.", [1, 1]),
    ("{\r\n\n  bad }", INVALID, "Cannot query field \"bad\" on type \"Query\".", [3, 3]),
    (
        "{ erpEnrAPI { getUsers { firstNme } } }",
        INVALID,
        "Cannot query field \"firstNme\" on type \"User\". Did you mean \"firstName\", \"firstname\", \"lastName\", or \"lastname\"?",
        [1, 26],
    ),
    (
        "{ erpEnrAPI { getFolders(page: 1) { totalCount } } }",
        INVALID,
        "Field \"getFolders\" argument \"itemParPage\" of type \"Int!\" is required, but it was not provided.",
        [1, 15],
    ),
    (
        "{ erpEnrAPI { getColumns(page: 1, itemParPage: 1, search: \"x\") { id } } }",
        INVALID,
        "Unknown argument \"search\" on field \"ErpEnrAPI.getColumns\".",
        [1, 51],
    ),
    (
        "{ erpEnrAPI { getColumns(page: \"1\", itemParPage: 1) { id } } }",
        INVALID,
        "Int cannot represent non-integer value: \"1\"",
        [1, 32],
    ),
    (
        "{ erpEnrAPI { getColumns(page: 99999999999, itemParPage: 1) { id } } }",
        INVALID,
        "Int cannot represent non 32-bit signed integer value: 99999999999",
        [1, 32],
    ),
    (
        "mutation { upsertProspect(type: MORALE) { id } }",
        INVALID,
        "Value \"MORALE\" does not exist in \"ProspectTypeEnum\" enum. Did you mean the enum value \"MORAL\"?",
        [1, 33],
    ),
    (
        "mutation { upsertProspect(type: \"MORAL\") { id } }",
        INVALID,
        "Enum \"ProspectTypeEnum\" cannot represent non-enum value: \"MORAL\". Did you mean the enum value \"MORAL\"?",
        [1, 33],
    ),
    (
        "{ erpEnrAPI { getFolders(page: 1, itemParPage: 1, filterColumns: [{column: \"a\"}]) { totalCount } } }",
        INVALID,
        "Field \"FilterInput.operator\" of required type \"String!\" was not provided.",
        [1, 67],
    ),
    (
        "{ erpEnrAPI { getFolders(page: 1, itemParPage: 1, filterColumns: [{column: \"a\", operator: \"=\", values: 3}]) { totalCount } } }",
        INVALID,
        "Field \"values\" is not defined by type \"FilterInput\". Did you mean \"value\"?",
        [1, 96],
    ),
    (
        "{ erpEnrAPI { getFolders(page: 1, itemParPage: 1, sortBy: \"x\") { totalCount } } }",
        INVALID,
        "Expected value of type \"[SortByInput]\", found \"x\".",
        [1, 59],
    ),
    (
        "{ erpEnrAPI { getTeams } }",
        INVALID,
        "Field \"getTeams\" of type \"[Team!]!\" must have a selection of subfields. Did you mean \"getTeams { ... }\"?",
        [1, 15],
    ),
    (
        "{ getTeams { id { x } } }",
        INVALID,
        "Field \"id\" must not have a selection since type \"ID!\" has no subfields.",
        [1, 17],
    ),
    ("{ getTeams { ...Nope } }", INVALID, "Unknown fragment \"Nope\".", [1, 17]),
    ("{ getTeams @foo { id } }", INVALID, "Unknown directive \"@foo\".", [1, 12]),
    ("fragment F on Team { id } { getTeams { id } }", INVALID, "Fragment \"F\" is never used.", [1, 1]),
    (
        "{ getTeams { a: id a: name } }",
        INVALID,
        "Fields \"a\" conflict because \"id\" and \"name\" are different fields. Use different aliases on the fields to fetch both if this was intentional.",
        [1, 14],
    ),
    ("query ($x: Int) { getTeams @foo(bar: $x) { id } }", INVALID, "Unknown directive \"@foo\".", [1, 28]),
    (
        "query Q($x: Int) { getTeams { id } }",
        INVALID,
        "Variable \"$x\" is never used in operation \"Q\".",
        [1, 9],
    ),
    (
        "query($x: Int) { erpEnrAPI { getColumns(page: $x, itemParPage: 1) { id } } }",
        INVALID,
        "Variable \"$x\" of type \"Int\" used in position expecting type \"Int!\".",
        [1, 7],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_refused_with_graphql_js_words() {
    let app = App::start().await;
    for (query, code, message, [line, column]) in DOCUMENTS {
        let answer = ask(&app, query).await;
        assert_eq!(answer.status, 400, "{query}");
        let body = answer.json();
        assert_eq!(body["errors"][0]["message"], *message, "{query}");
        assert_eq!(body["errors"][0]["extensions"], json!({ "code": code }), "{query}");
        assert_eq!(body["errors"][0]["locations"][0], json!({ "line": line, "column": column }), "{query}");
        assert_eq!(body["errors"].as_array().map(Vec::len), Some(1), "{query}: {body}");
        assert!(body.get("data").is_none(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_errors_come_in_the_order_of_the_document() {
    let app = App::start().await;
    let answer = ask(&app, "{ getTeams(a: 1, a: 2) @skip(if: 1) { id @include } b }").await.json();
    let messages: Vec<&Value> =
        answer["errors"].as_array().expect("errors").iter().map(|error| &error["message"]).collect();
    let expected = [
        "There can be only one argument named \"a\".",
        "Unknown argument \"a\" on field \"Query.getTeams\".",
        "Unknown argument \"a\" on field \"Query.getTeams\".",
        "Boolean cannot represent a non boolean value: 1",
        "Directive \"@include\" argument \"if\" of type \"Boolean!\" is required, but it was not provided.",
        "Cannot query field \"b\" on type \"Query\".",
    ];
    assert_eq!(messages, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_that_do_not_fit_are_refused() {
    let columns = "query($p: Int!) { erpEnrAPI { getColumns(page: $p, itemParPage: 1) { id } } }";
    let folders = "query($f: [FilterInput]) { erpEnrAPI { getFolders(page: 1, itemParPage: 1, filterColumns: $f) { totalCount } } }";
    let prospect = "mutation($t: ProspectTypeEnum) { upsertProspect(type: $t) { id } }";
    for (status, setting) in [(200, ""), (400, "settings: { variable_error_status: 400 }")] {
        let app = App::scenario(&format!("name: v\nservers: {{ clavus: {{ {setting} }} }}")).await;
        for (query, variables, message) in [
            (columns, json!({}), "Variable \"$p\" of required type \"Int!\" was not provided."),
            (columns, json!({ "p": null }), "Variable \"$p\" of non-null type \"Int!\" must not be null."),
            (
                columns,
                json!({ "p": "x" }),
                "Variable \"$p\" got invalid value \"x\"; Int cannot represent non-integer value: \"x\"",
            ),
            (
                columns,
                json!({ "p": 3_000_000_000_u64 }),
                "Variable \"$p\" got invalid value 3000000000; Int cannot represent non 32-bit signed integer value: 3000000000",
            ),
            (
                folders,
                json!({ "f": [{ "column": "a" }] }),
                "Variable \"$f\" got invalid value { column: \"a\" } at \"f[0]\"; Field \"operator\" of required type \"String!\" was not provided.",
            ),
            (
                folders,
                json!({ "f": [{ "column": null, "operator": "=" }] }),
                "Variable \"$f\" got invalid value null at \"f[0].column\"; Expected non-nullable type \"String!\" not to be null.",
            ),
            (
                prospect,
                json!({ "t": "MORALE" }),
                "Variable \"$t\" got invalid value \"MORALE\"; Value \"MORALE\" does not exist in \"ProspectTypeEnum\" enum. Did you mean the enum value \"MORAL\"?",
            ),
        ] {
            let answer = ask_with(&app, query, variables).await;
            assert_eq!(answer.status, status, "{}", answer.body);
            assert_eq!(refusal(&answer), (message.to_owned(), "BAD_USER_INPUT".to_owned()));
            assert!(answer.json().get("data").is_none());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn field_errors_carry_path_place_and_data() {
    let app = App::start().await;
    let folders = |arguments: &str| {
        format!("{{ erpEnrAPI {{ x: getFolders(page: 1, itemParPage: 1{arguments}) {{ totalCount }} }} }}")
    };
    for (query, message) in [
        (folders(", filterColumns: [{column: \"zz\", operator: \"=\", value: 1}]"), "Unknown column \"zz\""),
        (
            folders(", filterColumns: [{column: \"devis.pdf\", operator: \"=\", value: 1}]"),
            "Unknown column \"devis.pdf\"",
        ),
        (
            folders(", filterColumns: [{column: \"statut\", operator: \"!=\", value: 1}]"),
            "Unknown operator \"!=\"",
        ),
        (folders(", sortBy: [{column: \"zz\"}]"), "Unknown column \"zz\""),
        (folders(", sortBy: [{column: \"statut\", direction: \"up\"}]"), "Invalid sort direction \"up\""),
        (folders("").replace("page: 1,", "page: -1,"), "page and itemParPage must be positive"),
        (folders("").replace("itemParPage: 1", "itemParPage: -1"), "page and itemParPage must be positive"),
    ] {
        let answer = ask(&app, &query).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let expected = json!({ "errors": [{ "message": message, "locations": [{ "line": 1, "column": 15 }],
            "path": ["erpEnrAPI", "x"], "extensions": { "code": "BAD_USER_INPUT" } }], "data": null });
        assert_eq!(answer.json(), expected);
    }
    let null_value = folders(", filterColumns: [{column: \"statut\", operator: \"=\", value: null}]");
    assert_eq!(refusal(&ask(&app, &null_value).await).1, "BAD_USER_INPUT");
}
