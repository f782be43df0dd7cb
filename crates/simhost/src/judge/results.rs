//! What became of worlds that have ended, kept to the end of the process, and the whole run judged.

use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use crate::judge::life::Life;
use crate::judge::report::fails;
use crate::rules::fail_on::FailOn;

/// How many worlds that have ended are kept.
pub const MAX_RESULTS: usize = 10_000;

/// How many bytes their reports may have.
pub const MAX_BYTES: usize = 16 << 20;

/// The sandbox that always exists.
const DEFAULT: &str = "default";

/// Which worlds are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// All that there were.
    #[default]
    All,
    /// The last one of each sandbox.
    Last,
}

impl std::str::FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            "last" => Ok(Self::Last),
            other => Err(format!("worlds are `all` or `last`, not `{other}`")),
        }
    }
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::Last => "last",
        })
    }
}

/// A world and what it came to.
#[derive(Clone, Debug)]
pub struct WorldResult {
    /// The life of its sandbox: another one of the same name has another.
    pub life: Life,
    /// The name of its sandbox.
    pub sandbox: String,
    /// How many scenarios its sandbox had before.
    pub epoch: u32,
    /// Why it ended; nothing while it goes on.
    pub ended: Option<&'static str>,
    /// Whether its scenario, or an expectation, was sent to it.
    pub sent: bool,
    /// Whether something was asked of an operation that its expectations name.
    pub asked: bool,
    /// Whether somebody else has judged it.
    pub judged: bool,
    /// What makes it fail, where it says so itself.
    pub fail_on: Option<FailOn>,
    /// The report.
    pub report: Value,
}

impl WorldResult {
    fn requests(&self) -> u64 {
        self.report["requests"].as_u64().unwrap_or_default()
    }

    /// Whether nothing is wrong with it, whatever makes it fail.
    fn is_clean(&self) -> bool {
        let everything = FailOn { expectations: true, violations: true, errors: true, warnings: true };
        !fails(&self.report, everything, true)
    }
}

/// A world that has ended, with its report as text.
struct Ended {
    result: WorldResult,
    text: String,
    is_clean: bool,
}

/// What there was no room for.
#[derive(Clone, Copy, Debug, Default)]
struct Cut {
    worlds: u64,
    failed: u64,
}

/// Worlds that have ended, oldest first.
#[derive(Default)]
pub struct Results(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    ended: Vec<Ended>,
    bytes: usize,
    cut: Cut,
}

impl Results {
    /// Keeps what became of a world. Beyond the limits those go first with which nothing was wrong, the oldest of them.
    pub fn record(&self, mut result: WorldResult) {
        let is_clean = result.is_clean();
        let text = std::mem::take(&mut result.report).to_string();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += text.len();
        kept.ended.push(Ended { result, text, is_clean });
        if kept.ended.len() > MAX_RESULTS || kept.bytes > MAX_BYTES {
            kept.cut();
        }
    }

    /// Somebody else has judged the worlds of that life.
    pub fn judged(&self, life: Life) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_life = kept.ended.iter_mut().filter(|ended| ended.result.life == life);
        of_life.for_each(|ended| ended.result.judged = true);
    }

    /// Those of one life, or all.
    fn list(&self, life: Option<Life>) -> (Vec<WorldResult>, Cut) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = kept.ended.iter().filter(|ended| life.is_none_or(|life| ended.result.life == life));
        let read = |ended: &Ended| WorldResult {
            report: serde_json::from_str(&ended.text).unwrap_or_default(),
            ..ended.result.clone()
        };
        (wanted.map(read).collect(), kept.cut)
    }

    /// The run so far: all worlds that have ended, and `living` ones, one item a sandbox. `fail_on` is the command's.
    pub fn run(&self, living: Vec<WorldResult>, fail_on: FailOn, which: Which) -> Value {
        let (mut worlds, cut) = self.list(None);
        worlds.extend(living);
        run_of(judged(worlds, fail_on, which), cut, fail_on)
    }

    /// The report on one sandbox: its world now, with those before it.
    pub fn sandbox(&self, living: WorldResult, fail_on: FailOn, which: Which) -> Value {
        let (mut worlds, _) = self.list(Some(living.life));
        let now = living.report.clone();
        worlds.push(living);
        let mut report = judged(worlds, fail_on, which).pop().unwrap_or(now.clone());
        // Of one sandbox `ok` speaks of its world now.
        report["ok"] = now["ok"].clone();
        report
    }
}

