//! An answer against the contract: whether it is as documented, to the last member.

use std::borrow::Cow;

use http::HeaderMap;
use jiff::fmt::temporal::Pieces;
use serde_json::{Map, Value};

use super::{Contract, Found, Holds, JSON, Object, Operation, Parameter, Scalar, Shape};
use crate::base::request::RequestView;
use crate::base::urlencoded::pairs;
use crate::entity::profile::FieldKind;

/// What was answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a [u8],
}

/// What is looked at.
struct Comparison<'a> {
    contract: &'a Contract,
    found: &'a Found,
    query: &'a str,
    /// The body of the request, where it names a form.
    asked: Option<Value>,
    /// Whether the client asked for a part of the records, so that any member may be missing.
    is_cut: bool,
}

impl Contract {
    /// What of an answer is not as documented, as a sentence; nothing where all of it is, or where the request led to no
    /// operation.
    pub fn deviation(
        &self,
        request: &RequestView<'_>,
        found: &Found,
        answered: Answered<'_>,
    ) -> Option<String> {
        // What a schema of its own language says, it says itself.
        let operation = self.operations.get(found.operation?).filter(|_| self.text.is_none())?;
        let Answered { status, headers, body } = answered;
        let Some(answer) = self.answers(operation).find(|answer| answer.status == status) else {
            return Some(format!("{} is answered with {status}, which is not documented", operation.title()));
        };
        let header = answer.headers.iter().find(|known| known.is_always && !headers.contains_key(known.name));
        if let Some(header) = header {
            return Some(format!("{} {status} comes without its header {}", operation.title(), header.name));
        }
        let why = match &answer.content {
            _ if request.method == "HEAD" => None,
            Some(_) if body.is_empty() && answer.may_be_empty => None,
            None => (!body.is_empty()).then(|| "has a body".to_owned()),
            Some((_, Shape::Bytes)) => None,
            Some((JSON, shape)) => match serde_json::from_slice(body) {
                Ok(value) => {
                    let comparison = Comparison::new(self, operation, request, found);
                    let reshaped = comparison.reshaped(operation).filter(|_| status < 300);
                    let shape = reshaped.unwrap_or(shape);
                    comparison.deviation(shape, &value, "").map(|(path, why)| format!("{path} {why}"))
                }
                Err(error) => Some(format!("is no JSON: {error}")),
            },
            Some(_) => None,
        };
        why.map(|why| format!("the answer {status} of {} is not as documented: {why}", operation.title()))
    }
}

/// Where it differs, and how.
type Deviation = Option<(String, String)>;

fn at(path: &str, why: impl Into<String>) -> (String, String) {
    (path.to_owned(), why.into())
}

impl<'a> Comparison<'a> {
    fn new(
        contract: &'a Contract,
        operation: &'a Operation,
        request: &'a RequestView<'a>,
        found: &'a Found,
    ) -> Self {
        let cuts = |name: &str| {
            let mut known = operation.parameters.iter().filter(|one| matches!(one.holds, Holds::Selection));
            known.any(|parameter| parameter.is_named(name.trim()))
        };
        Self {
            contract,
            found,
            query: request.query,
            asked: operation.body.as_ref().and_then(|content| content.read(request)).map(Cow::into_owned),
            is_cut: pairs(request.query).any(|(name, _)| cuts(&name)),
        }
    }

    /// The shape that a parameter of the request gives the answer.
    fn reshaped(&self, operation: &'a Operation) -> Option<&'a Shape> {
        let given =
            |parameter: &&Parameter| pairs(self.query).any(|(name, _)| parameter.is_named(name.trim()));
        operation.parameters.iter().filter(given).find_map(|parameter| parameter.reshapes.as_ref())
    }

    /// What the request calls the form of its answer.
    fn chosen(&self, by: &str) -> Option<Cow<'_, str>> {
        if let Some(held) = self.contract.paths().variable(self.found, by) {
            return Some(held.into());
        }
        let named = pairs(self.query).find(|(name, _)| name.eq_ignore_ascii_case(by));
        named.map(|(_, value)| value).or_else(|| self.asked.as_ref()?.get(by)?.as_str().map(Cow::Borrowed))
    }

    fn deviation(&self, shape: &Shape, value: &Value, path: &str) -> Deviation {
        match shape {
            Shape::Anything | Shape::Bytes => None,
            Shape::Named(_) | Shape::Object(_) => {
                let object = self.contract.object(shape, &mut Cow::Borrowed(""))?;
                match value {
                    Value::Object(members) => self.object(object, members, path),
                    _ => Some(at(path, "must be an object")),
                }
            }
            Shape::List(of) => match value {
                Value::Array(items) => {
                    let mut items = items.iter().enumerate();
                    items.find_map(|(at, item)| self.deviation(of, item, &format!("{path}[{at}]")))
                }
                _ => Some(at(path, "must be a list")),
            },
            Shape::Map(of) => match value {
                Value::Object(members) => {
                    members.iter().find_map(|(name, value)| self.deviation(of, value, &joined(path, name)))
                }
                _ => Some(at(path, "must be an object")),
            },
            Shape::Either(forms) => {
                let mut found = forms.iter().map(|form| self.deviation(form, value, path));
                found.next().flatten().filter(|_| found.all(|one| one.is_some()))
            }
            Shape::Chosen { by, forms } => {
                let name = self.chosen(by)?;
                let form = forms.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name))?.1;
                self.deviation(form, value, path)
            }
            Shape::Value(scalar) => scalar.deviation(value).map(|why| at(path, why)),
        }
    }

    fn object(&self, object: &Object, members: &Map<String, Value>, path: &str) -> Deviation {
        let missing = object.members.iter().find(|(name, member)| {
            member.required && !member.is_ignored && !members.contains_key(name.as_str())
        });
        if let Some((name, _)) = missing.filter(|_| !self.is_cut) {
            return Some(at(&joined(path, name), "is missing"));
        }
        members.iter().find_map(|(name, value)| {
            let place = joined(path, name);
            match object.members.get(name).filter(|member| !member.is_ignored) {
                None if object.is_open => None,
                None => Some(at(&place, "is not documented")),
                // Records that a scenario or the control API writes may lack what a client must send.
                Some(_) if value.is_null() => None,
                Some(member) => self.deviation(&member.shape, value, &place),
            }
        })
    }
}

