//! Paths and verbs (fact sheet 2 and 4.0): which resource, in which version, and what of it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::any;
use percent_encoding::percent_decode_str;
use simcore::entity::model::Table;
use simcore::entity::settings::Settings;
use simcore::simulator::ctx::Public;
use simcore::simulator::extract::Query;
use simcore::{Ctx, Result};

use crate::edition::Edition;
use crate::views::{self, Version, View};
use crate::{
    bank_account, body, custom_print, customer, document, document_views, error, invoice, list, payment_type,
    print, product, token, write,
};

/// A resource of the API.
#[derive(Debug)]
pub(crate) struct Resource {
    /// Its path segment, and the entity in the profile.
    pub(crate) name: &'static str,
    /// What errors and the history call one of it (fact sheet 7.2).
    pub(crate) singular: &'static str,
    pub(crate) views: &'static [View],
    /// Whether it is a document: with a number, lines and prints.
    pub(crate) is_document: bool,
    /// Where `$fts` looks.
    pub(crate) searched: &'static [&'static str],
    /// The verbs of the collection, in the order of `Allow`.
    verbs: &'static [&'static str],
}

const ALL_VERBS: &[&str] = &["GET", "POST", "PUT"];

/// What every path begins with.
pub(crate) const BASE: [&str; 2] = ["api2", "public"];

/// The path of the token endpoint, below [`BASE`].
pub(crate) const TOKEN: &str = "token";

/// Every resource (fact sheet 2.2).
pub(crate) const RESOURCES: &[Resource] = &[
    Resource {
        name: "products",
        singular: "Product",
        views: views::PRODUCTS,
        is_document: false,
        searched: product::SEARCHED,
        verbs: ALL_VERBS,
    },
    Resource {
        name: "customers",
        singular: "Customer",
        views: views::CUSTOMERS,
        is_document: false,
        searched: customer::SEARCHED,
        verbs: ALL_VERBS,
    },
    Resource {
        name: "paymenttypes",
        singular: "PaymentType",
        views: views::PAYMENT_TYPES,
        is_document: false,
        searched: payment_type::SEARCHED,
        verbs: ALL_VERBS,
    },
    Resource {
        name: "bankaccounts",
        singular: "BankAccount",
        views: views::BANK_ACCOUNTS,
        is_document: false,
        searched: bank_account::SEARCHED,
        verbs: ALL_VERBS,
    },
    Resource {
        name: "invoices",
        singular: "Invoice",
        views: document_views::INVOICES,
        is_document: true,
        searched: document::SEARCHED,
        verbs: ALL_VERBS,
    },
    Resource {
        name: "proformas",
        singular: "Proforma",
        views: document_views::PROFORMAS,
        is_document: true,
        searched: document::SEARCHED,
        // Several in one call (fact sheet 4.6).
        verbs: &["GET", "POST", "PUT", "DELETE"],
    },
    Resource {
        name: "customprints",
        singular: "CustomPrint",
        views: views::CUSTOM_PRINTS,
        is_document: false,
        searched: custom_print::SEARCHED,
        verbs: &["GET"],
    },
];

/// What errors call one record of the entity `name`.
pub(crate) fn singular(name: &str) -> &'static str {
    RESOURCES.iter().find(|resource| resource.name == name).map_or("Entity", |resource| resource.singular)
}

/// What of a resource is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Collection,
    One,
    ByNumber,
    ByTaxNumber,
    Print,
    Confirm,
}

/// Every path below a resource; the first that fits is meant. `{name*}` is all that follows: numbers contain slashes.
/// The German pages leave both forms of prints open, so both are served in every version (fact sheet 6).
pub(crate) const PLACES: &[(&str, Place)] = &[
    ("", Place::Collection),
    ("number/{number*}", Place::ByNumber),
    ("nip/{nip}", Place::ByTaxNumber),
    ("print/{id}", Place::Print),
    ("{id}/print", Place::Print),
    ("confirm", Place::Confirm),
    ("{id}", Place::One),
];

impl Place {
    /// Whether a resource has it in this version.
    pub(crate) fn is_served(self, resource: &Resource, version: Version) -> bool {
        match self {
            Self::Collection => true,
            Self::One => resource.name != "customprints",
            Self::ByNumber => resource.is_document && version <= Version::V1_1,
            Self::ByTaxNumber => resource.name == "customers" && version <= Version::V1_1,
            Self::Print => resource.is_document,
            Self::Confirm => resource.name == "invoices" && matches!(version, Version::V1_2 | Version::V1_4),
        }
    }
}

/// Where a path leads; a place comes with what its path holds.
enum Target {
    Token,
    Resource(&'static Resource, &'static View, Place, String),
}

/// A call of a signed-in client on a resource.
pub(crate) struct Call {
    pub(crate) ctx: Ctx,
    pub(crate) resource: &'static Resource,
    pub(crate) view: &'static View,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn table(&self) -> Result<&Table> {
        let table = self.ctx.model.table(self.resource.name);
        table.ok_or_else(|| simcore::Error::internal(format_args!("no entity `{}`", self.resource.name)))
    }

    pub(crate) fn edition(&self) -> Edition {
        Edition::of(&self.ctx.settings)
    }

    /// The last value of a query parameter; spaces around names and values do not count (fact sheet 4.0).
    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        let named = self.query.0.iter().rev().find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim())
    }
}

