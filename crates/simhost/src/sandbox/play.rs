//! Playing the steps of a scenario.

use axum::http::StatusCode;

use crate::base::error::{Error, Result};
use crate::rules::fault::Rule;
use crate::rules::step::{self, Deed, MAX_FIRINGS, Records};
use crate::sandbox::Sandbox;
use crate::sandbox::events::Topic;
use crate::simulator::data;
use crate::simulator::find;

impl Sandbox {
    /// Does every step that has been set off or whose time has come, and those that follow from them. What cannot be
    /// done is noted in the report; the steps after it are still done.
    pub async fn play(&self) {
        let ready = self.scenario();
        let steps = &ready.scenario.steps;
        if steps.is_empty() {
            return;
        }
        for _ in 0..MAX_FIRINGS {
            let next = self.world(|world| {
                let now = world.clock.now();
                Ok(step::next(steps, &mut world.steps, now, world.started))
            });
            let Ok(Some(place)) = next else { return };
            let mut failure = None;
            for deed in &steps[place].deeds {
                if let Err(error) = self.perform(deed).await {
                    failure = Some(error.explain());
                    break;
                }
            }
            let noted = self.world(|world| {
                if let Some(progress) = world.steps.get_mut(place) {
                    progress.error = failure;
                }
                step::follow(steps, &mut world.steps, place);
                Ok(())
            });
            if noted.is_err() {
                return;
            }
        }
        tracing::error!(sandbox = self.name, "the steps of the scenario set each other off without end");
    }

    /// Does now what a step would do, and what follows from it. All of it is checked first; what cannot be done ends it.
    ///
    /// # Errors
    /// 400 that says which deed (from 1), and why.
    pub async fn enact(&self, deeds: &[Deed]) -> Result<()> {
        let rules: Vec<Rule> =
            self.look().faults.rules().iter().map(|armed| Rule::clone(&armed.rule)).collect();
        for (place, deed) in deeds.iter().enumerate() {
            let checked = deed.check(&rules, &self.shared().servers);
            checked.map_err(|why| refuse(format!("deed {}: {why}", place + 1)))?;
        }
        for deed in deeds {
            self.perform(deed).await?;
        }
        self.play().await;
        Ok(())
    }

    async fn perform(&self, deed: &Deed) -> Result<()> {
        match deed {
            Deed::Advance(by) => {
                self.world(|world| world.clock.advance(by.0).map_err(refuse))?;
                self.tell(Topic::Clock, "changed", None);
                Ok(())
            }
            Deed::Faults(switch) => self.world(|world| {
                let on = switch.on.iter().map(|id| (id, true));
                for (id, on) in on.chain(switch.off.iter().map(|id| (id, false))) {
                    if !world.faults.switch(id, on) {
                        return Err(refuse(format!("no fault rule has the id `{id}`")));
                    }
                }
                Ok(())
            }),
            Deed::Settings(change) => {
                let store = self.store(self.index(&change.server)?).await?;
                store.change_settings(&change.set).await
            }
            Deed::Action(act) => {
                let index = self.index(&act.server)?;
                Box::pin(self.act(index, &act.name, act.with.clone())).await.map(drop)
            }
            Deed::Insert(records) | Deed::Update(records) | Deed::Delete(records) => {
                self.write_records(deed, records).await
            }
        }
    }

    async fn write_records(&self, deed: &Deed, records: &Records) -> Result<()> {
        let index = self.index(&records.server)?;
        let server = &self.shared().servers[index];
        let company = records.company.as_deref();
        let store = self.store(index).await?;
        let work = |db: &crate::store::db::Db<'_>| {
            let table = data::table(server, &records.entity)?;
            if matches!(deed, Deed::Insert(_)) {
                for record in &records.records {
                    data::create(server, db, table, company, record.clone())?;
                }
                return Ok(());
            }
            let found = data::find(server, db, table, company, records.key.as_deref().unwrap_or_default())?;
            match deed {
                Deed::Update(_) => data::change(server, db, table, found.id, records.set.clone()),
                _ => db.delete(table, found.id),
            }
        };
        store.write(self.now(), work).await?;
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
