//! What a recording of the real service says otherwise than a simulator.
//!
//! A recording is asked again of a simulator in a sandbox of its own, with the rows that it shows; what differs in shape and
//! rule is grouped, and a profile is made of what a profile can say. No value of the recording is kept: the one place that
//! decides what may be told is `words`.

mod answers;
mod difference;
mod enums;
mod headers;
mod ids;
mod issue;
mod learn;
mod lists;
mod moved;
mod recording;
mod refusals;
mod rows;
mod run;
mod shape;
mod words;
mod world;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Value, json};
use simcore::Loaded;
use simcore::entity::profile::Evidence;
use simhost::scenario::Library;

pub use difference::{Item, Kind};
pub use recording::{Exchange, Recording, Skipped};

use crate::run::Run;

/// How a recording is compared.
pub struct Comparison<'a> {
    /// The simulators, with their users' profiles.
    pub loaded: &'a [Loaded],
    /// Those profiles as trees, by slug.
    pub profiles: IndexMap<String, Value>,
    /// Scenarios and data, of which records that the recording needs and does not show are made.
    pub library: &'a Library,
    /// Whether values of the recording may be told.
    pub keeps_values: bool,
    /// Told after each request that was asked.
    pub progress: &'a dyn Fn(),
}

/// What came of it.
#[derive(Debug)]
pub struct Compared {
    /// The differences, grouped.
    pub items: Vec<Item>,
    /// How many requests were asked.
    pub asked: usize,
    /// What was passed over.
    pub skipped: Skipped,
    /// Profiles that answer as the recording does, by slug, as text; of those servers of which there is something to say.
    pub learned: IndexMap<&'static str, String>,
    /// What is left with them.
    pub rest: Vec<Item>,
    /// Facts that an earlier recording had taught and this one agrees with: server and fact.
    pub confirmed: BTreeSet<(&'static str, String)>,
    /// Those that it contradicts.
    pub contradicted: BTreeSet<(&'static str, String)>,
}

impl Comparison<'_> {
    /// Asks the recording again.
    ///
    /// # Errors
    /// One line: a simulator did not start.
    pub async fn compare(&self, recording: &Recording) -> Result<Compared, String> {
        let mut compared = Compared {
            items: Vec::new(),
            asked: recording.len(),
            skipped: recording.skipped,
            learned: IndexMap::new(),
            rest: Vec::new(),
            confirmed: BTreeSet::new(),
            contradicted: BTreeSet::new(),
        };
        for (slug, entries) in &recording.servers {
            let Some(server) = self.loaded.iter().find(|server| server.sim.slug == *slug) else { continue };
            let run = Run {
                server,
                library: self.library,
                entries,
                keeps_values: self.keeps_values,
                progress: self.progress,
            };
            let outcome = run.outcome().await?;
            let before = self.profiles.get(*slug).cloned().unwrap_or_else(|| json!({}));
            let mut items: Vec<Item> = outcome.items.0.values().cloned().collect();
            if !items.is_empty() {
                let learned = learn::learn(&run, &before, &outcome).await?;
                for item in &mut items {
                    item.learnable = !learned.rest.iter().any(|rest| rest.identity == item.identity);
                }
                if learned.is_new {
                    let last = entries.iter().map(|entry| entry.at).max().unwrap_or_default();
                    let date = last.strftime("%Y-%m-%d").to_string();
                    compared.learned.insert(slug, learn::written(slug, &learned.overlay, &date));
                }
                compared.rest.extend(learned.rest);
            }
            let contradicted = items.iter().filter(|item| item.evidence == Some(Evidence::Recorded));
            let contradicted: BTreeSet<_> = contradicted.map(|item| (*slug, item.fact.clone())).collect();
            let confirmed = outcome.confirmed.into_iter().map(|fact| (*slug, fact));
            compared.confirmed.extend(confirmed.filter(|fact| !contradicted.contains(fact)));
            compared.contradicted.extend(contradicted);
            compared.items.extend(items);
        }
        Ok(compared)
    }
}

impl Compared {
    /// It, for users of JSON.
    pub fn to_json(&self) -> Value {
        let facts = |facts: &BTreeSet<(&str, String)>| {
            let facts = facts.iter().map(|(server, fact)| json!({ "server": server, "fact": fact }));
            facts.collect::<Value>()
        };
        json!({
            "items": self.items.iter().map(Item::to_json).collect::<Value>(),
            "total": self.items.len(),
            "asked": self.asked,
            "skipped": self.skipped.total(),
            "skipped_by": self.skipped.to_json(),
            "confirmed": facts(&self.confirmed),
            "contradicted": facts(&self.contradicted),
        })
    }
}
