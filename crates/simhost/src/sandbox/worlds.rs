//! The worlds of a sandbox: one begins with it and with each reset, restore and scenario; when it ends, what became of it
//! is kept.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Known;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::base::aside::aside;
use crate::base::error::{Error, Result};
use crate::entity::profile;
use crate::journal::mask::mask_json;
use crate::journal::{Entry, Filter};
use crate::judge::expectations::{Facts, Records, judge, masked};
use crate::judge::report::{Run, report};
use crate::judge::results::{Which, WorldResult};
use crate::judge::{Arrival, Verdict};
use crate::rules::counting::{Ended, ExpectationState, Expectations, MAX_EXPECTATIONS, Noted, RequestLine};
use crate::rules::difference::Part;
use crate::rules::expect::{Expectation, RecordExpectation};
use crate::rules::fail_on::FailOn;
use crate::rules::fault::Rule;
use crate::rules::request::Came;
use crate::rules::values::{reached, reaches, words};
use crate::sandbox::events::Topic;
use crate::sandbox::judged::{line, written_entities};
use crate::sandbox::{Sandbox, locked};
use crate::scenario::documented::Documented;
use crate::scenario::world::World;
use crate::simulator::{Loaded, data, find};
use crate::store::Store;

/// What a world was when it ended.
pub(super) struct Over {
    pub(super) world: World,
    pub(super) evidence: Evidence,
    pub(super) why: &'static str,
}

/// What is to be had of a world besides itself; taken before anything changes.
pub(super) struct Evidence {
    records: HashMap<String, Records>,
    verdicts: Vec<Value>,
    judge_was_cut: bool,
    /// The world as a file, where it is to be kept when it has failed.
    pub(super) capsule: Option<Vec<u8>>,
}

/// How many records a missed expectation names.
const NAMED: usize = 3;

impl Sandbox {
    /// Counts a request that has ended and writes it into the journal, unless the world that it came into is gone. The
    /// answer goes out after that, and after [`Sandbox::settle`]. The id of the entry.
    pub(crate) fn finish(
        self: &Arc<Self>,
        index: usize,
        entry: &mut Entry,
        arrival: &Arrival,
        began_in: u64,
    ) -> Option<u64> {
        let mut world = locked(&self.world);
        if self.world_id() != began_in {
            return None;
        }
        let is_outside = !entry.violations.is_empty();
        let (mut noted, mut written) = (Noted::default(), None);
        self.show_to_judge(index, entry, arrival, |entry| {
            let facts = entry.facts(profile::Evidence::Assumed);
            world.tally.count(entry.server, &entry.violations, facts, || line(entry));
            if !world.expectations.states().is_empty() {
                let (line, came) = (line(entry), Came { at: arrival.at, started: world.started });
                let mask = |part, name: &str, value: &str| {
                    entry.known.hide(masked(part, name, value, entry.secrets)).into_owned()
                };
                noted = world.expectations.end(&ended(entry, &line, came, &mask));
            }
            written = self.shared.events.is_heard().then(|| written_entities(entry));
        });
        if let Some(written) = written {
            self.tell(Topic::Entry, "added", None);
            for entity in written {
                self.tell(Topic::Data, "changed", Some(&entity));
            }
        }
        let asked = noted.asked && !std::mem::replace(&mut locked(&self.standing).asked, true);
        if noted.changed || asked || is_outside {
            self.owed.fetch_add(1, Ordering::Release);
            drop(world);
            self.write_later();
        }
        Some(entry.id)
    }

    /// The report on its world now, and on those before it. `fail_on` is the command's.
    pub async fn report(&self, fail_on: FailOn, which: Which) -> Value {
        self.shared.results.sandbox(self.result().await, fail_on, which)
    }

    /// What its world has come to so far.
    pub(super) async fn result(&self) -> WorldResult {
        self.result_with(&self.stores.read().await).await
    }

