//! The dictionary of VAT rates (fact sheet 4.8): which there are in which country, and the one that a line names.

use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::store::rows::Record;
use simcore::{Db, Result, said};

use crate::call::Call;
use crate::edition::Edition;
use crate::{body, error, lines, names};

/// Where `$fts` looks.
pub(crate) const SEARCHED: &[&str] = &["Symbol", "CountryCode"];

/// `GET /v1.2/vatrates/countries`: a bare array of texts.
pub(crate) fn countries(call: &Call) -> Response {
    body::json(call.ctx.settings.value("vat_countries").to_string())
}

/// The rate that a line names; 0 is absent (fact sheet 4.5.3).
pub(crate) fn of_line(db: &Db<'_>, line: &Map<String, Value>) -> Result<Option<Record>> {
    let id = line.get("VatRateId").and_then(Value::as_i64).filter(|id| *id != 0);
    let Some(id) = id else { return Ok(None) };
    db.find(db.table(names::VAT_RATE.0)?, "", "RateId", &id.to_string())
}

/// The percentage of a rate; none of one that is exempt.
pub(crate) fn percentage(rate: &Record) -> Decimal {
    let percent = rate.values.get("Rate").and_then(decimal::from_json);
    percent.filter(|percent| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(percent)).unwrap_or_default()
}

/// The country that a document is taxed in: that of the OSS procedure, or else the firm's own.
pub(crate) fn country(edition: Edition, document: &Map<String, Value>) -> &str {
    let named = || document.get("OSSProcedureCountryCode").and_then(Value::as_str).unwrap_or_default();
    if is_oss(document) { named() } else { edition.country() }
}

fn is_oss(document: &Map<String, Value>) -> bool {
    document.get("IsOSSProcedure") == Some(&Value::Bool(true))
}

/// Lines name rates of the country that the document is taxed in: that of the OSS procedure, or else the firm's own.
///
/// # Errors
/// 400 for an OSS procedure without a country, for a rate that there is not, and for one of another country.
pub(crate) fn check(call: &Call, db: &Db<'_>, record: &Map<String, Value>) -> Result<()> {
    let ctx = &call.ctx;
    let country = country(call.edition(), record);
    let is_known = ctx.settings.texts("vat_countries").any(|known| known.eq_ignore_ascii_case(country));
    if is_oss(record) && !is_known {
        return Err(error::invalid_field("OSSProcedureCountryCode", said!(VAT_COUNTRY)));
    }
    for (place, line) in lines::of(record).enumerate() {
        let id = line.get("VatRateId").and_then(Value::as_i64).unwrap_or_default();
        match of_line(db, line)? {
            Some(rate) if !rate.text("CountryCode").eq_ignore_ascii_case(country) => {
                return Err(error::invalid_field(
                    &format!("Items[{place}].VatRateId"),
                    said!(VAT_RATE_COUNTRY, other = rate.text("CountryCode"), country = country),
                ));
            }
            None if id != 0 && ctx.settings.flag("check_references") => {
                return Err(error::unknown_reference(names::VAT_RATE.1, &id.to_string()));
            }
            _ => {}
        }
    }
    Ok(())
}
