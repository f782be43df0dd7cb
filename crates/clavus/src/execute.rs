//! A valid operation to `data` and `errors`. async-graphql executes it, introspection included; what it does otherwise
//! than graphql-js is made good before ([`selected`]) and after ([`nulls`], [`write`]), each with the difference.

mod introspect;
mod library;
mod nulls;
pub(crate) mod selected;
mod value;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_graphql::Request;
use graphql_js::ast::{At, OperationKind};
use graphql_js::{Schema, locations};
use serde_json::{Value, json};
use simcore::{Ctx, Error, Result};

pub(crate) use self::library::Library;
use self::selected::Tree;

/// One operation on its way, as resolvers see it.
struct Run {
    ctx: Ctx,
    types: &'static Schema,
    /// The fields, by where they begin, whose arguments have no value: what is said of them, and where.
    unfit: HashMap<At, (String, At)>,
    found: Mutex<Found>,
}

/// What went wrong on the way.
#[derive(Default)]
struct Found {
    refusals: Vec<Refusal>,
    /// Those that the profile words.
    worded: Vec<Arc<Error>>,
    /// A defect: nothing is answered but that.
    defect: Option<Error>,
}

/// A field that has no value, which the client is told.
struct Refusal {
    code: Cow<'static, str>,
    message: String,
    at: At,
    /// Keys and places from the root to the field.
    path: Vec<Value>,
}

/// The body of the answer, and what it refuses in the profile's words.
///
/// # Errors
/// A defect.
pub(crate) async fn execute(
    ctx: &Ctx,
    (types, library): (&'static Schema, &Library),
    text: &str,
    kind: OperationKind,
    tree: &Tree<'_>,
) -> Result<(Vec<u8>, Vec<Arc<Error>>)> {
    let mut unfit = HashMap::new();
    let document = selected::document(kind, tree, &mut unfit);
    let run = Arc::new(Run { ctx: ctx.clone(), types, unfit, found: Mutex::default() });
    let mut request = Request::new(String::new()).data(run.clone());
    request.set_parsed_query(document);
    let response = library.execute(request).await?;
    let Found { mut refusals, worded, defect } =
        std::mem::take(&mut *run.found.lock().map_err(Error::internal)?);
    if let Some(defect) = defect {
        return Err(defect);
    }
    // A refusal leaves null where there may be none, which the library reports as well; nothing else goes wrong.
    if let Some(error) = response.errors.first().filter(|_| refusals.is_empty()) {
        return Err(Error::internal(&error.message));
    }
    let mut data = response.data;
    nulls::in_order(tree, &mut data, &mut refusals);
    nulls::pass_up(tree, &mut data, &mut refusals);
    let mut body = b"{".to_vec();
    if !refusals.is_empty() {
        let errors: Vec<Value> = refusals.iter().map(|refusal| refusal.entry(text)).collect();
        body.extend_from_slice(b"\"errors\":");
        serde_json::to_writer(&mut body, &errors)?;
        body.push(b',');
    }
    body.extend_from_slice(b"\"data\":");
    value::write(&data, &mut body)?;
    body.push(b'}');
    Ok((body, worded))
}

impl Refusal {
    fn entry(&self, text: &str) -> Value {
        json!({
            "message": self.message,
            "locations": locations(text, &[self.at]),
            "path": self.path,
            "extensions": { "code": self.code },
        })
    }
}
