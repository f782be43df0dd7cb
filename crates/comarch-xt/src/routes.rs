//! Paths and verbs (fact sheet 2 and 4.0): every resource in every version, and what there is of it.

use std::borrow::Cow;
use std::sync::LazyLock;

use simcore::contract::Spelling;
use simcore::entity::model::Model;
use simcore::entity::profile::Evidence;
use simcore::entity::settings::Settings;
use simcore::simulator::route::{self, Handler, Route, Served, Table};
use simcore::{Ctx, handler};

use crate::call::{Call, Resource, Target};
use crate::edition::is_strict_german;
use crate::resources::RESOURCES;
use crate::views::{Version, View};
use crate::{body, error, invoice, list, payment, print, token, vat_rate, write};

/// How the server reads paths and verbs: names match whatever their case, doubled slashes do not count (fact sheet 2.3
/// and 4.0); path, then verb, then credentials (DECISIONS).
pub(crate) const TABLE: Table = Table {
    rows,
    spelling: Spelling { any_case: true, doubled_slashes: true },
    path,
    served,
    serves_head: false,
    unserved: |ctx, unserved| match &unserved.allowed {
        None => error::no_route(ctx, unserved.path),
        Some(allowed) => error::no_method(unserved.method, allowed),
    },
    ..Table::BASE
};

/// What every path begins with.
const BASE: &str = "/api2/public";

/// The segment of the token endpoint.
pub(crate) const TOKEN: &str = "token";

