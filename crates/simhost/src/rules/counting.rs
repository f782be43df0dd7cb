//! What has been counted for the expectations in force, one request at a time: nothing is looked up afterwards.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::base::request::RequestView;
use crate::base::text::wildcard;
use crate::contract::Contract;
use crate::rules::difference::{Difference, Part};
use crate::rules::expect::Expectation;
use crate::rules::request::Came;

/// How many requests an expectation remembers that counted, the newest.
pub const MAX_COUNTED: usize = 10;

/// How many requests an expectation remembers that nearly counted.
pub const MAX_NEAR: usize = 3;

/// How many expectations a sandbox may have: every request is held against each of them.
pub const MAX_EXPECTATIONS: usize = 1_000;

/// How much of a path is remembered.
const LONGEST_PATH: usize = 300;

/// A finished request, as reports name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLine {
    /// Its entry in the journal.
    pub id: u64,
    /// When it ended, in simulated time.
    pub at: Timestamp,
    /// The simulator's slug.
    pub server: String,
    /// The verb.
    pub method: String,
    /// The path, without the sandbox prefix; long ones are cut.
    pub path: String,
    /// What the client saw; none when nothing was answered.
    pub status: Option<u16>,
    /// The fault rule that was applied.
    pub fault: Option<String>,
}

impl RequestLine {
    /// The verb and the path.
    pub fn request(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A path as it is remembered.
    pub fn cut(path: &str) -> String {
        match path.char_indices().nth(LONGEST_PATH) {
            Some((at, _)) => format!("{}…", &path[..at]),
            None => path.to_owned(),
        }
    }
}

/// A request that nearly counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Near {
    /// The request.
    pub line: RequestLine,
    /// How many parts of it are as expected: more are nearer.
    rank: u8,
    /// The first part that is not, in a sentence.
    pub difference: String,
}

/// A finished request, with all that expectations can ask of it.
pub struct Ended<'a> {
    /// The request.
    pub request: RequestView<'a>,
    /// When it came.
    pub came: Came,
    /// How reports name it.
    pub line: &'a RequestLine,
    /// Which operation it was, and of which contract.
    pub operation: Option<(&'a Contract, usize)>,
    /// Whether it was outside the contract.
    pub is_outside: bool,
    /// What may be told of a value of a part of the request.
    pub mask: &'a dyn Fn(Part, &str, &str) -> String,
}

/// What a request meant to the expectations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Noted {
    /// Whether what is counted or remembered has changed.
    pub changed: bool,
    /// Whether it was asked of an operation that one of them names.
    pub asked: bool,
}

/// What has been counted for one expectation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExpectationState {
    /// Its name.
    pub id: String,
    /// What is expected.
    pub expectation: Arc<Expectation>,
    /// The last request before it was in force.
    pub since: u64,
    /// How many requests counted.
    pub matched: u64,
    /// Whether one counted when it was its turn in the order.
    pub in_turn: bool,
    /// The newest requests that counted, oldest first.
    pub counted: Vec<RequestLine>,
    /// The requests that nearly counted, the nearest first.
    pub near: Vec<Near>,
}

/// The expectations in force in one sandbox, in order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Expectations {
    states: Vec<ExpectationState>,
    last_id: u64,
}

