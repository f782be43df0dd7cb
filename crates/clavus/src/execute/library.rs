//! The schema as async-graphql's dynamic one: every type of the SDL, and introspection as ordinary objects, because the
//! library's own sorts types by name and describes what graphql-js leaves undescribed.

use std::borrow::Cow;

use async_graphql::dynamic::{
    Enum, Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, Scalar,
    Schema as Built, SchemaBuilder, TypeRef as LibraryType,
};
use async_graphql::{Request, Response, ValidationMode, Value as LibraryValue};
use graphql_js::ast::TypeRef;
use graphql_js::schema::{FieldType, InputType, Type};
use graphql_js::{Schema, Variables, coerce, inspect};
use serde_json::{Map, Value};
use simcore::{Error, Result};

use super::selected::registered;
use super::{Found, Refusal, Run, introspect, value};
use crate::api::{Api, Asks};
use simcore::store::effects::Refused;

use crate::failure::{Failure, Resolved};
use crate::fields::{self, Resolver};

/// A schema that executes.
pub(crate) struct Library(std::result::Result<Built, String>);

impl Library {
    /// The schema of these types.
    pub(crate) fn new(types: &'static Schema) -> Self {
        let mutation = types.is_composite("Mutation").then_some("Mutation");
        // Documents were judged and measured before; what is left to the library is to execute them.
        let mut builder = Built::build("Query", mutation, None)
            .validation_mode(ValidationMode::Fast)
            .limit_recursive_depth(usize::MAX)
            .disable_introspection();
        for (name, kind) in &types.types {
            builder = register(builder, types, name, kind);
        }
        Self(builder.finish().map_err(|error| error.0))
    }

    /// Whether the library took the schema.
    #[cfg(test)]
    pub(crate) fn is_whole(&self) -> bool {
        self.0.is_ok()
    }

    /// Executes.
    ///
    /// # Errors
    /// A defect: the schema is none for the library.
    pub(super) async fn execute(&self, request: Request) -> Result<Response> {
        match &self.0 {
            Ok(schema) => Ok(schema.execute(request).await),
            Err(message) => Err(Error::internal(message)),
        }
    }
}

fn register(
    builder: SchemaBuilder,
    types: &'static Schema,
    name: &'static str,
    kind: &'static Type,
) -> SchemaBuilder {
    match kind {
        // The library brings these five itself.
        Type::Scalar if matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID") => builder,
        Type::Scalar => builder.register(Scalar::new(name)),
        Type::Enum(values) => builder.register(Enum::new(name).items(values)),
        Type::Input(fields) => {
            let object = InputObject::new(name);
            builder.register(
                fields
                    .iter()
                    .fold(object, |object, (name, input)| object.field(self::input(types, name, input))),
            )
        }
        Type::Object(fields) => {
            let mut object = Object::new(name);
            for (field, definition) in fields {
                object = object.field(self::field(types, name, field, definition));
            }
            for meta in ["__schema", "__type"] {
                if let Some(definition) = types.field(name, meta) {
                    object = object.field(self::field(types, name, meta, definition));
                }
            }
            builder.register(object)
        }
    }
}

fn input(types: &Schema, name: &str, input: &InputType) -> InputValue {
    let value = InputValue::new(name, kind(&input.kind));
    match input.default.as_ref().and_then(|node| coerce(types, &input.kind, node, &Variables::new())) {
        Some(default) => value.default_value(self::value::of_json(&default)),
        None => value,
    }
}

fn kind(kind: &TypeRef) -> LibraryType {
    match kind {
        TypeRef::Named(name) => LibraryType::named(name),
        TypeRef::List(inner) => LibraryType::List(Box::new(self::kind(inner))),
        TypeRef::NonNull(inner) => LibraryType::NonNull(Box::new(self::kind(inner))),
    }
}

fn field(types: &Schema, on: &'static str, name: &'static str, definition: &'static FieldType) -> Field {
    let resolver = fields::resolver(on, name);
    let field = Field::new(registered(name), kind(&definition.kind), move |context| {
        answer(on, name, definition, resolver, context)
    });
    let field = definition
        .arguments
        .iter()
        .fold(field, |field, (name, argument)| field.argument(input(types, name, argument)));
    match &definition.deprecated {
        Some(reason) => field.deprecation(Some(reason)),
        None => field,
    }
}

