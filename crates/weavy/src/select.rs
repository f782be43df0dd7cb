//! `POST /v1/Data/P/Select`: filters, groups, sort, chosen fields (fact sheet 7).

use axum::response::Response;
use serde_json::Value;
use simcore::Result;
use simcore::entity::model::Table;
use simcore::said;
use simcore::store::rows::ColumnSelection;

use crate::body::{self, Envelope};
use crate::call::Call;
use crate::column::Column;
use crate::fetch::{self, Page};
use crate::filter;
use crate::tables::{self, Access, code_field};
use crate::{company, error};

/// How many fields may be asked for or sorted by.
const MAX_FIELDS: usize = 200;

pub(crate) async fn select(call: &Call) -> Result<Response> {
    let mut body = Envelope::of(body::json(&call.headers, &call.body)?, said!(THE_BODY))?;
    let table = tables::open(&call.ctx, body.mandatory("entityName")?, Access::Read)?;
    let page = Page {
        limit: fetch::limit(number(&body, "limit")?.as_deref())?,
        offset: fetch::offset(number(&body, "offset")?.as_deref())?,
    };
    let export = match number(&body, "srvExport")? {
        None => number(&body, "serverExport")?,
        export => export,
    };
    let mut filters = fetch::system_filters(export.as_deref(), number(&body, "srvAttrib")?.as_deref())?;
    let shape = shape(table, &body.take_list("returnFields")?.unwrap_or_default())?;
    let conditions =
        filter::conditions(table, body.take_list("filterFields")?.unwrap_or_default(), call.ctx.strict)?;
    filters.extend(filter::grouped(&conditions, body.take_list("filterGroups")?.unwrap_or_default())?);
    let order = order(table, body.take_list("sortFields")?.unwrap_or_default())?;
    let answer = call
        .ctx
        .read(|db| {
            for company in conditions.iter().filter_map(|condition| condition.company.as_deref()) {
                company::check(call, db, company)?;
            }
            let tenant = company::of_call(call, db, body.get("companyCode"))?;
            fetch::list(db, table, &tenant, filters, order, &page, &shape)
        })
        .await?;
    Ok(fetch::json(answer))
}

/// A number as the simple fetch would have it in its URL.
fn number(body: &Envelope, name: &str) -> Result<Option<String>> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(error::bad_value(name, said!(EXPECTED_NUMBER))),
    }
}

/// The system fields, then what is asked for, each under its alias (7.3).
fn shape(table: &Table, asked: &[Value]) -> Result<ColumnSelection> {
    if asked.is_empty() {
        return Ok(fetch::shape(table));
    }
    if asked.len() > MAX_FIELDS {
        return Err(error::bad_value("returnFields", said!(EXPECTED_FIELD_LIST)));
    }
    let mut shown: Vec<(usize, String)> = ["srvExport", "srvDateUTC", "srvAttrib", code_field(table)]
        .into_iter()
        .filter_map(|name| table.field(name).map(|(index, name, _)| (index, name.to_owned())))
        .collect();
    for field in asked {
        let field = Envelope::of(field.clone(), said!(AN_ELEMENT, list = "returnFields"))?;
        let column = Column::find(table, field.mandatory("fieldName")?)?;
        let name = field.text("aliasName")?.filter(|alias| !alias.is_empty()).unwrap_or(&column.name);
        match shown.iter().find(|(_, known)| known == name) {
            Some((index, _)) if *index == column.index => {}
            Some(_) => {
                return Err(said!(FIELD_TWICE, name = name).into());
            }
            None => shown.push((column.index, name.to_owned())),
        }
    }
    Ok(ColumnSelection::renamed(shown.iter().map(|(index, name)| (*index, name.as_str()))))
}

/// `ORDER BY` terms: texts ignore case, nulls come first when ascending.
fn order(table: &Table, asked: Vec<Value>) -> Result<String> {
    if asked.len() > MAX_FIELDS {
        return Err(error::bad_value("sortFields", said!(EXPECTED_FIELD_LIST)));
    }
    let mut terms = Vec::with_capacity(asked.len());
    for field in asked {
        let field = Envelope::of(field, said!(AN_ELEMENT, list = "sortFields"))?;
        let column = Column::find(table, field.mandatory("fieldName")?)?;
        let direction = match field.text("sortOrder")? {
            None => "ASC",
            Some(order) if order.eq_ignore_ascii_case("Ascending") => "ASC",
            Some(order) if order.eq_ignore_ascii_case("Descending") => "DESC",
            Some(_) => return Err(error::bad_value("sortOrder", said!(EXPECTED_SORT_ORDER))),
        };
        terms.push(format!("{} {direction}", column.folded()));
    }
    Ok(terms.join(", "))
}
