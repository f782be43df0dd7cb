//! Requests per minute and key, off unless `rate_limit_per_minute` says otherwise (fact sheet 11, gap 11).

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use simcore::{Ctx, Error, ErrorKind, Result};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// How many requests of a minute are counted. The number of a key is its minute's, times this, and how many there were in it: a
/// number a key, however many minutes.
const MOST: i64 = 1 << 20;

/// What is left of the minute's requests; nothing when there is no limit.
#[derive(Debug, Default)]
pub(crate) struct RateLimitHeaders(Option<[(HeaderName, i64); 3]>);

impl RateLimitHeaders {
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        for (name, value) in self.0.iter().flatten() {
            headers.insert(name.clone(), HeaderValue::from(*value));
        }
    }
}

/// Counts a request of the key that signed in.
///
/// # Errors
/// 429 with the headers when the minute's requests are spent.
pub(crate) async fn spend(ctx: &Ctx) -> Result<RateLimitHeaders> {
    let limit = ctx.settings.integer("rate_limit_per_minute");
    if limit <= 0 {
        return Ok(RateLimitHeaders::default());
    }
    let window = ctx.now.as_second().div_euclid(60);
    let series = format!("requests/{}", ctx.principal().tenant);
    let begin = window * MOST;
    let count = ctx.write(|db| {
        let before = db.advance(&series, begin)? - begin;
        Ok(if before < limit.min(MOST - 1) { db.next(&series, begin + 1)? - begin } else { MOST })
    });
    let (count, reset) = (count.await?, (window + 1) * 60);
    if count <= limit && count < MOST {
        let left = [(LIMIT, limit), (REMAINING, limit - count), (RESET, reset)];
        return Ok(RateLimitHeaders(Some(left)));
    }
    Err(spent(limit, reset))
}

fn spent(limit: i64, reset: i64) -> Error {
    let left = [(LIMIT, limit), (REMAINING, 0), (RESET, reset)];
    let error = Error::new(StatusCode::TOO_MANY_REQUESTS, ErrorKind::RateLimited);
    left.into_iter().fold(error, |error, (name, value)| error.header(name, &value.to_string()))
}

/// The limit that the vendor documents of a product beside this one, for faults where no setting says another.
const USUAL: i64 = 100;

/// 429 of a fault, as the limit of the setting would give it.
pub(crate) fn throttled(ctx: &Ctx, seconds: u64) -> Error {
    let limit = ctx.settings.integer("rate_limit_per_minute");
    let reset = ctx.now.as_second().saturating_add_unsigned(seconds);
    spent(if limit > 0 { limit } else { USUAL }, reset)
}
