//! The contract as a Postman collection, v2.1: a folder a heading, a request an operation, variables for everything
//! that a user has to fill in.

use crate::base::map::IndexMap;
use serde_json::{Value, json};

use super::{Contract, FORM, Operation, Parameter, ParameterLocation};

const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/// What a user signs in with: `("USER", "DEMO-LICENCE")` is the variable `user`.
type Credentials<'a> = &'a [(&'a str, &'a str)];

impl Contract {
    /// The collection, for a server at `url`. Credentials become variables, and so do tokens, which the sign-in request
    /// fills.
    pub fn postman(&self, title: &str, url: &str, credentials: Credentials<'_>) -> Value {
        let mut folders: IndexMap<&str, Vec<Value>> = IndexMap::default();
        // What is always refused here is nothing to try.
        let tried = self.operations.iter().filter(|one| one.successes().next().is_some());
        for operation in tried {
            folders.entry(&operation.tag).or_default().push(self.request(operation, credentials));
        }
        let folders = folders.into_iter().map(|(name, items)| json!({ "name": name, "item": items }));
        let known = credentials.iter().map(|(name, value)| pair(&name.to_lowercase(), value));
        let variables: Vec<Value> = [pair("baseUrl", url)].into_iter().chain(known).collect();
        json!({
            "info": { "name": title, "description": self.about, "schema": SCHEMA },
            "item": folders.collect::<Vec<_>>(),
            "variable": variables,
        })
    }

    fn request(&self, operation: &Operation, credentials: Credentials<'_>) -> Value {
        let mut request =
            json!({ "method": operation.method, "description": operation.about, "url": url(operation) });
        let mut headers: Vec<Value> = Vec::new();
        for scheme in self.security.first().into_iter().flatten().filter(|_| !operation.is_open) {
            let variable = format!("{{{{{}}}}}", scheme.variable);
            match scheme.word() {
                Some("basic") => request["auth"] = basic("user", "password"),
                Some("bearer") => headers.push(pair("Authorization", &format!("Bearer {variable}"))),
                _ => headers.push(pair(&scheme.header, &variable)),
            }
        }
        if let Some((user, password)) = operation.sign_in.as_ref().and_then(|sign_in| sign_in.basic) {
            request["auth"] = basic(user, password);
        }
        if let Some(content) = &operation.body {
            let media = content.media.first().copied().unwrap_or_default();
            headers.push(pair("Content-Type", media));
            request["body"] = body(media, &content.example, credentials);
        }
        let of_header = operation.parameters.iter().filter(|one| one.location == ParameterLocation::Header);
        let sent = of_header.filter(|one| one.required || !one.example.is_null());
        let sent = sent.filter(|one| !headers.iter().any(|known| known["key"] == one.name.as_ref()));
        let sent: Vec<Value> = sent.map(|one| pair(&one.name, &header(one, credentials))).collect();
        headers.extend(sent);
        request["header"] = headers.into();
        let script = json!({ "type": "text/javascript", "exec": script(operation) });
        json!({
            "name": operation.title(),
            "request": request,
            "event": [{ "listen": "test", "script": script }],
        })
    }
}

fn pair(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": value })
}

fn basic(user: &str, password: &str) -> Value {
    let (user, password) = (format!("{{{{{user}}}}}"), format!("{{{{{password}}}}}"));
    json!({ "type": "basic", "basic": [pair("username", &user), pair("password", &password)] })
}

/// What is a credential in an example is a variable in the collection.
fn filled(name: &str, value: &Value, credentials: Credentials<'_>) -> Value {
    let known = || credentials.iter().filter(|(_, known)| value.as_str() == Some(known));
    // User and password may be the same.
    let name = name.to_uppercase();
    let known = known().find(|(variable, _)| name.contains(variable)).or_else(|| known().next());
    known.map_or_else(|| value.clone(), |(name, _)| format!("{{{{{}}}}}", name.to_lowercase()).into())
}

fn header(parameter: &Parameter, credentials: Credentials<'_>) -> String {
    text(&filled(&parameter.name, &parameter.example, credentials))
}

fn body(media: &str, example: &Value, credentials: Credentials<'_>) -> Value {
    let example = match example {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), filled(name, value, credentials))).collect()
        }
        other => other.clone(),
    };
    if media != FORM {
        return json!({ "mode": "raw", "raw": format!("{example:#}") });
    }
    let pairs = example.as_object().into_iter().flatten().map(|(key, value)| pair(key, &text(value)));
    json!({ "mode": "urlencoded", "urlencoded": pairs.collect::<Vec<_>>() })
}

/// What Postman does with the answer: says whether it is a documented success, and keeps a token.
fn script(operation: &Operation) -> Vec<String> {
    let successes = operation.successes();
    let successes: Vec<String> = successes.map(|status| status.to_string()).collect();
    let mut lines = vec![format!(
        "pm.test('documented success', () => pm.expect([{}]).to.include(pm.response.code));",
        successes.join(", ")
    )];
    lines.extend(operation.sign_in.as_ref().map(|sign_in| {
        format!("pm.collectionVariables.set('{}', pm.response.json().{});", sign_in.variable, sign_in.member)
    }));
    lines
}

fn url(operation: &Operation) -> Value {
    let path = operation.path.replace("*}", "}");
    let segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| segment.replace('{', ":").replace('}', ""))
        .collect();
    let of = |location: ParameterLocation| {
        operation.parameters.iter().filter(move |parameter| parameter.location == location)
    };
    // Optional parameters are there to be switched on.
    let query = |parameter: &Parameter| {
        json!({ "key": parameter.name, "value": text(&parameter.example), "description": parameter.about,
            "disabled": !parameter.required })
    };
    let needed: Vec<String> = of(ParameterLocation::Query)
        .filter(|parameter| parameter.required)
        .map(|parameter| format!("{}={}", parameter.name, text(&parameter.example)))
        .collect();
    let mark = if needed.is_empty() { "" } else { "?" };
    json!({
        "raw": format!("{{{{baseUrl}}}}/{}{mark}{}", segments.join("/"), needed.join("&")),
        "host": ["{{baseUrl}}"],
        "path": segments,
        "query": of(ParameterLocation::Query).map(query).collect::<Vec<_>>(),
        "variable": of(ParameterLocation::Path)
            .map(|parameter| pair(&parameter.name, &text(&parameter.example)))
            .collect::<Vec<_>>(),
    })
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