impl Expectations {
    /// Puts an expectation in force, in the place of one of the same name; its name. Requests up to `since` do not count.
    pub fn add(&mut self, expectation: Expectation, since: u64) -> String {
        let id = expectation.id.clone().unwrap_or_else(|| {
            loop {
                self.last_id += 1;
                let id = format!("expectation-{}", self.last_id);
                if self.find(&id).is_none() {
                    break id;
                }
            }
        });
        let state = ExpectationState {
            id: id.clone(),
            expectation: Arc::new(expectation),
            since,
            matched: 0,
            in_turn: false,
            counted: Vec::new(),
            near: Vec::new(),
        };
        match self.states.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = state,
            None => self.states.push(state),
        }
        id
    }

    /// Takes one out of force; whether there was one.
    pub fn remove(&mut self, id: &str) -> bool {
        let before = self.states.len();
        self.states.retain(|state| state.id != id);
        self.states.len() < before
    }

    /// The one of that name.
    pub fn find(&self, id: &str) -> Option<&ExpectationState> {
        self.states.iter().find(|state| state.id == id)
    }

    /// All of them, in order.
    pub fn states(&self) -> &[ExpectationState] {
        &self.states
    }

    /// Counts a request as it comes, where what becomes of it does not matter; whether it counted.
    pub fn arrive(&mut self, request: &RequestView<'_>, came: Came) -> bool {
        let mut any = false;
        for place in 0..self.states.len() {
            let expected = self.states[place].expectation.request.as_ref();
            let counts = expected.is_some_and(|expected| {
                expected.server == request.server
                    && expected.status.is_none()
                    && expected.mismatch(request, came, None).is_none()
            });
            if counts {
                self.count(place);
                any = true;
            }
        }
        any
    }

    /// In an order, a request counts as in turn when the expectation of the same name before it has had its turn.
    fn count(&mut self, place: usize) {
        let order = self.states[place].expectation.in_order.clone();
        let is_in_turn = order.is_some_and(|order| {
            let mut before = self.states[..place].iter().rev();
            let before = before.find(|before| before.expectation.in_order.as_ref() == Some(&order));
            before.is_none_or(|before| before.in_turn)
        });
        let state = &mut self.states[place];
        state.matched += 1;
        state.in_turn |= is_in_turn;
    }

    /// Takes note of a request that has ended.
    pub fn end(&mut self, ended: &Ended<'_>) -> Noted {
        let mut noted = Noted::default();
        for place in 0..self.states.len() {
            self.end_one(place, ended, &mut noted);
        }
        noted
    }

    fn end_one(&mut self, place: usize, ended: &Ended<'_>, noted: &mut Noted) {
        let expectation = self.states[place].expectation.clone();
        let Some(expected) = &expectation.request else {
            let server = expectation.record.as_ref().map(|record| record.server.as_str());
            noted.asked |= server.is_none_or(|server| server == ended.request.server);
            if expectation.no_violations && ended.is_outside {
                let state = &mut self.states[place];
                state.matched += 1;
                state.remember(ended.line);
                noted.changed = true;
            }
            return;
        };
        if expected.server != ended.request.server {
            return;
        }
        let Some(difference) = expected.mismatch(&ended.request, ended.came, Some(ended.line.status)) else {
            if expected.status.is_some() {
                self.count(place);
            }
            self.states[place].remember(ended.line);
            *noted = Noted { changed: true, asked: true };
            return;
        };
        noted.asked = noted.asked || asks(&expected.when, ended);
        noted.changed |= !expectation.never && self.states[place].nears(&difference, ended);
    }
}

/// Whether a request was asked of an operation that a condition names.
fn asks(when: &crate::rules::matcher::When, ended: &Ended<'_>) -> bool {
    let is_verb =
        when.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(ended.request.method.as_str()));
    let is_path = |pattern: &String| {
        wildcard(pattern, ended.request.path)
            || ended.operation.is_some_and(|(contract, place)| contract.fits_pattern(place, pattern))
    };
    is_verb && when.path.as_ref().is_none_or(is_path)
}

impl ExpectationState {
    /// Whether it is met by the requests that counted.
    pub fn is_met(&self) -> bool {
        self.expectation.is_met(self.matched, self.in_turn)
    }

    fn remember(&mut self, line: &RequestLine) {
        if self.counted.len() >= MAX_COUNTED {
            self.counted.remove(0);
        }
        self.counted.push(line.clone());
    }

    /// Remembers a request that nearly counted, when it is nearer than another or as near and newer.
    fn nears(&mut self, difference: &Difference, ended: &Ended<'_>) -> bool {
        let rank = difference.part as u8;
        let place = self.near.iter().position(|near| near.rank <= rank).unwrap_or(self.near.len());
        if place >= MAX_NEAR {
            return false;
        }
        let near = Near { line: ended.line.clone(), rank, difference: difference.tell(ended.mask) };
        self.near.insert(place, near);
        self.near.truncate(MAX_NEAR);
        true
    }
}
