//! Playing the steps of a scenario.

use axum::http::StatusCode;
use jiff::SignedDuration;

use crate::base::clock::Clock;
use crate::base::error::{Error, Result};
use crate::rules::fault::Rule;
use crate::rules::step::{self, MAX_FIRINGS, Records, Step, StepAction};
use crate::sandbox::events::Topic;
use crate::sandbox::{Sandbox, locked};
use crate::scenario::world::World;
use crate::simulator::data;
use crate::simulator::find;

impl Sandbox {
    /// Does every step that has been set off or whose time has come, and those that follow from them. What cannot be
    /// done is noted in the report; the steps after it are still done.
    pub async fn play(&self) {
        self.play_within(self.world_id()).await;
    }

    /// The same, for that world: its steps do nothing in the next one.
    pub(crate) async fn play_within(&self, id: u64) {
        let ready = self.scenario();
        let steps = &ready.scenario.steps;
        if steps.is_empty() {
            return;
        }
        let still = || if self.world_id() == id { Ok(()) } else { Err(Error::ended()) };
        for _ in 0..MAX_FIRINGS {
            if !self.has_due(steps) {
                return;
            }
            let next = self.update_world(|world| {
                still()?;
                let now = world.clock.now();
                Ok(step::next(steps, &mut world.steps, now, world.started))
            });
            let Ok(Some(place)) = next.await else { return };
            let mut failure = None;
            for action in &steps[place].actions {
                if let Err(error) = self.perform(action, id).await {
                    failure = Some(error.explain());
                    break;
                }
            }
            let noted = self.update_world(|world| {
                still()?;
                if let Some(progress) = world.steps.get_mut(place) {
                    progress.error = failure;
                }
                step::follow(steps, &mut world.steps, place);
                Ok(())
            });
            if noted.await.is_err() {
                return;
            }
        }
        if !self.has_due(steps) {
            return;
        }
        let stopped = self.update_world(|world| {
            still()?;
            Ok(step::stop(steps, &mut world.steps, world.clock.now(), world.started))
        });
        match stopped.await {
            Ok(stopped) => {
                let (sandbox, steps) = (&self.name, stopped.join("`, `"));
                tracing::error!(
                    sandbox,
                    "{MAX_FIRINGS} steps were set off at once: `{steps}` goes no further"
                );
            }
            Err(error) => tracing::error!(cause = error.cause, "the state of a sandbox was not written"),
        }
    }

    /// Whether a step is to be done, which most requests find out for nothing to be written.
    fn has_due(&self, steps: &[Step]) -> bool {
        let world = locked(&self.world);
        step::next(steps, &mut world.steps.clone(), world.clock.now(), world.started).is_some()
    }

    /// Does now what a step would do, and what follows from it. All of it is checked first; what cannot be done ends it.
    ///
    /// # Errors
    /// 400 that says which action (from 1), and why.
    pub async fn enact(&self, actions: &[StepAction]) -> Result<()> {
        let rules: Vec<Rule> =
            self.world().faults.rules().iter().map(|state| Rule::clone(&state.rule)).collect();
        for (place, action) in actions.iter().enumerate() {
            let checked = action.check(&rules, &self.shared().servers);
            checked.map_err(|why| refuse(format!("action {}: {why}", place + 1)))?;
        }
        let jumps = actions.iter().map(|action| match action {
            StepAction::Advance(by) => by.0,
            _ => SignedDuration::ZERO,
        });
        let jump = jumps.fold(SignedDuration::ZERO, SignedDuration::saturating_add);
        self.advanced(&self.world(), jump)?;
        for action in actions {
            self.perform(action, self.world_id()).await?;
        }
        self.play().await;
        Ok(())
    }

    /// The clock of a world, so much later: a jump that sets off too many steps is none.
    fn advanced(&self, world: &World, by: SignedDuration) -> Result<Clock> {
        let mut clock = world.clock;
        let steps = &self.scenario().scenario.steps;
        let moved = clock.advance(by);
        moved
            .and_then(|()| step::check_time(steps, &world.steps, clock.now(), world.started))
            .map_err(refuse)?;
        Ok(clock)
    }

    async fn perform(&self, action: &StepAction, id: u64) -> Result<()> {
        match action {
            StepAction::Advance(by) => {
                self.update_world(|world| {
                    world.clock = self.advanced(world, by.0)?;
                    Ok(())
                })
                .await?;
                self.tell(Topic::Clock, "changed", None);
                Ok(())
            }
            StepAction::Faults(switch) => {
                let switched = self.update_world(|world| {
                    let on = switch.on.iter().map(|id| (id, true));
                    for (id, on) in on.chain(switch.off.iter().map(|id| (id, false))) {
                        if !world.faults.switch(id, on) {
                            return Err(refuse(format!("no fault rule has the id `{id}`")));
                        }
                    }
                    Ok(())
                });
                switched.await
            }
            StepAction::Settings(change) => {
                let store = self.store(self.index(&change.server)?).await?;
                store.change_settings(&change.set).await
            }
            StepAction::Action(act) => {
                let index = self.index(&act.server)?;
                Box::pin(self.act(index, &act.name, act.with.clone())).await.map(drop)
            }
            StepAction::Insert(records) | StepAction::Update(records) | StepAction::Delete(records) => {
                self.write_records(action, records, id).await
            }
        }
    }

    async fn write_records(&self, action: &StepAction, records: &Records, id: u64) -> Result<()> {
        let index = self.index(&records.server)?;
        let server = &self.shared().servers[index];
        let company = records.company.as_deref();
        let store = self.store(index).await?;
        let work = |db: &crate::store::db::Db<'_>| {
            let table = data::table(server, &records.entity)?;
            if matches!(action, StepAction::Insert(_)) {
                for record in &records.records {
                    data::create(server, db, table, company, record.clone())?;
                }
                return Ok(());
            }
            let found = data::find(server, db, table, company, records.key.as_deref().unwrap_or_default())?;
            match action {
                StepAction::Update(_) => data::change(server, db, table, found.id, records.set.clone()),
                _ => data::remove(server, db, table, &found),
            }
        };
        store.write_within(id, self.now(), None, work).await?;
        self.tell(Topic::Data, "changed", Some(&format!("{}/{}", records.server, records.entity)));
        Ok(())
    }

    fn index(&self, slug: &str) -> Result<usize> {
        find(&self.shared().servers, slug).map(|(index, _)| index).map_err(refuse)
    }
}

fn refuse(why: String) -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, "step", why)
}
