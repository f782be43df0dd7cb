//! Reading: lists with their query options, and one record (fact sheet 5).

use axum::response::Response;
use odata::{Expr, Literal, Op, orderby_sql, parse_orderby};
use serde_json::Value;
use simcore::entity::model::Table;
pub(crate) use simcore::simulator::rest::answer as json;
use simcore::store::query::Fields;
use simcore::store::rows::ColumnSelection;
use simcore::{Db, Result, Select, said};

use crate::call::Call;
use crate::error;
use crate::project::Projection;

/// What depends on today is brought to today before it is read.
async fn caught_up(call: &Call) -> Result<()> {
    if call.own.aging.is_empty() { Ok(()) } else { call.ctx.catch_up().await }
}

/// `GET` on a collection: filter, order, skip, top, expand, select, in that order (fact sheet 5.4).
pub(crate) async fn list(call: &Call) -> Result<Response> {
    let table = call.table()?;
    caught_up(call).await?;
    let filter = filter(call)?;
    let skip = count(call, "$skip")?.unwrap_or(0);
    let projection = Projection::new(call, table)?;
    let wrapper = call.ctx.settings.text("list_wrapper");
    let body = call
        .ctx
        .read(|db| {
            let select = Select {
                tenant: Some(&call.principal.tenant),
                filters: filter_sql(call, db, table, filter.as_ref())?,
                order: order(call, db, table)?,
                limit: limit(call)?,
                offset: skip,
            };
            let mut out = Vec::with_capacity(4096);
            if !wrapper.is_empty() {
                out.extend_from_slice(format!("{{{}:", Value::from(wrapper)).as_bytes());
            }
            db.write_list(table, &select, false, &mut out, |row, out| {
                projection.write(db, &call.principal.tenant, table, row, out)
            })?;
            if !wrapper.is_empty() {
                out.push(b'}');
            }
            Ok(out)
        })
        .await?;
    Ok(json(body))
}

/// `GET` of one record, by its technical key or else its business number (Q4); `$select` and `$expand` apply (Q5).
pub(crate) async fn one(call: &Call, id: &str) -> Result<Response> {
    let table = call.table()?;
    caught_up(call).await?;
    let projection = Projection::new(call, table)?;
    let body = call
        .ctx
        .read(|db| {
            let tenant = &call.principal.tenant;
            let found = db.deliver_key(table, tenant, id, |row| {
                let mut out = Vec::with_capacity(512);
                projection.write(db, tenant, table, row, &mut out).map(|()| out)
            })?;
            found.ok_or_else(|| error::unknown_record(&table.name, id))
        })
        .await?;
    Ok(json(body))
}

/// A stored record as the API shows it, for the answers to writes.
pub(crate) fn shown(db: &Db<'_>, table: &Table, id: i64) -> Result<Vec<u8>> {
    db.shown(table, &ColumnSelection::plain(table), id)
}

fn count(call: &Call, name: &str) -> Result<Option<u64>> {
    call.query.count(name).map_err(|error| error::option(name, &error))
}

fn limit(call: &Call) -> Result<Option<u64>> {
    let cap = u64::try_from(call.ctx.settings.integer("top_cap")).ok().filter(|cap| *cap > 0);
    let top = count(call, "$top")?;
    Ok(match (top, cap) {
        (Some(top), Some(cap)) => Some(top.min(cap)),
        (top, cap) => top.or(cap),
    })
}

fn filter(call: &Call) -> Result<Option<Expr>> {
    let given = call.query.0.iter().filter(|(name, _)| name.eq_ignore_ascii_case("$filter"));
    let parse = |(_, text): &(String, String)| text.parse().map_err(|error| error::option("$filter", &error));
    let mut filters = given.map(parse).collect::<Result<Vec<Expr>>>()?;
    // Given twice, which no page shows, all of them hold: none goes unheard. Of other options the last counts.
    let filter = match filters.len() {
        0 => return Ok(None),
        1 => filters.remove(0),
        _ => Expr::All(filters),
    };
    if call.ctx.strict || call.ctx.settings.text("filter_mode") == "strict" {
        documented(&filter)?;
    }
    (call.own.check_filter)(&filter)?;
    Ok(Some(filter))
}

/// Strict mode: what no page shows is refused (Q6, DECISIONS).
fn documented(filter: &Expr) -> Result<()> {
    let refuse = |what: &str| Err(said!(FILTER_NOT_SUPPORTED, what = what).into());
    match filter {
        Expr::All(parts) => parts.iter().try_for_each(documented),
        Expr::Any(_) => refuse("or"),
        Expr::Not(_) => refuse("not"),
        Expr::Compare { op: Op::Ne, .. } => refuse("ne"),
        Expr::Compare { value: Literal::Null, .. } => refuse("null"),
        Expr::In { values, .. } if values.contains(&Literal::Null) => refuse("null"),
        Expr::Call { function, .. } => refuse(&function.to_string()),
        Expr::Compare { .. } | Expr::In { .. } => Ok(()),
    }
}

fn fields<'a>(call: &'a Call, db: &Db<'a>, table: &'a Table) -> Fields<'a> {
    Fields { db: *db, table, tenant: &call.principal.tenant, any_case: false }
}

fn filter_sql<'a>(
    call: &'a Call,
    db: &Db<'a>,
    table: &'a Table,
    filter: Option<&Expr>,
) -> Result<Vec<odata::Sql>> {
    let sql = filter.map(|filter| filter.to_sql(&fields(call, db, table))).transpose();
    sql.map(|sql| sql.into_iter().collect()).map_err(|error| error::option("$filter", &error))
}

/// `$orderby`: unknown fields are ignored (Q10); work orders have no such option (fact sheet 5).
fn order<'a>(call: &'a Call, db: &Db<'a>, table: &'a Table) -> Result<String> {
    let Some(text) = call.query.get("$orderby") else { return Ok(table.usual_order("")) };
    if !call.own.is_ordered {
        let usual = table.usual_order("");
        return if call.ctx.strict { Err(said!(ORDERBY_NOT_SUPPORTED).into()) } else { Ok(usual) };
    }
    let orders = parse_orderby(text).map_err(|error| error::option("$orderby", &error))?;
    let fields = fields(call, db, table);
    let known = orders.iter().filter_map(|order| orderby_sql(std::slice::from_ref(order), &fields).ok());
    Ok(known.collect::<Vec<_>>().join(", "))
}