    /// Its world ends: what became of it is kept.
    pub(super) fn conclude(&self, over: &Over) {
        let result = WorldResult { ended: Some(over.why), ..self.result_of(over) };
        // One in which nothing happened is over with the next one of the same scenario.
        let goes_on = matches!(over.why, "reset" | "restore");
        if !(goes_on && over.world.tally.requests == 0) {
            self.keep_capsule(&result, over.evidence.capsule.as_deref());
            self.shared.results.record(result);
        }
    }

    pub(super) fn result_of(&self, over: &Over) -> WorldResult {
        let (ready, standing) = (self.scenario(), *locked(&self.standing));
        let facts = over.evidence.facts();
        let dropped = self.journal(|journal| journal.dropped());
        let run = Run {
            sandbox: &self.name,
            scenario: &ready.scenario,
            world: &over.world,
            facts: &facts,
            dropped,
            judge_was_cut: over.evidence.judge_was_cut,
        };
        // What was told before its name was known is hidden now.
        let mut told = report(&run);
        self.known.hide_in(&mut told);
        WorldResult {
            life: standing.life,
            sandbox: self.name.clone(),
            epoch: standing.epoch,
            ended: None,
            sent: standing.sent,
            asked: standing.asked,
            judged: standing.judged,
            fail_on: standing.fail_on.or(ready.scenario.fail_on),
            report: told,
        }
    }

    /// What is to be had of its world besides itself.
    pub(super) async fn evidence(&self, stores: &[Option<Arc<Store>>]) -> Evidence {
        Evidence {
            records: self.records(&self.world(), stores).await,
            verdicts: self.told_verdicts(),
            judge_was_cut: self.judge_was_cut(),
            capsule: None,
        }
    }

    fn told_verdicts(&self) -> Vec<Value> {
        self.verdicts().iter().map(Verdict::to_json).collect()
    }

    /// Somebody else has judged its worlds so far: they are reported and fail nothing again.
    pub fn mark_judged(&self) {
        let mut standing = locked(&self.standing);
        standing.judged = true;
        self.shared.results.judged(standing.life);
    }

    /// What makes it fail, whatever the command says.
    pub fn fail_on(&self, fail_on: FailOn) {
        locked(&self.standing).fail_on = Some(fail_on);
    }

    /// Its scenario was sent to it, so that it counts even when nothing is asked of it.
    pub fn was_sent(&self) {
        locked(&self.standing).sent = true;
    }

    /// Puts expectations in force, all or none; their names. What was before does not count.
    ///
    /// # Errors
    /// 400 that says which is wrong; 409 when there would be more than [`MAX_EXPECTATIONS`].
    pub async fn expect(&self, added: Vec<Expectation>) -> Result<Vec<(String, Option<String>)>> {
        let mut warnings = Vec::with_capacity(added.len());
        for (place, expectation) in added.iter().enumerate() {
            let named = |why: String| match added.len() {
                1 => why,
                _ => format!("expectation {}: {why}", place + 1),
            };
            warnings
                .push(self.check_expectation(expectation).await.map_err(|why| bad_expectation(named(why)))?);
        }
        let since = self.journal(|journal| journal.last_id());
        let put = self.update_world(|world| {
            if world.expectations.states().len() + added.len() > MAX_EXPECTATIONS {
                let message =
                    format!("a sandbox has {MAX_EXPECTATIONS} expectations at most; delete one first");
                return Err(Error::vendor(StatusCode::CONFLICT, "too_many_expectations", message));
            }
            Ok(added.into_iter().map(|one| world.expectations.add(one, since)).collect::<Vec<_>>())
        });
        let ids = put.await?;
        self.was_sent();
        for id in &ids {
            self.tell(Topic::Expectation, "added", Some(id));
        }
        Ok(ids.into_iter().zip(warnings).collect())
    }

    /// Takes an expectation out of force; whether there was one.
    ///
    /// # Errors
    /// When `--data-dir` could not be written.
    pub async fn unexpect(&self, id: &str) -> Result<bool> {
        let removed = self.update_world(|world| Ok(world.expectations.remove(id))).await?;
        if removed {
            self.tell(Topic::Expectation, "removed", Some(id));
        }
        Ok(removed)
    }

