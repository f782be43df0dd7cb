//! Data of a scenario that does not add up: what `scenario check` warns of.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;

use crate::base::diagnostics::Mistake;
use crate::base::places::{self, Node, steps};
use crate::scenario::{Library, Ready, Server, generate, replaced};
use crate::simulator::Loaded;
use crate::simulator::consistency::{self, Finding, Findings};
use crate::store::build;

/// Everything that does not add up in the data of `scenario`, of every server: as mistakes with file and way.
///
/// # Errors
/// When the data cannot be loaded at all.
pub fn warnings(ready: &Ready, loaded: &[Loaded], library: &Library) -> Result<Vec<Mistake>, String> {
    let mut all = Vec::new();
    for server in loaded {
        let standard = Server::default();
        let start = ready.scenario.servers.get(server.sim.slug).unwrap_or(&standard);
        let seed = library.seed.or(ready.scenario.seed).unwrap_or_default();
        all.extend(of_server(server, start, library, seed, ready.now)?);
    }
    Ok(all)
}

/// Mistakes as lines `FILE:LINE:COLUMN: message`; those without a file are of the scenario `name` with this `text`.
pub fn told(mistakes: &[Mistake], name: &str, text: &str, library: &Library) -> Vec<String> {
    let mut read: HashMap<String, Option<Node>> = HashMap::new();
    let mut told = |mistake: &Mistake| {
        let file = mistake.file.as_deref().unwrap_or(name);
        let node = read.entry(mistake.file.clone().unwrap_or_default()).or_insert_with_key(|file| {
            let text = if file.is_empty() { Some(Cow::Borrowed(text)) } else { library.text_of(file) };
            text.and_then(|text| places::read(&text).ok())
        });
        let place = mistake.place.or_else(|| Some(node.as_ref()?.find(&mistake.steps)));
        let place = place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
        format!("{file}{place}: {}", mistake.message)
    };
    mistakes.iter().map(&mut told).collect()
}

fn of_server(
    server: &Loaded,
    start: &Server,
    library: &Library,
    seed: u64,
    now: Timestamp,
) -> Result<Vec<Mistake>, String> {
    let (_, (origins, found)) = build(&server.model, &start.settings, now, |db| {
        let origins = start.fill(server, db, library, seed);
        let origins = origins.map_err(|mistakes| super::fill::first(server, &mistakes))?;
        let found = consistency::check(server, db).map_err(|error| error.explain())?;
        let keyed = found.into_iter().map(|finding| (key(server, db, &finding), finding));
        Ok((origins, keyed.collect::<Vec<_>>()))
    })?;
    let mut replaced = replaced(server, start, library, seed, now);
    let known = |one: &Finding| {
        found.iter().any(|(_, it)| (&it.entity, it.row, &it.path) == (&one.entity, one.row, &one.path))
    };
    replaced.retain(|(_, one)| !known(one));
    let mut warnings = Vec::with_capacity(found.len());
    let mut generated: HashMap<String, usize> = HashMap::new();
    for (key, finding) in found.into_iter().chain(replaced) {
        let message =
            format!("{} {} {key}: `{}` {}", server.sim.slug, finding.entity, finding.path, finding.message);
        match origins.get(&(finding.entity.clone(), finding.row)) {
            Some(origin) => {
                let mut way = origin.steps.clone();
                way.extend(steps(&finding.path));
                warnings.push(Mistake { file: origin.file.clone(), steps: way, place: None, message });
            }
            None => {
                // Of generated records one of a kind is enough.
                let seen = generated.entry(finding.entity.clone()).or_default();
                *seen += 1;
                if *seen == 1 {
                    let way = format!("servers.{}.generate.{}", server.sim.slug, finding.entity);
                    warnings.push(Mistake::at(steps(&way), message));
                }
            }
        }
    }
    Ok(warnings)
}

/// Numbers that the server does not keep, each with the key of its record. What is generated may change what is there,
/// as orders change stock: it is left out, and so is a server that cannot start without it.
fn replaced(
    server: &Loaded,
    start: &Server,
    library: &Library,
    seed: u64,
    now: Timestamp,
) -> Vec<(String, Finding)> {
    let start = Server { generate: generate::Counts::default(), ..start.clone() };
    let found = build(&server.model, &start.settings, now, |db| {
        let origins = start.fill(server, db, library, seed);
        let origins = origins.map_err(|mistakes| super::fill::first(server, &mistakes))?;
        let mut findings = Findings::default();
        replaced::check(db, &start, library, &origins, &mut findings).map_err(|error| error.explain())?;
        Ok(findings.0.into_iter().map(|finding| (key(server, db, &finding), finding)).collect())
    });
    found.map_or_else(|_| Vec::new(), |(_, found)| found)
}

/// What the vendor calls the record.
fn key(server: &Loaded, db: &crate::store::db::Db<'_>, finding: &Finding) -> String {
    let record = server.model.table(&finding.entity).and_then(|table| {
        let record = db.load(table, finding.row).ok()?;
        // The business number, where there is one beside the technical key.
        let key = table.entity.keys.last()?;
        record.values.get(key).cloned()
    });
    record.map_or_else(
        || format!("row {}", finding.row),
        |key| key.as_str().map_or_else(|| key.to_string(), str::to_owned),
    )
}
