//! Lists: filters, paging, envelope (fact sheet 6.3).

use axum::http::StatusCode;
use axum::response::Response;
use odata::{Bind, Sql};
use serde_json::{Map, Value, json};
use simcore::entity::model;
use simcore::simulator::extract::Query;
use simcore::store::rows::{self, ColumnSelection};
use simcore::{Ctx, Result, Select};

use crate::record::{alive, condition};
use crate::{dates, error, wire};

/// The conditions of one list request, gathered parameter by parameter.
pub(crate) struct Filters<'a> {
    ctx: &'a Ctx,
    query: &'a Query,
    known: Vec<&'static str>,
    sql: Vec<Sql>,
}

impl<'a> Filters<'a> {
    /// Nothing but paging.
    pub(crate) fn new(ctx: &'a Ctx, query: &'a Query) -> Self {
        Self { ctx, query, known: vec!["page", "limit"], sql: Vec::new() }
    }

    /// Only records that are not deleted, and `depuis`: those modified at that instant or after it.
    ///
    /// # Errors
    /// 400 `BAD_PARAMETER` when the instant cannot be read.
    pub(crate) fn alive_since(mut self) -> Result<Self> {
        self.sql.push(alive());
        if let Some(text) = self.asked("depuis") {
            let instant = dates::instant(&self.ctx.settings, text);
            let second = instant.ok_or_else(|| error::BAD_PARAMETER.on("depuis"))?.as_second();
            self.sql.push(condition("unixepoch(dateModif) >= ?", vec![Bind::Integer(second)]));
        }
        Ok(self)
    }

    /// A condition that holds whatever the client asks.
    pub(crate) fn always(mut self, text: impl Into<String>, binds: Vec<Bind>) -> Self {
        self.sql.push(condition(text, binds));
        self
    }

    /// `name` is the whole text of `column`, whatever its case.
    pub(crate) fn equal(mut self, name: &'static str, column: &str) -> Self {
        if let Some(text) = self.asked(name) {
            let column = model::quote(column);
            self.sql.push(condition(format!("{column} = ? COLLATE FOLD"), vec![Bind::Text(text.to_owned())]));
        }
        self
    }

    /// `name` is part of the text of one of `columns`, whatever its case.
    pub(crate) fn contains(mut self, name: &'static str, columns: &[String]) -> Self {
        if let Some(text) = self.asked(name) {
            let part = |column: &String| format!("instr(fold({}), fold(?)) > 0", model::quote(column));
            let any: Vec<String> = columns.iter().map(part).collect();
            let binds = columns.iter().map(|_| Bind::Text(text.to_owned())).collect();
            self.sql.push(condition(any.join(" OR "), binds));
        }
        self
    }

    /// `name` is the id in the column of that name.
    ///
    /// # Errors
    /// 400 `BAD_PARAMETER` when it is no whole number.
    pub(crate) fn id(mut self, name: &'static str) -> Result<Self> {
        if let Some(text) = self.asked(name) {
            let id: i64 = text.parse().map_err(|_| error::BAD_PARAMETER.on(name))?;
            self.sql.push(condition(format!("{} = ?", model::quote(name)), vec![Bind::Integer(id)]));
        }
        Ok(self)
    }

    /// `name` is one of the values that `column` may have.
    ///
    /// # Errors
    /// 400 `BAD_PARAMETER` when it is none of them.
    pub(crate) fn choice(mut self, name: &'static str, entity: &str, column: &str) -> Result<Self> {
        if let Some(text) = self.asked(name) {
            let table = self.ctx.model.table(entity);
            let values = table.and_then(|table| table.field(column)).map(|(_, _, field)| &field.values);
            if !values.into_iter().flatten().any(|value| value == text) {
                return Err(error::BAD_PARAMETER.on(name));
            }
            self = self.equal(name, column);
        }
        Ok(self)
    }

