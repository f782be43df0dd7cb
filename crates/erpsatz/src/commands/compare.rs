//! `erpsatz compare`.

#![expect(clippy::disallowed_methods, reason = "files that the command line names")]

use std::cell::Cell;
use std::fs;
use std::io::{IsTerminal as _, stderr};
use std::path::{Path, PathBuf};

use compare::{Compared, Comparison, Recording};
use erpsatz::{Config, load_library, load_simulators};
use indexmap::IndexMap;
use serde_json::Value;
use simcore::Loaded;
use simcore::entity::overlay;
use simcore::simulator::find;
use simhost::journal::har;

use crate::args::CompareArgs;
use crate::commands::{complain, say};
use crate::{Failure, output};

/// After how many requests the line on the terminal is drawn anew.
const STEP: usize = 50;

pub(crate) async fn run(args: &CompareArgs) -> Result<(), Failure> {
    let config = Config { profiles: args.profile.iter().cloned().collect(), ..Config::default() };
    let loaded = load_simulators(&config)?;
    if let Some(slug) = &args.server {
        find(&loaded, slug).map_err(Failure::Usage)?;
    }
    let library = load_library(&config).map_err(Failure::Failed)?;
    let entries = read(&args.file).map_err(Failure::Failed)?;
    let recording = Recording::new(entries, &loaded, args.server.as_deref());
    let (done, total) = (Cell::new(0), recording.len());
    let compared = Comparison {
        loaded: &loaded,
        profiles: trees(&loaded).map_err(Failure::Failed)?,
        library: &library,
        keeps_values: args.keep_values,
        progress: &|| {
            done.set(done.get() + 1);
            draw(done.get(), total);
        },
    };
    let compared = compared.compare(&recording).await.map_err(Failure::Failed)?;
    let written = args.learn.as_deref().map(|file| write(file, &compared)).transpose()?;
    if args.unasked.json {
        say(&compared.to_json().to_string());
    } else {
        tell(&compared, written.as_deref());
    }
    if compared.asked == 0 {
        complain(
            "erpsatz: nothing was compared: no request of the recording is to a host that is known; \
             `--server SLUG` names the server of the other hosts",
        );
    }
    if compared.items.is_empty() { Ok(()) } else { Err(Failure::Unmet) }
}

fn read(file: &Path) -> Result<Vec<har::Recorded>, String> {
    let name = file.display();
    let size = fs::metadata(file).map_err(|error| format!("{name}: {error}"))?.len();
    if size > har::MAX_BYTES {
        return Err(format!(
            "{name}: it has {} MiB, and {} are read at most: record less at a time",
            size >> 20,
            har::MAX_BYTES >> 20
        ));
    }
    let bytes = fs::read(file).map_err(|error| format!("{name}: {error}"))?;
    let recording = har::read(&bytes).map_err(|why| format!("{name}: {why}"))?;
    if recording.is_cut {
        complain(&format!("erpsatz: {name} ends in the middle of an entry, which is left out"));
    }
    Ok(recording.entries)
}

/// The profiles that users laid over the servers' own.
fn trees(loaded: &[Loaded]) -> Result<IndexMap<String, Value>, String> {
    let profiles = loaded.iter().filter_map(|server| Some((server.sim.slug, server.overlay.as_deref()?)));
    profiles.map(|(slug, text)| Ok((slug.to_owned(), overlay::tree(text)?))).collect()
}

/// Writes what was learned; the names of the files.
fn write(file: &Path, compared: &Compared) -> Result<Vec<String>, Failure> {
    let is_one = compared.learned.len() == 1;
    let written = compared.learned.iter().map(|(slug, text)| {
        let file = if is_one { file.to_owned() } else { with_slug(file, slug) };
        let name = file.display().to_string();
        fs::write(&file, text).map_err(|error| Failure::Failed(format!("{name}: {error}")))?;
        Ok(format!("{slug}={name}"))
    });
    written.collect()
}

/// `OVERLAY.SLUG.yaml` of `OVERLAY.yaml`.
fn with_slug(file: &Path, slug: &str) -> PathBuf {
    let extension = file.extension().map(|extension| extension.to_string_lossy().into_owned());
    let extension = extension.unwrap_or_else(|| "yaml".to_owned());
    file.with_extension(format!("{slug}.{extension}"))
}

fn draw(done: usize, total: usize) {
    if (done.is_multiple_of(STEP) || done == total) && stderr().is_terminal() {
        let line = if done < total { format!("asked {done} of {total}") } else { String::new() };
        output::stderr().bytes(format!("\r\x1b[2K{line}").into_bytes());
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn tell(compared: &Compared, written: Option<&[String]>) {
    for item in &compared.items {
        say(&item.line());
    }
    for (server, fact) in &compared.confirmed {
        say(&format!("confirmed: {server} {fact} [recorded]"));
    }
    for (server, fact) in &compared.contradicted {
        say(&format!("contradicted: {server} {fact} [recorded]"));
    }
    let skipped = compared.skipped;
    say(&format!(
        "{}; {} asked, {} skipped (other hosts {}, OPTIONS {}, no answer {})",
        counted(compared.items.len(), "difference"),
        counted(compared.asked, "request"),
        skipped.total(),
        skipped.other_hosts,
        skipped.options,
        skipped.unanswered,
    ));
    let Some(written) = written else { return };
    for file in written {
        say(&format!("learned: {file}"));
    }
    if !compared.rest.is_empty() {
        say("\nWhat a profile cannot say, as text for an issue:\n");
        for item in &compared.rest {
            say(&item.issue(env!("CARGO_PKG_VERSION")));
        }
    }
    if compared.learned.is_empty() && !compared.items.is_empty() {
        complain("erpsatz: there is nothing that a profile can say, so none was written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_its_file() {
        assert_eq!(with_slug(Path::new("a/mine.yaml"), "weavy"), Path::new("a/mine.weavy.yaml"));
        assert_eq!(with_slug(Path::new("mine"), "weavy"), Path::new("mine.weavy.yaml"));
    }
}
