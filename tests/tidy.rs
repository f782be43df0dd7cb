//! The repository's own rules, on its sources.

use std::fs;
use std::path::{Path, PathBuf};

use erpsatz::registry;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").to_owned()
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a text");
            found.push((path, text));
        }
    }
    found
}

#[test]
fn files_are_one_screenful_of_thought() {
    for (path, text) in sources(&root().join("crates")).into_iter().chain(sources(&root().join("tests"))) {
        let lines = text.lines().count();
        assert!(lines <= 450, "{}: {lines} lines; is it several things?", path.display());
    }
}

#[test]
fn the_core_knows_no_vendor() {
    for room in ["simcore", "simhost", "odata", "control"] {
        for (path, text) in sources(&root().join("crates").join(room).join("src")) {
            for sim in registry::ALL {
                let named =
                    text.contains(&format!("\"{}\"", sim.slug)) || text.contains(&format!("{}::", sim.slug));
                assert!(!named, "{} names {}", path.display(), sim.slug);
            }
        }
    }
}

#[test]
fn every_simulator_has_its_pages() {
    for sim in registry::ALL {
        let readme = root().join("README.md");
        let text = fs::read_to_string(readme).expect("a text");
        assert!(text.contains(&format!("| `{}` |", sim.slug)), "README.md has no row for {}", sim.slug);
        assert!(text.contains(&sim.port.to_string()), "README.md does not say the port of {}", sim.slug);
        let data = root().join("seed-data").join(sim.slug).join("small");
        assert!(fs::read_dir(&data).is_ok_and(|files| files.count() > 0), "no data in {}", data.display());
    }
}