    /// A yes-or-no parameter; no when it is absent.
    ///
    /// # Errors
    /// 400 `BAD_PARAMETER` when it is neither.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool> {
        match self.asked(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(error::BAD_PARAMETER.on(name)),
        }
    }

    /// The value of a parameter; an empty one asks nothing.
    fn asked(&mut self, name: &'static str) -> Option<&'a str> {
        self.known.push(name);
        parameter(self.ctx, self.query, name).filter(|text| !text.is_empty())
    }

    /// `{"total", "page", "limit", "data"}`, ordered by id.
    ///
    /// # Errors
    /// 400 `BAD_PARAMETER` for bad paging, and in strict mode for a parameter that is not documented.
    pub(crate) async fn answer(self, entity: &str) -> Result<Response> {
        let ctx = self.ctx;
        refuse_unknown(ctx, self.query, &self.known)?;
        let paging = Paging::read(ctx, self.query)?;
        let filters = self.sql;
        let body = ctx
            .read(|db| {
                let table = db.table(entity)?;
                let Paging { page, limit } = paging;
                let select = Select {
                    filters,
                    order: table.usual_order_or_key(),
                    limit: Some(limit),
                    offset: paging.offset(),
                    ..Select::default()
                };
                let total = db.count(table, &select)?;
                let mut out =
                    format!(r#"{{"total":{total},"page":{page},"limit":{limit},"data":"#).into_bytes();
                let shape = ColumnSelection::plain(table);
                db.write_list(table, &select, false, &mut out, |row, out| {
                    rows::write(table, &shape, row, out)
                })?;
                out.push(b'}');
                Ok(out)
            })
            .await?;
        Ok(wire::json(ctx, StatusCode::OK, body))
    }
}

/// Which part of a list is asked for.
struct Paging {
    page: u64,
    limit: u64,
}

impl Paging {
    fn read(ctx: &Ctx, query: &Query) -> Result<Self> {
        let size = |name: &str| ctx.settings.integer(name).max(1).unsigned_abs();
        let counted = |name: &'static str, usual: u64, most: u64| match parameter(ctx, query, name) {
            None => Ok(usual),
            Some(text) => {
                let count = text.parse().ok().filter(|count| (1..=most).contains(count));
                count.ok_or_else(|| error::BAD_PARAMETER.on(name))
            }
        };
        let page = counted("page", 1, u64::MAX)?;
        Ok(Self { page, limit: counted("limit", size("page_size"), size("page_size_max"))? })
    }

    fn offset(&self) -> u64 {
        (self.page - 1).saturating_mul(self.limit)
    }
}

/// A page of a list that is part of a record.
///
/// # Errors
/// 400 `BAD_PARAMETER` for bad paging.
pub(crate) fn of_items(ctx: &Ctx, query: &Query, items: Vec<Map<String, Value>>) -> Result<Response> {
    refuse_unknown(ctx, query, &["page", "limit"])?;
    let paging = Paging::read(ctx, query)?;
    let whole = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let total = items.len();
    let page: Value =
        items.into_iter().skip(whole(paging.offset())).take(whole(paging.limit)).map(Value::Object).collect();
    let body = json!({ "total": total, "page": paging.page, "limit": paging.limit, "data": page });
    Ok(wire::json(ctx, StatusCode::OK, body.to_string().into_bytes()))
}

/// The value of a query parameter.
pub(crate) fn parameter<'a>(ctx: &Ctx, query: &'a Query, name: &str) -> Option<&'a str> {
    let named =
        |(wire, _): &&(String, String)| wire::own_name(&ctx.settings, wire).eq_ignore_ascii_case(name);
    query.0.iter().find(named).map(|(_, value)| value.as_str())
}

/// Strict mode: a parameter that is not documented is refused.
pub(crate) fn refuse_unknown(ctx: &Ctx, query: &Query, known: &[&str]) -> Result<()> {
    let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    let mut names = query.0.iter().map(|(name, _)| wire::own_name(&ctx.settings, name));
    match names.find(|name| ctx.strict && !is_known(name)) {
        Some(name) => Err(error::BAD_PARAMETER.on(name)),
        None => Ok(()),
    }
}
