//! Query options of lists: `$filter`, `$orderby`, `$skip`, `$top`, `$fts` (fact sheet 4.0).

use jiff::tz::TimeZone;
use odata::{Bind, Column, Columns, Expr, Literal, Path, Sql, ValueKind};
use odata::{orderby_sql, parse_count, parse_orderby};
use simcore::entity::validate;
use simcore::store::functions::fold;
use simcore::store::query::Fields;
use simcore::{Db, Result, Select, said};

use crate::call::{Call, Resource};
use crate::edition::{currency, day, is_strict_german, zone};
use crate::views::Version;
use crate::{document, error};

/// The options that every list takes.
pub(crate) const OPTIONS: [&str; 5] = ["$filter", "$orderby", "$skip", "$top", "$fts"];

/// What a list shows, in which order; without options everything by `Id` (section 10, 5 and 6).
pub(crate) fn select<'a>(call: &'a Call, db: &Db<'a>) -> Result<Select<'a>> {
    if is_strict_german(&call.ctx)
        && let Some(name) = OPTIONS.iter().find(|name| call.option(name).is_some())
    {
        return Err(error::query(name, said!(QUERY_OPTION)));
    }
    let mut filters: Vec<Sql> = filter(call, db)?.into_iter().collect();
    filters.extend(call.option("$fts").map(|phrase| full_text(call, phrase)));
    // Documents in another currency can be read from v1.4 (fact sheet 2.4 and 4.5.1).
    if call.resource.is_document() && call.view.version < Version::V1_4 {
        let local = Bind::Text(currency(&call.ctx.settings).to_owned());
        filters.push(Sql { text: "\"CurrencyCode\" = ?".to_owned(), binds: vec![local] });
    }
    Ok(Select {
        tenant: Some(""),
        filters,
        order: order(call, db)?,
        limit: count(call, "$top")?,
        offset: count(call, "$skip")?.unwrap_or(0),
    })
}

fn count(call: &Call, name: &str) -> Result<Option<u64>> {
    let count = call.option(name).map(parse_count).transpose();
    count.map_err(|error| error::option(name, &error))
}

/// The fields of the entity, by the names that the resource has for them.
struct Named<'a> {
    fields: Fields<'a>,
    resource: &'static Resource,
}

impl Columns for Named<'_> {
    fn column(&self, path: &Path) -> Option<Column> {
        let [name] = path.segments() else { return self.fields.column(path) };
        let known = self.resource.renamed.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        match known {
            Some((_, field)) => self.fields.column(&path.renamed(field)),
            None => self.fields.column(path),
        }
    }
}

fn fields<'a>(call: &'a Call, db: &Db<'a>) -> Result<Named<'a>> {
    let any_case = call.ctx.settings.flag("filter_ignore_case");
    let fields = Fields { db: *db, table: call.table()?, tenant: "", any_case };
    Ok(Named { fields, resource: call.resource })
}

fn filter<'a>(call: &'a Call, db: &Db<'a>) -> Result<Option<Sql>> {
    let Some(text) = call.option("$filter") else { return Ok(None) };
    let refused = |error: odata::Error| error::option("$filter", &error);
    let mut filter = Expr::parse(text).map_err(refused)?;
    documented(&filter)?;
    let fields = fields(call, db)?;
    in_zone(&mut filter, &fields, &zone(&call.ctx.settings));
    filter.to_sql(&fields).map(Some).map_err(refused)
}

/// Turns instants that date fields are compared with into the firm's days, as those of bodies are (DECISIONS).
fn in_zone(filter: &mut Expr, fields: &Named<'_>, zone: &TimeZone) {
    match filter {
        Expr::All(parts) | Expr::Any(parts) => {
            for part in parts {
                in_zone(part, fields, zone);
            }
        }
        Expr::Not(part) => in_zone(part, fields, zone),
        Expr::Compare { path, value: Literal::Text(text) | Literal::Date(text), .. } => {
            let is_date = fields.column(path).is_some_and(|column| column.kind == Some(ValueKind::Date));
            let written = if is_date { validate::date(text) } else { None };
            if let Some(day) = written.and_then(|written| day(zone, text, written)) {
                *text = day.to_string();
            }
        }
        Expr::Compare { .. } | Expr::In { .. } | Expr::Call { .. } => {}
    }
}

/// Functions and `in` are in no page: 400 (section 10, 9).
fn documented(filter: &Expr) -> Result<()> {
    let refuse = |what: &str| Err(error::query("$filter", said!(QUERY_FUNCTION, what = what)));
    match filter {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().try_for_each(documented),
        Expr::Not(part) => documented(part),
        Expr::Call { function, .. } => refuse(&function.to_string()),
        Expr::In { .. } => refuse("in"),
        Expr::Compare { .. } => Ok(()),
    }
}

fn order<'a>(call: &'a Call, db: &Db<'a>) -> Result<String> {
    let table = call.table()?;
    let Some(text) = call.option("$orderby") else { return Ok(table.usual_order_or_key()) };
    let refused = |error: odata::Error| error::option("$orderby", &error);
    let orders = parse_orderby(text).map_err(refused)?;
    let order = orderby_sql(&orders, &fields(call, db)?).map_err(refused)?;
    Ok(format!("{order}, {}", table.key_order()))
}

/// `$fts='phrase'`: a part of a text, whatever its case (section 10, 10).
fn full_text(call: &Call, phrase: &str) -> Sql {
    let quoted = phrase.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let phrase = fold(&quoted.unwrap_or(phrase).replace("''", "'"));
    let mut places: Vec<String> =
        call.resource.searched.iter().map(|field| format!("instr(fold(\"{field}\"), ?) > 0")).collect();
    if call.resource.is_document() {
        places.extend(document::SEARCHED_AROUND.iter().map(|&sql| sql.to_owned()));
    }
    Sql { binds: vec![Bind::Text(phrase); places.len()], text: places.join(" OR ") }
}
