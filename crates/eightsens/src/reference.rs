//! Racines, natures and transformations: what the settings bind (fact sheet 2 and 6.2). Read only; of each kind only
//! the configured ones are visible.

use axum::http::StatusCode;
use axum::response::Response;
use odata::Bind;
use simcore::simulator::route::Call;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result};

use crate::list::Filters;
use crate::{error, record, wire};

/// One kind of reference record.
#[derive(Clone, Copy)]
pub(crate) struct Reference {
    /// Its entity, which is also its path.
    pub(crate) entity: &'static str,
    key: &'static str,
    /// The settings that bind one each.
    settings: &'static [&'static str],
    /// One more that follows from these.
    follows: fn(&Ctx, &Db<'_>) -> Result<Option<i64>>,
}

/// All kinds.
pub(crate) const KINDS: [Reference; 3] = [
    Reference {
        entity: "racine",
        key: "racineID",
        settings: &["racine_devis", "racine_commande", "racine_client", "racine_prospect"],
        follows: |_, _| Ok(None),
    },
    Reference {
        entity: "nature",
        key: "natureID",
        settings: &["nature_devis"],
        follows: |ctx, db| Ok(record::integer(&transfo(ctx, db)?.values, "natureCibleID")),
    },
    Reference {
        entity: "transfo",
        key: "transfoID",
        settings: &["transfo_devis_commande"],
        follows: |_, _| Ok(None),
    },
];

impl Reference {
    /// The ids that the settings bind; with the nature of quotes that of the orders that become of them.
    fn visible(self, ctx: &Ctx, db: &Db<'_>) -> Result<Vec<i64>> {
        let bound = self.settings.iter().map(|name| ctx.settings.integer(name));
        Ok(bound.chain((self.follows)(ctx, db)?).collect())
    }
}

/// The list of the kind at this place of [`KINDS`].
pub(crate) async fn list<const KIND: usize>(call: Call) -> Result<Response> {
    let ctx = &call.ctx;
    let kind = KINDS[KIND];
    let ids = ctx.read(|db| kind.visible(ctx, db)).await?;
    let marks = vec!["?"; ids.len()].join(", ");
    let binds = ids.into_iter().map(Bind::Integer).collect();
    let filters = Filters::new(ctx, &call.query).always(format!("{} IN ({marks})", kind.key), binds);
    filters.answer(kind.entity).await
}

/// One record of the kind at this place of [`KINDS`].
pub(crate) async fn one<const KIND: usize>(call: Call) -> Result<Response> {
    let (ctx, id) = (&call.ctx, call.variable("id"));
    let kind = KINDS[KIND];
    let body = ctx
        .read(|db| {
            let found = record::by_id(db, kind.entity, id)?;
            let id = record::integer(&found.values, kind.key);
            if !kind.visible(ctx, db)?.into_iter().any(|visible| Some(visible) == id) {
                return Err(error::NOT_FOUND.into());
            }
            record::shown(db, db.table(kind.entity)?, found.id)
        })
        .await?;
    Ok(wire::json(ctx, StatusCode::OK, body))
}

/// The racine that a setting names.
///
/// # Errors
/// 503 when it has gone since the start.
pub(crate) fn racine(ctx: &Ctx, db: &Db<'_>, setting: &str) -> Result<Record> {
    configured(ctx, db, setting, "racine", "racineID")
}

/// The transformation of quotes into orders.
///
/// # Errors
/// 503 when it has gone since the start.
pub(crate) fn transfo(ctx: &Ctx, db: &Db<'_>) -> Result<Record> {
    configured(ctx, db, "transfo_devis_commande", "transfo", "transfoID")
}

/// The client divers.
///
/// # Errors
/// 503 when it has gone since the start.
pub(crate) fn client_divers(ctx: &Ctx, db: &Db<'_>) -> Result<Record> {
    configured(ctx, db, "client_divers", "client", "cliID")
}

fn configured(ctx: &Ctx, db: &Db<'_>, setting: &str, entity: &str, key: &str) -> Result<Record> {
    let id = ctx.settings.integer(setting).to_string();
    let found = db.find(db.table(entity)?, "", key, &id)?.filter(|record| !record.flag("supprime"));
    found.ok_or_else(|| error::SERVER_NOT_READY.into())
}

/// The client divers belongs to everybody: 403.
pub(crate) fn may_change(ctx: &Ctx, client: &Record) -> Result<()> {
    let is_divers = record::integer(&client.values, "cliID") == Some(ctx.settings.integer("client_divers"));
    if is_divers || client.flag("cliDivers") { Err(error::CLIENT_DIVERS_READONLY.into()) } else { Ok(()) }
}