/// What a call is.
pub(crate) enum Subject {
    Token,
    Resource(&'static Resource, &'static View, &'static Below),
}

/// A call below a resource.
pub(crate) struct Below {
    pub(crate) path: &'static str,
    pub(crate) verb: &'static str,
    pub(crate) place: Target,
    handler: Handler,
}

macro_rules! on {
    ($call:ident => $answer:expr) => {
        |called| {
            Box::pin(async move {
                let $call = &on_resource(called)?;
                $answer.await
            })
        }
    };
}

const fn below(path: &'static str, verb: &'static str, place: Target, handler: Handler) -> Below {
    Below { path, verb, place, handler }
}

/// Every call below a resource. `{name*}` is all that follows: numbers contain slashes. The German pages leave both
/// forms of prints open, so both are served in every version (fact sheet 6). A printed or looked-up document is only read.
const BELOW: &[Below] = &[
    below("", "GET", Target::Collection, on!(call => list::list(call))),
    below("", "POST", Target::Collection, on!(call => write::create(call))),
    below("", "PUT", Target::Collection, on!(call => write::update(call))),
    below("", "DELETE", Target::Collection, on!(call => write::delete(call, &body::id_collection(call)?))),
    below(
        "/number/{number*}",
        "GET",
        Target::ByNumber,
        on!(call => list::lookup(call, "Number", &call.held)),
    ),
    below(
        "/nip/{nip}",
        "GET",
        Target::ByTaxNumber,
        on!(call => list::lookup(call, "CustomerTaxNumber", &call.held)),
    ),
    below(
        "/countries",
        "GET",
        Target::Countries,
        on!(call => std::future::ready(Ok(vat_rate::countries(call)))),
    ),
    below("/print/{id}", "GET", Target::Print, on!(call => print::print(call, body::id(&call.held)?))),
    below("/{id}/print", "GET", Target::Print, on!(call => print::print(call, body::id(&call.held)?))),
    below("/confirm", "PUT", Target::Confirm, on!(call => invoice::confirm(call))),
    below("", "PUT", Target::Pay, on!(call => payment::update(call))),
    below("/{id}", "GET", Target::One, on!(call => list::one(call, body::id(&call.held)?))),
    below("/{id}", "DELETE", Target::One, on!(call => write::delete(call, &[body::id(&call.held)?]))),
];

/// Every call that there can be.
pub(crate) static SUBJECTS: LazyLock<Vec<Subject>> = LazyLock::new(|| {
    let views = RESOURCES.iter().flat_map(|resource| resource.views.iter().map(move |view| (resource, view)));
    let calls = views.flat_map(|(resource, view)| {
        let served = BELOW.iter().filter(|below| resource.serves(below.place, below.verb, view.version));
        served.map(move |below| Subject::Resource(resource, view, below))
    });
    std::iter::once(Subject::Token).chain(calls).collect()
});

fn rows(model: &Model) -> Vec<Route> {
    let rows = SUBJECTS.iter().enumerate();
    rows.filter_map(|(place, subject)| match subject {
        Subject::Token => {
            Some(Route::new("POST", "/api2/public/token", handler!(token::issue), place).open())
        }
        Subject::Resource(resource, view, below) => {
            model.table(resource.entity())?;
            let version = view.version.segment().map(|version| format!("/{version}")).unwrap_or_default();
            let path = format!("{BASE}{version}/{}{}", resource.name, below.path);
            let row = Route::new(below.verb, "", below.handler, place);
            Some(Route { path: Cow::Owned(path), ..row.evidence(evidence(resource, view, below)) })
        }
    })
    .collect()
}

/// Where a call comes from (fact sheet 2.2, 4.3 to 4.7, 6).
fn evidence(resource: &Resource, view: &View, below: &Below) -> Evidence {
    let version = view.version;
    let [read, written, deleted] = resource.evidence;
    match (below.verb, below.place) {
        (_, Target::Print) => match (below.path.starts_with("/print"), version) {
            (true, Version::V1_1) | (false, Version::V1_2 | Version::V1_4) => Evidence::Doc,
            _ => Evidence::Assumed,
        },
        ("DELETE", Target::Collection) => Evidence::Assumed,
        (_, Target::Confirm) if version == Version::V1_2 => Evidence::Assumed,
        // Newer ones were seen in clients alone (fact sheet 2.3).
        _ if version > Version::V1_4 => Evidence::Client,
        (_, Target::ByNumber | Target::ByTaxNumber | Target::Confirm) => Evidence::Doc,
        ("GET", _) if version == Version::V1_0 => read,
        ("DELETE", _) if version == Version::V1_0 => deleted,
        ("DELETE", _) => Evidence::Client,
        _ if version == Version::V1_0 => written,
        _ => Evidence::Doc,
    }
}

/// Whether a call writes master data, which the German pages and a setting make read-only.
fn writes_master_data(route: &Route) -> bool {
    matches!(&SUBJECTS[route.subject], Subject::Resource(resource, ..) if resource.is_master_data)
        && route.method != "GET"
}

fn path(settings: &Settings, route: &Route) -> Option<String> {
    let is_taken_away = writes_master_data(route) && settings.flag("master_data_read_only");
    (!is_taken_away).then(|| route.path.clone().into_owned())
}

/// Strict mode serves only what the German pages say, where they hold (DECISIONS): no versions, and no deletion of
/// several proformas in one call.
fn served(ctx: &Ctx, route: &Route) -> Served {
    if !is_strict_german(ctx) {
        return Served::Yes;
    }
    match &SUBJECTS[route.subject] {
        Subject::Resource(_, view, _) if view.version != Version::V1_0 => Served::Hidden,
        Subject::Resource(_, _, below) if below.verb == "DELETE" && below.place == Target::Collection => {
            Served::No
        }
        _ if writes_master_data(route) => Served::No,
        _ => Served::Yes,
    }
}

/// # Errors
/// A defect, when the row is about no resource.
fn on_resource(call: route::Call) -> simcore::Result<Call> {
    let Subject::Resource(resource, view, below) = &SUBJECTS[call.subject] else {
        return Err(simcore::Error::internal("a call on no resource"));
    };
    let variable = below.path.split(['{', '}', '*']).nth(1).unwrap_or_default();
    let held = call.variable(variable).to_owned();
    let route::Call { ctx, query, headers, body, .. } = call;
    Ok(Call { ctx, resource, view, query, headers, body, held })
}