/// What one field answers. What goes wrong is noted in the run: the library's errors have neither code nor path.
fn answer<'a>(
    on: &'static str,
    name: &'static str,
    definition: &'static FieldType,
    resolver: Resolver,
    context: ResolverContext<'a>,
) -> FieldFuture<'a> {
    let Some(run) = context.ctx.data_opt::<std::sync::Arc<Run>>() else { return FieldFuture::Value(None) };
    let shaping = Shaping { run, on, name, context: context.ctx };
    let at = context.ctx.item.pos.column;
    if let Some((message, at)) = run.unfit.get(&at) {
        shaping.refuse("INTERNAL_SERVER_ERROR", message.clone(), *at, &[]);
        return FieldFuture::Value(None);
    }
    let around = context.parent_value.downcast_ref::<Value>();
    let is_introspection = on.starts_with("__") || name.starts_with("__");
    match resolver {
        Resolver::Namespace => FieldFuture::Value(Some(FieldValue::owned_any(Value::Bool(true)))),
        Resolver::Member(_) if is_introspection => {
            let arguments = arguments(&context);
            let value = introspect::resolve(run.types, on, name, around.unwrap_or(&Value::Null), &arguments);
            FieldFuture::Value(shaping.shape(&definition.kind, Source::Own(value)))
        }
        Resolver::Member(member) => {
            let value = around.and_then(|around| around.get(member)).unwrap_or(&Value::Null);
            FieldFuture::Value(shaping.shape(&definition.kind, Source::Lent(value)))
        }
        Resolver::Api(work) => FieldFuture::new(async move {
            let arguments = arguments(&context);
            let value = match run.look_up(work, &arguments, &|path| is_asked(context.ctx, path)).await {
                Ok(value) => shaping.shape(&definition.kind, Source::Own(value)),
                Err(Failure::Refused(said)) => {
                    let refused = run.ctx.words().of(said.into());
                    note_refused(run, name, &refused.code);
                    shaping.refuse(refused.code.clone(), refused.message.clone(), at, &[]);
                    run.note(|found| found.worded.push(refused.into()));
                    None
                }
                Err(Failure::Defect(error)) => {
                    run.defect(error);
                    None
                }
            };
            Ok(value)
        }),
    }
}

/// The answer is a 200: that a field was refused stands under `errors`.
fn note_refused(run: &Run, name: &str, code: &str) {
    let entity = match name {
        "upsertProspect" => "prospects",
        "getColumns" => "columns",
        "getUsers" => "users",
        "getTeams" => "teams",
        _ => "folders",
    };
    run.ctx.note_other_refusal(Refused {
        entity: entity.to_owned(),
        reason: code.to_owned(),
        ..Refused::default()
    });
}

fn arguments(context: &ResolverContext<'_>) -> Map<String, Value> {
    context.args.iter().map(|(name, value)| (name.to_string(), self::value::json(value.as_value()))).collect()
}

fn is_asked(context: &async_graphql::Context<'_>, path: &[&str]) -> bool {
    path.iter().fold(context.look_ahead(), |ahead, name| ahead.field(name)).exists()
}

impl Run {
    /// Each field reads, or writes, in a transaction of its own (DECISIONS).
    async fn look_up(
        &self,
        work: fn(&Api<'_>, &Map<String, Value>, Asks<'_>) -> Resolved,
        arguments: &Map<String, Value>,
        asks: Asks<'_>,
    ) -> Resolved {
        let done = self.ctx.write(|db| match work(&Api::new(&self.ctx, *db)?, arguments, asks) {
            Ok(value) => Ok(Ok(value)),
            Err(refused @ Failure::Refused(_)) => Ok(Err(refused)),
            Err(Failure::Defect(error)) => Err(error),
        });
        done.await?
    }

