//! A request against the contract: what of it nobody documents, and which facts it used.

mod credentials;
mod headers;

use std::borrow::Cow;

use crate::base::map::IndexMap;
use odata::{Expr, parse_orderby, parse_paths};
use serde_json::{Map, Value};

use super::content::media;
use super::facts::owner;
use super::value::is_nothing;
use super::words::{refusal, synonym};
use super::{
    Content, Contract, Found, Holds, Object, Operation, Parameter, ParameterLocation, Shape, Violation,
};
use crate::base::diagnostics::nearest;
use crate::base::request::RequestView;
use crate::base::urlencoded::pairs;
use crate::entity::profile::FieldKind;

/// What came of a check.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What is outside the contract.
    pub violations: Vec<Violation>,
    /// The assumed facts that were used, and the recorded ones, by number.
    pub assumptions: Vec<u32>,
    /// Fields of the body that the server has no use for, when it takes the request at all.
    pub ignored: Vec<Ignored>,
    /// Which operation it is, by its place.
    pub operation: Option<usize>,
}

/// A field that a client sent for nothing.
#[derive(Clone, Debug)]
pub struct Ignored {
    /// Where: its path (`lines[0].quantity`).
    pub position: String,
    /// The nearest field there is; none where it is a field that only the server writes.
    pub nearest: Option<String>,
    /// `"name":value`, as the server itself says it in answers; nothing for a field that is unknown.
    pub spoken: Option<String>,
}

/// A check under way.
struct Check<'a> {
    contract: &'a Contract,
    place: usize,
    operation: &'a Operation,
    found: &'a Found,
    request: &'a RequestView<'a>,
    /// The body, where it is JSON.
    body: Option<&'a Value>,
    violations: Vec<Violation>,
    ignored: Vec<Ignored>,
    facts: Vec<u32>,
}

impl Contract {
    /// Checks a request that leads where [`Contract::find`] says. `HEAD` is read as `GET`; `OPTIONS` is a question about
    /// the contract, not outside it.
    pub fn check(&self, request: &RequestView<'_>, found: &Found) -> Checked {
        if self.operations.is_empty() || request.method == "OPTIONS" {
            return Checked::default();
        }
        let Some(place) = found.operation.filter(|place| self.lists(*place, found)) else {
            let method = if request.method == "HEAD" { "GET" } else { request.method.as_str() };
            let violations = vec![self.misdirected(method, request.path)];
            return Checked { violations, ..Checked::default() };
        };
        let alias = found.is_alias.then(|| self.alias(request.path, found));
        let operation = &self.operations[place];
        let body = operation.body.as_ref().and_then(|content| content.read(request));
        let mut check = Check::new(self, place, found, request, body.as_deref());
        check.violations.extend(alias);
        check.use_fact(self.facts().operation(place));
        check.headers();
        check.credentials();
        check.query();
        match &operation.body {
            Some(content) => check.body(content),
            None if request.method == "GET" && !request.body.is_empty() => {
                let message = format!("GET {} takes no body", request.path);
                check.violation("body", "body", message, None);
            }
            None => {}
        }
        let assumptions = check.facts.iter().copied().filter(|fact| self.facts().hit(*fact)).collect();
        let Check { violations, ignored, .. } = check;
        Checked { violations, assumptions, ignored, operation: Some(place) }
    }

    /// A path with other words than the documented ones.
    fn alias(&self, path: &str, found: &Found) -> Violation {
        let meant = self.paths().spelled(path, found);
        let message = format!("{path} is read as {meant}, which is its documented name");
        Violation::new("alias", path, message, Some(meant))
    }

