//! A run in words, for every form of the report: its numbers, what was missed, which requests are concerned.

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde_json::Value;

use crate::text::{counted, often};

/// The numbers of a run, for one of one sandbox too.
pub(crate) fn total(run: &Value, name: &str) -> u64 {
    let worlds = items(run, "items").iter().flat_map(|item| items(item, "worlds"));
    worlds.filter_map(|world| world["totals"][name].as_u64()).sum()
}

/// The last line of a run: `erpsatz: 3 sandboxes, 12 expectations met, 1 missed, 2 verdicts, 5 violations`.
pub fn summary(run: &Value) -> String {
    let sandboxes = items(run, "items").len() as u64;
    let mut line = format!(
        "erpsatz: {}, {}, {} missed, {}, {}",
        counted(sandboxes, "sandbox", "sandboxes"),
        counted(total(run, "met"), "expectation met", "expectations met"),
        total(run, "missed"),
        counted(total(run, "verdicts"), "verdict", "verdicts"),
        counted(total(run, "violations"), "violation", "violations"),
    );
    if let Some(cut @ 1..) = run["cut"]["worlds"].as_u64() {
        let _ = write!(line, ", {} not reported for want of room", counted(cut, "world", "worlds"));
    }
    line
}

/// Why an expectation was not met, in a few words.
pub(crate) fn missed(expectation: &Value) -> String {
    let count = expectation["count"].as_u64().unwrap_or_default();
    match text(expectation, "kind") {
        "record" | "verdicts" => there_are(count),
        "violations" => counted(count, "request is", "requests are"),
        "faults" => {
            let idle = items(expectation, "nearest").len() as u64;
            format!("{} did not fire", counted(idle, "fault", "faults"))
        }
        _ if count == 0 => "never came".to_owned(),
        _ => format!("came {}", often(count)),
    }
}

fn there_are(count: u64) -> String {
    match count {
        0 => "there is none".to_owned(),
        1 => "there is 1".to_owned(),
        count => format!("there are {count}"),
    }
}

/// A request of a report as one row: id, time, verb, path, status, fault, and what differs.
pub(crate) fn row(request: &Value) -> [String; 7] {
    let status = match &request["status"] {
        Value::Null => "none".to_owned(),
        status => status.to_string(),
    };
    [
        format!("#{}", request["id"]),
        moment(text(request, "at")),
        text(request, "method").to_owned(),
        text(request, "path").to_owned(),
        status,
        text(request, "fault").to_owned(),
        text(request, "difference").to_owned(),
    ]
}

/// An instant to the millisecond.
fn moment(at: &str) -> String {
    let Some((seconds, fraction)) = at.trim_end_matches('Z').split_once('.') else { return at.to_owned() };
    format!("{seconds}.{:0<3}Z", &fraction[..fraction.len().min(3)])
}

/// The requests that a missed expectation concerns: those that counted, then those that nearly did.
pub(crate) fn concerned(expectation: &Value) -> Vec<[String; 7]> {
    let counted = items(expectation, "requests");
    let near = items(expectation, "nearest").iter().filter(|near| near["method"].is_string());
    let near = near.filter(|near| !counted.iter().any(|one| one["id"] == near["id"]));
    counted.iter().chain(near).map(row).collect()
}

/// What else a missed expectation names: records, or faults.
pub(crate) fn others(expectation: &Value) -> Vec<String> {
    let near = items(expectation, "nearest").iter().filter(|near| !near["method"].is_string());
    let name = |near: &Value| match (near["entity"].as_str(), near["id"].as_str(), near["verdict"].as_str()) {
        (Some(entity), ..) => {
            let difference = near["difference"].as_str().map(|text| format!(": {text}")).unwrap_or_default();
            format!("{entity} {}{difference}", text(near, "key"))
        }
        (_, Some(fault), _) => format!("fault `{fault}` of {} did not fire", text(near, "server")),
        (_, _, Some(verdict)) => format!("{verdict}: {}", text(near, "message")),
        _ => format!("#{} {}: {}", near["id"], text(near, "request"), text(near, "message")),
    };
    near.map(name).collect()
}

/// Violations that say the same of the same place.
pub(crate) struct Group<'a> {
    /// How many.
    pub(crate) count: u64,
    /// The first of them.
    pub(crate) first: &'a Value,
    /// The first few requests.
    pub(crate) requests: Vec<u64>,
}

