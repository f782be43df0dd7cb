//! The user's profiles: which files are laid over which server's own.

use std::path::{Path, PathBuf};

use simcore::base::map::IndexMap;
use simcore::entity::overlay;
use simcore::{Loaded, Simulator};

use crate::library::read_profile;

/// Files by server. Of several of one server, each is laid over those before it.
#[derive(Clone, Debug, Default)]
pub struct Profiles(IndexMap<String, Vec<PathBuf>>);

impl FromIterator<(String, PathBuf)> for Profiles {
    fn from_iter<I: IntoIterator<Item = (String, PathBuf)>>(files: I) -> Self {
        let mut profiles = Self::default();
        for (slug, file) in files {
            profiles.0.entry(slug).or_default().push(file);
        }
        profiles
    }
}

impl Profiles {
    /// The servers that have any.
    pub fn slugs(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Takes `file` where the server has none.
    pub fn or_insert(&mut self, slug: String, file: PathBuf) {
        self.0.entry(slug).or_insert_with(|| vec![file]);
    }

    /// What the files of a server are called together.
    pub fn name(&self, slug: &str) -> String {
        let names = self.files(slug).iter().map(|file| file.display().to_string());
        names.collect::<Vec<_>>().join(" + ")
    }

    /// The files of a server, in order.
    pub fn files(&self, slug: &str) -> &[PathBuf] {
        self.0.get(slug).map_or(&[], Vec::as_slice)
    }

    /// The simulator, with the files of its server laid over its own profile.
    ///
    /// # Errors
    /// A file that cannot be read, or every mistake, each with its place in its file.
    pub fn load(&self, sim: &'static Simulator) -> Result<Loaded, String> {
        let files = self.files(sim.slug);
        let texts = files.iter().map(|file| read_profile(file)).collect::<Result<Vec<_>, _>>()?;
        let names = files.iter().map(|file: &PathBuf| Path::display(file).to_string());
        let files: Vec<(String, String)> = names.zip(texts).collect();
        match &files[..] {
            [] => Loaded::new(sim, None),
            [(name, text)] => Loaded::new(sim, Some((name, text))),
            several => {
                let together = overlay::together(several)?;
                let corrected = Loaded::new(sim, Some((&self.name(sim.slug), &format!("{together:#}"))));
                // A mistake is told where it is; only what each file by itself does not have is told of all.
                corrected.map_err(|why| {
                    let alone = several.iter().map(|(name, text)| Loaded::new(sim, Some((name, text))));
                    let alone: Vec<String> = alone.filter_map(Result::err).collect();
                    if alone.is_empty() { why } else { alone.join("\n") }
                })
            }
        }
    }
}
