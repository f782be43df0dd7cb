//! Scenarios and seed data: those compiled in, and those that the user's folders add or replace.

#![expect(clippy::disallowed_methods, reason = "files that the command line names")]

use std::borrow::Cow;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use include_dir::{Dir, include_dir};
use simcore::Simulator;
use simcore::base::diagnostics::unknown;
use simcore::base::text::decode;
use simcore::entity::overlay::MAX_BYTES;
use simhost::scenario::{DataFile, Library};

static SCENARIOS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../scenarios");
static SEED_DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../seed-data");

/// What is compiled in.
pub fn embedded() -> Library {
    let mut library = Library::default();
    for file in SCENARIOS.files() {
        if let (Some(name), Some(text)) = (stem(file.path(), "yaml"), file.contents_utf8()) {
            library.scenarios.insert(name, Cow::Borrowed(text));
        }
    }
    for slug in SEED_DATA.dirs() {
        for set in slug.dirs() {
            for file in set.files() {
                if let Some(entity) = stem(file.path(), "json") {
                    let name = format!("seed-data/{}", file.path().display());
                    let file = DataFile { name, text: Cow::Borrowed(file.contents()) };
                    add(&mut library, slug.path(), set.path(), entity, file);
                }
            }
        }
    }
    library.scenarios.sort_keys();
    library
}

/// Adds the `*.yaml` of a folder; those of the same name replace what is compiled in.
///
/// # Errors
/// One line that names the folder or file.
pub fn add_scenarios(library: &mut Library, folder: &Path) -> Result<(), String> {
    for path in entries(folder)? {
        if let Some(name) = stem(&path, "yaml") {
            library.scenarios.insert(name, Cow::Owned(read(&path)?));
        }
    }
    Ok(())
}

/// Adds the sets of a folder laid out as `SLUG/SET/ENTITY.json`; a set of the same name is replaced whole.
///
/// # Errors
/// One line that names the folder or file.
pub fn add_seed_data(library: &mut Library, folder: &Path, simulators: &[&Simulator]) -> Result<(), String> {
    library.has_own_data = true;
    for slug in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        let known = simulators.iter().map(|sim| sim.slug);
        if !known.clone().any(|known| known == name(&slug)) {
            return Err(format!("{}: {}", slug.display(), unknown("server", &name(&slug), known)));
        }
        for set in entries(&slug)?.into_iter().filter(|path| path.is_dir()) {
            let sets = library.data.entry(name(&slug)).or_default();
            sets.shift_remove(&name(&set));
            for file in entries(&set)? {
                if let Some(entity) = stem(&file, "json") {
                    let text = Cow::Owned(read(&file)?.into_bytes());
                    let file = DataFile { name: file.display().to_string(), text };
                    add(library, &slug, &set, entity, file);
                }
            }
        }
    }
    Ok(())
}

/// A text file that the user named, in UTF-8 or, with a byte order mark, UTF-16.
///
/// # Errors
/// One line that names it.
pub fn read(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = decode(&bytes).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(text.into_owned())
}

/// A user's profile: a file, or standard input for `-`. No more of it is read than it may have.
///
/// # Errors
/// One line that names it.
pub fn read_profile(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) + 1;
    let done = if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    done.map_err(|error| format!("{}: {error}", path.display()))?;
    if bytes.len() > MAX_BYTES {
        return Err(format!("{}: a profile has at most {MAX_BYTES} bytes", path.display()));
    }
    let text = decode(&bytes).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(text.into_owned())
}

fn add(library: &mut Library, slug: &Path, set: &Path, entity: String, file: DataFile) {
    let sets = library.data.entry(name(slug)).or_default();
    sets.entry(name(set)).or_default().insert(entity, file);
}

/// What is in a folder, sorted, so that every machine reads it alike.
fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let explain = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(explain)?;
    let mut paths =
        entries.map(|entry| Ok(entry.map_err(explain)?.path())).collect::<Result<Vec<_>, String>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn stem(path: &Path, extension: &str) -> Option<String> {
    let fits = path.extension().is_some_and(|found| found == extension);
    fits.then(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned())).flatten()
}
