//! What a scenario expects of the client, as data; what is counted for it stands in [`crate::rules::counting`].

use crate::base::map::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::diagnostics::{nearest, unknown};
use crate::base::written::as_written;
use crate::entity::profile::{Field, Unknown};
use crate::rules::kinds::KINDS;
use crate::rules::request::Request;
use crate::rules::values::{check_length, check_lengths, check_span, words};
use crate::simulator::{Loaded, find};

/// One expectation: requests that come so often, or in an order, or never; or nothing outside the contract; or every
/// fault met; or so many such records in the end; or no verdicts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "keys of a scenario file")]
pub struct Expectation {
    /// Its name; given one when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which requests are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// That `request` names what the server does not document, on purpose.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub undocumented: bool,
    /// How often they come; at least once when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
    /// That they never come.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub never: bool,
    /// That they come after those of the expectation of the same name before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_order: Option<String>,
    /// That no request is outside the contract.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_violations: bool,
    /// That every fault of the scenario strikes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all_faults_hit: bool,
    /// Which records there are in the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordExpectation>,
    /// That there are no verdicts: `true` for errors and warnings, a list of kinds, or `{ except: [kinds] }`.
    #[schemars(schema_with = "verdicts_schema")]
    #[serde(skip_serializing_if = "Value::is_null")]
    pub no_verdicts: Value,
}

/// The records of an entity that are there in the end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecordExpectation {
    /// The simulator's slug.
    pub server: String,
    /// The entity.
    pub entity: String,
    /// The company, where the vendor has companies; the usual one when nothing is said.
    #[schemars(schema_with = "company_schema")]
    #[serde(skip_serializing_if = "Value::is_null", deserialize_with = "as_written")]
    pub company: Value,
    /// What their fields hold; null for one that is absent or null.
    #[schemars(schema_with = "crate::rules::values::texts_schema")]
    #[serde(rename = "where", skip_serializing_if = "IndexMap::is_empty", deserialize_with = "as_written")]
    pub fields: IndexMap<String, Value>,
    /// How many there are; at least one when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
}

/// How often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Times {
    /// This often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exactly: Option<u64>,
    /// This often or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u64>,
    /// This often or less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
}

