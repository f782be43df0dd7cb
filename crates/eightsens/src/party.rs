//! What clients and prospects share: the same attributes behind the prefixes `cli` and `pec` (fact sheet 6.4, 6.5).

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};
use simcore::entity::validate::Purpose;
use simcore::simulator::extract::Query;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result, said};

use crate::body::Body;
use crate::list::Filters;
use crate::record::{integer, text};
use crate::{address, dates, error, numbering, record, reference, wire};

/// Clients or prospects.
#[derive(Clone, Copy)]
pub(crate) struct Party {
    /// The entity, which is also its path.
    pub(crate) entity: &'static str,
    prefix: &'static str,
    /// The setting that names their racine.
    pub(crate) racine: &'static str,
    /// What else changes when the code of one does.
    recoded: fn(&Db<'_>, i64, &str) -> Result<()>,
}

pub(crate) const CLIENT: Party =
    Party { entity: "client", prefix: "cli", racine: "racine_client", recoded: rename_in_documents };
pub(crate) const PROSPECT: Party =
    Party { entity: "prospect", prefix: "pec", racine: "racine_prospect", recoded: |_, _, _| Ok(()) };

impl Party {
    /// The name of an attribute: `Code` is `cliCode` or `pecCode`.
    pub(crate) fn field(self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(crate) async fn list(self, ctx: &Ctx, query: &Query) -> Result<Response> {
        let names = ["RaisonSociale", "Nom", "Prenom"].map(|name| self.field(name));
        let filters = Filters::new(ctx, query)
            .alive_since()?
            .equal("code", &self.field("Code"))
            .equal("email", &self.field("Email"))
            .equal("refExterne", &self.field("RefExterne"))
            .contains("nom", &names);
        filters.answer(self.entity).await
    }

    pub(crate) async fn one(self, ctx: &Ctx, id: &str) -> Result<Response> {
        let found =
            ctx.read(|db| record::shown(db, db.table(self.entity)?, record::by_id(db, self.entity, id)?.id));
        Ok(wire::json(ctx, StatusCode::OK, found.await?))
    }

    pub(crate) async fn create(self, ctx: &Ctx, body: &Body) -> Result<Response> {
        let fields = self.record(ctx, body, Purpose::Create)?;
        let (id, shown) = ctx
            .write(|db| {
                let row = self.store(ctx, db, fields)?;
                let table = db.table(self.entity)?;
                let id = integer(&db.load(table, row)?.values, &self.field("ID")).unwrap_or_default();
                Ok((id, record::shown(db, table, row)?))
            })
            .await?;
        Ok(wire::created(ctx, &[self.entity, &id.to_string()], shown))
    }

    /// Changes the fields that the body names, when `may_change` has nothing against it.
    pub(crate) async fn change(
        self,
        ctx: &Ctx,
        id: &str,
        body: &Body,
        may_change: impl FnOnce(&Record) -> Result<()>,
    ) -> Result<Response> {
        let changes = self.record(ctx, body, Purpose::Change)?;
        let shown = ctx
            .write(|db| {
                let stored = record::by_id(db, self.entity, id)?;
                may_change(&stored)?;
                self.update(ctx, db, &stored, changes)?;
                record::shown(db, db.table(self.entity)?, stored.id)
            })
            .await?;
        Ok(wire::json(ctx, StatusCode::OK, shown))
    }

    fn record(self, ctx: &Ctx, body: &Body, purpose: Purpose) -> Result<Map<String, Value>> {
        let fields = ctx.model.table(self.entity).map(|table| &table.entity.fields);
        body.record(ctx, fields.ok_or(error::NOT_FOUND)?, purpose)
    }

    /// Stores a new record of the configured racine; gives its row.
    pub(crate) fn store(self, ctx: &Ctx, db: &Db<'_>, mut fields: Map<String, Value>) -> Result<i64> {
        let racine = reference::racine(ctx, db, self.racine)?;
        let code = self.field("Code");
        let is_auto = racine.flag("racineAuto");
        if is_auto {
            fields.remove(&code);
        } else if text(&fields, &code).is_none() {
            return Err(error::MISSING_FIELD.on(code));
        }
        self.check(db, &fields, None)?;
        let racine_id = racine.values["racineID"].clone();
        if fields.get("racineID").is_some_and(|sent| !sent.is_null() && *sent != racine_id) {
            return Err(error::RACINE_NOT_ALLOWED.on("racineID"));
        }
        let list = address::with_ids(db, record::items(&fields, "adresses"), &[])?;
        fields.insert("adresses".to_owned(), list);
        if is_auto {
            fields.insert(code.clone(), numbering::code(db, &racine, self.entity, &code)?.into());
        }
        let now = dates::stamp(&ctx.settings, db.now);
        fields.insert(self.field("ID"), numbering::id(db, self.entity)?.into());
        fields.insert("racineID".to_owned(), racine_id);
        fields.insert("dateCreation".to_owned(), now.clone().into());
        fields.insert("dateModif".to_owned(), now.into());
        db.insert(db.table(self.entity)?, "", &fields)
    }

    /// Writes `changes` into a stored record.
    fn update(self, ctx: &Ctx, db: &Db<'_>, stored: &Record, mut changes: Map<String, Value>) -> Result<()> {
        let code = self.field("Code");
        let own = db.find(db.table("racine")?, "", "racineID", &stored.values["racineID"].to_string())?;
        if own.is_some_and(|racine| racine.flag("racineAuto")) {
            changes.remove(&code);
        } else if changes.contains_key(&code) && text(&changes, &code).is_none() {
            return Err(error::MISSING_FIELD.on(code));
        }
        let mut merged = stored.values.clone();
        merged.extend(changes.clone());
        self.check(db, &merged, Some(stored.id))?;
        let sent = changes.remove("racineID").unwrap_or_default();
        if !sent.is_null() && sent != stored.values["racineID"] {
            return Err(error::RACINE_NOT_ALLOWED.on("racineID"));
        }
        if changes.contains_key("adresses") {
            let kept = record::items(&stored.values, "adresses");
            let list = address::with_ids(db, record::items(&changes, "adresses"), &kept)?;
            changes.insert("adresses".to_owned(), list);
        }
        changes.insert("dateModif".to_owned(), dates::stamp(&ctx.settings, db.now).into());
        db.update(db.table(self.entity)?, stored.id, &changes)?;
        match text(&changes, &code) {
            Some(code) => {
                (self.recoded)(db, integer(&stored.values, &self.field("ID")).unwrap_or_default(), code)
            }
            None => Ok(()),
        }
    }

    /// What the kinds of the fields do not say: 400 for what must be there, 422 for what is malformed, 409 for what
    /// another record has.
    fn check(self, db: &Db<'_>, fields: &Map<String, Value>, row: Option<i64>) -> Result<()> {
        let is_person = fields.get(&self.field("Type")).is_some_and(|kind| kind == "PARTICULIER");
        let name = self.field(if is_person { "Nom" } else { "RaisonSociale" });
        if text(fields, &name).is_none() {
            return Err(error::MISSING_FIELD.on(name));
        }
        let email = self.field("Email");
        if text(fields, &email).is_some_and(|email| !email.contains('@')) {
            return Err(error::invalid(email, said!(RULE_EMAIL)));
        }
        let siret = self.field("Siret");
        let is_siret = |siret: &str| siret.len() == 14 && siret.bytes().all(|byte| byte.is_ascii_digit());
        if text(fields, &siret).is_some_and(|text| !is_siret(text)) {
            return Err(error::invalid(siret, said!(RULE_SIRET)));
        }
        let code = self.field("Code");
        if let Some(text) = text(fields, &code)
            && let Some(other) = db.find(db.table(self.entity)?, "", &code, text)?
            && Some(other.id) != row
        {
            return Err(self.duplicate(error::DUPLICATE_CODE, &other));
        }
        let reference = self.field("RefExterne");
        if let Some(text) = text(fields, &reference)
            && let Some(other) = numbering::same_reference(db, self.entity, &reference, text, row)?
        {
            return Err(self.duplicate(error::DUPLICATE_REF, &other));
        }
        Ok(())
    }

    fn duplicate(self, refusal: error::Refusal, other: &Record) -> simcore::Error {
        let id = self.field("ID");
        refusal.because_of(&id, integer(&other.values, &id).unwrap_or_default())
    }
}

/// Documents show the code that their client has.
fn rename_in_documents(db: &Db<'_>, client: i64, code: &str) -> Result<()> {
    for text in
        ["UPDATE devis SET cliCode = ? WHERE cliID = ?", "UPDATE commande SET cliCode = ? WHERE cliID = ?"]
    {
        db.conn.prepare_cached(text)?.execute((code, client))?;
    }
    Ok(())
}
