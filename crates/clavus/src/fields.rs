//! What each field of the schema answers: the work is in the file named after the object.

use serde_json::{Map, Value};

use crate::api::{Api, Asks};
use crate::failure::Resolved;
use crate::{columns, folders, prospects, teams, users, values_by_ids};

/// How a field comes by its value.
#[derive(Clone, Copy)]
pub(crate) enum Resolver {
    /// The API as a whole: nothing to look up.
    Namespace,
    /// Out of the database.
    Api(fn(&Api<'_>, &Map<String, Value>, Asks<'_>) -> Resolved),
    /// A member of the object around it.
    Member(&'static str),
}

/// The fields that are not the member of their name.
const FIELDS: &[(&str, &str, Resolver)] = &[
    ("Query", "erpEnrAPI", Resolver::Namespace),
    ("Query", "getTeams", Resolver::Api(|api, _, _| teams::list(api))),
    ("ErpEnrAPI", "getFolders", Resolver::Api(folders::list)),
    ("ErpEnrAPI", "getColumns", Resolver::Api(|api, arguments, _| columns::list(api, arguments))),
    ("ErpEnrAPI", "getTeams", Resolver::Api(|api, _, _| teams::list(api))),
    ("ErpEnrAPI", "getUsers", Resolver::Api(|api, arguments, _| users::list(api, arguments))),
    ("ErpEnrAPI", "getValuesByIds", Resolver::Api(|api, arguments, _| values_by_ids::list(api, arguments))),
    ("Mutation", "upsertProspect", Resolver::Api(|api, arguments, _| prospects::upsert(api, arguments))),
    ("User", "firstname", Resolver::Member("firstName")),
    ("User", "lastname", Resolver::Member("lastName")),
];

/// How the field `name` of the type `on` comes by its value.
pub(crate) fn resolver(on: &str, name: &'static str) -> Resolver {
    let row = FIELDS.iter().find(|(of, field, _)| *of == on && *field == name);
    row.map_or(Resolver::Member(name), |(_, _, resolver)| *resolver)
}