/// `once`, `3 times`.
pub fn often(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

impl Times {
    fn check(self) -> Result<(), String> {
        let Self { exactly, at_least, at_most } = self;
        let is_too_much = exactly.is_some() && (at_least.is_some() || at_most.is_some());
        if is_too_much || at_least.zip(at_most).is_some_and(|(least, most)| least > most) {
            return Err("no count meets these `times`".to_owned());
        }
        if (exactly, at_least, at_most) == (None, None, None) {
            return Err("`times` says `exactly`, `at_least` or `at_most`".to_owned());
        }
        Ok(())
    }

    fn words(self) -> String {
        let bound = |word: &str, count: Option<u64>| count.map(|count| format!("{word} {}", often(count)));
        let Self { exactly, at_least, at_most } = self;
        let bounds = [bound("exactly", exactly), bound("at least", at_least), bound("at most", at_most)];
        bounds.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn are_met(self, count: u64) -> bool {
        let Self { exactly, at_least, at_most } = self;
        exactly.is_none_or(|times| count == times)
            && at_least.is_none_or(|times| count >= times)
            && at_most.is_none_or(|times| count <= times)
    }

    fn are_too_few(self, count: u64) -> bool {
        self.exactly.or(self.at_least).is_some_and(|times| count < times)
    }
}

/// At least once.
const ONCE: Times = Times { exactly: None, at_least: Some(1), at_most: None };
/// Never.
const NEVER: Times = Times { exactly: Some(0), at_least: None, at_most: None };

impl Expectation {
    /// Whether it can be judged by these servers.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn check(&self, servers: &[Loaded]) -> Result<(), String> {
        let kinds = [
            self.request.is_some(),
            self.no_violations,
            self.all_faults_hit,
            self.record.is_some(),
            !self.no_verdicts.is_null(),
        ];
        if kinds.iter().filter(|given| **given).count() != 1 {
            let kinds =
                "a `request`, a `record`, `no_violations: true`, `no_verdicts: …` or `all_faults_hit: true`";
            return Err(format!("an expectation is {kinds}"));
        }
        if self.request.is_none()
            && (self.times.is_some() || self.never || self.in_order.is_some() || self.undocumented)
        {
            return Err("`times`, `never`, `in_order` and `undocumented` belong to a `request`".to_owned());
        }
        if self.never && (self.times.is_some() || self.in_order.is_some()) {
            return Err("what comes `never` has neither `times` nor an order".to_owned());
        }
        check_length("id", self.id.as_deref().unwrap_or_default())?;
        check_length("in_order", self.in_order.as_deref().unwrap_or_default())?;
        self.times.map_or(Ok(()), Times::check)?;
        if let Some(record) = &self.record {
            record.check(servers)?;
        }
        check_verdicts(&self.no_verdicts)?;
        let slugs: Vec<&str> = servers.iter().map(|server| server.sim.slug).collect();
        self.request.as_ref().map_or(Ok(()), |request| request.check(&slugs))
    }

    /// What is expected, as a sentence; `mask` gives what may be told of a value of a field of that name.
    pub fn description(&self, mask: impl Fn(&str, &str) -> String) -> String {
        if let Some(record) = &self.record {
            return record.description(mask);
        }
        if !self.no_verdicts.is_null() {
            return match &self.no_verdicts {
                Value::Array(kinds) => format!("no verdict is {}", list(kinds, " or ")),
                Value::Object(except) => {
                    let kinds = except.get("except").and_then(Value::as_array).map(Vec::as_slice);
                    format!(
                        "no verdict is an error or a warning, but for {}",
                        list(kinds.unwrap_or_default(), " and ")
                    )
                }
                _ => "no verdict is an error or a warning".to_owned(),
            };
        }
        let Some(request) = &self.request else {
            let what =
                if self.no_violations { "no request is outside the contract" } else { "every fault strikes" };
            return what.to_owned();
        };
        let bounds = if self.never { "never".to_owned() } else { self.bounds().words() };
        let order =
            self.in_order.as_ref().map(|name| format!(", in its turn in `{name}`")).unwrap_or_default();
        format!("{request}: {bounds}{order}")
    }

    fn bounds(&self) -> Times {
        if self.never { NEVER } else { self.times.unwrap_or(ONCE) }
    }

    /// Whether requests that came so often are what is expected; `in_turn` is whether one came when it was its turn.
    pub fn is_met(&self, count: u64, in_turn: bool) -> bool {
        self.bounds().are_met(count) && (self.in_order.is_none() || in_turn)
    }

    /// Whether more requests, or others, would have met it.
    pub fn wants_more(&self, count: u64, in_turn: bool) -> bool {
        self.bounds().are_too_few(count) || self.in_order.is_some() && !in_turn
    }

    /// Whether a verdict of this kind is one that must not be; `is_advice` is whether its severity is no more than that.
    pub fn forbids(&self, kind: &str, is_advice: bool) -> bool {
        let names = |kinds: &[Value]| kinds.iter().any(|known| known == kind);
        match &self.no_verdicts {
            Value::Array(kinds) => names(kinds),
            Value::Object(except) => {
                let kinds = except.get("except").and_then(Value::as_array).map(Vec::as_slice);
                !is_advice && !names(kinds.unwrap_or_default())
            }
            Value::Bool(all) => *all && !is_advice,
            _ => false,
        }
    }
}

impl RecordExpectation {
    /// The company as the vendor names it.
    pub fn company(&self) -> Option<String> {
        (!self.company.is_null()).then(|| words(&self.company).into_owned())
    }

    /// Whether so many are what is expected.
    pub fn is_met(&self, count: u64) -> bool {
        self.times.unwrap_or(ONCE).are_met(count)
    }

    fn check(&self, servers: &[Loaded]) -> Result<(), String> {
        let (_, server) = find(servers, &self.server)?;
        let table = server.model.table(&self.entity);
        let entities = || server.model.tables.keys().map(String::as_str);
        let table = table.ok_or_else(|| unknown("entity", &self.entity, entities()))?;
        if !self.company.is_null() && server.model.profile.tenant.is_none() {
            return Err(format!("{} has no companies", self.server));
        }
        check_length("company", &words(&self.company))?;
        check_lengths("where", &self.fields)?;
        for (path, expected) in &self.fields {
            if let Some((name, known)) = unknown_field(&table.entity.fields, path) {
                let is_near = nearest(name, known.iter().copied()).is_some();
                if is_near || !keeps_unknown(server) {
                    return Err(unknown("field", name, known.into_iter()));
                }
            }
            check_span(path, expected)?;
        }
        self.times.map_or(Ok(()), Times::check)
    }

    /// The first field that no record of the entity has by itself, where records may have others too; a sentence.
    pub fn doubt(&self, servers: &[Loaded]) -> Option<(&str, String)> {
        let (_, server) = find(servers, &self.server).ok()?;
        let fields = &server.model.table(&self.entity)?.entity.fields;
        self.fields.keys().filter(|_| keeps_unknown(server)).find_map(|path| {
            let (name, known) = unknown_field(fields, path)?;
            Some((path.as_str(), unknown("field", name, known.into_iter())))
        })
    }

    fn description(&self, mask: impl Fn(&str, &str) -> String) -> String {
        let company = self.company().map(|company| format!(" of company {company}")).unwrap_or_default();
        let field = |(name, value): (&String, &Value)| match value {
            Value::Null => format!("{name} `null`"),
            Value::Object(_) => format!("{name} {}", mask(name, &words(value))),
            value => format!("{name} `{}`", mask(name, &words(value))),
        };
        let fields: Vec<String> = self.fields.iter().map(field).collect();
        let fields =
            if fields.is_empty() { String::new() } else { format!(" with {}", fields.join(" and ")) };
        let Self { server, entity, .. } = self;
        format!("{server} has {entity}{company}{fields}: {}", self.times.unwrap_or(ONCE).words())
    }
}

/// Whether records of the server may have fields that nobody describes.
fn keeps_unknown(server: &Loaded) -> bool {
    matches!(server.model.profile.unknown_properties, Unknown::Keep)
}

/// The first name on a dotted path that is no field there, and those that are; nothing when all are.
fn unknown_field<'p>(
    mut fields: &'p IndexMap<String, Field>,
    path: &'p str,
) -> Option<(&'p str, Vec<&'p str>)> {
    if fields.contains_key(path) {
        return None;
    }
    for name in path.split('.') {
        let Some(field) = fields.get(name) else {
            // What begins with `_` is nobody's to name.
            let known = fields.keys().map(String::as_str).filter(|known| !known.starts_with('_'));
            return Some((name, known.collect()));
        };
        // What is inside may be anybody's.
        if field.fields.is_empty() {
            return None;
        }
        fields = &field.fields;
    }
    None
}

