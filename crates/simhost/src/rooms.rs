//! The rooms of `simcore` and of this crate, and that arrows between them run one way: a room imports only from those
//! before it. That those of `simcore` do not know those of this crate is held by the compiler.

#![expect(clippy::disallowed_methods, reason = "the test reads its own crates")]

use std::fs;
use std::path::Path;

/// The rooms, from the ground up.
const ROOMS: [&str; 12] = [
    "base",
    "entity",
    "store",
    "contract",
    "simulator",
    "rules",
    "scenario",
    "journal",
    "judge",
    "sandbox",
    "tls",
    "server",
];

/// A path in a source file that leads to a room: `line` counts from 1.
#[derive(Debug, PartialEq)]
struct Arrow {
    line: usize,
    to: String,
}

/// Every `crate::…` and `simcore::…` of a source text, in imports and in code, comments left out; `super` that climbs out
/// of the room of a file `depth` modules below the crate leads to `super`.
fn arrows(text: &str, depth: usize) -> Vec<Arrow> {
    let code: Vec<&str> =
        text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    let line = |at: usize| code[..at].matches('\n').count() + 1;
    for (at, root) in code.match_indices("crate::").chain(code.match_indices("simcore::")) {
        let is_whole =
            !code[..at].ends_with(|before: char| before.is_alphanumeric() || "_$".contains(before));
        if is_whole {
            let targets = targets(&code[at + root.len()..]);
            found.extend(targets.into_iter().map(|to| Arrow { line: line(at), to }));
        }
    }
    let climb = "super::".repeat(depth);
    found.extend(code.match_indices(&climb).map(|(at, _)| Arrow { line: line(at), to: "super".to_owned() }));
    found
}

/// The first segment of a path, or of each path in its braces.
fn targets(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut begins, mut found) = (0_usize, true, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            letter if letter.is_whitespace() => {}
            _ if begins => {
                found.push(name(&group[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    found
}

/// What is wrong with the arrows of the file of that path below `src`, a line each.
fn wrong(path: &str, text: &str) -> Vec<String> {
    let names: Vec<&str> = path.trim_end_matches(".rs").trim_end_matches("/mod").split('/').collect();
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let Some(from) = place(names[0]) else { return vec![format!("{path} stands in no room")] };
    let refuse = |arrow: Arrow| {
        let why = match place(&arrow.to) {
            Some(to) if to <= from => return None,
            Some(_) => "an arrow back",
            None => "name the room",
        };
        Some(format!("{path}:{}: {} -> {}: {why}", arrow.line, ROOMS[from], arrow.to))
    };
    arrows(text, names.len()).into_iter().filter_map(refuse).collect()
}

/// Every file of the rooms, by its path below `src`.
fn sources(folder: &Path, prefix: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = format!("{prefix}{}", path.file_name().expect("a name").to_string_lossy());
        if path.is_dir() {
            sources(&path, &format!("{name}/"), found);
        } else if !["lib.rs", "rooms.rs"].contains(&name.as_str()) {
            found.push((name, fs::read_to_string(&path).expect("a text")));
        }
    }
}

#[test]
fn arrows_run_one_way() {
    let mut files = Vec::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crates");
    for name in ["simcore", "simhost"] {
        sources(&crates.join(name).join("src"), "", &mut files);
    }
    assert!(files.len() > 50, "only {} files were found", files.len());
    let wrong: Vec<String> = files.iter().flat_map(|(path, text)| wrong(path, text)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn an_arrow_back_is_named() {
    let text = "use crate::base::clock::Clock;\n// crate::server is above\nuse crate::{\n    entity::{model, profile},\n    \
                journal::Journal,\n};\nfn f() -> crate::server::Gate { crate::Db }\n";
    assert_eq!(
        wrong("rules/fault.rs", text),
        [
            "rules/fault.rs:3: rules -> journal: an arrow back",
            "rules/fault.rs:7: rules -> server: an arrow back",
            "rules/fault.rs:7: rules -> Db: name the room",
        ]
    );
    assert_eq!(wrong("server.rs", text), ["server.rs:7: server -> Db: name the room"]);
    assert_eq!(wrong("base/clock.rs", "use super::super::rules::Rule;\nuse super::duration;").len(), 1);
    assert_eq!(wrong("misc.rs", ""), ["misc.rs stands in no room"]);
}