    pub(super) fn object<'a>(&'a self, shape: &'a Shape, name: &mut Cow<'a, str>) -> Option<&'a Object> {
        match shape {
            Shape::Named(component) => {
                *name = Cow::Borrowed(owner(component));
                self.components.get(component)
            }
            Shape::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl<'a> Check<'a> {
    fn new(
        contract: &'a Contract,
        place: usize,
        found: &'a Found,
        request: &'a RequestView<'a>,
        body: Option<&'a Value>,
    ) -> Self {
        let operation = &contract.operations[place];
        Self {
            contract,
            place,
            operation,
            found,
            request,
            body,
            violations: Vec::new(),
            ignored: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// The form that the request names.
    fn chosen<'s>(&self, by: &str, forms: &'s IndexMap<String, Shape>) -> Option<&'s Shape> {
        let named = |name: &str| forms.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = match self.contract.paths().variable(self.found, by) {
            Some(held) => Cow::Borrowed(held),
            None => match pairs(self.request.query).find(|(name, _)| name.eq_ignore_ascii_case(by)) {
                Some((_, value)) => value,
                None => {
                    let members = self.body?.as_object()?;
                    members.iter().find(|(name, _)| name.eq_ignore_ascii_case(by))?.1.as_str()?.into()
                }
            },
        };
        named(&value).map(|(_, form)| form)
    }

    fn use_fact(&mut self, fact: Option<u32>) {
        self.facts.extend(fact.filter(|fact| !self.facts.contains(fact)));
    }

    fn use_parameter(&mut self, name: &str) {
        self.use_fact(self.contract.facts().parameter(self.place, name));
    }

    fn violation(&mut self, rule: &'static str, position: &str, message: String, nearest: Option<String>) {
        self.violations.push(Violation::new(rule, position, message, nearest));
    }

    fn missing(&mut self, what: &str, name: &str) {
        self.violation("required", name, format!("the {what} {name} is missing"), Some(name.to_owned()));
    }

    fn query(&mut self) {
        let operation = self.operation;
        let known =
            || operation.parameters.iter().filter(|parameter| parameter.location == ParameterLocation::Query);
        let sent: Vec<(Cow<'_, str>, Cow<'_, str>)> = pairs(self.request.query).collect();
        for (name, value) in &sent {
            let name = name.trim();
            match known().find(|parameter| parameter.is_named(name)) {
                Some(parameter) => {
                    self.use_parameter(&parameter.name);
                    if !parameter.name.eq_ignore_ascii_case(name) {
                        let (known, nearest) = (&parameter.name, parameter.name.to_string());
                        let message = format!("{name} is read as {known}, which is its documented name");
                        self.violation("alias", name, message, Some(nearest));
                    }
                    self.parameter(parameter, value.trim());
                }
                None => {
                    let names = || known().map(|parameter| parameter.name.as_ref());
                    let nearest = synonym(name, names()).or_else(|| nearest(name, names()));
                    let message = format!("the parameter {name} is not documented");
                    self.violation("parameter", name, message, nearest.map(str::to_owned));
                }
            }
        }
        for parameter in known() {
            let times = sent.iter().filter(|(name, _)| parameter.is_named(name.trim())).count();
            if times > 1 {
                let name = &parameter.name;
                self.violation("parameter", name, format!("{name} is given {times} times"), None);
            }
        }
        for parameter in known().filter(|parameter| parameter.required) {
            if !sent.iter().any(|(name, _)| parameter.is_named(name.trim())) {
                self.missing("parameter", &parameter.name);
            }
        }
    }

    fn parameter(&mut self, parameter: &Parameter, value: &str) {
        let name = &parameter.name;
        let refused = match &parameter.holds {
            Holds::Value(scalar) => {
                let parsed = match scalar.kind {
                    FieldKind::Text => Value::from(value),
                    _ => serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)),
                };
                scalar.refuses(&parsed).map(|(why, nearest)| (0, why, nearest))
            }
            Holds::Filter(component) => Expr::parse(value).map_or_else(
                |error| Some(refusal(value, &error)),
                |filter| {
                    let paths = filter.conditions().filter_map(Expr::path);
                    self.unknown_path(component, paths)
                },
            ),
            Holds::Order(component) => parse_orderby(value).map_or_else(
                |error| Some(refusal(value, &error)),
                |orders| self.unknown_path(component, orders.iter().map(|order| &order.path)),
            ),
            Holds::Paths | Holds::Selection => parse_paths(value).err().map(|error| refusal(value, &error)),
        };
        if let Some((position, why, nearest)) = refused {
            let place = if position == 0 { name.to_string() } else { format!("{name}:{position}") };
            self.violation("parameter", &place, format!("{name}: {why}"), nearest);
        }
    }

    /// The first path that names no field of a component, as a refusal.
    fn unknown_path<'p>(
        &mut self,
        component: &str,
        paths: impl Iterator<Item = &'p odata::Path>,
    ) -> Option<(usize, String, Option<String>)> {
        let contract = self.contract;
        let mut found = None;
        for path in paths {
            let mut object = contract.components.get(component);
            let mut owner = Cow::Borrowed(owner(component));
            for segment in path.segments() {
                let Some(inner) = object else { break };
                let Some((name, member)) = inner.member(segment) else {
                    if !inner.members.is_empty() && found.is_none() {
                        let nearest = nearest(segment, inner.members.keys().map(String::as_str));
                        let why = format!("unknown field {segment}");
                        found = Some((path.position() + 1, why, nearest.map(str::to_owned)));
                    }
                    break;
                };
                let name = format!("{owner}.{name}");
                self.use_fact(contract.facts().field(&name));
                owner = Cow::Owned(name);
                let mut shape = &member.shape;
                while let Shape::List(of) = shape {
                    shape = of;
                }
                object = contract.object(shape, &mut owner);
            }
        }
        found
    }

    fn body(&mut self, content: &Content) {
        if self.request.body.is_empty() {
            if content.required {
                let body = "body".to_owned();
                self.violation("required", &body, "the body is missing".to_owned(), Some(body.clone()));
            }
            return;
        }
        let media = media(self.request);
        if !content.takes(media) {
            let message = match media {
                "" => "the request has no Content-Type".to_owned(),
                media => format!("the media type {media} is not documented"),
            };
            self.violation(
                "content-type",
                "content-type",
                message,
                content.media.first().map(|&media| media.to_owned()),
            );
            return;
        }
        // A body that cannot be read is the simulator's to refuse: some take more than JSON.
        if let Some(body) = self.body {
            self.walk(&content.shape, body, "", &self.operation.title());
        }
    }

    /// `owner` is what fields are counted under.
    fn walk(&mut self, shape: &Shape, value: &Value, path: &str, owner: &str) {
        match (shape, value) {
            (Shape::Anything | Shape::Bytes, _) => {}
            (Shape::Named(_) | Shape::Object(_), Value::Object(sent)) => {
                let mut owner = Cow::Borrowed(owner);
                if let Some(object) = self.contract.object(shape, &mut owner) {
                    self.members(object, sent, path, &owner);
                }
            }
            (Shape::Map(of), Value::Object(sent)) => {
                sent.iter().for_each(|(name, value)| self.walk(of, value, &joined(path, name), owner));
            }
            (Shape::List(of), Value::Array(items)) => {
                let items = items.iter().enumerate();
                items.for_each(|(at, item)| self.walk(of, item, &format!("{path}[{at}]"), owner));
            }
            (Shape::Either(forms), value) => self.either(forms, value, path, owner),
            (Shape::Chosen { by, forms }, value) => {
                if let Some(form) = self.chosen(by, forms) {
                    self.walk(form, value, path, owner);
                }
            }
            (Shape::Value(scalar), value) => {
                if let Some((why, nearest)) = scalar.refuses(value) {
                    let rule = if scalar.values.is_empty() { "type" } else { "value" };
                    self.violation(rule, path, format!("{path} {why}"), nearest);
                }
            }
            (shape, _) => {
                let kind = if matches!(shape, Shape::List(_)) { "a list" } else { "an object" };
                let what = if path.is_empty() { "the body" } else { path };
                self.violation("type", path, format!("{what} must be {kind}"), Some(kind.to_owned()));
            }
        }
    }

    /// Of several forms, the one that the value comes nearest to.
    fn either(&mut self, forms: &[Shape], value: &Value, path: &str, owner: &str) {
        let tried = forms.iter().map(|form| {
            let mut check = Check::new(self.contract, self.place, self.found, self.request, self.body);
            check.walk(form, value, path, owner);
            check
        });
        if let Some(best) = tried.min_by_key(|check| check.violations.len()) {
            self.violations.extend(best.violations);
            self.ignored.extend(best.ignored);
            self.facts.extend(best.facts);
        }
    }

    fn members(&mut self, object: &Object, sent: &Map<String, Value>, path: &str, owner: &str) {
        // What was meant by names that nobody documents: it is not missing too.
        let mut meant = Vec::new();
        for (sent_name, value) in sent {
            let place = joined(path, sent_name);
            let Some((name, member)) = object.member(sent_name) else {
                if !object.is_open {
                    let nearest = nearest(sent_name, object.members.keys().map(String::as_str));
                    meant.extend(nearest);
                    let (message, nearest) =
                        (format!("the field {place} is not documented"), nearest.map(str::to_owned));
                    self.ignored.push(Ignored {
                        position: place.clone(),
                        nearest: nearest.clone(),
                        spoken: None,
                    });
                    self.violation("field", &place, message, nearest);
                }
                continue;
            };
            let is_alias = |alias: &String| alias.eq_ignore_ascii_case(sent_name);
            if !name.eq_ignore_ascii_case(sent_name) && member.aliases.iter().any(is_alias) {
                let message = format!("{place} is read as {name}, which is its documented name");
                self.violation("alias", &place, message, Some(name.to_owned()));
            }
            let fact = format!("{owner}.{name}");
            self.use_fact(self.contract.facts().field(&fact));
            if member.is_ignored && !is_nothing(value) {
                let spoken = Some(format!("\"{name}\":{value}"));
                self.ignored.push(Ignored { position: place.clone(), nearest: None, spoken });
            }
            if !(member.is_ignored || value.is_null() && member.is_nullable) {
                self.walk(&member.shape, value, &place, &fact);
            }
        }
        for (name, _) in object.members.iter().filter(|(_, member)| member.required) {
            let is_sent = sent.keys().any(|sent| object.member(sent).is_some_and(|(known, _)| known == name));
            if !is_sent && !meant.contains(&name.as_str()) {
                self.missing("field", &joined(path, name));
            }
        }
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
