//! What a server starts with: data set, records, generated records, and where each record came from.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::base::diagnostics::Mistake;
use crate::base::error::Error;
use crate::base::places::{Position, Step, steps};
use crate::entity::model::Table;
use crate::scenario::{DataFile, Library, Server, generate};
use crate::simulator::{Loaded, data};
use crate::store::db::Db;

/// Where records came from, by entity and row id; those that are not here were generated.
pub(crate) type Origins = HashMap<(String, i64), Origin>;

/// Where a record came from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The seed data file; the scenario itself without one.
    pub(crate) file: Option<String>,
    /// The way to the record.
    pub(crate) steps: Vec<Step>,
}

/// The first of several mistakes, as the one sentence that starting up has room for.
pub(crate) fn first(server: &Loaded, mistakes: &[Mistake]) -> String {
    let Some(mistake) = mistakes.first() else { return String::new() };
    let file = mistake.file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
    format!("{}: {file}{}", server.sim.slug, mistake.message)
}

impl Server {
    /// Fills an empty database: data set, records, generated records, in the order of the profile, so that what a
    /// record refers to is there before it.
    ///
    /// # Errors
    /// Every record that cannot be stored.
    pub(crate) fn fill(
        &self,
        server: &Loaded,
        db: &Db<'_>,
        library: &Library,
        seed: u64,
    ) -> Result<Origins, Vec<Mistake>> {
        let slug = server.sim.slug;
        let own = |keys: &[&str]| -> Vec<Step> {
            ["servers", slug].iter().chain(keys).map(|key| Step::Key((*key).to_owned())).collect()
        };
        let order = |entity: &String| server.model.tables.get_index_of(entity);
        let mut filler = Filler { server, db, origins: Origins::new(), mistakes: Vec::new() };
        let set = library.set(slug, self.data.as_deref());
        let mut set: Vec<_> = set.map_err(|why| vec![Mistake::at(own(&["data"]), why)])?.collect();
        set.sort_by_key(|(entity, _)| order(entity));
        let files: Vec<_> = set
            .into_iter()
            .filter_map(|(entity, file)| Some((entity, file, filler.read(entity, file)?)))
            .collect();
        // Without a file that cannot be read others seem to refer to nothing.
        if !filler.mistakes.is_empty() {
            return Err(filler.mistakes);
        }
        for (entity, file, records) in files {
            let origin = Origin { file: Some(file.name.clone()), steps: Vec::new() };
            // A user's own records may be as short as a test wants them.
            let store = if file.is_built_in() { data::load } else { own_record };
            filler.records(entity, records, &origin, store);
        }
        let mut more: Vec<_> = self.records.iter().collect();
        more.sort_by_key(|(entity, _)| order(entity));
        for (entity, records) in more {
            let origin = Origin { file: None, steps: own(&["records", entity]) };
            filler.records(entity, records.clone(), &origin, own_record);
        }
        if !filler.mistakes.is_empty() {
            return Err(filler.mistakes);
        }
        let failed = |key: &str, why| vec![Mistake::at(own(&[key]), why)];
        generate::fill(server, db, &self.generate, seed, library.progress)
            .map_err(|why| failed("generate", why))?;
        (server.sim.check_start)(db).map_err(|why| failed("settings", why))?;
        Ok(filler.origins)
    }
}

/// Stores a record and gives its row.
type Store = fn(&Loaded, &Db<'_>, &Table, Map<String, Value>) -> Result<i64, Error>;

fn own_record(server: &Loaded, db: &Db<'_>, table: &Table, record: Map<String, Value>) -> Result<i64, Error> {
    data::create(server, db, table, None, record)
}

struct Filler<'a> {
    server: &'a Loaded,
    db: &'a Db<'a>,
    origins: Origins,
    mistakes: Vec<Mistake>,
}

/// How many mistakes are told at once.
const MAX_MISTAKES: usize = 100;

impl Filler<'_> {
    /// The records of a file; nothing, and a mistake, where it cannot be read.
    fn read(&mut self, entity: &str, file: &DataFile) -> Option<Vec<Map<String, Value>>> {
        if file.text.iter().all(u8::is_ascii_whitespace) {
            self.mistakes.push(Mistake::in_file(&file.name, None, "this is no seed data: it is empty"));
            return None;
        }
        match serde_json::from_slice::<Vec<Map<String, Value>>>(&file.text) {
            Ok(mut records) => {
                if file.is_built_in() {
                    for record in &mut records {
                        self.server.taken.take_from(entity, record);
                    }
                }
                Some(records)
            }
            Err(error) => {
                let place = Position { line: error.line(), column: error.column() };
                let said = error.to_string();
                let said = said.split(" at line ").next().unwrap_or_default();
                let why = if error.is_data() {
                    "a list of records is expected".to_owned()
                } else {
                    format!("this is no JSON: {said}")
                };
                self.mistakes.push(Mistake::in_file(&file.name, Some(place), why));
                None
            }
        }
    }

    fn records(&mut self, entity: &str, records: Vec<Map<String, Value>>, origin: &Origin, store: Store) {
        let table = match data::table(self.server, entity) {
            Ok(table) => table,
            Err(error) => return self.wrong(origin.clone(), error.message),
        };
        for (place, record) in records.into_iter().enumerate() {
            let mut origin = origin.clone();
            origin.steps.push(Step::Item(place));
            match store(self.server, self.db, table, record) {
                Ok(row) => drop(self.origins.insert((table.name.clone(), row), origin)),
                Err(error) => self.refused(entity, place, &origin, &error),
            }
            if self.mistakes.len() >= MAX_MISTAKES {
                return;
            }
        }
    }

    fn refused(&mut self, entity: &str, place: usize, origin: &Origin, error: &Error) {
        let record = format!("{entity} record {}", place + 1);
        if error.details.is_empty() {
            return self.wrong(origin.clone(), format!("{record}: {}", error.explain()));
        }
        for detail in &error.details {
            let mut origin = origin.clone();
            origin.steps.extend(steps(&detail.field));
            self.wrong(origin, format!("{record}: `{}`: {}", detail.field, detail.message));
        }
    }

    fn wrong(&mut self, origin: Origin, message: String) {
        self.mistakes.push(Mistake { file: origin.file, steps: origin.steps, place: None, message });
    }
}
