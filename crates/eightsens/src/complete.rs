//! What the ERP fills in by itself in records of seed data, scenarios and the control API. What is there stays.

use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::entity::model::Table;
use simcore::entity::settings::Settings;
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::ligne::{self, Line};
use crate::party::{CLIENT, PROSPECT, Party};
use crate::record::integer;
use crate::{address, dates, numbering, record, totals};

/// Completes a new record.
pub(crate) fn complete(db: &Db<'_>, entity: &str, _: &str, record: &mut Map<String, Value>) -> Result<()> {
    let settings = db.settings();
    let table = db.table(entity)?;
    if let Some(key) = table.entity.keys.first()
        && is_absent(record, key)
    {
        record.insert(key.clone(), numbering::id(db, entity)?.into());
    }
    if let Some((_, complete)) = COMPLETED.iter().find(|(name, _)| *name == entity) {
        complete(db, &settings, record)?;
    }
    for field in ["dateCreation", "dateModif"] {
        if table.field(field).is_some() {
            fill(record, field, || dates::stamp(&settings, db.now).into());
        }
    }
    whole_parts(table, record);
    Ok(())
}

/// What is an entity's own.
const COMPLETED: [(&str, Complete); 5] = [
    (CLIENT.entity, |db, settings, record| party(db, settings, CLIENT, record)),
    (PROSPECT.entity, |db, settings, record| party(db, settings, PROSPECT, record)),
    ("article", |_, _, record| {
        article(record);
        Ok(())
    }),
    ("devis", quote),
    ("commande", order),
];

type Complete = fn(&Db<'_>, &Settings, &mut Map<String, Value>) -> Result<()>;

/// Completes a change that somebody makes inside the ERP.
pub(crate) fn changed(db: &Db<'_>, entity: &str, _: &Record, changes: &mut Map<String, Value>) -> Result<()> {
    whole_parts(db.table(entity)?, changes);
    Ok(())
}

/// Addresses, lines and rates have all their members, as the server itself writes them.
fn whole_parts(table: &Table, record: &mut Map<String, Value>) {
    for (name, field) in table.entity.fields.iter().filter(|(_, field)| !field.fields.is_empty()) {
        let parts = match record.get_mut(name) {
            Some(Value::Array(parts)) => parts.as_mut_slice(),
            Some(part) => std::slice::from_mut(part),
            None => &mut [],
        };
        for part in parts.iter_mut().filter_map(Value::as_object_mut) {
            for (name, member) in &field.fields {
                part.entry(name.clone()).or_insert_with(|| member.default.clone());
            }
        }
    }
}

fn is_absent(record: &Map<String, Value>, field: &str) -> bool {
    record.get(field).is_none_or(Value::is_null)
}

fn fill(record: &mut Map<String, Value>, field: &str, value: impl FnOnce() -> Value) {
    if is_absent(record, field) {
        record.insert(field.to_owned(), value());
    }
}

/// The racine that the settings name, and the next code of it where it assigns them.
fn coded(
    db: &Db<'_>,
    settings: &Settings,
    entity: &str,
    record: &mut Map<String, Value>,
    (setting, code): (&str, &str),
) -> Result<()> {
    fill(record, "racineID", || settings.integer(setting).into());
    if is_absent(record, code) {
        let id = record.get("racineID").map(ToString::to_string).unwrap_or_default();
        let racine = db.find(db.table("racine")?, "", "racineID", &id)?;
        if let Some(racine) = racine.filter(|racine| racine.flag("racineAuto")) {
            record.insert(code.to_owned(), numbering::code(db, &racine, entity, code)?.into());
        }
    }
    Ok(())
}

fn party(db: &Db<'_>, settings: &Settings, party: Party, record: &mut Map<String, Value>) -> Result<()> {
    coded(db, settings, party.entity, record, (party.racine, &party.field("Code")))?;
    let addresses = record::items(record, "adresses");
    numbering::reserve(db, "adrID", &addresses)?;
    record.insert("adresses".to_owned(), address::with_ids(db, addresses.clone(), &addresses)?);
    Ok(())
}

fn article(record: &mut Map<String, Value>) {
    let amount = |field: &str| record.get(field).and_then(decimal::from_json).unwrap_or_default();
    let with_vat = totals::with_vat(amount("artPvHT"), amount("artTauxTva"));
    let available = record.get("artStockDispo").cloned().unwrap_or_default();
    fill(record, "artPvTTC", || decimal::to_json(with_vat));
    fill(record, "_stockReel", || available);
}

fn quote(db: &Db<'_>, settings: &Settings, record: &mut Map<String, Value>) -> Result<()> {
    coded(db, settings, "devis", record, ("racine_devis", "devCode"))?;
    fill(record, "natureID", || settings.integer("nature_devis").into());
    fill(record, "cliID", || settings.integer("client_divers").into());
    fill(record, "devEtat", || "EN_COURS".into());
    fill(record, "devDate", || dates::today(settings, db.now).to_string().into());
    let date = record::text(record, "devDate").and_then(|date| date.parse().ok()).unwrap_or_default();
    fill(record, "devDateValidite", || dates::valid_until(settings, date).to_string().into());
    let is_divers = integer(record, "cliID") == Some(settings.integer("client_divers"));
    fill(record, "clientDivers", || is_divers.into());
    document(db, record)
}

fn order(db: &Db<'_>, settings: &Settings, record: &mut Map<String, Value>) -> Result<()> {
    coded(db, settings, "commande", record, ("racine_commande", "cdeCode"))?;
    let transfo = settings.integer("transfo_devis_commande").to_string();
    let transfo = db.find(db.table("transfo")?, "", "transfoID", &transfo)?;
    let nature = transfo.and_then(|transfo| transfo.values.get("natureCibleID").cloned()).unwrap_or_default();
    fill(record, "natureID", || nature);
    fill(record, "cdeDate", || dates::today(settings, db.now).to_string().into());
    document(db, record)?;
    let mut lines = record::items(record, "lignes");
    for line in &mut lines {
        fill(line, "quantiteLivree", || decimal::to_json(0.into()));
    }
    record.insert("lignes".to_owned(), lines.into_iter().map(Value::Object).collect());
    Ok(())
}

/// Lines that have no amount yet are filled from their articles; totals follow from the lines.
fn document(db: &Db<'_>, record: &mut Map<String, Value>) -> Result<()> {
    let client = integer(record, "cliID").unwrap_or_default();
    if let Some(client) = record::known(db, "client", client)? {
        fill(record, "cliCode", || client.values["cliCode"].clone());
    }
    let known = record::items(record, "lignes");
    numbering::reserve(db, "ligID", &known)?;
    let mut lines: Vec<Line> = Vec::new();
    for (place, line) in known.iter().cloned().enumerate() {
        let is_filled = !is_absent(&line, "montantHT") && !is_absent(&line, "tauxTva");
        lines.push(if is_filled { line } else { ligne::build(db, line, &format!("lignes[{place}]."))? });
    }
    let mut computed = Map::new();
    ligne::put(db, &mut computed, lines, &known)?;
    let lines = computed.shift_remove("lignes");
    record.extend(lines.map(|lines| ("lignes".to_owned(), lines)));
    for (field, value) in computed {
        fill(record, &field, || value);
    }
    Ok(())
}
