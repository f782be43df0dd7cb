//! The order of what a search finds, alone and with sort and filters (4.5, 7).

use super::{folders, found, with_folders};

const COLUMNS: &str = "{ id: a, name: a, label: A }, { id: b, name: b, label: B }";

#[tokio::test(flavor = "multi_thread")]
async fn words_typos_proximity_attribute_exactness() {
    let app = with_folders(
        "",
        COLUMNS,
        "{ id: typo, name: martin toulousse }, { id: far, name: martin de la rue de toulouse },
         { id: second, values: { b: martin toulouse } }, { id: first, values: { a: martin toulouse } },
         { id: one, name: martin }, { id: reversed, name: toulouse martin }, { id: best, name: martin toulouse },
         { id: prefix, name: martin toulousexy }, { id: other, name: toulouse }",
    )
    .await;
    let expected = ["best", "prefix", "first", "second", "reversed", "far", "typo", "one"];
    assert_eq!(found(&app, "martin toulouse").await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_equal_comes_in_order_of_creation() {
    let app = with_folders("", COLUMNS, "{ id: z, name: x }, { id: a, name: x }, { id: m, name: x }").await;
    assert_eq!(found(&app, "x ").await, ["z", "a", "m"]);
    assert_eq!(folders(&app, "").await.0, ["z", "a", "m"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sort_keys_dominate_unless_relevance_comes_first() {
    let records =
        "{ id: one, name: batman, values: { a: '1' } }, { id: both, name: batman dark, values: { a: '2' } },
        { id: tie, name: batman dark, values: { a: '1' } }, { id: none, name: dark, values: { a: '0' } }";
    let arguments = ", search: \"batman dark\", sortBy: [{column: \"a\", direction: \"asc\"}]";
    for (settings, expected) in
        [("", ["tie", "one", "both"]), ("sort_after_relevance: true", ["tie", "both", "one"])]
    {
        let app = with_folders(settings, COLUMNS, records).await;
        assert_eq!(folders(&app, arguments).await.0, expected, "{settings}");
        let filtered = format!("{arguments}, filterColumns: [{{column: \"a\", operator: \"=\", value: 1}}]");
        assert_eq!(folders(&app, &filtered).await, (vec!["tie".to_owned(), "one".to_owned()], 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scope_can_be_the_name_alone() {
    let records = "{ id: named, name: dupont }, { id: noted, values: { a: dupont } }";
    for (scope, expected) in [("all", &["named", "noted"][..]), ("name", &["named"])] {
        let app = with_folders(&format!("search_scope: {scope}"), COLUMNS, records).await;
        assert_eq!(found(&app, "dupont").await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_booleans_are_searched_as_their_text_and_files_are_not() {
    let app = with_folders(
        "",
        "{ name: nombre, label: N°, type: number }, { name: oui, label: Oui, type: boolean }, { name: piece, label: Pièce, type: file }",
        "{ id: a, values: { nombre: 12.50, oui: true, piece: document } }, { id: b, values: { nombre: 13, oui: false } }",
    )
    .await;
    for (search, expected) in
        [("13 ", &["b"][..]), ("true ", &["a"]), ("document", &[]), ("\"12.5\"", &["a"])]
    {
        assert_eq!(found(&app, search).await, expected, "{search}");
    }
}