impl Kept {
    fn cut(&mut self) {
        // Some room is made at once, so that not each of many worlds costs a look at all.
        let (results, bytes) = (MAX_RESULTS - MAX_RESULTS / 20, MAX_BYTES - MAX_BYTES / 20);
        for clean_only in [true, false] {
            let mut surplus_results = self.ended.len().saturating_sub(results);
            let mut surplus_bytes = self.bytes.saturating_sub(bytes);
            let (mut freed, mut cut) = (0, Cut::default());
            self.ended.retain(|ended| {
                let goes = (surplus_results > 0 || surplus_bytes > 0) && (ended.is_clean || !clean_only);
                if goes {
                    surplus_results = surplus_results.saturating_sub(1);
                    surplus_bytes = surplus_bytes.saturating_sub(ended.text.len());
                    freed += ended.text.len();
                    cut.worlds += 1;
                    cut.failed += u64::from(!ended.is_clean);
                }
                !goes
            });
            self.bytes -= freed;
            self.cut.worlds += cut.worlds;
            self.cut.failed += cut.failed;
        }
    }
}

/// A run, of the items of its sandboxes.
fn run_of(items: Vec<Value>, cut: Cut, fail_on: FailOn) -> Value {
    let sum = |name: &str| -> u64 {
        let worlds = items.iter().flat_map(worlds_of);
        worlds.filter_map(|world| world["totals"][name].as_u64()).sum()
    };
    let mut run = json!({
        "ok": items.iter().all(|item| item["ok"] == true) && cut.failed == 0,
        "failed": items.iter().any(|item| item["failed"] == true)
            || cut.failed > 0 && fail_on != FailOn::NOTHING,
        "fail_on": fail_on.words(),
        "totals": {
            "sandboxes": items.len(),
            "met": sum("met"),
            "missed": sum("missed"),
            "verdicts": sum("verdicts"),
            "advice": sum("advice"),
            "violations": sum("violations"),
        },
        "cut": { "worlds": cut.worlds, "failed": cut.failed },
        "total": items.len(),
    });
    run["items"] = Value::Array(items);
    run
}

fn worlds_of(item: &Value) -> impl Iterator<Item = &Value> {
    item["worlds"].as_array().into_iter().flatten()
}

/// The runs of several processes as one, each as [`Results::run`] has it, the nearest first. Each process has a `default`:
/// of those that tell nothing one is left, and none where anything was asked of anybody.
pub fn together(runs: Vec<Value>, fail_on: FailOn) -> Value {
    let (mut items, mut cut): (Vec<Value>, _) = (Vec::new(), Cut::default());
    for mut run in runs {
        cut.worlds += run["cut"]["worlds"].as_u64().unwrap_or_default();
        cut.failed += run["cut"]["failed"].as_u64().unwrap_or_default();
        items.extend(run["items"].as_array_mut().map(std::mem::take).unwrap_or_default());
    }
    let is_asked = |item: &Value| worlds_of(item).any(|world| world["requests"].as_u64() > Some(0));
    let was_sent = |item: &Value| worlds_of(item).any(|world| world["sent"] == true);
    let mut has_default = items.iter().any(is_asked);
    items.retain(|item| {
        let tells = item["sandbox"] != DEFAULT || is_asked(item) || was_sent(item);
        tells || !std::mem::replace(&mut has_default, true)
    });
    let place =
        |item: &Value| [&item["sandbox"], &item["sandbox_id"]].map(|part| part.as_str().map(str::to_owned));
    items.sort_by_cached_key(place);
    // One that two addresses lead to has told the same twice.
    items.dedup_by(|left, right| place(left) == place(right));
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        item.shift_remove("life");
        item.shift_remove("lives");
    }
    number_lives(&mut items);
    run_of(items, cut, fail_on)
}

