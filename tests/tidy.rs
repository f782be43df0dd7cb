//! The repository's own rules, on its sources.

mod limits;
mod page;
mod pointers;
mod vendor_terms;
mod verdicts;

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
    for room in ["simcore", "simhost", "odata", "pages", "control"] {
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
        let sheet = root().join("docs/facts").join(format!("{}.md", sim.slug));
        assert!(sheet.exists(), "no {}: what is known of it, and from whom", sheet.display());
        let contents = fs::read_to_string(root().join("docs/SUMMARY.md")).expect("a text");
        let line = format!("(facts/{}.md)", sim.slug);
        assert!(contents.contains(&line), "docs/SUMMARY.md has no line with {line}");
        let data = root().join("seed-data").join(sim.slug).join("small");
        assert!(fs::read_dir(&data).is_ok_and(|files| files.count() > 0), "no data in {}", data.display());
    }
}

/// Without these lines a crate is compiled without any rules, or is nobody's to use, and nothing says so.
#[test]
fn every_crate_keeps_the_rules_of_the_workspace() {
    for entry in fs::read_dir(root().join("crates")).expect("a folder") {
        let folder = entry.expect("an entry").path();
        if !folder.is_dir() {
            continue;
        }
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("a text");
        // `pages` has lints of its own, as it has the only `unsafe`.
        let lints = if folder.ends_with("pages") { "[lints.rust]" } else { "[lints]\nworkspace = true" };
        for line in [lints, "license.workspace = true"] {
            assert!(text.contains(line), "{} has no `{line}`", manifest.display());
        }
    }
}

/// A refusal that stands in the code alone is in no contract, and no profile of a user's can correct it.
#[test]
fn refusals_of_an_api_are_those_of_the_profile() {
    // What the control API is told of a vendor's records is in the core's words.
    let told = ["back_office.rs", "complete.rs", "error.rs"];
    let is_vendor =
        |path: &Path, text: &str| path.ends_with("src/lib.rs") && text.contains("const SIMULATOR:");
    let all: Vec<_> =
        sources(&root().join("crates")).into_iter().chain(sources(&root().join("examples"))).collect();
    let vendors: Vec<&Path> = all
        .iter()
        .filter(|(path, text)| is_vendor(path, text))
        .filter_map(|(path, _)| path.parent())
        .collect();
    assert!(vendors.len() > registry::ALL.len(), "{vendors:?}");
    for (path, text) in all.iter().filter(|(path, _)| vendors.iter().any(|vendor| path.starts_with(vendor))) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_own = text.contains("Error::vendor(") && !told.contains(&&*name);
        assert!(!is_own, "{}: a refusal is `errors.NAME` of the profile, and `said!(NAME)`", path.display());
    }
}

/// The ports that a text names, also as `8080-8085`.
fn ports(text: &str) -> Vec<u16> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '-');
    let ranges = words.filter_map(|word| {
        let (from, to) = word.split_once('-').unwrap_or((word, word));
        Some(from.parse::<u16>().ok()?..=to.parse().ok()?)
    });
    ranges.flatten().collect()
}

#[test]
fn containers_publish_every_port() {
    for (file, line) in [
        ("Dockerfile", "EXPOSE "),
        ("compose.yaml", "127.0.0.1:"),
        ("docs/ci.md", "ports: ["),
        ("deploy/haproxy.cfg", "bind \"${FRONT-*}:"),
    ] {
        let text = fs::read_to_string(root().join(file)).expect("a text");
        let said = text.lines().find_map(|text| text.split_once(line)).map(|(_, rest)| ports(rest));
        let said = said.unwrap_or_else(|| panic!("{file} names no ports"));
        for sim in registry::ALL {
            assert!(said.contains(&sim.port), "{file} leaves out {} of {}", sim.port, sim.slug);
        }
    }
    for file in ["deploy/kubernetes/front.yaml", "deploy/kubernetes/replicas.yaml"] {
        let text = fs::read_to_string(root().join(file)).expect("a text");
        for sim in registry::ALL {
            let is_served = text.contains(&format!(" port: {} ", sim.port));
            assert!(is_served, "{file} leaves out {} of {}", sim.port, sim.slug);
        }
    }
}

#[test]
fn every_call_of_the_control_api_is_in_the_reference() {
    let source = fs::read_to_string(root().join("crates/control/src/lib.rs")).expect("a text");
    let page = fs::read_to_string(root().join("docs/reference/control-api.md")).expect("a text");
    let judge = fs::read_to_string(root().join("docs/reference/judge.md")).expect("a text");
    let calls = source.split(".route(").skip(1);
    let routes: Vec<&str> = calls.filter_map(|rest| rest.split('"').nth(1)).collect();
    assert!(routes.len() > 20, "{routes:?}");
    for route in routes {
        // Pages for people and what they are made of.
        let is_page = ["/contracts/", "/assets/", "/console/"].iter().any(|page| route.starts_with(page));
        assert!(is_page || page.contains(route) || judge.contains(route), "docs/reference has no {route}");
    }
}

#[test]
fn the_scenario_in_the_readme_is_the_built_in_one() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a text");
    let scenario = fs::read_to_string(root().join("scenarios/robot-offline.yaml")).expect("a text");
    assert!(readme.contains(&format!("```yaml\n{scenario}```\n")), "README.md shows another robot-offline");
}

#[test]
fn what_is_compiled_in_reaches_the_image() {
    let sent = fs::read_to_string(root().join(".dockerignore")).expect("a text");
    let mark = "include_dir!(\"$CARGO_MANIFEST_DIR/../../";
    let mut folders = 0;
    for (path, text) in sources(&root().join("crates")) {
        for folder in text.split(mark).skip(1).filter_map(|rest| rest.split(['"', '/']).next()) {
            folders += 1;
            let is_sent = sent.lines().any(|line| line == format!("!{folder}"));
            assert!(is_sent, ".dockerignore keeps {folder} from the image; {} needs it", path.display());
        }
    }
    assert!(folders > 2, "nothing is compiled in: is it written otherwise now?");
}
