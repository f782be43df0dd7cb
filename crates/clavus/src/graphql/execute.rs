//! A valid operation to the bytes of `data`: fields in the order of the document, nulls passed up to the nearest field
//! that may be null (fact sheet 10.1).

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use simcore::Error;

use super::ast::{At, Directive, Field, Fragment, Literal, Selection, TypeRef};
use super::schema::Schema;
use super::values::{Variables, coerce};
use super::{introspect, locations};

/// What the vendor's side answers for one field.
pub(crate) trait Resolve {
    /// The value of `field` of an object of type `on` that `source` stands for.
    ///
    /// # Errors
    /// Why there is none.
    fn resolve(&self, on: &str, field: &str, source: &Value, arguments: &Map<String, Value>) -> Resolved;
}

/// A value, or why there is none.
pub(crate) type Resolved = Result<Value, Failure>;

/// Why a field has no value.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A refusal that the client reads: `extensions.code` and the message.
    Refused(&'static str, String),
    /// A defect: nothing is answered but that.
    Defect(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Defect(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Defect(error.into())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Defect(error.into())
    }
}

/// Why a value was not written.
enum Stop {
    /// It is null, and may not be: the object around it is null too.
    Null,
    Defect(Error),
}

type Written = Result<(), Stop>;

/// Fields of one answer key, which are one field, perhaps selected in several places.
pub(crate) type Keyed<'a> = IndexMap<&'a str, Vec<&'a Field>>;

/// One operation on its way.
pub(crate) struct Execution<'a> {
    pub(crate) text: &'a str,
    pub(crate) schema: &'a Schema,
    pub(crate) fragments: HashMap<&'a str, &'a Fragment>,
    pub(crate) variables: &'a Variables,
    /// The entries of `errors` so far.
    pub(crate) errors: Vec<Value>,
    path: Vec<Step<'a>>,
}

/// One step of the way to a field.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Place(usize),
}

/// A field to answer: all selections of its key, what to select within it, and the type it is on.
struct Wanted<'a, 'b> {
    on: &'b str,
    fields: &'b [&'a Field],
    inner: Keyed<'a>,
}

/// What has no fields of its own besides them: the source of the root.
pub(crate) const ROOT: Value = Value::Bool(true);

impl<'a> Execution<'a> {
    pub(crate) fn new(
        text: &'a str,
        schema: &'a Schema,
        fragments: HashMap<&'a str, &'a Fragment>,
        variables: &'a Variables,
    ) -> Self {
        Self { text, schema, fragments, variables, errors: Vec::new(), path: Vec::new() }
    }

