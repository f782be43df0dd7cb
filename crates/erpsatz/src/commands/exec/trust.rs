//! What lets the command trust the servers' HTTPS: files that go when `exec` ends, and the variables that name them.

#![expect(clippy::disallowed_methods, reason = "the command's environment, and files that it names")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use simhost::tls::pem;
use tempfile::TempDir;

use crate::Failure;
use crate::commands::ca::{system_roots, text};
use crate::output;

/// Where libraries look for the roots that they trust in the place of the system's.
const BUNDLES: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// Where Node looks for roots that it trusts besides its own.
const EXTRA: &str = "NODE_EXTRA_CA_CERTS";

/// The files and what names them.
pub(super) struct Trust {
    /// Goes when this does.
    _folder: TempDir,
    pub(super) variables: Vec<(String, String)>,
}

/// A folder of our own where this machine lets us make one: `TMPDIR` may name none that there is.
fn folder() -> Result<TempDir, String> {
    let usual = env::temp_dir();
    let more = ["/tmp", "/var/tmp", "/dev/shm", "."].into_iter().filter(|_| cfg!(unix)).map(PathBuf::from);
    let mut failed = String::new();
    for place in [usual].into_iter().chain(more) {
        match tempfile::Builder::new().prefix("erpsatz-").tempdir_in(&place) {
            Ok(folder) => return Ok(folder),
            Err(error) if failed.is_empty() => {
                let why = error.get_ref().map_or_else(|| error.to_string(), ToString::to_string);
                failed = format!("no folder for the root can be made in {}: {why}", place.display());
            }
            Err(_) => {}
        }
    }
    Err(failed)
}

impl Trust {
    /// `ERPSATZ_CA` names a file with the root; `everywhere` also those variables that libraries go by. Nothing, said on
    /// stderr, where there is no place for files and the variables were not asked for.
    pub(super) fn in_root(root: &str, everywhere: bool) -> Result<Option<Self>, Failure> {
        let folder = match folder() {
            Ok(folder) => folder,
            Err(why) if everywhere => return Err(Failure::Failed(why)),
            Err(why) => {
                output::tell(&format!("erpsatz: {why}; the command gets no ERPSATZ_CA"));
                return Ok(None);
            }
        };
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            let written = fs::write(&file, text);
            written.map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))?;
            Ok::<_, Failure>(file.display().to_string())
        };
        let ours = write("ca.pem", root)?;
        let mut variables = vec![("ERPSATZ_CA".to_owned(), ours.clone())];
        if everywhere {
            let bundle = write("bundle.pem", &bundle(root, &named(&BUNDLES)).map_err(Failure::Failed)?)?;
            variables.extend(BUNDLES.map(|name| (name.to_owned(), bundle.clone())));
            let extra = match named(&[EXTRA]).first().and_then(|file| fs::read_to_string(file).ok()) {
                Some(theirs) => write("extra.pem", &format!("{theirs}\n{root}"))?,
                None => ours,
            };
            variables.push((EXTRA.to_owned(), extra));
        }
        Ok(Some(Self { _folder: folder, variables }))
    }
}

/// What these variables name.
fn named(variables: &[&str]) -> Vec<PathBuf> {
    let values = variables.iter().filter_map(env::var_os).filter(|value| !value.is_empty());
    let mut files: Vec<PathBuf> = values.map(PathBuf::from).collect();
    files.dedup();
    files
}

/// The root, and what is in these files and folders or else the system's roots.
fn bundle(root: &str, named: &[PathBuf]) -> Result<String, String> {
    let mut all = pem::certificates(root)?;
    all.extend(system_roots(&named.iter().map(PathBuf::as_path).collect::<Vec<&Path>>()));
    Ok(text(&all))
}