    /// The expectations in force, as data and as they stand.
    pub async fn expectations(&self) -> Vec<Value> {
        let evidence = self.evidence(&self.stores.read().await).await;
        let (world, facts) = (self.world(), evidence.facts());
        let show = |state: &ExpectationState| {
            let mut shown = serde_json::to_value(&*state.expectation).unwrap_or_default();
            if let (Some(shown), Value::Object(judged)) =
                (shown.as_object_mut(), judge(state, &world, &facts))
            {
                shown.extend(judged.into_iter().filter(|(name, _)| name != "requests"));
            }
            // Conditions repeat what a user wrote, secrets too.
            mask_json(&mut shown);
            shown
        };
        world.expectations.states().iter().map(show).collect()
    }

    /// Judges one expectation over what the journal holds: `{"met","count","nearest"}`.
    ///
    /// # Errors
    /// 400 that says what is wrong with it.
    pub async fn verify(&self, expectation: Expectation) -> Result<Value> {
        let warning = self.check_expectation(&expectation).await.map_err(bad_expectation)?;
        let mut world = self.world();
        let mut expectations = Expectations::default();
        let id = expectations.add(expectation, 0);
        let entries = self.journal(|journal| journal.find(&Filter::default()));
        let entries = entries.into_iter().map(|kept| kept.open());
        for entry in entries.filter(|entry| entry.unreadable.is_none()) {
            let (line, came) = (line(&entry), Came { at: entry.at, started: world.started });
            expectations.arrive(&entry.view(), came);
            let mask = |part, name: &str, value: &str| {
                entry.known.hide(masked(part, name, value, entry.secrets)).into_owned()
            };
            expectations.end(&ended(&entry, &line, came, &mask));
        }
        world.expectations = expectations;
        let records = self.records(&world, &self.stores.read().await).await;
        let verdicts = self.told_verdicts();
        let facts = Facts { verdicts: &verdicts, records };
        let state = world.expectations.find(&id).ok_or_else(|| Error::internal("an expectation went"))?;
        let mut shown = judge(state, &world, &facts);
        if let Some(shown) = shown.as_object_mut() {
            shown.shift_remove("id");
            shown.extend(warning.map(|warning| ("warning".to_owned(), warning.into())));
        }
        mask_json(&mut shown);
        Ok(shown)
    }

    /// Whether an expectation can be judged here; a warning where it can and is probably a mistake.
    async fn check_expectation(&self, expectation: &Expectation) -> Result<Option<String>, String> {
        expectation.check(&self.shared.servers)?;
        let ready = self.scenario();
        let mut documented = Documented::new(&ready.scenario, &self.shared.servers);
        if let Some(request) = &expectation.request {
            let (index, _) = find(&self.shared.servers, &request.server)?;
            documented = documented.with(index, self.contract(index).await);
        }
        match documented.check_expectation(expectation) {
            Err(why) if expectation.never => Ok(Some(why)),
            checked => checked.map(|()| documented.doubt_of(expectation).map(|doubt| doubt.message)),
        }
    }

    /// Whether a fault rule can apply to what a server documents.
    ///
    /// # Errors
    /// A sentence with the nearest documented call.
    pub async fn check_fault(&self, rule: &Rule) -> Result<(), String> {
        let ready = self.scenario();
        let (index, _) = find(&self.shared.servers, &rule.server)?;
        let documented = Documented::new(&ready.scenario, &self.shared.servers);
        documented.with(index, self.contract(index).await).check_fault(rule)
    }

    /// What there is of the records that expectations ask for.
    async fn records(&self, world: &World, stores: &[Option<Arc<Store>>]) -> HashMap<String, Records> {
        let mut found = HashMap::new();
        // Several expectations may ask for one table, and a table may be large.
        let mut tables: HashMap<_, Vec<Value>> = HashMap::new();
        for state in world.expectations.states() {
            let Some(expected) = &state.expectation.record else { continue };
            let name = (expected.server.as_str(), expected.entity.as_str(), expected.company());
            let table = match tables.entry(name) {
                Known::Occupied(known) => known.into_mut(),
                Known::Vacant(new) => match self.table(expected, world, stores).await {
                    Ok(table) => new.insert(table),
                    Err(error) => {
                        tracing::error!(why = error.explain(), "records were not counted");
                        continue;
                    }
                },
            };
            if let Ok((_, server)) = find(&self.shared.servers, &expected.server) {
                found.insert(state.id.clone(), aside(|| sorted_out(expected, server, table)));
            }
        }
        found
    }

