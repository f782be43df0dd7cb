//! Parameters of back-office actions.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::base::diagnostics::unknown;
use crate::base::error::{Error, Result};
use crate::entity::profile::ActionSpec;
use crate::entity::validate::normalise;

/// The parameters as the action takes them; null is as good as absent.
///
/// # Errors
/// 400 with every parameter that is wrong.
pub fn checked(spec: &ActionSpec, given: Map<String, Value>) -> Result<Map<String, Value>> {
    let refusal =
        Error::vendor(StatusCode::BAD_REQUEST, "invalid_parameters", "the action does not take this");
    let (mut error, mut parameters) = (refusal, Map::new());
    for (name, value) in given {
        match spec.parameters.get(&name) {
            None => {
                let message = unknown("parameter", &name, spec.parameters.keys().map(String::as_str));
                error = error.detail(name, message);
            }
            Some(_) if value.is_null() => {}
            Some(parameter) => match normalise(parameter.kind, value) {
                Some(value) => drop(parameters.insert(name, value)),
                None => error = error.detail(name, format!("must be of kind {}", parameter.kind.name())),
            },
        }
    }
    for (name, parameter) in &spec.parameters {
        let is_known_wrong = error.details.iter().any(|detail| detail.field == *name);
        if parameter.required && !parameters.contains_key(name) && !is_known_wrong {
            error = error.detail(name, "is missing");
        }
    }
    if error.details.is_empty() { Ok(parameters) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_action_takes_what_it_knows_and_no_less() {
        let spec = "{ about: x, parameters: { id: { kind: text, required: true, about: x }, n: { kind: integer, about: x } } }";
        let spec: ActionSpec = crate::entity::profile::read(spec).unwrap();
        let take = |given: Value| {
            let Value::Object(given) = given else { panic!() };
            let wrong =
                |error: Error| error.details.iter().map(|detail| detail.field.clone()).collect::<Vec<_>>();
            checked(&spec, given).map(Value::Object).map_err(wrong)
        };
        assert_eq!(take(json!({ "id": "a", "n": 3 })), Ok(json!({ "id": "a", "n": 3 })));
        assert_eq!(take(json!({ "id": "a", "n": null })), Ok(json!({ "id": "a" })));
        for (given, wrong) in [
            (json!({ "n": 3 }), vec!["id"]),
            (json!({ "id": null }), vec!["id"]),
            (json!({ "id": "a", "n": "x" }), vec!["n"]),
            (json!({ "id": [], "m": 1 }), vec!["id", "m"]),
        ] {
            let mut found = take(given.clone()).unwrap_err();
            found.sort();
            assert_eq!(found, wrong, "{given}");
        }
    }
}
