//! What is loaded before the servers start: scenarios, seed data, profiles.

use std::sync::Arc;

use simcore::base::diagnostics::unknown;
use simcore::base::map::IndexMap;
use simcore::contract::Seed;
use simcore::entity::overlay;
use simcore::simulator::find;
use simcore::{Loaded, Simulator};
use simhost::scenario::{Library, Ready};

use crate::running::{Config, StartError};
use crate::{library, registry};

/// What can be loaded by name, with what the user's folders add.
///
/// # Errors
/// One line that names the folder or file.
pub fn load_library(config: &Config) -> Result<Library, String> {
    let mut library = library::embedded();
    (library.progress, library.seed) = (config.progress, config.options.seed);
    if let Some(folder) = &config.scenarios {
        library::add_scenarios(&mut library, folder)?;
    }
    if let Some(folder) = &config.seed_data {
        let simulators: Vec<_> = registry::ALL.iter().chain(&config.more).copied().collect();
        library::add_seed_data(&mut library, folder, &simulators)?;
    }
    Ok(library)
}

/// The simulators that are to run, with the user's profiles.
///
/// # Errors
/// One line that names what is wrong.
pub fn load_simulators(config: &Config) -> Result<Vec<Loaded>, StartError> {
    for slug in config.only.iter().chain(config.ports.keys()).chain(config.profiles.slugs()) {
        if !config.more.iter().any(|sim| sim.slug == slug) {
            registry::find(slug).map_err(StartError::Misused)?;
        }
    }
    let library = load_library(config).map_err(StartError::Failed)?;
    let wanted = |slug: &str| config.only.is_empty() || config.only.iter().any(|only| only == slug);
    let chosen = registry::ALL.iter().chain(&config.more).filter(|sim| wanted(sim.slug));
    let loaded = chosen.map(|sim| {
        let mut loaded = config.profiles.load(sim).map_err(StartError::Failed)?;
        holds_all(&loaded, &library).map_err(StartError::Failed)?;
        loaded.seed = Arc::new(seed(&library, sim));
        Ok(loaded)
    });
    loaded.collect()
}

/// Whether the data that come with the program fit a server that the profile of the file `name` has corrected.
///
/// # Errors
/// Every mistake, each with its place in the profile.
pub fn check_profile(server: &Loaded, library: &Library, name: &str) -> Result<(), String> {
    let text = server.overlay.as_deref().unwrap_or_default();
    let node = overlay::node(name, text)?;
    let fits = Ready::fits(server, library);
    fits.map_err(|wrong| overlay::told(wrong, name, text, &node))
}

/// Whether each file of a user's data is of an entity that there is, in sets too that no scenario names.
fn holds_all(server: &Loaded, library: &Library) -> Result<(), String> {
    let sets = library.data.get(server.sim.slug).filter(|_| library.has_own_data);
    for (entity, file) in sets.into_iter().flat_map(IndexMap::values).flatten() {
        if server.model.table(entity).is_none() {
            let known = server.model.tables.keys().map(String::as_str);
            return Err(format!("{}: {}", file.name, unknown("entity", entity, known)));
        }
    }
    Ok(())
}

/// The set that the default scenario loads, for examples.
fn seed(library: &Library, sim: &Simulator) -> Seed {
    let set = library.data.get(sim.slug).and_then(|sets| sets.get("small"));
    let files = set.into_iter().flatten().map(|(entity, file)| (entity.clone(), file.text.clone()));
    Seed::new(files.collect())
}

/// The scenario that sandboxes start from, made ready beside the runtime: it may be a large one.
pub(super) async fn prepare(
    library: Library,
    loaded: Vec<Loaded>,
    config: &Config,
) -> Result<(Library, Vec<Loaded>, Arc<Ready>), StartError> {
    let (named, text) = (config.scenario.clone(), scenario_text(config, &library)?);
    let profiles = config.profiles.clone();
    let prepare = move || match Ready::read(&text, Some(&named), &loaded, &library) {
        Ok(ready) => Ok((library, loaded, ready)),
        Err(why) => {
            // Where a profile does not go with the data that come with the program, its file has the mistake.
            let mut unfit = profiles.slugs().filter_map(|slug| {
                let (_, server) = find(&loaded, slug).ok()?;
                check_profile(server, &library, &profiles.name(slug)).err()
            });
            Err(StartError::Failed(unfit.next().unwrap_or(why)))
        }
    };
    tokio::task::spawn_blocking(prepare).await.map_err(|error| StartError::Failed(error.to_string()))?
}

/// The text of a known scenario, or of a file where the name looks like one.
fn scenario_text(config: &Config, library: &Library) -> Result<String, StartError> {
    let named = &config.scenario;
    let looks_like_file = named.contains(['/', '\\', '.']);
    if looks_like_file {
        library::read(named.as_ref()).map_err(StartError::Failed)
    } else {
        library.scenario(named).map(str::to_owned).map_err(StartError::Misused)
    }
}

/// The scenario of that text, checked whole.
///
/// # Errors
/// What is wrong, and where.
pub fn ready(text: &str, library: &Library, loaded: &[Loaded]) -> Result<Arc<Ready>, String> {
    Ready::read(text, None, loaded, library)
}
