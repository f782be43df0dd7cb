//! Which path and verb go where (fact sheet 2.4). Paths that no source shows are assumed: the setting `routes` gives
//! them others by name, and they take `POST` and `PUT` alike. Reserved words win over entities and codes; `mergeData` is
//! reserved for its own verbs only.

use simcore::base::diagnostics::unknown;
use simcore::contract::Spelling;
use simcore::entity::profile::Evidence::{self, Assumed, Client, Doc, Seed};
use simcore::entity::settings::Settings;
use simcore::simulator::route::{Handler, Route, Table, Unserved};
use simcore::{Ctx, Error};

use crate::call::Call;
use crate::{
    accounts, auth, bulk_import, dataset, dataset_delete, dictionary, entrypoints, fetch, merge, outbox,
    record, relational_dataset, select, server_export, tasks,
};

/// How the server reads paths and verbs.
pub(crate) const TABLE: Table = Table {
    rows: |_| Route::table(ROWS),
    spelling: Spelling { any_case: true, doubled_slashes: false },
    path: |settings, route| Some(path(settings, route)),
    serves_head: false,
    unserved,
    ..Table::BASE
};

/// What a call is, for the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) target: Target,
    /// Whether no source shows the path.
    is_assumed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A handler of calls on the project that the token opens; `&` where it borrows the call.
macro_rules! in_project {
    (&$function:path) => {
        |call| Box::pin(async move { $function(&Call::of_project(call)?).await })
    };
    ($function:path) => {
        |call| Box::pin(async move { $function(Call::of_project(call)?).await })
    };
}

const fn known(
    name: &'static str,
    verb: &'static str,
    path: &'static str,
    evidence: Evidence,
    (handler, target): (Handler, Target),
) -> Route<Subject> {
    Route::new(verb, path, handler, Subject { target, is_assumed: false }).evidence(evidence).named(name)
}

const fn assumed(
    name: &'static str,
    verb: &'static str,
    path: &'static str,
    (handler, target): (Handler, Target),
) -> Route<Subject> {
    Route::new(verb, path, handler, Subject { target, is_assumed: true }).evidence(Assumed).named(name)
}

const SERVER_EXPORT: (Handler, Target) = (in_project!(server_export::validate), Target::ServerExport);
const BULK_IMPORT: (Handler, Target) = (in_project!(bulk_import::import), Target::BulkImport);
const DELETE_DATA_SET: (Handler, Target) = (in_project!(dataset_delete::delete), Target::DeleteDataSet);
const ACCOUNTS: (Handler, Target) = (in_project!(&accounts::write), Target::Accounts);
const TASKS: (Handler, Target) = (in_project!(&tasks::start), Target::Tasks);
const OUTBOX_REPORT: (Handler, Target) = (in_project!(&outbox::report), Target::OutboxReport);
const MERGE: (Handler, Target) = (in_project!(merge::merge), Target::Merge);

