//! Server-sent events: the journal of one sandbox as it grows, and what happens in all of them. A reader is woken and
//! then reads for itself, so that one that is slow holds nothing up; what it missed of the journal it is told.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde_json::json;
use simcore::base::aside::aside;
use simcore::base::diagnostics::unknown;
use simcore::base::error::Result;
use simcore::simulator::extract::{Path, Query};
use simhost::journal::Filter;
use simhost::sandbox::Sandbox;
use simhost::sandbox::events::{Event, Topic};
use simhost::sandbox::names::{is_name, no_name};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, interval_at};

use crate::answer::bad_request;
use crate::{App, journal};

/// How often a stream says that it is alive: that of a journal when it is silent, that of events always.
const COMMENT: Duration = Duration::from_secs(15);

/// How many entries are read from the journal at a time.
const CHUNK: usize = 100;

/// The parameters of the journal's stream: the journal's own, without a limit.
const PARAMETERS: [&str; 5] = ["server", "method", "path", "status", "since"];

/// What a reader of one journal has seen.
struct Position {
    sandbox: Arc<Sandbox>,
    filter: Filter,
    /// The last entry that was looked at.
    last: u64,
}

impl Position {
    /// After the newest entry.
    fn now(sandbox: Arc<Sandbox>, filter: Filter) -> Self {
        let last = sandbox.journal(|journal| journal.last_id());
        Self { sandbox, filter, last }
    }

    /// What has come since, as far as one chunk goes; whether some of it is gone already.
    fn read(&mut self, mut sent: impl FnMut(&simhost::journal::Entry) -> Sent, into: &mut VecDeque<Sent>) {
        let after = self.sandbox.journal(|journal| journal.after(self.last, CHUNK));
        if after.gap {
            into.push_back(Sent::default().event("gap").data(json!({ "after": self.last }).to_string()));
        }
        self.last = after.last;
        into.extend(
            after.entries.iter().filter(|entry| self.filter.matches(entry)).map(|entry| sent(&entry.open())),
        );
    }
}

/// What a stream of either kind has at hand.
struct Reader {
    app: App,
    events: Receiver<Event>,
    ready: VecDeque<Sent>,
}

impl Reader {
    fn new(app: App) -> Self {
        let events = app.sandboxes.shared().events.listen();
        Self { app, events, ready: VecDeque::new() }
    }
}

fn entry_event(entry: &simhost::journal::Entry, sandbox: Option<&str>) -> Sent {
    let mut shown = aside(|| entry.to_json());
    if let Some(sandbox) = sandbox {
        shown["sandbox"] = sandbox.into();
    }
    Sent::default().event("entry").id(entry.id.to_string()).data(shown.to_string())
}

fn answered<S>(stream: S) -> Response
where
    S: stream::Stream<Item = Result<Sent, Infallible>> + Send + 'static,
{
    Sse::new(stream).keep_alive(KeepAlive::new().interval(COMMENT)).into_response()
}

/// `GET /sandboxes/{s}/journal/stream`: begins with the next request, or after `Last-Event-ID` (or `since`); ends
/// with its sandbox.
pub(crate) async fn journal(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let sandbox = app.sandbox(&name)?;
    let (mut filter, _) = journal::wanted(&app, query, &PARAMETERS)?;
    let since = match headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default().trim()) {
        Some("") | None => filter.since.take(),
        Some(id) => Some(journal::number("Last-Event-ID", id)?),
    };
    filter.since = None;
    let mut reader = Reader::new(app);
    let mut position = Position::now(sandbox, filter);
    if let Some(since) = since {
        position.last = since;
    }
    position.read(|entry| entry_event(entry, None), &mut reader.ready);
    Ok(answered(stream::unfold((reader, position), |(mut reader, mut position)| async move {
        loop {
            if let Some(sent) = reader.ready.pop_front() {
                return Some((Ok(sent), (reader, position)));
            }
            position.read(|entry| entry_event(entry, None), &mut reader.ready);
            if reader.ready.is_empty() && !is_next(&mut reader, &position.sandbox).await {
                return None;
            }
        }
    })))
}

/// Waits for something in `sandbox`; false when it has ended. What was missed by being slow is no harm here: the
/// journal is read again.
async fn is_next(reader: &mut Reader, sandbox: &Arc<Sandbox>) -> bool {
    loop {
        match reader.events.recv().await {
            Ok(event) if event.topic == Topic::Stop => return false,
            Ok(event) if event.sandbox != sandbox.name => {}
            Ok(event) if event.topic == Topic::Sandbox && event.what == "deleted" => return false,
            Ok(_) => return true,
            Err(RecvError::Lagged(_)) => {
                return reader.app.sandboxes.get(&sandbox.name).is_some_and(|now| Arc::ptr_eq(&now, sandbox));
            }
            Err(RecvError::Closed) => return false,
        }
    }
}