fn list(kinds: &[Value], between: &str) -> String {
    kinds.iter().map(|kind| format!("`{}`", words(kind))).collect::<Vec<_>>().join(between)
}

fn check_verdicts(given: &Value) -> Result<(), String> {
    let refuse = || "`no_verdicts` is `true`, a list of kinds, or `{ except: [kinds] }`".to_owned();
    let kinds = match given {
        Value::Null | Value::Bool(true) => return Ok(()),
        Value::Array(kinds) => kinds,
        Value::Object(except) if except.len() == 1 => {
            except.get("except").and_then(Value::as_array).ok_or_else(refuse)?
        }
        _ => return Err(refuse()),
    };
    if kinds.is_empty() {
        return Err(refuse());
    }
    for kind in kinds {
        let kind = kind.as_str().ok_or_else(refuse)?;
        if !kind_names().any(|known| known == kind) {
            return Err(unknown("verdict", kind, kind_names()));
        }
    }
    Ok(())
}

fn kind_names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, ..)| *name)
}

fn verdicts_schema(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = kind_names().collect();
    let kinds = json!({ "type": "array", "items": { "type": "string", "enum": names }, "minItems": 1 });
    json_schema!({ "anyOf": [
        { "const": true },
        kinds,
        { "type": "object", "properties": { "except": kinds }, "required": ["except"], "additionalProperties": false },
    ] })
}

fn company_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "integer"] })
}
