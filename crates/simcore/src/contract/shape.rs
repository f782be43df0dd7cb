//! What bodies look like: made from the fields of a profile, or put together by hand; as JSON Schema.

use std::collections::BTreeSet;

use crate::base::map::IndexMap;
use serde_json::{Map, Number, Value, json};

use super::Contract;
use crate::base::text::is_same;
use crate::entity::model::Table;
use crate::entity::profile::{Evidence, Field, FieldKind, TextFormat};
use crate::entity::validate::Purpose;

/// What a body, or a part of one, looks like.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A component of the contract.
    Named(String),
    /// An object.
    Object(Object),
    /// A list of these.
    List(Box<Shape>),
    /// An object whose keys are data.
    Map(Box<Shape>),
    /// One of these forms.
    Either(Vec<Shape>),
    /// The form of that name, whatever its case.
    Chosen {
        /// The variable of the path, parameter or member of the body that names it.
        by: &'static str,
        /// The forms, by name.
        forms: IndexMap<String, Shape>,
    },
    /// A single value.
    Value(Scalar),
    /// Any JSON.
    Anything,
    /// No JSON: bytes.
    Bytes,
}

/// A single value.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// What it is.
    pub kind: FieldKind,
    /// The only values it takes; empty for any.
    pub values: Vec<Value>,
    /// The longest text, in characters.
    pub max_length: Option<usize>,
    /// The least number.
    pub least: Option<Number>,
    /// The greatest number.
    pub greatest: Option<Number>,
    /// Whether texts compare with `values` whatever their case.
    pub any_case: bool,
    /// What the text is beside its kind, as JSON Schema calls it: `date-time` for an instant with its offset.
    pub format: Option<&'static str>,
}

/// An object.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// What it stands for.
    pub about: String,
    /// Its members, in the order of the wire.
    pub members: IndexMap<String, Member>,
    /// Whether it may have members that nobody describes.
    pub is_open: bool,
    /// The entity whose records it shows or takes, with the names of their keys: examples are made of its seed data.
    pub record: Option<(String, Vec<String>)>,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub struct Member {
    /// What it looks like.
    pub shape: Shape,
    /// Whether the object is wrong without it.
    pub required: bool,
    /// Whether the server leaves it aside: a client may send it and nothing comes of it.
    pub is_ignored: bool,
    /// Whether it may be null.
    pub is_nullable: bool,
    /// Other names that are read as this one, and that the contract does not have.
    pub aliases: Vec<String>,
    /// Where it comes from.
    pub evidence: Evidence,
    /// What it means.
    pub about: String,
}

impl Scalar {
    /// Any value of a kind.
    pub fn of(kind: FieldKind) -> Self {
        Self {
            kind,
            values: Vec::new(),
            max_length: None,
            least: None,
            greatest: None,
            any_case: false,
            format: None,
        }
    }

    /// An instant as text, with its offset.
    pub fn instant() -> Self {
        Self { format: Some("date-time"), ..Self::of(FieldKind::Text) }
    }

    /// One of these texts, whatever its case.
    pub fn named<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self { values, any_case: true, ..Self::of(FieldKind::Text) }
    }

    /// Whether it takes the value as far as `values` go.
    pub(super) fn lists(&self, value: &Value) -> bool {
        let same = |known: &Value| match (known.as_str(), value.as_str()) {
            (Some(known), Some(value)) if self.any_case => known.eq_ignore_ascii_case(value),
            _ => known == value,
        };
        self.values.is_empty() || self.values.iter().any(same)
    }

    fn schema(&self) -> Value {
        let mut schema = self.kind.schema();
        if self.kind == FieldKind::Integer {
            schema["format"] = "int64".into();
        }
        if let Some(format) = self.format {
            schema["format"] = format.into();
        }
        if !self.values.is_empty() {
            schema["enum"] = self.values.clone().into();
        }
        if let Some(longest) = self.max_length {
            schema["maxLength"] = longest.into();
        }
        if let Some(least) = &self.least {
            schema["minimum"] = least.clone().into();
        }
        if let Some(greatest) = &self.greatest {
            schema["maximum"] = greatest.clone().into();
        }
        schema
    }
}

impl Shape {
    /// A component of the contract.
    pub fn named(name: impl Into<String>) -> Self {
        Self::Named(name.into())
    }

    /// A list.
    pub fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    /// Any value of a kind.
    pub fn kind(kind: FieldKind) -> Self {
        Self::Value(Scalar::of(kind))
    }

