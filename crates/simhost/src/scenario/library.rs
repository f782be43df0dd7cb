//! What can be loaded by name.

use std::borrow::Cow;

use crate::base::map::IndexMap;

use crate::base::diagnostics::{Mistake, unknown};
use crate::base::places;
use crate::scenario::DEFAULT_SET;
use crate::scenario::generate::Progress;

/// What can be loaded by name: scenarios as YAML, and seed data as files of JSON.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// Scenario texts by name.
    pub scenarios: IndexMap<String, Cow<'static, str>>,
    /// Seed data by simulator and set.
    pub data: IndexMap<String, IndexMap<String, DataSet>>,
    /// Whether some of the data is the user's own.
    pub has_own_data: bool,
    /// The seed that beats those of scenarios (`--seed`).
    pub seed: Option<u64>,
    /// Who watches when many records are generated.
    pub progress: Option<Progress>,
}

/// The files of one set of seed data, by entity.
pub type DataSet = IndexMap<String, DataFile>;

/// A file of seed data.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// What the user calls it.
    pub name: String,
    /// What is in it.
    pub text: Cow<'static, [u8]>,
}

impl DataFile {
    /// Whether it comes with the program; others are the user's.
    pub(crate) fn is_built_in(&self) -> bool {
        matches!(self.text, Cow::Borrowed(_))
    }
}

impl Library {
    /// The text of the scenario of that name.
    ///
    /// # Errors
    /// A sentence that names the nearest one there is.
    pub fn scenario(&self, name: &str) -> Result<&str, String> {
        let text = self.scenarios.get(name).map(AsRef::as_ref);
        text.ok_or_else(|| unknown("scenario", name, self.scenarios.keys().map(String::as_str)))
    }

    /// A mistake in a file of seed data with its place there.
    pub(super) fn placed(&self, mut mistake: Mistake) -> Mistake {
        let text =
            mistake.file.as_ref().filter(|_| mistake.place.is_none()).and_then(|file| self.text_of(file));
        if let Some(node) = text.and_then(|text| places::read(&text).ok()) {
            mistake.place = Some(node.find(&mistake.steps));
        }
        mistake
    }

    /// The text of a file of seed data, by what the user calls it.
    pub(crate) fn text_of(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut files = self.data.values().flat_map(IndexMap::values).flat_map(IndexMap::values);
        files.find(|file| file.name == name).map(|file| String::from_utf8_lossy(&file.text))
    }

    /// The files of a set, by entity; the default set may be missing, another may not.
    pub(crate) fn set(
        &self,
        slug: &str,
        set: Option<&str>,
    ) -> Result<impl Iterator<Item = (&String, &DataFile)>, String> {
        let sets = self.data.get(slug);
        let found = sets.and_then(|sets| sets.get(set.unwrap_or(DEFAULT_SET)));
        if found.is_none() && set.is_some_and(|set| set != "none") {
            let names = sets.into_iter().flat_map(IndexMap::keys).map(String::as_str).chain(["none"]);
            return Err(unknown("data set", set.unwrap_or_default(), names));
        }
        Ok(found.into_iter().flatten())
    }
}
