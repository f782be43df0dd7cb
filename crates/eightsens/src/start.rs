//! Whether the REST server could start with these settings and this data (fact sheet 2).

use simcore::entity::settings::Settings;
use simcore::store::rows::Record;
use simcore::{Db, Select};

use crate::auth;
use crate::record::integer;

/// The racines that the settings name, and what each must number.
const RACINES: [(&str, &str); 4] = [
    ("racine_devis", "DEV"),
    ("racine_commande", "CDE"),
    ("racine_client", "CLI"),
    ("racine_prospect", "PEC"),
];

/// What it says once it listens: it does listen on ports that its set-up advises against (fact sheet 2 and 3).
pub(crate) fn announce(port: u16) -> String {
    let launched = "Serveur REST lancé";
    if port > 1024 {
        return launched.to_owned();
    }
    format!("{launched}\nwarning: 8sens listens on port {port}; a port above 1024 is recommended")
}

/// Every id must exist and be of the right type, the runner must be an ordinary user with the right Autoriser REST.
pub(crate) fn check(db: &Db<'_>) -> Result<(), String> {
    let settings = db.settings();
    if settings.text("api_key").is_empty() {
        return Err("setting `api_key` is empty".to_owned());
    }
    if settings.integer("inactivity_seconds") <= 0 {
        return Err("setting `inactivity_seconds` must be more than 0".to_owned());
    }
    if is_bare(db)? {
        return Ok(());
    }
    runner(&named(db, &settings, "user_id", "user")?)
        .map_err(|why| format!("setting `user_id`: user {} {why}", settings.integer("user_id")))?;
    for (setting, kind) in RACINES {
        let racine = named(db, &settings, setting, "racine")?;
        of_type(&settings, setting, &racine, "racineType", kind)?;
        if matches!(kind, "DEV" | "CDE") && !racine.flag("racineAuto") {
            let id = settings.integer(setting);
            return Err(format!("setting `{setting}`: racine {id} does not assign codes by itself"));
        }
    }
    let nature = named(db, &settings, "nature_devis", "nature")?;
    of_type(&settings, "nature_devis", &nature, "natureType", "DEV")?;
    named(db, &settings, "client_divers", "client")?;
    transfo(db, &settings)
}

/// Whether a scenario asked for an empty server (`data: none`): nobody can log in to it until records are added.
fn is_bare(db: &Db<'_>) -> Result<bool, String> {
    for entity in ["user", "racine", "nature", "transfo"] {
        let table = db.table(entity).map_err(|error| error.cause.unwrap_or_default())?;
        let count = db.count(table, &Select::default()).map_err(|error| error.cause.unwrap_or_default())?;
        if count > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn transfo(db: &Db<'_>, settings: &Settings) -> Result<(), String> {
    let setting = "transfo_devis_commande";
    let transfo = named(db, settings, setting, "transfo")?;
    let id = settings.integer(setting);
    if integer(&transfo.values, "natureSourceID") != Some(settings.integer("nature_devis")) {
        return Err(format!("setting `{setting}`: transfo {id} does not start from the nature of quotes"));
    }
    let target = transfo.values.get("natureCibleID").map(ToString::to_string).unwrap_or_default();
    let nature = find(db, "nature", &target)?;
    match nature {
        Some(nature) if nature.text("natureType") == "CDE" => Ok(()),
        _ => Err(format!("setting `{setting}`: transfo {id} does not lead to a nature of orders")),
    }
}

fn runner(user: &Record) -> Result<(), &'static str> {
    if user.flag("userAdmin") {
        Err("is an administrator, who may not run the server")
    } else if user.flag("desactive") {
        Err("is disabled")
    } else if !auth::has_rest(user) {
        Err("does not have the right Autoriser REST")
    } else {
        Ok(())
    }
}

fn named(db: &Db<'_>, settings: &Settings, setting: &str, entity: &str) -> Result<Record, String> {
    let id = settings.integer(setting);
    let found = find(db, entity, &id.to_string())?.filter(|record| !record.flag("supprime"));
    found.ok_or_else(|| format!("setting `{setting}`: there is no {entity} {id}"))
}

fn find(db: &Db<'_>, entity: &str, id: &str) -> Result<Option<Record>, String> {
    let find = || {
        let table = db.table(entity)?;
        db.find(table, "", table.entity.keys.first().map(String::as_str).unwrap_or_default(), id)
    };
    find().map_err(|error| error.cause.unwrap_or(error.message))
}

fn of_type(
    settings: &Settings,
    setting: &str,
    record: &Record,
    field: &str,
    kind: &str,
) -> Result<(), String> {
    let own = record.text(field);
    if own == kind {
        return Ok(());
    }
    let id = settings.integer(setting);
    Err(format!("setting `{setting}`: {id} is of type {own}, not {kind}"))
}

#[cfg(test)]
mod tests {
    use super::announce;

    #[test]
    fn a_low_port_is_warned_of() {
        assert_eq!(announce(1025), "Serveur REST lancé");
        let said = announce(1024);
        assert!(said.starts_with("Serveur REST lancé\n") && said.contains("1024"), "{said}");
    }
}
