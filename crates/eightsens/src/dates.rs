//! Dates and date-times as the server writes and reads them (fact sheet 6.3).

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use simcore::entity::settings::Settings;

fn zone(settings: &Settings) -> TimeZone {
    TimeZone::get(settings.text("time_zone")).unwrap_or(TimeZone::UTC)
}

fn local(settings: &Settings, now: Timestamp) -> Zoned {
    now.to_zoned(zone(settings))
}

/// An instant as `YYYY-MM-DDTHH:MM:SS+01:00`.
pub(crate) fn stamp(settings: &Settings, now: Timestamp) -> String {
    local(settings, now).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The day in the firm's zone.
pub(crate) fn today(settings: &Settings, now: Timestamp) -> Date {
    local(settings, now).date()
}

/// The last day on which a quote of `date` is valid.
pub(crate) fn valid_until(settings: &Settings, date: Date) -> Date {
    let days = settings.integer("quote_validity_days").clamp(0, 36_500);
    date.checked_add(days.days()).unwrap_or(Date::MAX)
}

/// The instant that a client names: with an offset, or without one in the firm's zone, or a day for its midnight.
pub(crate) fn instant(settings: &Settings, text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let civil: DateTime = text.parse().ok()?;
    civil.to_zoned(zone(settings)).ok().map(|zoned| zoned.timestamp())
}
