//! Filters and sorting (6, 7).

use super::{ask, data, folders, refusal, with_folders};
use crate::support::App;

const COLUMNS: &str = "{ id: c1, name: ville, label: Ville }, { id: c2, name: prix, label: Prix HT, type: amount },
    { id: c3, name: pose, label: Date de pose, type: date }, { id: c4, name: vu, label: Vu, type: datetime },
    { id: c5, name: tags, label: Étiquettes, type: list }, { id: c6, name: signe, label: Signé, type: boolean },
    { id: c7, name: qui, label: Commercial, type: user }, { id: c8, name: kwc, label: kWc, type: number }";

const FOLDERS: &str = "{ id: a, values: { ville: 'Nîmes ', prix: '9.50', pose: 2026-01-31, vu: '2026-01-31T10:00:00Z', tags: [neuf, urgent], signe: true, qui: u1, kwc: 9 } },
    { id: b, values: { ville: nîmes, prix: '10.00', pose: 2026-02-01, vu: '2026-02-01', tags: [vieux], signe: false, qui: u2, kwc: 10.50 } },
    { id: c, values: { ville: 'Été, Hiver', prix: '100', tags: [], qui: u1 } },
    { id: d }";

async fn server(settings: &str) -> App {
    let app = with_folders(settings, COLUMNS, FOLDERS).await;
    let user = serde_json::json!({ "id": "u1", "firstName": "Marvin" });
    let path = "/sandboxes/default/data/clavus/users";
    crate::support::send(app.control(reqwest::Method::POST, path).json(&user)).await;
    app
}