    /// The records of the entity that an expectation asks for.
    async fn table(
        &self,
        expected: &RecordExpectation,
        world: &World,
        stores: &[Option<Arc<Store>>],
    ) -> Result<Vec<Value>> {
        let (index, server) = find(&self.shared.servers, &expected.server).map_err(bad_expectation)?;
        let store = match &stores[index] {
            Some(store) => store.clone(),
            // Nobody has used it: it is what the scenario starts it as.
            None => {
                let image = self.image(&self.scenario(), index).map_err(Error::internal)?;
                Arc::new(self.shared.in_memory(index, &image, world.seed).map_err(Error::internal)?)
            }
        };
        let (company, now) = (expected.company(), world.clock.now());
        if let Some((is_behind, catch_up)) = server.sim.catch_up
            && store.read(now, is_behind).await?
        {
            store.write(now, catch_up).await?;
        }
        let (records, _) = store
            .read(now, |db| {
                let table = data::table(server, &expected.entity)?;
                data::page(server, db, table, company.as_deref(), &data::Page::default())
            })
            .await?;
        Ok(records.into_iter().map(|record| Value::Object(record.values)).collect())
    }
}

impl Evidence {
    fn facts(&self) -> Facts<'_> {
        Facts { verdicts: &self.verdicts, records: self.records.clone() }
    }
}

/// How many records are as expected; when that is not what is expected, those that are, or nearly.
fn sorted_out(expected: &RecordExpectation, server: &Loaded, records: &[Value]) -> Records {
    let mut count = 0;
    let (mut matching, mut near): (Vec<Value>, Vec<(usize, Value)>) = (Vec::new(), Vec::new());
    for values in records.iter().filter(|values| !data::is_deleted(server, |field| values.get(field))) {
        let differing = expected.fields.iter().filter(|(path, wanted)| !reaches(values, path, wanted));
        let differing: Vec<_> = differing.collect();
        let keys = server.model.table(&expected.entity).map(|table| &table.entity.keys);
        let key = keys.into_iter().flatten().find_map(|key| values.get(key).filter(|key| !key.is_null()));
        let key = key.map(|key| words(key).into_owned());
        match differing.first() {
            None => {
                count += 1;
                if matching.len() < NAMED {
                    matching.push(json!({ "entity": expected.entity, "key": key }));
                }
            }
            Some((path, wanted)) => {
                let place = near.partition_point(|(other, _)| *other <= differing.len());
                if place >= NAMED {
                    continue;
                }
                let found: Vec<_> = reached(values, path).into_iter().map(|found| words(found)).collect();
                let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
                let mask = |value: &str| masked(Part::Field, path, value, server.sim.secrets);
                let difference = format!("{path} is `{}`, not {}", mask(&found), mask(&words(wanted)));
                let near_one = json!({ "entity": expected.entity, "key": key, "difference": difference });
                near.insert(place, (differing.len(), near_one));
                near.truncate(NAMED);
            }
        }
    }
    let named = if expected.is_met(count) {
        Vec::new()
    } else if count > 0 {
        matching
    } else {
        near.into_iter().map(|(_, record)| record).collect()
    };
    Records { count, named }
}

fn ended<'a>(
    entry: &'a Entry,
    line: &'a RequestLine,
    came: Came,
    mask: &'a dyn Fn(Part, &str, &str) -> String,
) -> Ended<'a> {
    Ended {
        request: entry.view(),
        came,
        line,
        operation: entry.operation.map(|operation| (&*entry.contract, operation)),
        is_outside: !entry.violations.is_empty(),
        mask,
    }
}

fn bad_expectation(why: impl Into<String>) -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, "bad_request", why)
}