/// What a reader of `/events` asked for.
#[derive(Default)]
struct Wanted {
    sandbox: Option<String>,
    entries: bool,
}

impl Wanted {
    fn read(query: Query) -> Result<Self> {
        let mut wanted = Self::default();
        for (name, value) in query.0 {
            match name.as_str() {
                "sandbox" if !is_name(&value) => {
                    return Err(bad_request(no_name(&value)));
                }
                "sandbox" => wanted.sandbox = Some(value),
                "entries" => {
                    wanted.entries = value
                        .parse()
                        .map_err(|_| bad_request(format!("`entries` is true or false, not `{value}`")))?;
                }
                _ => {
                    return Err(bad_request(unknown("parameter", &name, ["sandbox", "entries"].into_iter())));
                }
            }
        }
        Ok(wanted)
    }

    fn means(&self, event: &Event) -> bool {
        self.sandbox.as_ref().is_none_or(|sandbox| *sandbox == event.sandbox)
    }
}

/// `GET /events`: what happens, of one sandbox or of all; with `entries=true` the journal's entries too. A reader
/// that is too slow is let go.
pub(crate) async fn events(State(app): State<App>, query: Query) -> Result<Response> {
    let wanted = Wanted::read(query)?;
    let reader = Reader::new(app);
    let mut positions = HashMap::new();
    if wanted.entries {
        for sandbox in reader.app.sandboxes.list() {
            positions.insert(sandbox.name.clone(), Position::now(sandbox, Filter::default()));
        }
    }
    let state = (reader, wanted, positions);
    let events = stream::unfold(state, |(mut reader, wanted, mut positions)| async move {
        loop {
            if let Some(sent) = reader.ready.pop_front() {
                return Some((Ok(sent), (reader, wanted, positions)));
            }
            let event = reader.events.recv().await.ok().filter(|event| event.topic != Topic::Stop)?;
            if wanted.means(&event) {
                happened(&mut reader, &wanted, &mut positions, &event);
            }
        }
    });
    Ok(Sse::new(with_comments(events, COMMENT)).into_response())
}

/// Adds a comment each time `every` has passed, whatever else is said meanwhile; it ends with `events`.
fn with_comments<S>(events: S, every: Duration) -> impl stream::Stream<Item = Result<Sent, Infallible>> + Send
where
    S: stream::Stream<Item = Result<Sent, Infallible>> + Send + 'static,
{
    let every = interval_at(Instant::now() + every, every);
    stream::unfold((Box::pin(events), every), |(mut events, mut every)| async move {
        let next = tokio::select! {
            biased;
            _ = every.tick() => Some(Ok(Sent::default().comment(""))),
            event = events.next() => event,
        };
        next.map(|sent| (sent, (events, every)))
    })
}

fn happened(reader: &mut Reader, wanted: &Wanted, positions: &mut HashMap<String, Position>, event: &Event) {
    if event.topic != Topic::Entry {
        if event.topic == Topic::Sandbox && event.what == "deleted" {
            positions.remove(&event.sandbox);
        }
        let mut data = json!({ "sandbox": event.sandbox, "what": event.what });
        if let Some(id) = &event.id {
            data["id"] = id.as_str().into();
        }
        reader.ready.push_back(Sent::default().event(event.topic.name()).data(data.to_string()));
        return;
    }
    if !wanted.entries {
        return;
    }
    if !positions.contains_key(&event.sandbox) {
        let Some(sandbox) = reader.app.sandboxes.get(&event.sandbox) else { return };
        positions.insert(event.sandbox.clone(), Position { sandbox, filter: Filter::default(), last: 0 });
    }
    if let Some(position) = positions.get_mut(&event.sandbox) {
        position.read(|entry| entry_event(entry, Some(&event.sandbox)), &mut reader.ready);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn comments_come_while_events_flow() {
        // Events that follow one another faster than comments do.
        let events = stream::unfold(0, |count| async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            (count < 5000).then(|| (Ok(Sent::default().event("clock")), count + 1))
        });
        let sent = with_comments(events, Duration::from_millis(20));
        let is_comment = |sent: &Result<Sent, Infallible>| !format!("{sent:?}").contains("clock");
        let comments = sent.filter(|sent| std::future::ready(is_comment(sent))).take(3).count().await;
        assert_eq!(comments, 3);
    }
}