/// One item a sandbox, with its worlds.
fn judged(worlds: Vec<WorldResult>, fail_on: FailOn, which: Which) -> Vec<Value> {
    let any_request = worlds.iter().any(|world| world.requests() > 0);
    let mut lives: indexmap::IndexMap<Life, Vec<WorldResult>> = indexmap::IndexMap::new();
    for world in worlds {
        lives.entry(world.life).or_default().push(world);
    }
    let mut items: Vec<Value> = lives
        .into_values()
        .filter_map(|mut worlds| {
            if which == Which::Last {
                worlds.drain(..worlds.len() - 1);
            }
            sandbox(&worlds, fail_on, any_request)
        })
        .collect();
    items.sort_by(|left, right| left["sandbox"].as_str().cmp(&right["sandbox"].as_str()));
    number_lives(&mut items);
    items
}

/// Tells sandboxes apart that had the same name one after another; `items` are sorted.
fn number_lives(items: &mut [Value]) {
    for lives in items.chunk_by_mut(|left, right| left["sandbox"] == right["sandbox"]) {
        let all = lives.len();
        for (place, item) in lives.iter_mut().enumerate().filter(|_| all > 1) {
            item["life"] = (place + 1).into();
            item["lives"] = all.into();
        }
    }
}

/// Whether a world's expectations count, among those of its sandbox.
fn counts(world: &WorldResult, all: &[WorldResult], any_request: bool) -> bool {
    let since = || all.iter().filter(|other| other.epoch == world.epoch);
    if world.asked {
        return true;
    }
    if since().any(|other| other.asked) {
        return false;
    }
    // Of worlds that tell nothing one is enough: one with requests, or else the last.
    let says_more = |other: &WorldResult| other.requests() > 0;
    if !says_more(world) {
        let is_last = since().next_back().is_some_and(|last| std::ptr::eq(last, world));
        if since().any(says_more) || !is_last {
            return false;
        }
    }
    let is_silent = since().all(|other| other.requests() == 0);
    let was_sent = since().any(|other| other.sent);
    if is_silent && !was_sent {
        // `default` is there whether it is wanted or not, and what was never sent may be replaced before anything.
        let is_replaced = all.iter().any(|other| other.epoch > world.epoch);
        return !(world.sandbox == DEFAULT && any_request || is_replaced);
    }
    true
}

/// The item of a sandbox; nothing when none of its worlds says anything.
fn sandbox(worlds: &[WorldResult], command: FailOn, any_request: bool) -> Option<Value> {
    let last = worlds.last()?;
    let (mut shown, mut ok, mut failed, mut says) = (Vec::new(), true, false, false);
    for (place, world) in worlds.iter().enumerate() {
        let counts = counts(world, worlds, any_request);
        let fail_on = world.fail_on.unwrap_or(command);
        let world_failed = !world.judged && fails(&world.report, fail_on, counts);
        ok &= !counts || world.report["ok"] == true;
        failed |= world_failed;
        says |= counts || world.requests() > 0;
        let mut one = Map::new();
        one.insert("world".to_owned(), (place + 1).into());
        one.insert("ended".to_owned(), world.ended.into());
        one.insert("counts".to_owned(), counts.into());
        one.insert("failed".to_owned(), world_failed.into());
        one.insert("judged".to_owned(), world.judged.into());
        one.insert("sent".to_owned(), world.sent.into());
        one.insert("fail_on".to_owned(), fail_on.words().into());
        one.insert("totals".to_owned(), totals(&world.report, counts));
        let report = world.report.as_object().into_iter().flatten();
        let kept = report.filter(|(name, _)| !matches!(name.as_str(), "assumptions" | "steps" | "sandbox"));
        one.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
        shown.push(Value::Object(one));
    }
    let mut item = last.report.clone();
    item["ok"] = ok.into();
    item["failed"] = failed.into();
    item["fail_on"] = last.fail_on.unwrap_or(command).words().into();
    item["judged"] = last.judged.into();
    item["ended"] = last.ended.into();
    item["sandbox_id"] = last.life.to_string().into();
    item["worlds"] = Value::Array(shown);
    says.then_some(item)
}

