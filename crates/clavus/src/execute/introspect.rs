//! `__schema` and `__type`. The source of a type is its text (`[Team!]!`), that of anything else its name or a small
//! object.

use graphql_js::Schema;
use graphql_js::ast::TypeRef;
use graphql_js::schema::{InputType, Type};
use serde_json::{Map, Value, json};

/// A place of directives that graphql-js knows since 16.15 only; older clients refuse a schema that names it (Python's
/// graphql-core 3.2 for one).
const NEWER: &str = "DIRECTIVE_DEFINITION";

/// The value of an introspection field.
pub(super) fn resolve(
    schema: &Schema,
    on: &str,
    field: &str,
    source: &Value,
    arguments: &Map<String, Value>,
) -> Value {
    let deprecated = arguments.get("includeDeprecated").and_then(Value::as_bool).unwrap_or_default();
    match (on, field) {
        ("Query", "__schema") => Value::Bool(true),
        ("Query", "__type") => {
            let name = arguments.get("name").and_then(Value::as_str).unwrap_or_default();
            if schema.types.contains_key(name) { name.into() } else { Value::Null }
        }
        ("__Schema", "types") => schema.types.keys().map(String::as_str).collect(),
        ("__Schema", "queryType") => "Query".into(),
        ("__Schema", "mutationType") if schema.is_composite("Mutation") => "Mutation".into(),
        ("__Schema", "directives") => schema.directives.keys().map(String::as_str).collect(),
        ("__Type", _) => type_field(schema, field, source.as_str().unwrap_or_default(), deprecated),
        ("__Field", _) => object_field(schema, field, source),
        ("__EnumValue" | "__InputValue" | "__Directive", "isDeprecated") => false.into(),
        ("__Directive", "isRepeatable") => {
            let directive = schema.directives.get(source.as_str().unwrap_or_default());
            directive.is_some_and(|directive| directive.repeatable).into()
        }
        ("__Directive", "name") => source.clone(),
        ("__Directive", "description") => {
            describe(schema, &format!("@{}", source.as_str().unwrap_or_default()))
        }
        ("__Directive", "locations") => {
            let directive = schema.directives.get(source.as_str().unwrap_or_default());
            let locations = directive.into_iter().flat_map(|directive| &directive.locations);
            locations.map(String::as_str).filter(|location| *location != NEWER).collect()
        }
        ("__Directive", "args") => {
            let directive = schema.directives.get(source.as_str().unwrap_or_default());
            let inside = |argument: &str| format!("@{}({argument}:)", source.as_str().unwrap_or_default());
            inputs(schema, directive.into_iter().flat_map(|directive| &directive.arguments), inside)
        }
        ("__InputValue" | "__EnumValue", _) => source[field].clone(),
        _ => Value::Null,
    }
}

fn type_field(schema: &Schema, field: &str, text: &str, deprecated: bool) -> Value {
    let wrapped = text.strip_suffix('!').map(|inner| ("NON_NULL", inner)).or_else(|| {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        Some(("LIST", inner))
    });
    if let Some((kind, inner)) = wrapped {
        return match field {
            "kind" => kind.into(),
            "ofType" => inner.into(),
            _ => Value::Null,
        };
    }
    match (field, schema.types.get(text)) {
        ("name", _) => text.into(),
        ("description", _) => describe(schema, text),
        ("kind", Some(kind)) => match kind {
            Type::Scalar => "SCALAR",
            Type::Object(_) => "OBJECT",
            Type::Enum(_) => "ENUM",
            Type::Input(_) => "INPUT_OBJECT",
        }
        .into(),
        ("fields", Some(Type::Object(fields))) => fields
            .iter()
            .filter(|(_, field)| deprecated || field.deprecated.is_none())
            .map(|(name, _)| json!({ "on": text, "name": name }))
            .collect(),
        ("interfaces", Some(Type::Object(_))) => json!([]),
        ("enumValues", Some(Type::Enum(values))) => {
            let about = |value: &str| describe(schema, &format!("{text}.{value}"));
            let values = values.iter().filter(|value| *value != NEWER);
            values.map(|value| json!({ "name": value, "description": about(value) })).collect()
        }
        ("inputFields", Some(Type::Input(fields))) => {
            inputs(schema, fields.iter(), |input| format!("{text}.{input}"))
        }
        ("isOneOf", Some(Type::Input(_))) => false.into(),
        _ => Value::Null,
    }
}

fn object_field(schema: &Schema, field: &str, source: &Value) -> Value {
    let name = |key: &str| source[key].as_str().unwrap_or_default();
    let Some(found) = schema.fields(name("on")).and_then(|fields| fields.get(name("name"))) else {
        return Value::Null;
    };
    match field {
        "name" => name("name").into(),
        "description" => describe(schema, &format!("{}.{}", name("on"), name("name"))),
        "args" => {
            let inside = |argument: &str| format!("{}.{}({argument}:)", name("on"), name("name"));
            inputs(schema, found.arguments.iter(), inside)
        }
        "type" => text(&found.kind),
        "isDeprecated" => found.deprecated.is_some().into(),
        "deprecationReason" => found.deprecated.clone().into(),
        _ => Value::Null,
    }
}

/// `coordinate`: where an input stands in the schema.
fn inputs<'a>(
    schema: &Schema,
    inputs: impl Iterator<Item = (&'a String, &'a InputType)>,
    coordinate: impl Fn(&str) -> String,
) -> Value {
    inputs
        .map(|(name, input)| {
            let default = input.default.as_ref().map(ToString::to_string);
            let description = describe(schema, &coordinate(name));
            json!({ "name": name, "description": description, "type": text(&input.kind), "defaultValue": default })
        })
        .collect()
}

fn describe(schema: &Schema, coordinate: &str) -> Value {
    schema.descriptions.get(coordinate).map(String::as_str).into()
}

fn text(kind: &TypeRef) -> Value {
    kind.to_string().into()
}
