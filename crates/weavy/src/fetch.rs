//! Simple fetch, and how records look in every answer (fact sheet 6).

use axum::response::Response;
use odata::{Bind, Sql};
use simcore::entity::model::Table;
pub(crate) use simcore::simulator::rest::answer as json;
use simcore::store::rows::{self, ColumnSelection};
use simcore::{Db, Result, Select, said};

use crate::call::Call;
use crate::tables::{self, Access};
use crate::{company, error};

/// The most records of one answer.
pub(crate) const PACKET: u64 = 1000;

/// The condition on srvExport.
const EXPORT: &str = "srvExport = ?";

/// The options of a simple fetch and those that writes share, for strict mode.
const OPTIONS: [&str; 6] = ["limit", "offset", "srvAttrib", "serverExport", "srvExport", "companyCode"];

/// Which part of what is found.
pub(crate) struct Page {
    pub(crate) limit: u64,
    pub(crate) offset: u64,
}

/// `GET` of an entity: records in order of creation.
pub(crate) async fn fetch(call: &Call) -> Result<Response> {
    let table = tables::open(&call.ctx, &call.entity, Access::Read)?;
    if call.ctx.strict
        && let Some((name, _)) = call
            .query
            .0
            .iter()
            .find(|(name, _)| !OPTIONS.iter().any(|known| known.eq_ignore_ascii_case(name)))
    {
        return Err(said!(OPTION_UNKNOWN, name = name).into());
    }
    let page = Page { limit: limit(call.query.get("limit"))?, offset: offset(call.query.get("offset"))? };
    let export = call.query.get("serverExport").or_else(|| call.query.get("srvExport"));
    let filters = system_filters(export, call.query.get("srvAttrib"))?;
    let body = call
        .ctx
        .read(|db| {
            let tenant = company::of_call(call, db, None)?;
            list(db, table, &tenant, filters, String::new(), &page, &shape(table))
        })
        .await?;
    Ok(json(body))
}

/// What a record shows when nothing else is asked.
pub(crate) fn shape(table: &Table) -> ColumnSelection {
    ColumnSelection::public(table, |_| true)
}

/// The records that meet `filters`, as a JSON array.
pub(crate) fn list(
    db: &Db<'_>,
    table: &Table,
    tenant: &str,
    filters: Vec<Sql>,
    order: String,
    page: &Page,
    shape: &ColumnSelection,
) -> Result<Vec<u8>> {
    let order = if order.is_empty() { table.usual_order("") } else { order };
    let select =
        Select { tenant: Some(tenant), filters, order, limit: Some(page.limit), offset: page.offset };
    let mut out = Vec::with_capacity(4096);
    // Rows that were read leave the list of those that are to be exported.
    let is_queue =
        select.filters.iter().any(|filter| filter.text == EXPORT && filter.binds == [Bind::Integer(1)]);
    db.write_list(table, &select, is_queue, &mut out, |row, out| rows::write(table, shape, row, out))?;
    Ok(out)
}

/// One stored record as the API shows it.
pub(crate) fn shown(db: &Db<'_>, table: &Table, id: i64) -> Result<Vec<u8>> {
    db.shown(table, &shape(table), id)
}

/// The conditions on srvExport and srvAttrib; without the latter only records that are alive.
pub(crate) fn system_filters(export: Option<&str>, attrib: Option<&str>) -> Result<Vec<Sql>> {
    let mut filters = Vec::with_capacity(2);
    for (column, value, name) in [("srvExport", export, "serverExport"), ("srvAttrib", attrib, "srvAttrib")] {
        if let Some(value) = value {
            let number: i64 =
                value.trim().parse().map_err(|_| error::bad_value(name, said!(EXPECTED_WHOLE_NUMBER)))?;
            filters.push(Sql { text: format!("{column} = ?"), binds: vec![Bind::Integer(number)] });
        }
    }
    if attrib.is_none() {
        filters.push(tables::alive());
    }
    Ok(filters)
}

/// At least 1; what exceeds a packet is cut to it (Q9).
pub(crate) fn limit(text: Option<&str>) -> Result<u64> {
    let Some(text) = text else { return Ok(PACKET) };
    let limit = digits(text).filter(|limit| *limit > 0);
    limit.map(|limit| limit.min(PACKET)).ok_or_else(|| error::bad_value("limit", said!(EXPECTED_FROM_ONE)))
}

pub(crate) fn offset(text: Option<&str>) -> Result<u64> {
    let Some(text) = text else { return Ok(0) };
    digits(text).ok_or_else(|| error::bad_value("offset", said!(EXPECTED_FROM_ZERO)))
}

/// A number of digits only; one too large to count with is as large as can be.
fn digits(text: &str) -> Option<u64> {
    let text = text.trim();
    let are_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| text.parse().unwrap_or(u64::MAX))
}