    fn note(&self, what: impl FnOnce(&mut Found)) {
        if let Ok(mut found) = self.found.lock() {
            what(&mut found);
        }
    }

    fn defect(&self, error: Error) {
        self.note(|found| found.defect = found.defect.take().or(Some(error)));
    }
}

/// A value that a resolver has, or has of the object around.
enum Source<'a> {
    Lent(&'a Value),
    Own(Value),
}

impl<'a> Source<'a> {
    fn value(&self) -> &Value {
        match self {
            Self::Lent(value) => value,
            Self::Own(value) => value,
        }
    }

    fn items(self) -> Vec<Source<'a>> {
        match self {
            Self::Lent(Value::Array(items)) => items.iter().map(Source::Lent).collect(),
            Self::Own(Value::Array(items)) => items.into_iter().map(Source::Own).collect(),
            _ => Vec::new(),
        }
    }

    fn object(self) -> FieldValue<'a> {
        match self {
            Self::Lent(value) => FieldValue::borrowed_any(value),
            Self::Own(value) => FieldValue::owned_any(value),
        }
    }
}

/// The making of one field's value.
struct Shaping<'a> {
    run: &'a Run,
    on: &'static str,
    name: &'static str,
    context: &'a async_graphql::Context<'a>,
}

/// Null where it may not be; that has been reported.
struct Misplaced;

impl<'a> Shaping<'a> {
    fn refuse(&self, code: impl Into<Cow<'static, str>>, message: String, at: usize, places: &[usize]) {
        let path = self.context.path_node.and_then(|node| serde_json::to_value(node).ok());
        let mut path = path.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        path.extend(places.iter().map(|place| Value::from(*place)));
        self.run.note(|found| found.refusals.push(Refusal { code: code.into(), message, at, path }));
    }

    fn refuse_here(&self, message: String, places: &[usize]) {
        self.refuse("INTERNAL_SERVER_ERROR", message, self.context.item.pos.column, places);
    }

    /// The value as one of the type; none for null.
    fn shape(&self, kind: &TypeRef, source: Source<'a>) -> Option<FieldValue<'a>> {
        self.place(kind, source, &mut Vec::new()).unwrap_or_default()
    }

    fn place(
        &self,
        kind: &TypeRef,
        source: Source<'a>,
        places: &mut Vec<usize>,
    ) -> std::result::Result<Option<FieldValue<'a>>, Misplaced> {
        let is_null = source.value().is_null();
        match kind {
            TypeRef::NonNull(inner) => {
                if is_null {
                    let (on, name) = (self.on, self.name);
                    let message = format!("Cannot return null for non-nullable field {on}.{name}.");
                    self.refuse_here(message, places);
                    return Err(Misplaced);
                }
                self.place(inner, source, places)?.map(Some).ok_or(Misplaced)
            }
            _ if is_null => Ok(None),
            TypeRef::List(inner) => {
                if !source.value().is_array() {
                    self.run.defect(Error::internal("a list field has no list"));
                    return Ok(None);
                }
                let mut items = Vec::new();
                for (place, item) in source.items().into_iter().enumerate() {
                    places.push(place);
                    let item = self.place(inner, item, places);
                    places.pop();
                    let Ok(item) = item else { return Ok(None) };
                    items.push(item.unwrap_or(FieldValue::NULL));
                }
                Ok(Some(FieldValue::list(items)))
            }
            TypeRef::Named(name) => Ok(match self.run.types.types.get(name) {
                Some(Type::Object(_)) => Some(source.object()),
                Some(Type::Enum(values)) => self.member(name, values, source.value(), places),
                _ => Some(FieldValue::value(self::value::of_json(source.value()))),
            }),
        }
    }

    fn member(
        &self,
        kind: &str,
        values: &[String],
        value: &Value,
        places: &[usize],
    ) -> Option<FieldValue<'a>> {
        if let Some(name) = value.as_str().filter(|name| values.iter().any(|known| known == name)) {
            return Some(FieldValue::value(LibraryValue::String(name.to_owned())));
        }
        self.refuse_here(format!("Enum \"{kind}\" cannot represent value: {}", inspect(value)), places);
        None
    }
}