/// Every call, in the order of the sheet.
pub(crate) const ROWS: &[Route<Subject>] = &[
    known(
        "authenticate",
        "POST",
        "/v1/Authenticate",
        Doc,
        (|call| Box::pin(async move { auth::login(&Call::of(call)).await }), Target::Authenticate),
    )
    .open(),
    assumed(
        "dictionary",
        "GET",
        "/v1/Dictionary/{project}",
        (|call| Box::pin(async move { Ok(dictionary::list(&Call::of_project(call)?)) }), Target::Entities),
    ),
    known(
        "dictionary_entity",
        "GET",
        "/v1/Dictionary/{project}/{entity}",
        Client,
        (|call| Box::pin(async move { dictionary::entity(&Call::of_project(call)?) }), Target::Entity),
    ),
    known(
        "select",
        "POST",
        "/v1/Data/{project}/Select",
        Client,
        (in_project!(&select::select), Target::Select),
    ),
    known(
        "data_set",
        "POST",
        "/v1/Data/{project}/DataSet",
        Doc,
        (in_project!(dataset::import), Target::DataSet),
    ),
    assumed("server_export", "POST", "/v1/Data/{project}/ServerExport", SERVER_EXPORT),
    assumed("server_export", "PUT", "/v1/Data/{project}/ServerExport", SERVER_EXPORT),
    assumed("server_exports", "POST", "/v1/Data/{project}/ServerExports", SERVER_EXPORT),
    assumed("server_exports", "PUT", "/v1/Data/{project}/ServerExports", SERVER_EXPORT),
    assumed("bulk_import", "POST", "/v1/Data/{project}/BulkImport", BULK_IMPORT),
    assumed("bulk_import", "PUT", "/v1/Data/{project}/BulkImport", BULK_IMPORT),
    known(
        "relational_data_set",
        "POST",
        "/v1/Data/{project}/RelationalDataSet",
        Doc,
        (in_project!(relational_dataset::import), Target::RelationalDataSet),
    ),
    assumed("delete_data_set", "POST", "/v1/Data/{project}/DeleteDataSet", DELETE_DATA_SET),
    assumed("delete_data_set", "PUT", "/v1/Data/{project}/DeleteDataSet", DELETE_DATA_SET),
    assumed("accounts", "POST", "/v1/Accounts/{project}", ACCOUNTS),
    assumed("accounts", "PUT", "/v1/Accounts/{project}", ACCOUNTS),
    assumed("tasks", "POST", "/v1/Tasks/{project}", TASKS),
    assumed("tasks", "PUT", "/v1/Tasks/{project}", TASKS),
    known("outbox_report", "POST", "/v1/Data/{project}/outbox/report", Assumed, OUTBOX_REPORT),
    known("outbox_report", "PUT", "/v1/Data/{project}/outbox/report", Assumed, OUTBOX_REPORT),
    known("merge_data", "POST", "/v1/Data/{project}/{entity}/mergeData", Assumed, MERGE).shared(),
    known("merge_data", "PUT", "/v1/Data/{project}/{entity}/mergeData", Assumed, MERGE).shared(),
    known(
        "webhook",
        "POST",
        "/v1/EntryPoints/{project}/webhook",
        Client,
        (|call| Box::pin(async move { entrypoints::webhook(&Call::of(call)).await }), Target::Webhook),
    )
    .open(),
    known(
        "process",
        "POST",
        "/v1/EntryPoints/{project}/process",
        Client,
        (
            |call| Box::pin(async move { entrypoints::process(&Call::of_entry_point(call)?).await }),
            Target::Process,
        ),
    ),
    known(
        "records",
        "GET",
        "/v1/Data/{project}/{entity}",
        Doc,
        (in_project!(&fetch::fetch), Target::Records),
    ),
    known(
        "records",
        "POST",
        "/v1/Data/{project}/{entity}",
        Client,
        (in_project!(&record::create), Target::Records),
    ),
    known(
        "record",
        "GET",
        "/v1/Data/{project}/{entity}/{code}",
        Client,
        (in_project!(&record::read), Target::Record),
    ),
    known(
        "record",
        "PUT",
        "/v1/Data/{project}/{entity}/{code}",
        Client,
        (in_project!(&record::update), Target::Record),
    ),
    known(
        "record",
        "DELETE",
        "/v1/Data/{project}/{entity}/{code}",
        Seed,
        (in_project!(&record::delete), Target::Record),
    ),
];

/// The path of a call under these settings: assumed ones can have another.
fn path(settings: &Settings, route: &Route) -> String {
    let renamed = settings.value("routes").get(route.name).and_then(serde_json::Value::as_str);
    let renamed = renamed.filter(|_| ROWS[route.subject].subject.is_assumed);
    renamed.unwrap_or(&route.path).to_owned()
}

/// `Allow` names the verbs in the order of the alphabet.
fn unserved(_: &Ctx, unserved: &Unserved<'_>) -> Error {
    let allowed = unserved.allowed.clone().map(|mut allowed| {
        allowed.sort_unstable();
        allowed.dedup();
        allowed
    });
    Unserved { allowed, ..*unserved }.error()
}

/// Whether the setting `routes` can be followed; a sentence when it cannot.
pub(crate) fn check_renamed(settings: &Settings) -> Result<(), String> {
    let assumed = || ROWS.iter().filter(|route| route.subject.is_assumed).map(|route| route.name);
    for (name, path) in settings.value("routes").as_object().into_iter().flatten() {
        if !assumed().any(|known| known == name) {
            return Err(unknown("route", name, assumed()));
        }
        let path = path.as_str().unwrap_or_default();
        if !path.starts_with('/') || !path.contains("{project}") {
            return Err(format!("route `{name}` must be a path with {{project}} in it"));
        }
    }
    Ok(())
}
