//! Fault rules: which request something goes wrong with, and what.

use std::sync::Arc;

use crate::base::map::IndexMap;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::diagnostics::unknown;
use crate::base::duration::Duration;
use crate::base::random;
use crate::base::request::RequestView;
use crate::base::written::as_switches;
use crate::rules::matcher::When;
use crate::rules::values::check_length;

/// How many fault rules a sandbox may have: every request is held against each of them.
pub const MAX_FAULTS: usize = 1000;

/// A rule: when a request to `server` is as `when` says, `then` happens to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name; given one when it has none.
    #[serde(default)]
    pub id: String,
    /// The simulator's slug.
    pub server: String,
    /// Which requests.
    #[serde(default)]
    pub when: When,
    /// That `when` names what the server does not document, on purpose.
    #[serde(default, skip_serializing_if = "is_false")]
    pub undocumented: bool,
    /// What happens.
    pub then: Then,
}

/// What goes wrong. One effect; `delay` may come with any other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the keys of a rule; one of them is given")]
pub struct Then {
    /// Answered with this status, in the vendor's envelope unless `body` is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The body of that answer: a text, or JSON.
    #[serde(skip_serializing_if = "Value::is_null", deserialize_with = "as_switches")]
    pub body: Value,
    /// Headers of that answer.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, String>,
    /// Handled after so long: a duration, or `{from, to}` to draw from.
    #[schemars(schema_with = "delay_schema")]
    #[serde(skip_serializing_if = "Value::is_null")]
    pub delay: Value,
    /// The connection is cut before anything is done.
    #[serde(skip_serializing_if = "is_false")]
    pub drop: bool,
    /// Everything is done, then the connection is cut.
    #[serde(skip_serializing_if = "is_false")]
    pub lose_response: bool,
    /// That part of the body is sent, then the connection is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncate: Option<f64>,
    /// The body has its whole length and is broken in the middle.
    #[serde(skip_serializing_if = "is_false")]
    pub corrupt: bool,
    /// The body comes a few bytes at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drip: Option<Drip>,
    /// Nothing is done and nothing is said for so long, then the connection is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// The connection is reset (RST) before anything is done.
    #[serde(skip_serializing_if = "is_false")]
    pub reset: bool,
    /// Bytes that are no HTTP come, then the connection is cut; nothing is done.
    #[serde(skip_serializing_if = "is_false")]
    pub garbage: bool,
    /// More requests than this are refused with 429.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// A slow body.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drip {
    /// How many bytes at a time.
    pub bytes: usize,
    /// How long between them, in real time.
    pub every: Duration,
}

/// A fixed window in simulated time that opens with the first request.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// How many requests pass in one window.
    pub limit: u64,
    /// How long a window is.
    pub per: Duration,
}

fn delay_schema(generator: &mut SchemaGenerator) -> Schema {
    let duration = generator.subschema_for::<Duration>();
    json_schema!({ "anyOf": [
        duration,
        {
            "type": "object",
            "properties": { "from": duration, "to": duration },
            "required": ["from", "to"],
            "additionalProperties": false,
        },
    ] })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Rule {
    /// Whether the rule can be obeyed; `servers` are the slugs there are.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn check(&self, servers: &[&str]) -> Result<(), String> {
        if !servers.contains(&self.server.as_str()) {
            return Err(unknown("server", &self.server, servers.iter().copied()));
        }
        check_length("id", &self.id)?;
        self.when.check()?;
        self.then.check()
    }
}

impl Then {
    fn check(&self) -> Result<(), String> {
        let effects = [
            self.status.is_some(),
            self.drop,
            self.lose_response,
            self.truncate.is_some(),
            self.corrupt,
            self.drip.is_some(),
            self.timeout.is_some(),
            self.reset,
            self.garbage,
            self.rate_limit.is_some(),
        ];
        match effects.iter().filter(|given| **given).count() {
            0 if self.delay.is_null() => return Err("`then` names no effect".to_owned()),
            0 | 1 => {}
            _ => return Err("`then` names more than one effect".to_owned()),
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("`status` lies between 200 and 599".to_owned());
        }
        if self.status.is_none() && !(self.body.is_null() && self.headers.is_empty()) {
            return Err("`body` and `headers` belong to `status`".to_owned());
        }
        for (name, value) in &self.headers {
            if HeaderName::try_from(name.as_str()).is_err() || HeaderValue::from_str(value).is_err() {
                return Err(format!("`{name}: {value}` is no header"));
            }
        }
        if self.truncate.is_some_and(|part| !(0.0..=1.0).contains(&part)) {
            return Err("`truncate` lies between 0 and 1".to_owned());
        }
        if self.drip.is_some_and(|drip| drip.bytes == 0) {
            return Err("`drip` sends at least 1 byte at a time".to_owned());
        }
        if self.rate_limit.is_some_and(|limit| limit.per.0.is_zero()) {
            return Err("`rate_limit` needs a `per` longer than nothing".to_owned());
        }
        self.delay_range().map(drop)
    }