    /// An object put together by hand.
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Member)>) -> Self {
        Self::Object(Object::of(members))
    }

    /// The shape that a field has, for `purpose`.
    pub fn of_field(field: &Field, purpose: Purpose) -> Self {
        let inner = || {
            let mut object = Object::of_fields(&field.fields, purpose);
            // What a client asked for by name may be there in part.
            object.is_open = field.fields.is_empty();
            object
        };
        match field.kind {
            FieldKind::Object => Self::Object(inner()),
            FieldKind::List if field.fields.is_empty() => Self::list(Self::Anything),
            FieldKind::List => Self::list(Self::Object(inner())),
            kind => Self::Value(Scalar {
                kind,
                values: field.values.clone(),
                max_length: field.max_length,
                format: field.format.map(TextFormat::name),
                least: field.least.clone(),
                greatest: field.greatest.clone(),
                ..Scalar::of(kind)
            }),
        }
    }

    fn open_throughout(self) -> Self {
        match self {
            Self::Object(object) => Self::Object(object.open_throughout()),
            Self::List(of) => Self::list(of.open_throughout()),
            other => other,
        }
    }

    /// Adds the components that it leads to.
    pub(super) fn names<'a>(&'a self, contract: &'a Contract, names: &mut BTreeSet<&'a str>) {
        match self {
            Self::Named(name) => {
                let object = contract.components.get(name).filter(|_| names.insert(name));
                let members = object.into_iter().flat_map(|object| object.members.values());
                members.for_each(|member| member.shape.names(contract, names));
            }
            Self::Object(object) => {
                object.members.values().for_each(|member| member.shape.names(contract, names));
            }
            Self::List(of) | Self::Map(of) => of.names(contract, names),
            Self::Either(forms) => forms.iter().for_each(|form| form.names(contract, names)),
            Self::Chosen { forms, .. } => forms.values().for_each(|form| form.names(contract, names)),
            Self::Value(_) | Self::Anything | Self::Bytes => {}
        }
    }

    /// The same once `by` names a form.
    pub(super) fn once_chosen(&self, by: &str, name: &str) -> Self {
        let inner = |shape: &Self| Box::new(shape.once_chosen(by, name));
        match self {
            Self::Chosen { by: known, forms } if *known == by => {
                forms.get(name).cloned().unwrap_or(Self::Anything)
            }
            Self::List(of) => Self::List(inner(of)),
            Self::Map(of) => Self::Map(inner(of)),
            Self::Either(forms) => {
                Self::Either(forms.iter().map(|form| form.once_chosen(by, name)).collect())
            }
            other => other.clone(),
        }
    }

    /// The shape as JSON Schema, for what a client sends or for what it gets.
    pub fn schema(&self) -> Value {
        match self {
            Self::Named(name) => json!({ "$ref": format!("#/components/schemas/{}", schema_name(name)) }),
            Self::Object(object) => object.schema(),
            Self::List(of) => json!({ "type": "array", "items": of.schema() }),
            Self::Map(of) => json!({ "type": "object", "additionalProperties": of.schema() }),
            Self::Either(forms) => json!({ "anyOf": forms.iter().map(Self::schema).collect::<Vec<_>>() }),
            Self::Chosen { forms, .. } => match forms.values().next() {
                // Which values there are is said once, by what chooses.
                Some(Self::Value(scalar)) => Scalar::of(scalar.kind).schema(),
                _ => json!({ "anyOf": forms.values().map(Self::schema).collect::<Vec<_>>() }),
            },
            Self::Value(scalar) => scalar.schema(),
            Self::Anything => json!({}),
            Self::Bytes => json!({ "type": "string", "format": "binary" }),
        }
    }
}

/// Names that generators of clients have for classes of their own.
const TAKEN: [&str; 4] = ["AuthenticatedClient", "Client", "Response", "Unset"];

/// What a component is called in documents: one word, as generators of clients want it. `customer.row` is `CustomerRow`.
pub(super) fn schema_name(component: &str) -> String {
    let words = component.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    let name = words.fold(String::new(), |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name + letters.as_str()
    });
    if TAKEN.contains(&name.as_str()) { name + "Record" } else { name }
}

