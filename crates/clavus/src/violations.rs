//! What of a GraphQL request is outside the schema, from the engine's own words; and what of the schema it used.

use std::collections::HashSet;

use serde_json::Value;
use simcore::contract::Violation;

use crate::filter::{OPERATORS, meant};
use crate::graphql::ast::{At, Field, Selection};
use crate::graphql::execute::{Execution, Keyed};
use crate::graphql::schema::{FieldType, Type};
use crate::graphql::values::coerce;
use crate::graphql::{Problem, locations};

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

/// `line:column`, from 1.
fn place(text: &str, at: At) -> String {
    let location = &locations(text, &[at])[0];
    format!("{}:{}", location["line"], location["column"])
}

/// What a valid operation says, field by field.
pub(crate) struct Usage<'e, 'a> {
    execution: &'e Execution<'a>,
    /// The fields, arguments and input fields that it names.
    pub(crate) used_facts: Vec<String>,
    /// What of it is read, and not documented.
    pub(crate) violations: Vec<Violation>,
}

impl<'e, 'a> Usage<'e, 'a> {
    /// Of the fields selected on the type `on`, and of all below them.
    pub(crate) fn of(execution: &'e Execution<'a>, on: &str, keyed: &Keyed<'a>) -> Self {
        let mut usage = Self { execution, used_facts: Vec::new(), violations: Vec::new() };
        usage.fields(on, keyed);
        usage
    }

    fn use_fact(&mut self, name: String) {
        if !self.used_facts.contains(&name) {
            self.used_facts.push(name);
        }
    }

    fn violation(&mut self, rule: &'static str, at: At, message: String, nearest: Option<&str>) {
        let position = place(self.execution.text, at);
        self.violations.push(Violation::new(rule, &position, message, nearest.map(str::to_owned)));
    }

    fn fields(&mut self, on: &str, keyed: &Keyed<'a>) {
        for fields in keyed.values() {
            let Some(field) = fields.first() else { continue };
            let name = field.name.text.as_str();
            let Some(description) = self.execution.schema.field(on, name).filter(|_| !name.starts_with("__"))
            else {
                continue;
            };
            self.use_fact(format!("{on}.{name}"));
            if let Some(reason) = &description.deprecated {
                let nearest = reason.trim_start_matches("Use ").trim_end_matches('.');
                let message = format!("{name} is read as {nearest}, which is its documented name");
                self.violation("alias", field.at, message, Some(nearest));
            }
            self.arguments(on, field, description);
            let selections: Vec<&[Selection]> =
                fields.iter().map(|field| field.selections.as_slice()).collect();
            self.fields(description.kind.name(), &self.execution.collect(&selections));
        }
    }

    fn arguments(&mut self, on: &str, field: &Field, description: &FieldType) {
        let execution = self.execution;
        for argument in &field.arguments {
            let Some(known) = description.arguments.get(&argument.name.text) else { continue };
            self.use_fact(format!("{on}.{}({})", field.name.text, argument.name.text));
            let value = coerce(execution.schema, &known.kind, &argument.value, execution.variables);
            let items = match value.unwrap_or_default() {
                Value::Array(items) => items,
                one => vec![one],
            };
            let input = known.kind.name();
            for item in items {
                match &item {
                    Value::Object(members) => {
                        members.keys().for_each(|member| self.use_fact(format!("{input}.{member}")));
                        self.words(&item, argument.value.at);
                    }
                    Value::String(value) => {
                        if let Some(Type::Enum(_)) = execution.schema.types.get(input) {
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