/// The violations of a report, grouped by server, rule, place and nearest form.
pub(crate) fn violations(report: &Value) -> Vec<Group<'_>> {
    let mut groups: IndexMap<[String; 4], Group<'_>> = IndexMap::new();
    for violation in items(report, "violations") {
        let key = ["server", "rule", "position", "nearest"].map(|name| without_places(text(violation, name)));
        let new = || Group { count: 0, first: violation, requests: Vec::new() };
        let group = groups.entry(key).or_insert_with(new);
        group.count += 1;
        if let Some(id) = violation["id"].as_u64().filter(|id| !group.requests.contains(id))
            && group.requests.len() < 5
        {
            group.requests.push(id);
        }
    }
    groups.into_values().collect()
}

impl Group<'_> {
    /// It, in a line.
    pub(crate) fn line(&self) -> String {
        let first = self.first;
        let times = if self.count > 1 { format!("{} × ", self.count) } else { String::new() };
        let (server, request) = (text(first, "server"), text(first, "request"));
        let (rule, position, said) = (text(first, "rule"), text(first, "position"), self.said());
        let requests = ids(self.requests.iter().copied());
        format!("{times}{server} {request}, {rule} `{position}`: {said} ({requests})")
    }

    /// What is wrong, and the nearest right form.
    pub(crate) fn said(&self) -> String {
        let (message, nearest) = (text(self.first, "message"), text(self.first, "nearest"));
        if message.contains(nearest) {
            message.to_owned()
        } else {
            format!("{message}; did you mean `{nearest}`?")
        }
    }
}

/// A verdict, in a line.
pub(crate) fn verdict(verdict: &Value) -> String {
    let requests = items(verdict, "requests").iter().filter_map(Value::as_u64).take(5);
    let requests = ids(requests);
    let requests = if requests.is_empty() { requests } else { format!(" ({requests})") };
    let (kind, server) = (text(verdict, "verdict"), text(verdict, "server"));
    format!("{} {kind} on {server}: {}{requests}", severity(verdict), text(verdict, "message"))
}

/// How bad a verdict is.
pub(crate) fn severity(verdict: &Value) -> &str {
    verdict["severity"].as_str().unwrap_or("warning")
}

/// The faults of a report that did nothing.
pub(crate) fn idle_faults(report: &Value) -> Vec<String> {
    let idle = items(report, "faults").iter().filter(|fault| fault["hits"] == 0);
    idle.map(|fault| format!("`{}` of {}", text(fault, "id"), text(fault, "server"))).collect()
}

/// What of a world is no longer known in whole.
pub(crate) fn cuts(world: &Value) -> Vec<String> {
    let dropped = world["dropped"].as_u64().unwrap_or_default();
    let dropped = (dropped > 0).then(|| {
        let entries = counted(dropped, "older entry", "older entries");
        format!("the journal has dropped {entries}: the report does without, lists of requests lack them")
    });
    let was_cut = world["judge_was_cut"] == true;
    let cut =
        was_cut.then(|| "the judge has forgotten part of what it saw: verdicts may be missing".to_owned());
    dropped.into_iter().chain(cut).collect()
}

/// Requests by their ids: `#3, #7`.
fn ids(ids: impl Iterator<Item = u64>) -> String {
    ids.map(|id| format!("#{id}")).collect::<Vec<_>>().join(", ")
}

/// `Items[3].Name` as `Items[].Name`: the same field in every element.
fn without_places(position: &str) -> String {
    let mut parts = position.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |so_far, part| {
        format!("{so_far}[{}", part.trim_start_matches(|letter: char| letter.is_ascii_digit()))
    })
}

/// The name of a sandbox, and which of its lives and worlds it was where there were several.
pub(crate) fn title(item: &Value, world: &Value) -> String {
    let mut title = text(item, "sandbox").to_owned();
    if let Some(lives) = item["lives"].as_u64() {
        let _ = write!(title, ", life {} of {lives}", item["life"]);
    }
    let all = items(item, "worlds").len();
    if all > 1 {
        let ended = match world["ended"].as_str() {
            Some("reset") => ", ended by a reset",
            Some("restore") => ", ended by a restore",
            Some("scenario") => ", ended by another scenario",
            _ => "",
        };
        let _ = write!(title, ", world {} of {all}{ended}", world["world"]);
    }
    title
}

pub(crate) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