impl Scalar {
    fn deviation(&self, value: &Value) -> Option<String> {
        let fits = match self.kind {
            FieldKind::Text | FieldKind::Binary => value.is_string(),
            FieldKind::Date => value.as_str().is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok()),
            FieldKind::DateTime => {
                value.as_str().is_some_and(|text| text.parse::<jiff::civil::DateTime>().is_ok())
            }
            FieldKind::Integer => value.is_i64() || value.is_u64(),
            FieldKind::Decimal => value.is_number(),
            FieldKind::Boolean => value.is_boolean(),
            FieldKind::Object => value.is_object(),
            FieldKind::List => value.is_array(),
        };
        // The last days of the calendar too, which are instants of no clock.
        let is_instant = |text: &str| {
            Pieces::parse(text).is_ok_and(|pieces| pieces.time().is_some() && pieces.offset().is_some())
        };
        if !fits || self.format == Some("date-time") && !value.as_str().is_some_and(is_instant) {
            return Some(format!(
                "is {value}, and must be of kind {}",
                self.format.unwrap_or(self.kind.name())
            ));
        }
        if !self.values.is_empty() && !self.values.contains(value) {
            return Some(format!("is {value}, which is none of its values"));
        }
        let length = value.as_str().map_or(0, |text| text.chars().count());
        self.max_length
            .filter(|longest| length > *longest)
            .map(|longest| format!("has {length} characters, at most {longest} are documented"))
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::*;
    use crate::contract::{Answer, Member};
    use crate::entity::profile::Evidence::Assumed;

    fn contract() -> Contract {
        let text = || Shape::kind(FieldKind::Text);
        let record = Object::of([
            ("code", Member::always(text(), Assumed)),
            ("at", Member::always(Shape::Value(Scalar::instant()), Assumed)),
            ("note", Member::maybe(text(), Assumed)),
        ]);
        let mut contract = Contract::new("1", "");
        contract.components.insert("Record".to_owned(), record);
        let select = Parameter::query("select", Holds::Selection, Assumed);
        let one = Parameter::query("one", Holds::kind(FieldKind::Text), Assumed);
        let records = Answer::json(200, "", Shape::list(Shape::named("Record")), Assumed);
        let list = Operation::new("GET", "/records", "list", Assumed)
            .with([select, one.reshapes(Shape::named("Record"))])
            .answers(records.header("X-Total", ""));
        contract.operations = vec![list];
        contract
    }

    fn deviation(query: &str, status: u16, body: &Value) -> String {
        let (contract, mut headers) = (contract(), HeaderMap::new());
        if query != "bare" {
            headers.insert("X-Total", http::HeaderValue::from_static("1"));
        }
        let found = contract.find("GET", "/records");
        let asked = HeaderMap::new();
        let request = RequestView {
            server: "",
            method: &Method::GET,
            path: "/records",
            query,
            headers: &asked,
            body: b"",
            json: None,
            read: std::cell::OnceCell::new(),
        };
        let body = body.to_string();
        let answered = Answered { status, headers: &headers, body: body.as_bytes() };
        contract.deviation(&request, &found, answered).unwrap_or_default()
    }

    #[test]
    fn every_difference_is_told() {
        let good = json!({ "code": "a", "at": "2026-03-02T08:00:00+01:00", "note": null });
        for (query, status, body, why) in [
            ("", 200, json!([good]), ""),
            ("select=code", 200, json!([{ "code": "a" }]), ""),
            ("one=a", 200, good.clone(), ""),
            ("one=a", 200, json!({ "code": "a", "at": "9999-12-31T00:00:00+01:00" }), ""),
            ("one=a", 200, json!({ "code": "a", "at": "9999-12-31" }), "at is"),
            ("one=a", 200, json!([good]), "must be an object"),
            ("", 200, good.clone(), "must be a list"),
            ("", 200, json!([{ "code": "a" }]), "[0].at is missing"),
            ("", 200, json!([{ "code": 5, "at": "2026-03-02T08:00:00Z" }]), "[0].code is 5"),
            ("", 200, json!([{ "code": "a", "at": "2026-03-02T08:00:00" }]), "[0].at is"),
            ("select=code", 200, json!([{ "codes": "a" }]), "[0].codes is not documented"),
            ("bare", 200, json!([good]), "without its header X-Total"),
            ("", 404, json!({}), "not documented"),
        ] {
            let told = deviation(query, status, &body);
            assert_eq!(told.is_empty(), why.is_empty(), "{query} {status} {body}: {told}");
            assert!(told.contains(why), "{query} {status} {body}: {told}");
        }
    }
}