    /// The fields that `selections` ask for, skipped ones left out.
    pub(crate) fn collect(&self, selections: &[&'a [Selection]]) -> Keyed<'a> {
        let mut keyed = Keyed::new();
        let mut seen = HashSet::new();
        for selections in selections {
            self.collect_into(selections, &mut keyed, &mut seen);
        }
        keyed
    }

    fn collect_into(&self, selections: &'a [Selection], keyed: &mut Keyed<'a>, seen: &mut HashSet<&'a str>) {
        for selection in selections {
            match selection {
                Selection::Field(field) if self.included(&field.directives) => {
                    keyed.entry(field.key()).or_default().push(field);
                }
                Selection::Inline(inline) if self.included(&inline.directives) => {
                    self.collect_into(&inline.selections, keyed, seen);
                }
                Selection::Spread(spread) if self.included(&spread.directives) => {
                    let name = spread.name.text.as_str();
                    if let Some(fragment) = self.fragments.get(name).copied()
                        && seen.insert(name)
                    {
                        self.collect_into(&fragment.selections, keyed, seen);
                    }
                }
                _ => {}
            }
        }
    }

    fn included(&self, directives: &[Directive]) -> bool {
        let boolean = TypeRef::Named("Boolean".to_owned());
        directives.iter().all(|directive| {
            let condition = directive.arguments.first();
            let value = condition
                .and_then(|argument| coerce(self.schema, &boolean, &argument.value, self.variables))
                .and_then(|value| value.as_bool());
            match directive.name.text.as_str() {
                "skip" => value != Some(true),
                "include" => value != Some(false),
                _ => true,
            }
        })
    }

    /// Writes one field of a root type as a member of an object; whether `data` itself is null then.
    ///
    /// # Errors
    /// A defect.
    pub(crate) fn root_field(
        &mut self,
        resolver: &impl Resolve,
        on: &str,
        key: &'a str,
        fields: &[&'a Field],
        out: &mut Vec<u8>,
    ) -> Result<bool, Error> {
        match self.member(resolver, on, &ROOT, key, fields, out) {
            Ok(()) => Ok(false),
            Err(Stop::Null) => Ok(true),
            Err(Stop::Defect(error)) => Err(error),
        }
    }

    fn member(
        &mut self,
        resolver: &impl Resolve,
        on: &str,
        source: &Value,
        key: &'a str,
        fields: &[&'a Field],
        out: &mut Vec<u8>,
    ) -> Written {
        let (Some(field), schema) = (fields.first(), self.schema) else { return Ok(()) };
        let Some(description) = schema.field(on, &field.name.text) else { return Ok(()) };
        if out.last() != Some(&b'{') {
            out.push(b',');
        }
        // A name of GraphQL needs no escapes.
        out.push(b'"');
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b"\":");
        let level = self.path.len();
        self.path.push(Step::Key(key));
        let name = field.name.text.as_str();
        let value = self.arguments(field, description).and_then(|arguments| match name {
            "__typename" => Ok(on.into()),
            _ if on.starts_with("__") || name.starts_with("__") => {
                Ok(introspect::resolve(schema, on, name, source, &arguments))
            }
            _ => resolver.resolve(on, name, source, &arguments).map_err(|failure| (failure, field.at)),
        });
        let done = match value {
            Ok(value) => {
                let inner = if schema.is_composite(description.kind.name()) {
                    let selections: Vec<&[Selection]> =
                        fields.iter().map(|field| field.selections.as_slice()).collect();
                    self.collect(&selections)
                } else {
                    Keyed::new()
                };
                self.value(resolver, &Wanted { on, fields, inner }, &description.kind, &value, out)
            }
            Err((Failure::Defect(error), _)) => Err(Stop::Defect(error)),
            Err((Failure::Refused(code, message), at)) => {
                self.error(code, &message, at);
                null(&description.kind, out)
            }
        };
        self.path.truncate(level);
        done
    }

    fn error(&mut self, code: &str, message: &str, at: At) {
        let path: Value = self
            .path
            .iter()
            .map(|step| match *step {
                Step::Key(key) => Value::from(key),
                Step::Place(place) => place.into(),
            })
            .collect();
        self.errors.push(json!({
            "message": message,
            "locations": locations(self.text, &[at]),
            "path": path,
            "extensions": { "code": code },
        }));
    }

    fn value(
        &mut self,
        resolver: &impl Resolve,
        wanted: &Wanted<'a, '_>,
        kind: &TypeRef,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Written {
        let begin = out.len();
        let done = match (kind, value) {
            (TypeRef::NonNull(inner), _) => {
                if value.is_null() {
                    let (name, at) =
                        wanted.fields.first().map_or(("", 0), |field| (&field.name.text, field.at));
                    let message = format!("Cannot return null for non-nullable field {}.{name}.", wanted.on);
                    self.error("INTERNAL_SERVER_ERROR", &message, at);
                    return Err(Stop::Null);
                }
                let errors = self.errors.len();
                let done = self.value(resolver, wanted, inner, value, out);
                // What is null inside a type that may not be was reported where it arose.
                return if self.errors.len() > errors && out.get(begin..) == Some(b"null") {
                    Err(Stop::Null)
                } else {
                    done
                };
            }
            (_, Value::Null) => write(value, out),
            (TypeRef::List(inner), Value::Array(items)) => self.list(resolver, wanted, inner, items, out),
            (TypeRef::List(_), _) => Err(Stop::Defect(Error::internal("a list field has no list"))),
            (TypeRef::Named(name), _) if self.schema.is_composite(name) => {
                self.object(resolver, name, value, &wanted.inner, out)
            }
            _ => write(value, out),
        };
        match done {
            Err(Stop::Null) => {
                out.truncate(begin);
                out.extend_from_slice(b"null");
                Ok(())
            }
            done => done,
        }
    }

    fn list(
        &mut self,
        resolver: &impl Resolve,
        wanted: &Wanted<'a, '_>,
        kind: &TypeRef,
        items: &[Value],
        out: &mut Vec<u8>,
    ) -> Written {
        out.push(b'[');
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            self.path.push(Step::Place(place));
            self.value(resolver, wanted, kind, item, out)?;
            self.path.pop();
        }
        out.push(b']');
        Ok(())
    }

    fn object(
        &mut self,
        resolver: &impl Resolve,
        name: &str,
        source: &Value,
        inner: &Keyed<'a>,
        out: &mut Vec<u8>,
    ) -> Written {
        out.push(b'{');
        for (key, fields) in inner {
            self.member(resolver, name, source, key, fields, out)?;
        }
        out.push(b'}');
        Ok(())
    }

    /// The arguments of a field; those that were not given and have no default are absent.
    fn arguments(
        &self,
        field: &Field,
        description: &super::schema::FieldType,
    ) -> Result<Map<String, Value>, (Failure, At)> {
        let mut arguments = Map::new();
        for (name, wanted) in &description.arguments {
            let given = field.arguments.iter().find(|argument| argument.name.text == *name);
            let refused = |message: String, at| (Failure::Refused("INTERNAL_SERVER_ERROR", message), at);
            let value = given.map(|argument| &argument.value);
            let coerced = value.and_then(|node| coerce(self.schema, &wanted.kind, node, self.variables));
            let default = || coerce(self.schema, &wanted.kind, wanted.default.as_ref()?, self.variables);
            match (coerced.or_else(default), value) {
                (Some(Value::Null), Some(node)) if wanted.kind.is_non_null() => {
                    let message =
                        format!("Argument \"{name}\" of non-null type \"{}\" must not be null.", wanted.kind);
                    return Err(refused(message, node.at));
                }
                (Some(value), _) => drop(arguments.insert(name.clone(), value)),
                (None, Some(node)) if wanted.kind.is_non_null() => {
                    let variable = if let Literal::Variable(name) = &node.value { name } else { "" };
                    let message = format!(
                        "Argument \"{name}\" of required type \"{}\" was provided the variable \"${variable}\" which was not provided a runtime value.",
                        wanted.kind
                    );
                    return Err(refused(message, node.at));
                }
                (None, _) => {}
            }
        }
        Ok(arguments)
    }
}

/// Null where it may be; otherwise it passes up.
fn null(kind: &TypeRef, out: &mut Vec<u8>) -> Written {
    if kind.is_non_null() {
        return Err(Stop::Null);
    }
    out.extend_from_slice(b"null");
    Ok(())
}

fn write(value: &Value, out: &mut Vec<u8>) -> Written {
    serde_json::to_writer(out, value).map_err(|error| Stop::Defect(error.into()))
}