impl Object {
    /// One of these members and no others.
    pub fn of<'a>(members: impl IntoIterator<Item = (&'a str, Member)>) -> Self {
        let members = members.into_iter().map(|(name, member)| (name.to_owned(), member));
        Self { members: members.collect(), ..Self::default() }
    }

    /// One of the fields of a profile: attributes of the simulator's own are left out, and what the server fills is
    /// ignored where a client writes.
    pub fn of_fields(fields: &IndexMap<String, Field>, purpose: Purpose) -> Self {
        let shown = fields.iter().filter(|(name, _)| !name.starts_with('_'));
        let members = shown.map(|(name, field)| (name.clone(), Member::of_field(field, purpose)));
        Self { members: members.collect(), ..Self::default() }
    }

    /// The records of an entity: an answer shows every field, null where there is nothing; only what must be asked for by
    /// name may be absent.
    pub fn of_records(table: &Table, purpose: Purpose) -> Self {
        let mut object = Self::of_fields(&table.entity.fields, purpose).about(&table.entity.about);
        object.record = Some((table.name.clone(), table.entity.keys.clone()));
        let shown = object.members.iter_mut().filter(|_| purpose == Purpose::Answer);
        for (name, member) in shown {
            let Some(field) = table.entity.fields.get(name) else { continue };
            member.required = !field.on_demand;
            member.is_nullable = !(field.required || table.entity.keys.first() == Some(name));
        }
        object
    }

    /// The same with what it stands for.
    #[must_use]
    pub fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    /// The same, all of whose members are always there.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.members.values_mut().for_each(|member| member.required = true);
        self
    }

    /// The same, open to members that nobody describes, or not.
    #[must_use]
    pub fn open(self, is_open: bool) -> Self {
        Self { is_open, ..self }
    }

    /// The same, open throughout: the objects in its members too.
    #[must_use]
    pub fn open_throughout(self) -> Self {
        let opened = |member: Member| Member { shape: member.shape.open_throughout(), ..member };
        let members = self.members.into_iter().map(|(name, member)| (name, opened(member)));
        Self { members: members.collect(), is_open: true, ..self }
    }

    /// The same with one member more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, member: Member) -> Self {
        self.members.insert(name.into(), member);
        self
    }

    /// The member that `name` means: by its name, by its name in another case, or by an alias.
    pub fn member(&self, name: &str) -> Option<(&str, &Member)> {
        if let Some((name, member)) = self.members.get_key_value(name) {
            return Some((name, member));
        }
        let same = |other: &str| is_same(other, name);
        let found = self
            .members
            .iter()
            .find(|(known, member)| same(known) || member.aliases.iter().any(|alias| same(alias)));
        found.map(|(name, member)| (name.as_str(), member))
    }

    fn schema(&self) -> Value {
        let sent = self.members.iter().filter(|(_, member)| !member.is_ignored);
        let properties: Map<String, Value> =
            sent.map(|(name, member)| (name.clone(), member.schema())).collect();
        let required = self.members.iter().filter(|(_, member)| member.required);
        let required: Vec<&str> = required.map(|(name, _)| name.as_str()).collect();
        let mut schema = json!({ "type": "object" });
        if !self.about.is_empty() {
            schema["description"] = self.about.as_str().into();
        }
        if !properties.is_empty() {
            schema["properties"] = properties.into();
        }
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        if !self.is_open {
            schema["additionalProperties"] = false.into();
        }
        schema
    }
}

impl Member {
    /// A member that is always there.
    pub fn always(shape: Shape, evidence: Evidence) -> Self {
        Self {
            shape,
            required: true,
            is_ignored: false,
            is_nullable: false,
            aliases: Vec::new(),
            evidence,
            about: String::new(),
        }
    }

    /// A member that may be absent or null.
    pub fn maybe(shape: Shape, evidence: Evidence) -> Self {
        Self { required: false, is_nullable: true, ..Self::always(shape, evidence) }
    }

    /// The member that a field of a profile makes.
    pub fn of_field(field: &Field, purpose: Purpose) -> Self {
        let is_ignored = !field.write.allows(purpose);
        Self {
            shape: Shape::of_field(field, purpose),
            required: purpose == Purpose::Create && field.required && !is_ignored,
            is_ignored,
            is_nullable: purpose == Purpose::Answer || !field.required,
            aliases: field.aliases.clone(),
            evidence: field.evidence,
            about: field.about.clone(),
        }
    }

    /// The same with what it means.
    #[must_use]
    pub fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    fn schema(&self) -> Value {
        let mut schema = self.shape.schema();
        if self.is_nullable {
            schema = nullable(schema);
        }
        if !self.about.is_empty() {
            schema["description"] = self.about.as_str().into();
        }
        schema["x-evidence"] = json!(self.evidence);
        schema
    }
}

/// The same schema, which takes null too.
fn nullable(mut schema: Value) -> Value {
    if let Some(Value::String(kind)) = schema.get("type") {
        schema["type"] = json!([kind, "null"]);
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            values.push(Value::Null);
        }
        return schema;
    }
    if schema.as_object().is_some_and(Map::is_empty) {
        return schema;
    }
    json!({ "anyOf": [schema, { "type": "null" }] })
}
