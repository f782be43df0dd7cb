//! What async-graphql does otherwise than graphql-js: why there is something before and after it in `src/execute`. A
//! test that fails here says that a part of ours can go.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::dynamic::{Field, FieldFuture, FieldValue, InputValue, Object, Schema, TypeRef};
use async_graphql::{Response, ValidationMode, Value};
use serde_json::{Value as Json, json};

/// `type Query { a: A! ok: Int } type A { fails: Int! same(n: Int): Int! }` and a mutation that counts.
fn schema(calls: &Arc<AtomicUsize>) -> Schema {
    let calls = calls.clone();
    let a = Object::new("A")
        .field(Field::new("fails", TypeRef::named_nn(TypeRef::INT), |_| {
            FieldFuture::new(async { Err::<Option<Value>, _>(async_graphql::Error::new("no")) })
        }))
        .field(
            Field::new("same", TypeRef::named(TypeRef::INT), move |context| {
                let n = context.args.get("n");
                FieldFuture::from_value(Some(n.map_or(Value::from(-1), |n| n.as_value().clone())))
            })
            .argument(InputValue::new("n", TypeRef::named(TypeRef::INT))),
        );
    let query = Object::new("Query")
        .field(Field::new("a", TypeRef::named_nn("A"), |_| {
            FieldFuture::Value(Some(FieldValue::owned_any(())))
        }))
        .field(Field::new("ok", TypeRef::named(TypeRef::INT), |_| FieldFuture::from_value(Some(1.into()))));
    let mutation = Object::new("Mutation").field(Field::new("count", TypeRef::named_nn("A"), move |_| {
        calls.fetch_add(1, Ordering::SeqCst);
        FieldFuture::Value(Some(FieldValue::owned_any(())))
    }));
    let built = Schema::build("Query", Some("Mutation"), None).register(query).register(mutation).register(a);
    built.validation_mode(ValidationMode::Fast).finish().expect("a schema")
}

async fn ask(document: &str) -> (Json, Response, usize) {
    let calls = Arc::default();
    let response = schema(&calls).execute(document).await;
    (json!(response.data), response, calls.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_field_selected_twice_is_called_twice() {
    let (data, _, calls) = ask("mutation { count { __typename } count { same } }").await;
    assert_eq!((data, calls), (json!({ "count": { "__typename": "A", "same": -1 } }), 2), "graphql-js: once");
}

#[tokio::test]
async fn a_refused_field_is_left_out_and_null_is_not_passed_up() {
    let (data, response, _) = ask("{ ok a { same fails } }").await;
    assert_eq!(data, json!({ "ok": 1, "a": { "same": -1 } }), "graphql-js: null");
    assert!(response.errors[0].path.is_empty(), "graphql-js: [\"a\", \"fails\"]");
}

#[tokio::test]
async fn an_object_of_which_nothing_is_asked_is_null() {
    let (data, ..) = ask("{ a { same @skip(if: true) } }").await;
    assert_eq!(data, json!({ "a": null }), "graphql-js: {{}}");
}

#[tokio::test]
async fn a_variable_that_was_not_given_is_null() {
    let (data, ..) = ask("query ($n: Int) { a { same(n: $n) } }").await;
    assert_eq!(data, json!({ "a": { "same": null } }), "graphql-js: as if there were no argument, -1");
}

#[tokio::test]
async fn types_are_sorted_and_described_and_a_variables_description_is_not_read() {
    let (data, ..) = ask("{ __schema { description types { name } directives { name } } }").await;
    let names = |key: &str| -> Vec<&str> {
        data["__schema"][key]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| one["name"].as_str())
            .collect()
    };
    assert!(
        names("types").is_sorted() && names("directives").is_sorted(),
        "graphql-js: in the schema's order"
    );
    assert!(data["__schema"]["description"].is_string(), "graphql-js: null");
    let (_, response, _) = ask("query (\"why\" $n: Int) { a { same(n: $n) } }").await;
    assert!(!response.errors.is_empty(), "graphql-js 16.15: read");
}
