//! One field's view of the ERP.

use serde_json::{Map, Value};
use simcore::store::effects::{Delivered, hash};
use simcore::{Ctx, Db, Result, said};

use crate::auth;
use crate::column::{self, Columns};
use crate::failure::Failure;

/// The database, and what the key may see in it.
pub(crate) struct Api<'a> {
    pub(crate) ctx: &'a Ctx,
    pub(crate) db: Db<'a>,
    /// The readable columns, in the order of `getColumns`.
    pub(crate) columns: Columns,
}

impl<'a> Api<'a> {
    pub(crate) fn new(ctx: &'a Ctx, db: Db<'a>) -> Result<Self> {
        let columns = column::readable(&db, &auth::denied(&db, &ctx.principal())?)?;
        Ok(Self { ctx, db, columns })
    }
}

impl Api<'_> {
    /// Notes which rows of all there are the answer gives: a page of them, or all.
    pub(crate) fn delivered(
        &self,
        entity: &str,
        ids: Vec<(i64, u64)>,
        total: usize,
        page: Option<(u64, u64)>,
    ) {
        self.db.note_delivered(Delivered {
            entity: entity.to_owned(),
            rows: ids.len() as u64,
            total: total as u64,
            offset: page.map_or(0, |(offset, _)| offset),
            limit: page.map(|(_, size)| size),
            list: if page.is_some() { hash(entity) } else { hash(&(entity, &ids)) },
            before: None,
            ids,
            ..Delivered::default()
        });
    }
}

/// What a user's profile has added to an entity, of one of its records: it goes beside what answers show anyway.
///
/// # Errors
/// A defect.
pub(crate) fn add_fields(db: &Db<'_>, entity: &str, row: i64, shown: &mut Value) -> Result<()> {
    let table = db.table(entity)?;
    let added = || table.entity.fields.iter().filter(|(_, field)| field.added).map(|(name, _)| name);
    if added().next().is_none() {
        return Ok(());
    }
    let mut record = db.load(table, row)?;
    for name in added() {
        shown[name.as_str()] = record.values.shift_remove(name).unwrap_or_default();
    }
    Ok(())
}

/// Whether the query asks for what is at these names below the field.
pub(crate) type Asks<'a> = &'a (dyn Fn(&[&str]) -> bool + Sync);

/// `(page − 1) × itemParPage` and `itemParPage`; page 0 is an empty page (fact sheet 5).
///
/// # Errors
/// `BAD_USER_INPUT` when either is negative.
pub(crate) fn slice(api: &Api<'_>, arguments: &Map<String, Value>) -> Result<(u64, u64), Failure> {
    let argument = |name: &str| arguments.get(name).and_then(Value::as_i64).unwrap_or_default();
    let (page, size) = (argument("page"), argument("itemParPage"));
    let (Ok(page), Ok(size)) = (u64::try_from(page), u64::try_from(size)) else {
        return Err(said!(PAGE_NOT_POSITIVE).into());
    };
    let most = u64::try_from(api.ctx.settings.integer("max_item_par_page")).ok().filter(|most| *most > 0);
    let size = most.map_or(size, |most| size.min(most));
    Ok(match page.checked_sub(1) {
        Some(before) => (before * size, size),
        None => (0, 0),
    })
}