fn totals(report: &Value, counts: bool) -> Value {
    let list = |name: &str| report[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let expectations = if counts { list("expectations") } else { &[] };
    let met = expectations.iter().filter(|expectation| expectation["met"] == true).count();
    let advice = list("verdicts").iter().filter(|verdict| verdict["severity"] == "advice").count();
    json!({
        "met": met,
        "missed": expectations.len() - met,
        "verdicts": list("verdicts").len() - advice,
        "advice": advice,
        "violations": report["violations_total"],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn world(name: &str, ok: bool) -> WorldResult {
        let report =
            json!({ "ok": ok, "expectations": [{ "met": ok }], "verdicts": [], "violations_total": 0 });
        WorldResult {
            life: Life::new(),
            sandbox: name.to_owned(),
            epoch: 0,
            ended: Some("reset"),
            sent: true,
            asked: true,
            judged: false,
            fail_on: None,
            report,
        }
    }

    fn named(name: &str, ok: bool) -> WorldResult {
        let mut one = world(name, ok);
        one.report["sandbox"] = name.into();
        one
    }

    fn lives(run: &Value) -> Vec<[Value; 3]> {
        let items = run["items"].as_array().unwrap().iter();
        items.map(|item| ["sandbox", "life", "lives"].map(|name| item[name].clone())).collect()
    }

    #[test]
    fn lives_of_one_name_are_told_apart() {
        let results = Results::default();
        (1..=3).for_each(|_| results.record(named("s", true)));
        let run = results.run(vec![named("a", true)], FailOn::default(), Which::All);
        let of = |life: u64| [json!("s"), json!(life), json!(3)];
        assert_eq!(lives(&run), [[json!("a"), Value::Null, Value::Null], of(1), of(2), of(3)]);
    }

    #[test]
    fn runs_of_several_processes_are_one() {
        let silent = |name: &str| {
            let mut one = named(name, false);
            (one.sent, one.asked, one.report["requests"]) = (false, false, 0.into());
            one
        };
        let asked = |name: &str, ok: bool| {
            let mut one = named(name, ok);
            one.report["requests"] = 1.into();
            one
        };
        let run = |worlds: Vec<WorldResult>| Results::default().run(worlds, FailOn::default(), Which::All);
        let older = asked("s", false);
        let twice = run(vec![asked("t", true)]);
        let younger = run(vec![asked("s", true), silent(DEFAULT)]);
        let runs = vec![younger, run(vec![silent(DEFAULT), older]), twice.clone(), twice];
        let whole = together(runs, FailOn::default());
        assert_eq!(
            lives(&whole),
            [
                [json!("s"), json!(1), json!(2)],
                [json!("s"), json!(2), json!(2)],
                [json!("t"), Value::Null, Value::Null]
            ],
            "a `default` of which nothing was asked tells nothing where something was asked of others"
        );
        assert_eq!(whole["items"][0]["ok"], false, "the older one stands first");
        assert_eq!((&whole["totals"]["met"], &whole["totals"]["missed"]), (&json!(2), &json!(1)));
        assert_eq!((&whole["ok"], &whole["failed"]), (&json!(false), &json!(true)));
        let idle = together(vec![run(vec![silent(DEFAULT)]), run(vec![silent(DEFAULT)])], FailOn::default());
        assert_eq!(idle["total"], 1, "where nothing was asked at all one of them is left");
    }

    #[test]
    fn beyond_the_limit_the_oldest_go_with_which_nothing_was_wrong() {
        let results = Results::default();
        results.record(world("0", false));
        (1..=MAX_RESULTS).for_each(|life| results.record(world(&life.to_string(), true)));
        let (kept, cut) = results.list(None);
        assert_eq!((kept.len(), cut.worlds, cut.failed), (9500, 501, 0));
        let names = [0, 1, kept.len() - 1].map(|place| kept[place].sandbox.clone());
        assert_eq!(names, ["0", "502", &MAX_RESULTS.to_string()], "what failed stays, however old");
    }
}
