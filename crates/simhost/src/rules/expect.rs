//! What a scenario expects of the client, counted as requests arrive.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::request::RequestView;
use crate::rules::request::Request;

/// One expectation: requests that come so often, or in an order, or never; or nothing outside the contract; or every
/// fault met.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Expectation {
    /// Which requests are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// How often they come; at least once when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
    /// That they never come.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub never: bool,
    /// That they come after those of the expectation of the same name before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_order: Option<String>,
    /// That no request is outside the contract.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_violations: bool,
    /// That every fault of the scenario strikes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all_faults_hit: bool,
}

/// How often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Times {
    /// This often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exactly: Option<u64>,
    /// This often or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u64>,
    /// This often or less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
}

/// What has been counted for an expectation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How many requests were such.
    pub matched: u64,
    /// Whether one came when it was its turn in the order.
    pub in_turn: bool,
}

impl Expectation {
    /// Whether it can be judged; `servers` are the slugs there are.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn check(&self, servers: &[&str]) -> Result<(), String> {
        let kinds = [self.request.is_some(), self.no_violations, self.all_faults_hit];
        if kinds.iter().filter(|given| **given).count() != 1 {
            return Err(
                "an expectation is a `request`, `no_violations: true` or `all_faults_hit: true`".to_owned()
            );
        }
        if self.request.is_none() && (self.times.is_some() || self.never || self.in_order.is_some()) {
            return Err("`times`, `never` and `in_order` belong to a `request`".to_owned());
        }
        if self.never && (self.times.is_some() || self.in_order.is_some()) {
            return Err("what comes `never` has neither `times` nor an order".to_owned());
        }
        if let Some(Times { exactly, at_least, at_most }) = self.times
            && (exactly.is_some() && (at_least.is_some() || at_most.is_some())
                || at_least.zip(at_most).is_some_and(|(least, most)| least > most))
        {
            return Err("no count meets these `times`".to_owned());
        }
        self.request.as_ref().map_or(Ok(()), |request| request.check(servers))
    }

    /// What is expected, as a sentence.
    pub fn description(&self) -> String {
        let Some(request) = &self.request else {
            let what =
                if self.no_violations { "no request is outside the contract" } else { "every fault strikes" };
            return what.to_owned();
        };
        let order =
            self.in_order.as_ref().map(|name| format!(", in its turn in `{name}`")).unwrap_or_default();
        format!("{request}: {}{order}", self.bounds())
    }

    fn bounds(&self) -> String {
        if self.never {
            return "never".to_owned();
        }
        match self.times {
            None => "at least once".to_owned(),
            Some(Times { exactly, at_least, at_most }) => {
                let bound =
                    |word: &str, count: Option<u64>| count.map(|count| format!("{word} {count} times"));
                let bounds =
                    [bound("exactly", exactly), bound("at least", at_least), bound("at most", at_most)];
                bounds.into_iter().flatten().collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Whether so many requests meet it.
    pub fn is_met(&self, count: Count) -> bool {
        let often_enough = match self.times {
            None if self.never => count.matched == 0,
            None => count.matched > 0,
            Some(Times { exactly, at_least, at_most }) => {
                exactly.is_none_or(|times| count.matched == times)
                    && at_least.is_none_or(|times| count.matched >= times)
                    && at_most.is_none_or(|times| count.matched <= times)
            }
        };
        often_enough && (self.in_order.is_none() || count.in_turn)
    }
}

/// Counts `request` in every expectation it belongs to. In an order, it counts as in turn when the expectation of
/// the same name before it has had its turn.
pub fn count(expectations: &[Expectation], counts: &mut [Count], request: &RequestView<'_>) {
    for place in 0..expectations.len().min(counts.len()) {
        let expectation = &expectations[place];
        if !expectation.request.as_ref().is_some_and(|expected| expected.matches(request)) {
            continue;
        }
        counts[place].matched += 1;
        if expectation.in_order.is_some() {
            let before =
                (0..place).rev().find(|before| expectations[*before].in_order == expectation.in_order);
            if before.is_none_or(|before| counts[before].in_turn) {
                counts[place].in_turn = true;
            }
        }
    }
}
