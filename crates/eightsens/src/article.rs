//! Articles: read only (fact sheet 6.6).

use axum::http::StatusCode;
use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use simcore::base::decimal;
use simcore::simulator::route::Call;
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::list::{Filters, parameter, refuse_unknown};
use crate::record::integer;
use crate::{error, record, totals, wire};

/// Those of the web shop that can be sold; with `tous=true` all that are neither disabled nor deleted.
pub(crate) async fn list(call: Call) -> Result<Response> {
    let ctx = &call.ctx;
    let mut filters = Filters::new(ctx, &call.query)
        .alive_since()?
        .always("coalesce(desactive, 0) = 0", Vec::new())
        .equal("code", "artCode")
        .contains("lib", &["artLib".to_owned()]);
    if !filters.flag("tous")? {
        filters = filters.always("artVendable = 1 AND artPresentWeb = 1", Vec::new());
    }
    filters.answer("article").await
}

pub(crate) async fn one(call: Call) -> Result<Response> {
    let (ctx, id) = (&call.ctx, call.variable("id"));
    let shown = ctx.read(|db| record::shown(db, db.table("article")?, record::by_id(db, "article", id)?.id));
    Ok(wire::json(ctx, StatusCode::OK, shown.await?))
}

pub(crate) async fn by_code(call: Call) -> Result<Response> {
    let (ctx, code) = (&call.ctx, call.variable("code"));
    let shown = ctx.read(|db| {
        let found = record::by_text(db, "article", "artCode", code)?.ok_or(error::NOT_FOUND)?;
        record::shown(db, db.table("article")?, found.id)
    });
    Ok(wire::json(ctx, StatusCode::OK, shown.await?))
}

/// `{artID, cliID, quantite, puHT, remisePct, tauxTva, puTTC}`; without `cliID` for the client divers. Every client
/// pays the price of the article.
pub(crate) async fn price(call: Call) -> Result<Response> {
    let (ctx, id) = (&call.ctx, call.variable("id"));
    refuse_unknown(ctx, &call.query, &["cliID", "quantite"])?;
    let client = match parameter(ctx, &call.query, "cliID").filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map_err(|_| error::BAD_PARAMETER.on("cliID"))?,
        None => ctx.settings.integer("client_divers"),
    };
    let quantity = match parameter(ctx, &call.query, "quantite").filter(|text| !text.is_empty()) {
        Some(text) => text.parse().ok().filter(|quantity: &Decimal| *quantity > Decimal::ZERO),
        None => Some(Decimal::ONE),
    };
    let quantity = quantity.ok_or_else(|| error::BAD_PARAMETER.on("quantite"))?;
    let article = ctx
        .read(|db| {
            let article = record::by_id(db, "article", id)?;
            record::known(db, "client", client)?.ok_or_else(|| error::CLIENT_UNKNOWN.on("cliID"))?;
            Ok(article)
        })
        .await?;
    let (price, rate) = (article.decimal("artPvHT"), article.decimal("artTauxTva"));
    let body = json!({
        "artID": article.values["artID"],
        "cliID": client,
        "quantite": decimal::to_json(quantity),
        "puHT": decimal::to_json(price),
        "remisePct": 0,
        "tauxTva": decimal::to_json(rate),
        "puTTC": decimal::to_json(totals::with_vat(price, rate)),
    });
    Ok(wire::json(ctx, StatusCode::OK, body.to_string().into_bytes()))
}

/// `{artID, stockReel, stockDispo}`.
pub(crate) async fn stock(call: Call) -> Result<Response> {
    let (ctx, id) = (&call.ctx, call.variable("id"));
    let article = ctx.read(|db| record::by_id(db, "article", id)).await?;
    Ok(wire::json(ctx, StatusCode::OK, stock_of(&article).to_string().into_bytes()))
}

/// What is in stock of an article.
pub(crate) fn stock_of(article: &Record) -> Value {
    json!({
        "artID": article.values["artID"],
        "stockReel": decimal::to_json(article.decimal("_stockReel")),
        "stockDispo": decimal::to_json(article.decimal("artStockDispo")),
    })
}

/// The article that a line names: by `artID`, or else by `artCode`. `at` is where the line stands in the request.
///
/// # Errors
/// 400 when neither is given, 422 `ARTICLE_UNKNOWN` or `ARTICLE_NOT_SELLABLE`.
pub(crate) fn of_line(db: &Db<'_>, line: &serde_json::Map<String, Value>, at: &str) -> Result<Record> {
    let (field, found) = match (integer(line, "artID"), record::text(line, "artCode")) {
        (Some(id), _) => ("artID", record::known(db, "article", id)?),
        (None, Some(code)) => ("artCode", record::by_text(db, "article", "artCode", code)?),
        (None, None) => return Err(error::MISSING_FIELD.on(format!("{at}artID"))),
    };
    let article = found.ok_or_else(|| error::ARTICLE_UNKNOWN.on(format!("{at}{field}")))?;
    if article.flag("desactive") || !article.flag("artVendable") {
        return Err(error::ARTICLE_NOT_SELLABLE.on(format!("{at}{field}")));
    }
    Ok(article)
}
