//! How many calls one client address may make: fixed windows, each opened by the first call in it (fact sheet 18).

use axum::http::header::{HeaderName, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use simcore::entity::model::Table;
use simcore::entity::settings::Settings;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Error, ErrorKind, Result, said};

use crate::{auth, company};

/// Periods from the shortest: name, switch, seconds.
const PERIODS: [(&str, &str, i64); 3] =
    [("second", "per_second", 1), ("minute", "per_minute", 60), ("hour", "per_hour", 3600)];

/// How many windows are kept: those of the addresses that called last. Any header can name another address.
const MAX_WINDOWS: i64 = 30_000;

/// How many go when there are more.
const SURPLUS: i64 = 300;

/// How long an address is at most; what is longer is none.
const MAX_ADDRESS: usize = 64;

/// A window of one address, as it stands before the call.
struct Window {
    period: &'static str,
    maximum: i64,
    used: i64,
    opened: Timestamp,
    closes: Timestamp,
    stored: Option<i64>,
}

/// Counts the call, or refuses it: a refused call counts for no window.
pub(crate) fn admit(ctx: &Ctx, db: &Db<'_>, parts: &Parts) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    if member(&ctx.settings, "enabled") != Value::Bool(true) {
        return Ok(headers);
    }
    let client = client(ctx, parts);
    let windows = windows(ctx, db, &client)?;
    let full = windows.iter().filter(|window| window.used >= window.maximum);
    if let Some(full) = full.max_by_key(|window| window.closes) {
        return Err(exceeded(full, db.now));
    }
    for window in &windows {
        store(db, &client, window)?;
    }
    if let Some(longest) = windows.last() {
        let remaining = longest.maximum - longest.used - 1;
        for (name, value) in [
            ("x-rate-limit-limit", longest.period.to_owned()),
            ("x-rate-limit-remaining", remaining.to_string()),
            ("x-rate-limit-reset", auth::instant(longest.closes)),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
    Ok(headers)
}

/// A member of the setting, or what it is when nothing is said.
fn member(settings: &Settings, name: &str) -> Value {
    let given = settings.value("quota").get(name).filter(|value| !value.is_null());
    given.or_else(|| settings.default("quota")?.get(name)).cloned().unwrap_or_default()
}

/// The peer's address, or the first of X-Forwarded-For where that is trusted.
fn client(ctx: &Ctx, parts: &Parts) -> String {
    let forwarded = parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let forwarded = forwarded.and_then(|value| value.split(',').next()).map(str::trim);
    let is_address = |address: &&str| (1..=MAX_ADDRESS).contains(&address.len());
    match forwarded.filter(is_address).filter(|_| ctx.settings.flag("trust_forwarded_for")) {
        Some(address) => address.to_owned(),
        None => ctx.peer.map(|peer| peer.to_string()).unwrap_or_default(),
    }
}

fn windows(ctx: &Ctx, db: &Db<'_>, client: &str) -> Result<Vec<Window>> {
    let table = db.table("quota")?;
    let home = company::home(db);
    let mut windows = Vec::with_capacity(PERIODS.len());
    for (period, switch, seconds) in PERIODS {
        let maximum = member(&ctx.settings, switch).as_i64().unwrap_or_default();
        if maximum <= 0 {
            continue;
        }
        let stored = db.find(table, &home, "window", &key(client, period))?;
        let opened = stored.as_ref().and_then(opened).filter(|opened| is_open(*opened, seconds, db.now));
        let used = stored.as_ref().filter(|_| opened.is_some());
        let used = used.and_then(|stored| stored.values.get("used")?.as_i64()).unwrap_or_default();
        let opened = opened.unwrap_or(db.now);
        let closes = opened.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        windows.push(Window {
            period,
            maximum,
            used,
            opened,
            closes,
            stored: stored.map(|stored| stored.id),
        });
    }
    Ok(windows)
}

fn opened(stored: &Record) -> Option<Timestamp> {
    stored.text("startDateUTC").parse().ok()
}

fn is_open(opened: Timestamp, seconds: i64, now: Timestamp) -> bool {
    opened <= now && now.duration_since(opened) < SignedDuration::from_secs(seconds)
}

fn key(client: &str, period: &str) -> String {
    format!("{client} {period}")
}

fn store(db: &Db<'_>, client: &str, window: &Window) -> Result<()> {
    let used = window.used + 1;
    let record = Map::from_iter([
        ("window".to_owned(), key(client, window.period).into()),
        ("clientIp".to_owned(), client.into()),
        ("period".to_owned(), window.period.into()),
        ("maximum".to_owned(), window.maximum.into()),
        ("used".to_owned(), used.into()),
        ("remaining".to_owned(), (window.maximum - used).into()),
        ("startDateUTC".to_owned(), window.opened.to_string().into()),
        ("resetDateUTC".to_owned(), auth::instant(window.closes).into()),
    ]);
    let table = db.table("quota")?;
    match window.stored {
        Some(id) => db.update(table, id, &record),
        None => {
            db.insert(table, &company::home(db), &record)?;
            forget(db, table)
        }
    }
}

/// Lets those windows go that close first, where there are too many.
fn forget(db: &Db<'_>, table: &Table) -> Result<()> {
    let count = format!("SELECT count(*) FROM {}", table.sql);
    let count: i64 = db.conn.prepare_cached(&count)?.query_row([], |row| row.get(0))?;
    if count > MAX_WINDOWS {
        let surplus = format!(
            "DELETE FROM {0} WHERE _id IN (SELECT _id FROM {0} ORDER BY \"resetDateUTC\", _id LIMIT ?)",
            table.sql
        );
        db.conn.prepare_cached(&surplus)?.execute([count - MAX_WINDOWS + SURPLUS])?;
    }
    Ok(())
}

/// 429 with the whole seconds until the window closes.
fn exceeded(window: &Window, now: Timestamp) -> Error {
    let left = window.closes.duration_since(now);
    let seconds = left.as_secs() + i64::from(left.subsec_nanos() > 0);
    beyond(window.maximum, window.period).header(RETRY_AFTER, &seconds.max(1).to_string())
}

fn beyond(maximum: i64, period: &str) -> Error {
    said!(QUOTA_EXCEEDED, maximum = maximum, period = period).into()
}

/// 429 of a fault, as if it were of the shortest window that could be full for so many seconds.
pub(crate) fn throttled(ctx: &Ctx, seconds: u64) -> Error {
    let windows =
        PERIODS.map(|(period, switch, length)| (period, member(&ctx.settings, switch).as_i64(), length));
    let mut limited = windows.into_iter().filter_map(|(period, maximum, length)| {
        maximum.filter(|maximum| *maximum > 0).map(|maximum| (period, maximum, length.unsigned_abs()))
    });
    let longest = limited.clone().next_back();
    match limited.find(|(_, _, length)| *length >= seconds).or(longest) {
        Some((period, maximum, _)) => beyond(maximum, period),
        None => Error::new(StatusCode::TOO_MANY_REQUESTS, ErrorKind::RateLimited),
    }
}
