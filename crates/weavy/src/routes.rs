//! Which path and verb go where (fact sheet 2.4). Paths that no source shows are marked `assumed`: the setting
//! `routes` gives them others by name, and they take `POST` and `PUT` alike.

use axum::Router;
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use simcore::entity::profile::Evidence;
use simcore::entity::settings::Settings;
use simcore::simulator::ctx::Public;
use simcore::simulator::extract::Query;
use simcore::{Ctx, Error, ErrorKind, Principal, Result};

use crate::{
    accounts, auth, bulk_import, dataset, dataset_delete, dictionary, entrypoints, error, fetch, merge,
    outbox, record, relational_dataset, select, server_export, tasks,
};

/// One row of the table.
pub(crate) struct Route {
    pub(crate) name: &'static str,
    path: &'static str,
    /// Its verbs, each with where it comes from.
    pub(crate) verbs: &'static [(&'static str, Evidence)],
    /// Whether no source shows the path.
    assumed: bool,
    pub(crate) target: Target,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Authenticate,
    Entities,
    Entity,
    Select,
    DataSet,
    ServerExport,
    BulkImport,
    RelationalDataSet,
    DeleteDataSet,
    Accounts,
    Tasks,
    OutboxReport,
    Merge,
    Webhook,
    Process,
    Records,
    Record,
}

const fn known(
    name: &'static str,
    path: &'static str,
    verbs: &'static [(&'static str, Evidence)],
    target: Target,
) -> Route {
    Route { name, path, verbs, assumed: false, target }
}

const fn assumed(name: &'static str, path: &'static str, target: Target) -> Route {
    Route { name, path, verbs: EITHER, assumed: true, target }
}

/// The verbs of calls whose verb no source shows.
const EITHER: &[(&str, Evidence)] = &[("POST", Evidence::Assumed), ("PUT", Evidence::Assumed)];

/// The first path that fits wins, so reserved words win over entities and codes. `mergeData` is reserved for its own
/// verbs only.
pub(crate) const ROUTES: &[Route] = &[
    known("authenticate", "/v1/Authenticate", &[("POST", Evidence::Doc)], Target::Authenticate),
    Route {
        name: "dictionary",
        path: "/v1/Dictionary/{project}",
        verbs: &[("GET", Evidence::Assumed)],
        assumed: true,
        target: Target::Entities,
    },
    known(
        "dictionary_entity",
        "/v1/Dictionary/{project}/{entity}",
        &[("GET", Evidence::Client)],
        Target::Entity,
    ),
    known("select", "/v1/Data/{project}/Select", &[("POST", Evidence::Client)], Target::Select),
    known("data_set", "/v1/Data/{project}/DataSet", &[("POST", Evidence::Doc)], Target::DataSet),
    assumed("server_export", "/v1/Data/{project}/ServerExport", Target::ServerExport),
    assumed("server_exports", "/v1/Data/{project}/ServerExports", Target::ServerExport),
    assumed("bulk_import", "/v1/Data/{project}/BulkImport", Target::BulkImport),
    known(
        "relational_data_set",
        "/v1/Data/{project}/RelationalDataSet",
        &[("POST", Evidence::Doc)],
        Target::RelationalDataSet,
    ),
    assumed("delete_data_set", "/v1/Data/{project}/DeleteDataSet", Target::DeleteDataSet),
    assumed("accounts", "/v1/Accounts/{project}", Target::Accounts),
    assumed("tasks", "/v1/Tasks/{project}", Target::Tasks),
    known("outbox_report", "/v1/Data/{project}/outbox/report", EITHER, Target::OutboxReport),
    known("merge_data", "/v1/Data/{project}/{entity}/mergeData", EITHER, Target::Merge),
    known("webhook", "/v1/EntryPoints/{project}/webhook", &[("POST", Evidence::Client)], Target::Webhook),
    known("process", "/v1/EntryPoints/{project}/process", &[("POST", Evidence::Client)], Target::Process),
    known(
        "records",
        "/v1/Data/{project}/{entity}",
        &[("GET", Evidence::Doc), ("POST", Evidence::Client)],
        Target::Records,
    ),
    known(
        "record",
        "/v1/Data/{project}/{entity}/{code}",
        &[("GET", Evidence::Client), ("PUT", Evidence::Client), ("DELETE", Evidence::Seed)],
        Target::Record,
    ),
];

impl Route {
    /// Its path under these settings.
    pub(crate) fn path<'a>(&self, settings: &'a Settings) -> &'a str {
        let renamed = settings.value("routes").get(self.name).and_then(serde_json::Value::as_str);
        renamed.filter(|_| self.assumed).unwrap_or(self.path)
    }

    fn takes(&self, method: &str) -> bool {
        self.verbs.iter().any(|(verb, _)| *verb == method)
    }
}

pub(crate) fn routes() -> Router {
    Router::new().route("/", any(handle)).route("/{*path}", any(handle))
}

/// A call whose path and verb are known; its credentials have been checked where the path asks for them.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) ctx: Ctx,
    pub(crate) principal: Principal,
    pub(crate) project: String,
    pub(crate) entity: String,
    pub(crate) code: String,
    pub(crate) headers: HeaderMap,
    pub(crate) query: std::sync::Arc<Query>,
    pub(crate) body: Bytes,
}

