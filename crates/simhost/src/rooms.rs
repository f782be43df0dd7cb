//! The rooms of `simcore` and of this crate, and that arrows between them run one way: a room imports only from those
//! before it. That those of `simcore` do not know those of this crate is held by the compiler.

#![expect(clippy::disallowed_methods, reason = "the test reads its own crates")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
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
    let code = code(text);
    let line = |at: usize| code[..at].matches('\n').count() + 1;
    let first = |path: String| path.split('/').next().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for (at, paths) in rooted(&code) {
        found.extend(paths.into_iter().map(|path| Arrow { line: line(at), to: first(path) }));
    }
    found.dedup();
    let climb = "super::".repeat(depth);
    found.extend(code.match_indices(&climb).map(|(at, _)| Arrow { line: line(at), to: "super".to_owned() }));
    found
}

/// A source text without its lines of comments.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

/// Where each `crate::…` and `simcore::…` of a code stands, with the paths that follow: `store/db/Db`.
fn rooted(code: &str) -> Vec<(usize, Vec<String>)> {
    let is_whole =
        |at: usize| !code[..at].ends_with(|before: char| before.is_alphanumeric() || "_$".contains(before));
    let roots = code.match_indices("crate::").chain(code.match_indices("simcore::"));
    let roots = roots.filter(|(at, _)| is_whole(*at));
    roots.map(|(at, root)| (at, paths(&code[at + root.len()..]))).collect()
}

/// The path that a text begins with, or all of them where it branches in braces, with slashes.
fn paths(text: &str) -> Vec<String> {
    let text = text.trim_start();
    if let Some(group) = text.strip_prefix('{') {
        return items(group).into_iter().flat_map(paths).collect();
    }
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match rest.strip_prefix("::") {
        Some(rest) if rest.starts_with(|next: char| next.is_alphabetic() || "_{".contains(next)) => {
            paths(rest).into_iter().map(|path| format!("{name}/{path}")).collect()
        }
        _ => vec![name.to_owned()],
    }
}

/// What stands between the commas of a group in braces, whose opening one is left out.
fn items(group: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut found) = (0_usize, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                found.push(&group[begin..at]);
                begin = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|item| !item.trim().is_empty());
    found
}

/// Where each chain of `super::` of a code leads in the module of that name, with the paths that follow.
fn climbing(module: &str, code: &str) -> Vec<String> {
    let names: Vec<&str> = module.split('/').collect();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("super::").filter(|(at, _)| !code[..*at].ends_with("::")) {
        let rest = code[at..].trim_start_matches("super::");
        let climbs = (code.len() - at - rest.len()) / "super::".len();
        if let Some(above) = names.len().checked_sub(climbs).filter(|above| *above > 0) {
            found.extend(paths(rest).iter().map(|path| format!("{}/{path}", names[..above].join("/"))));
        }
    }
    found
}

/// The circles of files inside rooms: each as what it leads through. Siblings are held against each other with all that is
/// below them, so that a module and its own parts, which know each other, are none; tests are left out.
fn circles(files: &[(String, String)]) -> Vec<String> {
    let modules: BTreeSet<&str> = files.iter().map(|(path, _)| module(path)).collect();
    let mut knows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in files {
        let from = module(path);
        let code = code(text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default());
        let rooted = rooted(&code).into_iter().flat_map(|(_, paths)| paths);
        for target in rooted.chain(climbing(from, &code)) {
            let ends = target.match_indices('/').map(|(at, _)| at).chain([target.len()]);
            let to = ends.map(|end| &target[..end]).rfind(|module| modules.contains(module));
            if let Some((from, to)) = to.and_then(|to| siblings(from, to)) {
                knows.entry(from).or_default().insert(to);
            }
        }
    }
    let mut found = BTreeSet::new();
    for start in knows.keys() {
        found.extend(way_back(start, &knows));
    }
    found.into_iter().collect()
}

/// The module that a file is.
fn module(path: &str) -> &str {
    path.trim_end_matches(".rs").trim_end_matches("/mod")
}

/// The two different modules side by side that `from` and `to` are or are in; nothing where one is part of the other, or they
/// are in different rooms.
fn siblings(from: &str, to: &str) -> Option<(String, String)> {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    let same = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    let is_beside = same > 0 && same < from.len() && same < to.len();
    is_beside.then(|| (from[..=same].join("/"), to[..=same].join("/")))
}

/// The shortest way from a module back to itself, where it is the first by name of those on the way.
fn way_back(start: &str, knows: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut ways = VecDeque::from([vec![start]]);
    while let Some(way) = ways.pop_front() {
        for next in knows.get(*way.last()?).into_iter().flatten() {
            let longer = [&way[..], &[next]].concat();
            if next == start {
                let is_first = way.iter().all(|module| *module >= start);
                return is_first.then(|| longer.join(" -> "));
            }
            if seen.insert(next) {
                ways.push_back(longer);
            }
        }
    }
    None
}

/// What is wrong with the arrows of the file of that path below `src`, a line each.
fn wrong(path: &str, text: &str) -> Vec<String> {
    let names: Vec<&str> = module(path).split('/').collect();
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

/// Every file of all rooms.
fn rooms() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crates");
    for name in ["simcore", "simhost"] {
        sources(&crates.join(name).join("src"), "", &mut files);
    }
    assert!(files.len() > 50, "only {} files were found", files.len());
    files
}

#[test]
fn arrows_run_one_way() {
    let wrong: Vec<String> = rooms().iter().flat_map(|(path, text)| wrong(path, text)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_files_of_a_room_go_round_in_a_circle() {
    let circles = circles(&rooms());
    assert!(circles.is_empty(), "\n{}", circles.join("\n"));
}

#[test]
fn a_circle_is_named() {
    let files = [
        ("store.rs", "use crate::store::db::Db;\nuse crate::store::rows::read;"),
        (
            "store/db.rs",
            "use crate::{\n    base::Error,\n    store::{\n        rows::{self, Row},\n    },\n};",
        ),
        ("store/rows.rs", "use crate::store::Store;\nuse super::totals::Totals;"),
        ("store/rows/read.rs", "use super::Row;\nuse super::super::totals;"),
        ("store/totals.rs", "// crate::store::rows is not known\nfn f() -> crate::store::query::Query {}"),
        (
            "store/query.rs",
            "#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod tests {\n    use crate::store::totals::Totals;",
        ),
    ];
    let mut files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    assert_eq!(circles(&files), [""; 0]);
    files[5].1.insert_str(0, "use super::rows::read::{Reading};\n");
    assert_eq!(circles(&files), ["store/query -> store/rows -> store/totals -> store/query"]);
    files[4].1 = "fn f() { simcore::store::db::open() }".to_owned();
    assert_eq!(circles(&files), ["store/db -> store/rows -> store/totals -> store/db"]);
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
