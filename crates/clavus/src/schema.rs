//! The schema in its two forms: as it is documented, and with what lenient mode adds (fact sheet 3).

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use graphql_js::{Scalars, Schema};
use simcore::base::renames::Renames;

use crate::execute::Library;
use crate::scalar;

/// The contract as SDL: exactly that of fact sheet 3 when `strict`, with what lenient mode adds otherwise.
pub fn sdl(strict: bool) -> String {
    let documented = include_str!("schema.graphql");
    if strict { documented.to_owned() } else { format!("{documented}\n{}", include_str!("lenient.graphql")) }
}

/// A schema that is served: what documents are judged against, and what executes them.
pub(crate) struct Served {
    pub(crate) types: &'static Schema,
    pub(crate) scalars: Scalars,
    pub(crate) library: Library,
}

static STRICT: LazyLock<Served> = LazyLock::new(|| served(&STRICT_TYPES, scalar::STRICT));
static LENIENT: LazyLock<Served> = LazyLock::new(|| served(&LENIENT_TYPES, scalar::LENIENT));
static STRICT_TYPES: LazyLock<Schema> = LazyLock::new(|| read(true));
static LENIENT_TYPES: LazyLock<Schema> = LazyLock::new(|| read(false));

/// The schema of the mode.
pub(crate) fn of(strict: bool) -> &'static Served {
    if strict { &STRICT } else { &LENIENT }
}

/// The types as they are documented.
pub(crate) fn documented() -> &'static Schema {
    &STRICT_TYPES
}

/// The types of the mode by the names that a user's profile has for them on the wire.
pub(crate) fn renamed(strict: bool, renames: &Renames) -> Arc<Schema> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Schema>>>> = LazyLock::new(Mutex::default);
    let text = renames.words_outside_quotes(&sdl(strict));
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(schema) = known.get(&text) {
        return schema.clone();
    }
    // A process has one profile; tests have more of them.
    if known.len() >= MAX_RENAMED {
        known.clear();
    }
    let schema = Arc::new(Schema::new(&text).unwrap_or_default());
    known.entry(text).or_insert(schema).clone()
}

/// How many renamed schemas are kept.
const MAX_RENAMED: usize = 16;

fn served(types: &'static Schema, scalars: Scalars) -> Served {
    Served { types, scalars, library: Library::new(types) }
}

/// A schema is a constant of this program; a test reads both.
fn read(strict: bool) -> Schema {
    Schema::new(&sdl(strict)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_schemas_are_read_and_can_be_executed() {
        for strict in [true, false] {
            graphql_js::Schema::new(&super::sdl(strict)).unwrap();
            assert!(super::of(strict).library.is_whole(), "strict: {strict}");
        }
    }
}