/// The variables of a path, decoded.
#[derive(Default)]
struct Variables {
    project: String,
    entity: String,
    code: String,
}

/// Path, verb, token, project; the rest is the operation's (order of checks, fact sheet 20).
async fn handle(
    Public(ctx): Public,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
    body: Bytes,
) -> Result<Response> {
    let (target, variables) = find(&ctx.settings, uri.path(), method.as_str())?;
    let Variables { project, entity, code } = variables;
    let query = std::sync::Arc::new(query);
    let call = Call { principal: ctx.principal(), ctx, project, entity, code, headers, query, body };
    match target {
        Target::Authenticate => return auth::login(&call).await,
        Target::Webhook => return entrypoints::webhook(&call),
        _ => {}
    }
    call.ctx.entry().map_err(Clone::clone)?;
    if call.project != call.ctx.settings.text("project") && !company_of_process(&call, target) {
        return Err(error::forbidden(format!("The token does not open the project '{}'.", call.project)));
    }
    match target {
        Target::Authenticate | Target::Webhook => Err(Error::internal("a public route came this far")),
        Target::Entities => Ok(dictionary::list(&call)),
        Target::Entity => dictionary::entity(&call),
        Target::Select => select::select(&call).await,
        Target::DataSet => dataset::import(call).await,
        Target::ServerExport => server_export::validate(call).await,
        Target::BulkImport => bulk_import::import(call).await,
        Target::RelationalDataSet => relational_dataset::import(call).await,
        Target::DeleteDataSet => dataset_delete::delete(call).await,
        Target::Accounts => accounts::write(&call).await,
        Target::Tasks => tasks::start(&call).await,
        Target::OutboxReport => outbox::report(&call).await,
        Target::Merge => merge::merge(call).await,
        Target::Process => entrypoints::process(&call).await,
        Target::Records if method == Method::GET => fetch::fetch(&call).await,
        Target::Records => record::create(&call).await,
        Target::Record if method == Method::GET => record::read(&call).await,
        Target::Record if method == Method::PUT => record::update(&call).await,
        Target::Record => record::delete(&call).await,
    }
}

/// Entry points may name a company where others name the project (fact sheet 19.1).
fn company_of_process(call: &Call, target: Target) -> bool {
    target == Target::Process && call.ctx.settings.texts("companies").any(|company| company == call.project)
}

/// # Errors
/// 404 for a path that nothing has, 405 with `Allow` for a verb that it does not take.
fn find(settings: &Settings, path: &str, method: &str) -> Result<(Target, Variables)> {
    let unknown = || Error::new(StatusCode::NOT_FOUND, ErrorKind::Route);
    let segments = segments(path).ok_or_else(unknown)?;
    let mut allowed: Vec<&str> = Vec::new();
    for route in ROUTES {
        let Some(variables) = matched(route.path(settings), &segments) else { continue };
        if route.takes(method) {
            return Ok((route.target, variables));
        }
        allowed.extend(route.verbs.iter().map(|(verb, _)| *verb));
        if route.target != Target::Merge {
            break;
        }
    }
    if allowed.is_empty() {
        return Err(unknown());
    }
    allowed.sort_unstable();
    allowed.dedup();
    let error = Error::new(StatusCode::METHOD_NOT_ALLOWED, ErrorKind::Method);
    Err(error.header(ALLOW, &allowed.join(", ")))
}

/// The decoded segments of a path; one slash at its end is as good as none. Nothing when it cannot be decoded.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let decode = |segment| percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    path.split('/').map(decode).collect()
}

/// Fixed segments compare whatever their case, variables take what is there.
fn matched(template: &str, segments: &[String]) -> Option<Variables> {
    let template: Vec<&str> = template.trim_matches('/').split('/').collect();
    if template.len() != segments.len() {
        return None;
    }
    let mut variables = Variables::default();
    for (expected, segment) in template.into_iter().zip(segments) {
        match expected {
            _ if segment.is_empty() => return None,
            "{project}" => variables.project.clone_from(segment),
            "{entity}" => variables.entity.clone_from(segment),
            "{code}" => variables.code.clone_from(segment),
            fixed if fixed.eq_ignore_ascii_case(segment) => {}
            _ => return None,
        }
    }
    Some(variables)
}

/// Whether the setting `routes` can be followed; a sentence when it cannot.
pub(crate) fn check_renamed(settings: &Settings) -> Result<(), String> {
    let assumed: Vec<&str> = ROUTES.iter().filter(|route| route.assumed).map(|route| route.name).collect();
    for (name, path) in settings.value("routes").as_object().into_iter().flatten() {
        if !assumed.contains(&name.as_str()) {
            return Err(simcore::base::diagnostics::unknown("route", name, assumed.into_iter()));
        }
        let path = path.as_str().unwrap_or_default();
        if !path.starts_with('/') || !path.contains("{project}") {
            return Err(format!("route `{name}` must be a path with {{project}} in it"));
        }
    }
    Ok(())
}
