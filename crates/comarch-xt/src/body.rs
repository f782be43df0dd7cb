//! Bodies, coming and going, and ids (fact sheet 7.3).

use serde_json::{Map, Value};
use simcore::entity::profile::FieldKind;
use simcore::entity::validate::{Problem, Rule, normalise};
pub(crate) use simcore::simulator::rest::answer as json;
use simcore::simulator::rest::{self, Unreadable};
use simcore::{Error, Result, said};

use crate::call::Call;
use crate::error;

/// The JSON object of a body.
///
/// # Errors
/// 400 when it is announced as something else, or is something else.
pub(crate) fn record(call: &Call) -> Result<Map<String, Value>> {
    rest::object(&call.headers, &call.body, &["application/json", "text/json"]).map_err(|why| match why {
        Unreadable::Media => said!(MEDIA_TYPE).into(),
        Unreadable::Shape => said!(BODY_NOT_OBJECT).into(),
        Unreadable::Json(..) => said!(BODY_NOT_JSON).into(),
    })
}

/// An id of a path or a parameter.
///
/// # Errors
/// 400 when it is no whole number.
pub(crate) fn id(text: &str) -> Result<i64> {
    text.parse().map_err(|_| error::bad_id(text))
}

/// The `Id` in a body, whatever the case of its name: PUT has none in its path.
///
/// # Errors
/// 400 when it is absent or no whole number.
pub(crate) fn own_id(record: &Map<String, Value>) -> Result<i64> {
    let refused = |rule| -> Error { error::problems(vec![Problem { path: "Id".to_owned(), rule }]) };
    let (_, value) = record
        .iter()
        .find(|(name, value)| name.eq_ignore_ascii_case("Id") && !value.is_null())
        .ok_or_else(|| refused(Rule::Required))?;
    whole(value).ok_or_else(|| refused(Rule::Kind(FieldKind::Integer)))
}

/// The ids of `{"IdCollection": […]}` (fact sheet 4.6).
///
/// # Errors
/// 400 when there is no list of whole numbers.
pub(crate) fn id_collection(call: &Call) -> Result<Vec<i64>> {
    let record = record(call)?;
    let named = record.iter().find(|(name, _)| name.eq_ignore_ascii_case("IdCollection"));
    let ids = named.and_then(|(_, ids)| ids.as_array());
    let ids: Option<Vec<i64>> = ids.and_then(|ids| ids.iter().map(whole).collect());
    ids.filter(|ids| !ids.is_empty()).ok_or_else(|| {
        let rule = Rule::Required;
        error::problems(vec![Problem { path: "IdCollection".to_owned(), rule }])
    })
}

fn whole(value: &Value) -> Option<i64> {
    normalise(FieldKind::Integer, value.clone())?.as_i64()
}
