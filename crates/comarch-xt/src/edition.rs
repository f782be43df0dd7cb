//! What differs between the German and the Polish edition, beside the fields (fact sheet 9): `edition_pl` in the
//! profile, and the language of messages.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::base::map::IndexMap;
use simcore::entity::profile::{Field, FieldKind};
use simcore::entity::settings::Settings;
use simcore::entity::validate;
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

    /// The country whose VAT rates hold without OSS.
    pub(crate) fn country(self) -> &'static str {
        self.say("DE", "PL")
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

/// The day where the firm is, of a text whose own words name the day `written`: an instant, which has an offset, is the
/// day that it falls on there.
///
/// Nothing for days up to 1 January of year 1, and for an offset that is none.
pub(crate) fn day(zone: &TimeZone, text: &str, written: Date) -> Option<Date> {
    let first = Date::constant(1, 1, 1);
    let has_offset = text.trim().get(10..).is_some_and(|time| time.contains(['Z', 'z', '+', '-']));
    let day = if has_offset {
        let instant: Timestamp = text.trim().parse().ok()?;
        zone.to_datetime(instant).date()
    } else {
        written
    };
    (written > first && day > first).then_some(day)
}

/// Turns instants in date fields into the firm's days (DECISIONS). Gives the fields that hold no day of the calendar
/// that clients use: .NET clients send `0001-01-01` for a date that they never set, and an offset that nobody has names
/// no instant.
pub(crate) fn to_days(
    zone: &TimeZone,
    fields: &IndexMap<String, Field>,
    record: &mut Map<String, Value>,
) -> Vec<String> {
    let mut refused = Vec::new();
    for (name, value) in record {
        let field = fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let Some((path, _)) = field.filter(|(_, field)| field.kind == FieldKind::Date) else { continue };
        let Some(written) = value.as_str().and_then(validate::date) else { continue };
        match day(zone, value.as_str().unwrap_or_default(), written) {
            Some(day) => *value = day.to_string().into(),
            None => refused.push(path.clone()),
        }
    }
    refused
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
    fn an_instant_is_one_day_however_it_is_written() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        for (text, expected) in [
            ("2024-03-01", Some("2024-03-01")),
            ("2024-02-29T23:30:00Z", Some("2024-03-01")),
            ("2024-03-01T00:30:00+01:00", Some("2024-03-01")),
            ("2024-02-29 18:30:00-0500", Some("2024-03-01")),
            ("2024-02-29T23:30:00", Some("2024-02-29")),
            ("2024-06-30T22:00:00Z", Some("2024-07-01")),
            ("2024-03-01T00:00:00+99:99", None),
            ("0001-01-01T00:00:00Z", None),
            ("0001-01-01T00:00:00+01:00", None),
            ("0001-01-01", None),
            ("0001-01-02", Some("0001-01-02")),
        ] {
            let written = simcore::entity::validate::date(text).unwrap();
            let day = day(&berlin, text, written).map(|day| day.to_string());
            assert_eq!(day.as_deref(), expected, "{text}");
        }
    }

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