    /// The shortest and the longest delay, when there is one.
    fn delay_range(&self) -> Result<Option<(Duration, Duration)>, String> {
        let refuse = || "`delay` is a duration, or `{from, to}`".to_owned();
        match &self.delay {
            Value::Null => Ok(None),
            Value::String(text) => text.parse().map(|delay| Some((delay, delay))),
            Value::Object(range) if range.len() == 2 => {
                let bound =
                    |name| range.get(name).and_then(Value::as_str).ok_or_else(refuse)?.parse::<Duration>();
                let (from, to) = (bound("from")?, bound("to")?);
                if from <= to { Ok(Some((from, to))) } else { Err(refuse()) }
            }
            _ => Err(refuse()),
        }
    }
}

/// What a rule has done so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleState {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Whether it is in force; steps switch rules off and on.
    pub on: bool,
    /// How many requests were as it describes.
    pub matched: u64,
    /// How many requests it injection.
    pub hits: u64,
    /// When the rate limit's window opened, and how many have passed since.
    pub window: Option<(Timestamp, u64)>,
}

/// What is to happen to one request.
#[derive(Clone, Debug)]
pub struct Injection {
    /// The rule that injection.
    pub rule: Arc<Rule>,
    /// How long to wait first.
    pub delay: Option<std::time::Duration>,
    /// After how many seconds a rate limit lets requests pass again.
    pub retry_after: Option<u64>,
}

/// The rules in force in one sandbox, in order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Faults {
    rules: Vec<RuleState>,
    last_id: u64,
}

impl Faults {
    /// Puts a checked rule in force and gives its id; a rule of the same id is replaced.
    pub fn add(&mut self, mut rule: Rule) -> String {
        if rule.id.is_empty() {
            self.last_id += 1;
            rule.id = format!("fault-{}", self.last_id);
        }
        let id = rule.id.clone();
        self.remove(&id);
        self.rules.push(RuleState { rule: Arc::new(rule), on: true, matched: 0, hits: 0, window: None });
        id
    }

    /// Ends a rule; whether there was one.
    pub fn remove(&mut self, id: &str) -> bool {
        let before = self.rules.len();
        self.rules.retain(|state| state.rule.id != id);
        self.rules.len() < before
    }

    /// Ends all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Switches a rule on or off; whether there is one.
    pub fn switch(&mut self, id: &str, on: bool) -> bool {
        let found = self.rules.iter_mut().find(|state| state.rule.id == id);
        found.map(|state| state.on = on).is_some()
    }

    /// The rules, in order.
    pub fn rules(&self) -> &[RuleState] {
        &self.rules
    }

    /// Counts `request` in every rule that describes it; the first of those that are due strikes.
    pub fn pick(
        &mut self,
        request: &RequestView<'_>,
        now: Timestamp,
        start: Timestamp,
        seed: u64,
    ) -> Option<Injection> {
        let mut injection = None;
        for state in &mut self.rules {
            if state.on && state.describes(request, now, start) {
                state.matched += 1;
                if injection.is_none() && state.chooses(seed) {
                    injection = state.inject(now, seed);
                }
            }
        }
        injection
    }
}

impl RuleState {
    /// Whether nothing more will come of it; none for a rule with no end.
    pub fn completed(&self) -> Option<bool> {
        let times = self.rule.when.times.map(|times| self.hits >= times);
        let nth = self.rule.when.nth().ok().flatten();
        let nth = nth.map(|places| places.iter().all(|place| self.matched >= *place));
        match (times, nth) {
            (None, None) => None,
            (times, nth) => Some(times.unwrap_or(false) || nth.unwrap_or(false)),
        }
    }

    fn describes(&self, request: &RequestView<'_>, now: Timestamp, start: Timestamp) -> bool {
        self.rule.server == request.server
            && self.rule.when.is_due(now, start)
            && self.rule.when.matches(request)
    }

    fn chooses(&self, seed: u64) -> bool {
        let when = &self.rule.when;
        let spent = when.times.is_some_and(|times| self.hits >= times);
        let meant = match when.nth() {
            Ok(Some(places)) => places.contains(&self.matched),
            _ => true,
        };
        let drawn =
            when.rate.is_none_or(|rate| random::fraction(seed, &self.stream("rate"), self.matched) < rate);
        !spent && meant && drawn
    }

    fn inject(&mut self, now: Timestamp, seed: u64) -> Option<Injection> {
        let retry_after = match self.rule.then.rate_limit {
            Some(limit) => Some(self.over_limit(limit, now)?),
            None => None,
        };
        self.hits += 1;
        let delay = self.rule.then.delay_range().ok().flatten().map(|(from, to)| {
            let spread = (to.0 - from.0).unsigned_abs();
            from.real() + spread.mul_f64(random::fraction(seed, &self.stream("delay"), self.matched))
        });
        Some(Injection { rule: self.rule.clone(), delay, retry_after })
    }

    /// Counts a request in the window; the seconds until the next window when this one is full.
    fn over_limit(&mut self, limit: RateLimit, now: Timestamp) -> Option<u64> {
        let (opened, passed) = match self.window {
            Some((opened, passed)) if now.duration_since(opened) < limit.per.0 => (opened, passed),
            _ => (now, 0),
        };
        if passed < limit.limit {
            self.window = Some((opened, passed + 1));
            return None;
        }
        let left = limit.per.0 - now.duration_since(opened);
        let seconds = left.as_secs() + i64::from(left.subsec_nanos() > 0);
        Some(seconds.max(1).unsigned_abs())
    }

    fn stream(&self, purpose: &str) -> String {
        format!("{}/{purpose}", self.rule.id)
    }
}

/// The status of a rule that answers with one.
pub fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