pub(crate) fn routes() -> Router {
    Router::new().route("/", any(dispatch)).route("/{*path}", any(dispatch))
}

/// Path, then verb, then credentials, then the call itself (DECISIONS).
async fn dispatch(Public(ctx): Public, mut parts: Parts, body: Bytes) -> Result<Response> {
    let path = parts.uri.path().to_owned();
    let target = resolve(&ctx, &path).ok_or_else(|| error::no_route(&ctx, &path))?;
    let allowed = match &target {
        Target::Token => vec!["POST"],
        Target::Resource(resource, _, place, _) => {
            allowed(&ctx.settings, is_strict_german(&ctx), resource, *place)
        }
    };
    let verb = allowed.iter().find(|verb| **verb == parts.method.as_str()).copied();
    let verb = verb.ok_or_else(|| error::no_method(parts.method.as_str(), &allowed))?;
    let Target::Resource(resource, view, place, held) = target else {
        return token::issue(&ctx, &parts, &body).await;
    };
    let ctx = Ctx::from_request_parts(&mut parts, &()).await?;
    let query = Query::from_request_parts(&mut parts, &()).await?;
    serve(&Call { ctx, resource, view, query, headers: parts.headers, body }, verb, place, &held).await
}

async fn serve(call: &Call, verb: &str, place: Place, held: &str) -> Result<Response> {
    match (verb, place) {
        ("GET", Place::Collection) => list::list(call).await,
        ("GET", Place::One) => list::one(call, body::id(call, held)?).await,
        ("GET", Place::ByNumber) => list::lookup(call, "Number", held).await,
        ("GET", Place::ByTaxNumber) => list::lookup(call, "CustomerTaxNumber", held).await,
        ("GET", Place::Print) => print::print(call, body::id(call, held)?).await,
        ("POST", _) => write::create(call).await,
        ("PUT", Place::Confirm) => invoice::confirm(call).await,
        ("DELETE", Place::One) => write::delete(call, &[body::id(call, held)?]).await,
        ("DELETE", _) => write::delete(call, &body::id_collection(call)?).await,
        _ => write::update(call).await,
    }
}

/// The verbs that a place serves, in the order of `Allow`; a printed or looked-up document is only read.
pub(crate) fn allowed(
    settings: &Settings,
    is_strict_german: bool,
    resource: &Resource,
    place: Place,
) -> Vec<&'static str> {
    let is_read_only = matches!(resource.name, "paymenttypes" | "bankaccounts")
        && (settings.flag("master_data_read_only") || is_strict_german);
    match place {
        Place::Collection | Place::One if is_read_only => vec!["GET"],
        // Only the Polish pages delete several proformas in one call.
        Place::Collection if is_strict_german => {
            resource.verbs.iter().copied().filter(|verb| *verb != "DELETE").collect()
        }
        Place::Collection => resource.verbs.to_vec(),
        Place::One => vec!["GET", "DELETE"],
        Place::Confirm => vec!["PUT"],
        Place::ByNumber | Place::ByTaxNumber | Place::Print => vec!["GET"],
    }
}

/// Whether only what the German pages say is served (DECISIONS).
pub(crate) fn is_strict_german(ctx: &Ctx) -> bool {
    ctx.strict && Edition::of(&ctx.settings) == Edition::German
}

/// Names match whatever their case, and doubled or trailing slashes do not count (fact sheet 2.3 and 4.0).
fn resolve(ctx: &Ctx, path: &str) -> Option<Target> {
    let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
    let segments: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
    let (base, mut rest) = segments.split_at_checked(BASE.len())?;
    if !base.iter().zip(BASE).all(|(segment, word)| segment.eq_ignore_ascii_case(word)) {
        return None;
    }
    let version = match rest.first().and_then(|segment| Version::of(segment)) {
        Some(_) if is_strict_german(ctx) => return None,
        Some(version) => {
            rest = &rest[1..];
            version
        }
        None => Version::V1_0,
    };
    let (name, rest) = rest.split_first()?;
    if version == Version::V1_0 && name.eq_ignore_ascii_case(TOKEN) && rest.is_empty() {
        return Some(Target::Token);
    }
    let resource = RESOURCES.iter().find(|resource| name.eq_ignore_ascii_case(resource.name))?;
    let view = resource.views.iter().find(|view| view.version == version)?;
    let (place, held) = PLACES
        .iter()
        .filter(|(_, place)| place.is_served(resource, version))
        .find_map(|(path, place)| Some((*place, held(path, rest)?)))?;
    Some(Target::Resource(resource, view, place, held))
}

/// What the variable of a path below a resource holds, where the path fits.
fn held(path: &str, segments: &[String]) -> Option<String> {
    let mut held = String::new();
    let mut segments = segments.iter();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let segment = segments.next()?;
        if part.ends_with("*}") {
            let rest = segments.map(String::as_str);
            return Some(std::iter::once(segment.as_str()).chain(rest).collect::<Vec<_>>().join("/"));
        }
        if part.starts_with('{') {
            held.clone_from(segment);
        } else if !part.eq_ignore_ascii_case(segment) {
            return None;
        }
    }
    segments.next().is_none().then_some(held)
}
