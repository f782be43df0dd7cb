//! The facts that a refusal is about: what a contract has of the part of a request that is wrong.

use super::facts::owner;
use super::{Contract, Fact, Operation, ParameterLocation, Shape, Violation};

impl Contract {
    /// The fact that there is the operation at this place.
    pub fn operation_fact(&self, place: usize) -> Option<&Fact> {
        self.facts().get(self.facts().operation(place)?)
    }

    /// The fact that the operation at this place answers so.
    pub fn status_fact(&self, place: usize, status: u16) -> Option<&Fact> {
        self.facts().get(self.facts().status(place, status)?)
    }

    /// The fact that a violation is about: that there is the operation, the parameter or the field that was meant; where
    /// there is no such, the operation itself.
    pub fn violated_fact(&self, place: Option<usize>, violation: &Violation) -> Option<&Fact> {
        if matches!(violation.rule, "path" | "verb") {
            return self.operation_fact(self.operation_named(violation.nearest.as_deref()?)?);
        }
        let place = place?;
        if violation.rule == "body" {
            return self.operation_fact(place);
        }
        let names = [violation.nearest.as_deref(), Some(violation.position.as_str())];
        let parameter = || names.iter().flatten().find_map(|name| self.parameter_fact(place, name));
        // What it is one of, its sentence says: a type of a document, the list that the field is in.
        let owner = violation.message.split('"').skip(1).step_by(2).nth(1);
        let owned = || {
            let mut names = names.iter().flatten();
            names.find_map(|name| self.named_fact(&format!("{}.{name}", owner?)))
        };
        let field =
            || owned().or_else(|| names.iter().flatten().find_map(|name| self.field_fact(place, name)));
        parameter().or_else(field).or_else(|| self.operation_fact(place))
    }

    /// The headers that carry credentials: those of the way in that asks for fewest.
    pub fn credential_headers(&self) -> Vec<&str> {
        let ways = self.security.iter().filter(|way| !way.is_empty());
        let headers = ways.map(|way| way.iter().map(|scheme| scheme.header.as_str()).collect::<Vec<_>>());
        headers.min_by_key(Vec::len).unwrap_or_default()
    }

    /// Whether a header carries credentials, or is taken for one that does.
    pub fn is_credential(&self, header: &str) -> bool {
        let mut schemes = self.security.iter().flatten();
        schemes.any(|scheme| {
            scheme.header.eq_ignore_ascii_case(header) || self.is_mistaken(&scheme.header, header)
        })
    }

    /// Whether the operation at this place has a parameter of that name there.
    pub fn has_parameter(&self, place: usize, name: &str, location: ParameterLocation) -> bool {
        let operation = self.operations.get(place);
        operation.is_some_and(|operation| {
            operation.parameters.iter().any(|one| one.location == location && one.is_named(name))
        })
    }

    /// The operation that a nearest form names: `GET /v1/order`, `GET, PUT /v1/order`, or a path alone.
    fn operation_named(&self, nearest: &str) -> Option<usize> {
        let by_title = self.operations.iter().position(|operation| operation.title() == nearest);
        let path = nearest.rsplit(' ').next().unwrap_or(nearest);
        by_title.or_else(|| self.operations.iter().position(|operation| operation.path == path))
    }

    fn parameter_fact(&self, place: usize, name: &str) -> Option<&Fact> {
        // A place inside its value stands behind the name: `$filter:8`.
        let name = name.split(':').next().unwrap_or(name);
        self.facts().get(self.facts().parameter(place, name)?)
    }

    fn named_fact(&self, name: &str) -> Option<&Fact> {
        self.facts().iter().map(|(fact, _)| fact).find(|fact| fact.kind == "field" && fact.name == name)
    }

    /// The field that the last part of a path names, of those that the operation takes.
    fn field_fact(&self, place: usize, path: &str) -> Option<&Fact> {
        let leaf = path.rsplit('.').next()?.split('[').next()?;
        let owner = self.operations.get(place).and_then(body_owner);
        let fields = || self.facts().iter().map(|(fact, _)| fact).filter(|fact| fact.kind == "field");
        let is_leaf = |fact: &&Fact| fact.name.rsplit('.').next() == Some(leaf);
        let is_owned = |fact: &&Fact| owner.is_some_and(|owner| fact.name.split('.').next() == Some(owner));
        // Of several of one name, the one in the same list or object.
        let within: String = path.split('[').filter_map(|part| part.split(']').next_back()).collect();
        let is_within = |fact: &&Fact| within.contains('.') && fact.name.ends_with(&format!(".{within}"));
        let owned = fields().filter(is_owned).find(is_within);
        let owned = owned.or_else(|| fields().filter(is_owned).find(is_leaf));
        owned.or_else(|| fields().find(is_leaf))
    }
}

/// What the fields of an operation's body are counted under.
fn body_owner(operation: &Operation) -> Option<&str> {
    let mut shape = &operation.body.as_ref()?.shape;
    while let Shape::List(of) | Shape::Map(of) = shape {
        shape = of;
    }
    match shape {
        Shape::Named(component) => Some(owner(component)),
        _ => None,
    }
}
