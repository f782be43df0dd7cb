//! What of a GraphQL request is outside the schema, from the engine's own words; and what of the schema it used.

use std::collections::HashSet;

use graphql_js::ast::At;
use graphql_js::schema::Type;
use graphql_js::{Problem, Schema, location};
use serde_json::Value;
use simcore::contract::Violation;

use crate::execute::selected::{Selected, Tree};
use crate::filter::{OPERATORS, meant};

/// One violation a problem; that an argument is missing whose misspelt name has been said is not said again.
pub(crate) fn of_problems(text: &str, is_syntax: bool, problems: &[Problem]) -> Vec<Violation> {
    let found: Vec<Violation> = problems.iter().map(|problem| of_problem(text, is_syntax, problem)).collect();
    let misspelt: HashSet<String> =
        found.iter().filter(|one| one.rule != "required").filter_map(|one| one.nearest.clone()).collect();
    let is_new = |one: &Violation| {
        one.rule != "required" || one.nearest.as_ref().is_none_or(|name| !misspelt.contains(name))
    };
    found.into_iter().filter(is_new).collect()
}

fn of_problem(text: &str, is_syntax: bool, problem: &Problem) -> Violation {
    let message = problem.message.as_str();
    let position = problem.at.first().map_or_else(|| "query".to_owned(), |at| place(text, *at));
    // What is said of a variable's value comes after the value itself.
    let said = match message.strip_prefix("Variable ") {
        Some(_) => message.rsplit("; ").next().unwrap_or(message),
        None => message,
    };
    let quoted = |number: usize| said.split('"').skip(1).step_by(2).nth(number).map(str::to_owned);
    let meant =
        said.split_once("Did you mean ").and_then(|(_, meant)| meant.split('"').nth(1)).map(str::to_owned);
    let has = |part: &str| said.contains(part);
    // What every call is below, the vendor's first mistake.
    let below = || {
        let call = quoted(0).filter(|_| has("on type \"Query\""))?;
        CALLS.contains(&call.as_str()).then(|| format!("erpEnrAPI {{ {call} }}"))
    };
    let meant = meant.or_else(below);
    let (rule, nearest) = if is_syntax {
        ("body", None)
    } else if has("Unknown argument") {
        ("parameter", meant)
    } else if has("Cannot query field")
        || has("is not defined by type")
        || has("selection of subfields")
        || has("must not have a selection")
    {
        ("field", meant)
    } else if has("is required, but it was not provided") {
        ("required", quoted(1))
    } else if has("of required type") {
        ("required", quoted(0))
    } else if has(" enum.") || has("cannot represent non-enum") {
        ("value", meant)
    } else if has("used in position expecting type") {
        ("type", quoted(2))
    } else if has("cannot represent") {
        ("type", said.split(' ').next().map(str::to_owned))
    } else if has("Expected value of type") || has("Expected non-nullable type") || has("Expected type") {
        ("type", quoted(0))
    } else {
        ("body", meant)
    };
    Violation::new(rule, &position, message.to_owned(), nearest)
}

/// The calls below `erpEnrAPI`.
const CALLS: [&str; 5] = ["getFolders", "getColumns", "getTeams", "getUsers", "getValuesByIds"];

/// `line:column`, from 1.
fn place(text: &str, at: At) -> String {
    let (line, column) = location(text, at);
    format!("{line}:{column}")
}

/// What a valid operation says, field by field.
pub(crate) struct Usage<'a> {
    text: &'a str,
    types: &'a Schema,
    /// The fields, arguments and input fields that it names.
    pub(crate) used_facts: Vec<String>,
    /// What of it is read, and not documented.
    pub(crate) violations: Vec<Violation>,
}

impl<'a> Usage<'a> {
    /// Of the fields that are asked for, and of all below them.
    pub(crate) fn of(text: &'a str, types: &'a Schema, tree: &Tree<'_>) -> Self {
        let mut usage = Self { text, types, used_facts: Vec::new(), violations: Vec::new() };
        usage.fields(tree);
        usage
    }

    fn use_fact(&mut self, name: String) {
        if !self.used_facts.contains(&name) {
            self.used_facts.push(name);
        }
    }

    fn violation(&mut self, rule: &'static str, at: At, message: String, nearest: Option<&str>) {
        let position = place(self.text, at);
        self.violations.push(Violation::new(rule, &position, message, nearest.map(str::to_owned)));
    }

    fn fields(&mut self, tree: &Tree<'_>) {
        for selected in tree.values() {
            let name = selected.field.name.text.as_str();
            if name.starts_with("__") {
                continue;
            }
            self.use_fact(format!("{}.{name}", selected.on));
            if let Some(reason) = &selected.definition.deprecated {
                let nearest = reason.trim_start_matches("Use ").trim_end_matches('.');
                let message = format!("{name} is read as {nearest}, which is its documented name");
                self.violation("alias", selected.field.at, message, Some(nearest));
            }
            self.arguments(selected);
            self.fields(&selected.inner);
        }
    }

    fn arguments(&mut self, selected: &Selected<'_>) {
        let Selected { field, on, definition, arguments, .. } = selected;
        for argument in &field.arguments {
            let name = &argument.name.text;
            let Some(known) = definition.arguments.get(name) else { continue };
            self.use_fact(format!("{on}.{}({name})", field.name.text));
            let items = match arguments.as_ref().ok().and_then(|arguments| arguments.get(name)) {
                Some(Value::Array(items)) => items.as_slice(),
                Some(one) => std::slice::from_ref(one),
                None => &[],
            };
            let input = known.kind.name();
            for item in items {
                match item {
                    Value::Object(members) => {
                        members.keys().for_each(|member| self.use_fact(format!("{input}.{member}")));
                        self.words(item, argument.value.at);
                    }
                    Value::String(value) => {
                        if let Some(Type::Enum(_)) = self.types.types.get(input) {
                            self.use_fact(format!("{input}.{value}"));
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Operators and directions are texts: the schema does not say which there are.
    fn words(&mut self, input: &Value, at: At) {
        let text = |name: &str| input.get(name).and_then(Value::as_str);
        if let Some(operator) = text("operator").filter(|operator| !OPERATORS.contains(operator)) {
            let message = format!("the operator {operator} is not documented");
            self.violation("value", at, message, meant(operator));
        }
        let directions = ["asc", "desc"];
        if let Some(direction) = text("direction").filter(|direction| !directions.contains(direction)) {
            let lower = direction.to_lowercase();
            let nearest = directions.into_iter().find(|known| lower.starts_with(known));
            self.violation("value", at, format!("the direction {direction} is not documented"), nearest);
        }
    }
}