async fn filtered(app: &App, filters: &str) -> String {
    let (ids, count) = folders(app, &format!(", filterColumns: {filters}")).await;
    assert_eq!(ids.len() as u64, count);
    ids.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operator_by_kind_of_value() {
    let app = server("").await;
    for (column, operator, value, expected) in [
        ("ville", "=", "\"Nîmes\"", "a"),
        ("ville", "=", "\" Nîmes \"", "a"),
        ("ville", "=", "\"nimes\"", ""),
        ("ville", "CONTAINS", "\"NIM\"", "ab"),
        ("ville", "CONTAINS", "\"ete, h\"", "c"),
        ("ville", "IN", "[\"nîmes\", \"Nîmes\"]", "ab"),
        ("ville", "IN", "\"[\\\"Été, Hiver\\\", \\\"x\\\"]\"", "c"),
        ("ville", "IN", "\"x, nîmes\"", "b"),
        ("ville", "<", "\"n\"", "a"),
        ("prix", "=", "9.5", "a"),
        ("prix", "=", "\"9.500\"", "a"),
        ("prix", ">", "\"9.5\"", "bc"),
        ("prix", "<=", "10", "ab"),
        ("prix", "IN", "[10, 100.0]", "bc"),
        ("prix", "CONTAINS", "0", "abc"),
        ("pose", "=", "\"2026-01-31\"", "a"),
        ("pose", ">", "\"2026-01-31T12:00:00Z\"", "b"),
        ("pose", ">=", "\"2026-01-31\"", "ab"),
        ("vu", "<", "\"2026-02-01\"", "a"),
        ("vu", "=", "\"2026-01-31T11:00:00+01:00\"", "a"),
        ("tags", "=", "\"urgent\"", "a"),
        ("tags", "CONTAINS", "\"u\"", "ab"),
        ("tags", "IN", "\"vieux,neuf\"", "ab"),
        ("signe", "=", "true", "a"),
        ("signe", "=", "\"false\"", "b"),
        ("qui", "=", "\"u1\"", "ac"),
        ("qui", "=", "\"Marvin\"", "ac"),
        ("kwc", ">=", "9.5", "b"),
        ("ville", "in", "[\"nîmes\"]", "b"),
        ("ville", "contains", "\"hiver\"", "c"),
        ("prix", "==", "100", "c"),
    ] {
        let filters = format!("[{{ column: \"{column}\", operator: \"{operator}\", value: {value} }}]");
        assert_eq!(filtered(&app, &filters).await, expected, "{filters}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_are_joined_by_and_and_nothing_filters_nothing() {
    let app = server("").await;
    let two = "[{column: \"qui\", operator: \"=\", value: \"u1\"}, null, {column: \"prix\", operator: \">\", value: 10}]";
    assert_eq!(filtered(&app, two).await, "c");
    for nothing in ["[]", "[null]", "null"] {
        assert_eq!(filtered(&app, nothing).await, "abcd");
    }
    // A single object stands for a list of one.
    assert_eq!(filtered(&app, "{column: \"qui\", operator: \"=\", value: \"u2\"}").await, "b");
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_named_by_slug_id_or_label() {
    let app = server("").await;
    for column in ["prix", "c2", "Prix HT", "prix ht"] {
        let filters = format!("[{{ column: \"{column}\", operator: \"=\", value: 100 }}]");
        assert_eq!(filtered(&app, &filters).await, "c", "{column}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_no_operator_takes_are_refused() {
    let app = server("").await;
    let all = |filter: &str| {
        format!(
            "{{ erpEnrAPI {{ getFolders(page: 1, itemParPage: 9, filterColumns: [{filter}]) {{ totalCount }} }} }}"
        )
    };
    for (filter, status, code) in [
        ("{column: \"ville\", operator: \"=\"}", 200, "BAD_USER_INPUT"),
        ("{column: \"ville\", operator: \"=\", value: [\"a\"]}", 200, "BAD_USER_INPUT"),
        ("{column: \"ville\", operator: \"EXISTS\", value: 1}", 200, "BAD_USER_INPUT"),
        ("{column: \"ville\", operator: \"=\", value: {a: 1}}", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("{column: \"ville\", operator: \"=\", value: user1}", 400, "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let answer = ask(&app, &all(filter)).await;
        assert_eq!((answer.status.as_u16(), refusal(&answer).1.as_str()), (status, code), "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_can_be_ignored() {
    let app = server("filter_case_insensitive: true").await;
    assert_eq!(filtered(&app, "[{column: \"ville\", operator: \"=\", value: \"NÎMES\"}]").await, "ab");
    assert_eq!(filtered(&app, "[{column: \"tags\", operator: \"IN\", value: \"NEUF\"}]").await, "a");
}

#[tokio::test(flavor = "multi_thread")]
async fn sorting_by_kind_nulls_last_ties_in_order_of_creation() {
    let app = server("").await;
    for (sort, expected) in [
        ("{column: \"prix\"}", "abcd"),
        ("{column: \"prix\", direction: \"desc\"}", "cbad"),
        ("{column: \"prix\", direction: \"DESC\"}", "cbad"),
        ("{column: \"prix\", direction: null}", "abcd"),
        ("{column: \"ville\", direction: \"asc\"}", "cabd"),
        ("{column: \"vu\", direction: \"desc\"}", "bacd"),
        ("{column: \"qui\", direction: \"asc\"}", "acbd"),
        ("{column: \"qui\", direction: \"asc\"}, {column: \"prix\", direction: \"desc\"}", "cabd"),
        ("{column: \"tags\", direction: \"desc\"}", "bacd"),
        ("null", "abcd"),
    ] {
        let (ids, _) = folders(&app, &format!(", sortBy: [{sort}]")).await;
        assert_eq!(ids.concat(), expected, "{sort}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_shown_as_the_sheet_says() {
    let app = server("").await;
    let query = "{ erpEnrAPI { getFolders(page: 1, itemParPage: 9, columns: [\"kwc\", \"Ville\", \"c2\", \"nope\", null, \"prix\", \"tags\", \"signe\", \"vu\", \"pose\", \"qui\"]) { results { id columns { name value } } } } }";
    let data = data(&app, query).await;
    let folder = |place: usize| {
        let columns =
            data["erpEnrAPI"]["getFolders"]["results"][place]["columns"].as_array().expect("columns");
        let shown = columns
            .iter()
            .map(|column| format!("{}={}", column["name"].as_str().expect("a name"), column["value"]));
        shown.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        folder(1),
        "kWc=\"10.5\" Ville=\"nîmes\" Prix HT=\"10.00\" Étiquettes=\"vieux\" Signé=\"false\" Vu=\"2026-02-01T00:00:00Z\" Date de pose=\"2026-02-01\" Commercial=\"u2\""
    );
    assert_eq!(
        folder(3),
        "kWc=null Ville=null Prix HT=null Étiquettes=null Signé=null Vu=null Date de pose=null Commercial=null"
    );
    assert!(folder(0).contains("Étiquettes=\"neuf, urgent\""));
}
