//! What differs between the German and the Polish edition, beside the fields (fact sheet 9): `edition_pl` in the
//! profile, and the language of messages.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value;
use simcore::base::decimal;
use simcore::entity::settings::Settings;
use simcore::{Ctx, Db};

/// Whose rules hold in a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// `app.erpxt.de`.
    German,
    /// `app.erpxt.pl`.
    Polish,
}

impl Edition {
    pub(crate) fn of(settings: &Settings) -> Self {
        if settings.text("edition") == "pl" { Self::Polish } else { Self::German }
    }

    /// The one of two texts that this edition says.
    pub(crate) fn say<'a>(self, german: &'a str, polish: &'a str) -> &'a str {
        match self {
            Self::German => german,
            Self::Polish => polish,
        }
    }
}

/// Whether only what the German pages say is served (DECISIONS).
pub(crate) fn is_strict_german(ctx: &Ctx) -> bool {
    ctx.strict && Edition::of(&ctx.settings) == Edition::German
}

/// A switch whose default depends on the edition: what the scenario says, or else the edition's default.
fn value<'a>(settings: &'a Settings, name: &str) -> &'a Value {
    let polish = || match Edition::of(settings) {
        Edition::Polish => settings.value("edition_pl").get(name),
        Edition::German => None,
    };
    settings.given(name).or_else(polish).unwrap_or_else(|| settings.value(name))
}

/// Whether the answers of a version carry `$id`: as the scenario says, or else as those of its time did, which
/// `by_default` says.
pub(crate) fn emits_ref_ids(settings: &Settings, by_default: bool) -> bool {
    let said = settings.given("emit_ref_ids").and_then(Value::as_bool);
    said.unwrap_or_else(|| by_default && value(settings, "emit_ref_ids").as_bool().unwrap_or_default())
}

/// The VAT percentage of a `Rate` key; zero for one that has none, or one that no tax is.
pub(crate) fn percentage(settings: &Settings, rate: i64) -> Decimal {
    let key = rate.to_string();
    let own = value(settings, "rate_percentages").get(&key);
    let standard = match Edition::of(settings) {
        Edition::Polish => settings.value("edition_pl").get("rate_percentages"),
        Edition::German => settings.default("rate_percentages"),
    };
    let found = own.or_else(|| standard.and_then(|rates| rates.get(&key)));
    found
        .and_then(decimal::from_json)
        .filter(|percent| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(percent))
        .unwrap_or_default()
}

/// The currency of new documents.
pub(crate) fn currency(settings: &Settings) -> &str {
    value(settings, "currency").as_str().unwrap_or_default()
}

/// The zone of the edition, looked up once per answer.
pub(crate) fn zone(settings: &Settings) -> TimeZone {
    TimeZone::get(value(settings, "time_zone").as_str().unwrap_or_default()).unwrap_or(TimeZone::UTC)
}

/// Today's date where the firm is.
pub(crate) fn today(settings: &Settings, db: &Db<'_>) -> Date {
    zone(settings).to_datetime(db.now).date()
}

/// A day as the API sends it: its local midnight with the offset, `2024-03-01T00:00:00+01:00` (fact sheet 8).
pub(crate) fn midnight(zone: &TimeZone, day: &str) -> String {
    // The calendar repeats after 400 years: of a day that no instant reaches, the offset is that of the one before.
    let earlier = |day: Date| day.checked_sub(400.years()).and_then(|day| day.to_zoned(zone.clone())).ok();
    let local =
        day.parse::<Date>().ok().and_then(|day| day.to_zoned(zone.clone()).ok().or_else(|| earlier(day)));
    // Before there were zones, local time has seconds, which no offset can say.
    let minutes = local.map_or(0, |local| local.offset().seconds() / 60);
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    format!("{day}T00:00:00{sign}{hours:02}:{minutes:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_carry_the_offset_of_their_season() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        for (day, expected) in [
            ("2024-03-01", "2024-03-01T00:00:00+01:00"),
            ("2024-07-01", "2024-07-01T00:00:00+02:00"),
            // The clock changes at two in the morning: midnight is still winter time.
            ("2024-03-31", "2024-03-31T00:00:00+01:00"),
            ("2024-10-27", "2024-10-27T00:00:00+02:00"),
            ("2100-07-01", "2100-07-01T00:00:00+02:00"),
            ("9998-12-31", "9998-12-31T00:00:00+01:00"),
            ("9999-07-01", "9999-07-01T00:00:00+02:00"),
            ("9999-12-31", "9999-12-31T00:00:00+01:00"),
            ("1850-01-01", "1850-01-01T00:00:00+00:53"),
        ] {
            assert_eq!(midnight(&berlin, day), expected);
        }
    }
}
