//! Every pointer resolves: from code to what is known of a vendor and to the reference, from page to page.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use erpsatz::registry;

use super::page::{Page, is_number};
use super::root;

/// What a text points at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pointer {
    /// `fact sheet 6.7`, `section 7`; also `10.14` for entry 14 of the list in section 10.
    Section(String),
    /// `section 10, 14`, `step 7`: an entry of a section's list.
    Item(String, String),
    /// `Q12`, `I-08`: a row of a table, or a question of the section on what is unsaid.
    Row(String),
    /// `DECISIONS`.
    Decisions,
    /// `docs/reference/limits.md#sizes`, from the repository's root.
    Page(String),
}

/// The pointers in a text that is about one vendor.
fn pointers(text: &str) -> Vec<Pointer> {
    let mut found = Vec::new();
    let words: Vec<&str> = text.split_whitespace().collect();
    for (place, word) in words.iter().enumerate() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_sheet = bare == "sheet" && place > 0 && words[place - 1].ends_with("fact");
        if is_sheet || bare == "section" {
            list(&words[place + 1..], bare == "section", &mut found);
        } else if let Some(section) = bare_section(word) {
            found.push(Pointer::Section(section));
        }
        if is_row(bare) {
            found.push(Pointer::Row(bare.to_owned()));
        } else if bare == "DECISIONS" {
            found.push(Pointer::Decisions);
        }
    }
    found
}

/// `6.7, 8 and 9.3`, `10, 14 and 15` (entries, when `of_section`), `4.2 steps 3 and 4`: as far as the list goes.
fn list(words: &[&str], of_section: bool, found: &mut Vec<Pointer>) {
    let (mut section, mut items) = (String::new(), false);
    for (place, word) in words.iter().enumerate() {
        let number = word.trim_end_matches([',', '.', ';', ':', ')', '"', ']', '`']).trim_matches('*');
        if number.split('.').all(is_number) {
            if items && is_number(number) {
                found.push(Pointer::Item(section.clone(), number.to_owned()));
            } else {
                number.clone_into(&mut section);
                found.push(Pointer::Section(section.clone()));
                items = of_section;
            }
        } else if matches!(*word, "step" | "steps" | "gap") {
            items = true;
        } else if !matches!(*word, "and" | "to" | "or") {
            return;
        }
        let goes_on = word.ends_with(',') || !word.ends_with(|c: char| !c.is_alphanumeric());
        let next_goes_on = words.get(place + 1).is_some_and(|next| *next != "when");
        if !goes_on || !next_goes_on {
            return;
        }
    }
}

/// `§6.3`.
fn bare_section(word: &str) -> Option<String> {
    let number = word.split_once('§')?.1;
    let number: String = number.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    Some(number.trim_end_matches('.').to_owned()).filter(|number| !number.is_empty())
}

/// `Q12` or `I-08`.
fn is_row(word: &str) -> bool {
    let number = word.strip_prefix('Q').or_else(|| word.strip_prefix("I-"));
    number.is_some_and(|number| is_number(number) && number.len() <= 2)
}

/// The pages that a text names by their way from the root: `docs/ci.md#settings`.
fn pages(text: &str) -> Vec<Pointer> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '#');
    let words = text.split(|c: char| !is_part(c)).map(|word| word.trim_end_matches('.'));
    let pages = words.filter(|word| {
        let path = word.split('#').next().unwrap_or_default();
        path.starts_with("docs/") && Path::new(path).extension().is_some_and(|extension| extension == "md")
    });
    pages.map(|word| Pointer::Page(word.to_owned())).collect()
}

/// What of a source can hold pointers: of Rust and of scripts the comments, of anything else all, a text of one line.
fn telling(path: &Path, text: &str) -> String {
    let mark = match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => "//",
        Some("sh" | "py" | "toml") => "#",
        _ => return text.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let comments =
        text.lines().filter_map(|line| Some(line.split_once(mark)?.1.trim_start_matches(['/', '!', '#'])));
    comments.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// What does not resolve of a vendor's pointers, in words.
fn dead(pointers: &[Pointer], sheet: &Page, decisions: &Page, title: &str) -> Vec<String> {
    let unsaid = |number: &str| sheet.items.iter().any(|(_, item)| item == number);
    let lives = |pointer: &Pointer| match pointer {
        Pointer::Section(section) => {
            let item = section.rsplit_once('.').map(|(section, item)| (section.to_owned(), item.to_owned()));
            sheet.sections.contains(section) || item.is_some_and(|item| sheet.items.contains(&item))
        }
        Pointer::Item(section, item) => sheet.items.contains(&(section.clone(), item.clone())),
        Pointer::Row(row) => sheet.rows.contains(row) || row.strip_prefix('Q').is_some_and(unsaid),
        Pointer::Decisions => decisions.titles.iter().any(|heading| title.starts_with(heading)),
        Pointer::Page(_) => true,
    };
    pointers.iter().filter(|pointer| !lives(pointer)).map(|pointer| format!("{pointer:?}")).collect()
}

/// A file of the repository, by its way from the root.
fn files() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let is_hidden = name.starts_with('.') && name != ".ci" && name != ".github";
            if path.is_dir() {
                if !is_hidden && !matches!(name.as_str(), "target" | "corpus" | "node_modules" | "seed-data")
                {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.push((path.strip_prefix(root()).expect("it is inside").to_owned(), text));
            }
        }
    }
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The folder of each simulator's crate, by slug.
fn crates() -> HashMap<&'static str, String> {
    let folders = fs::read_dir(root().join("crates")).expect("the crates");
    let folders: Vec<PathBuf> = folders.map(|entry| entry.expect("an entry").path()).collect();
    let of = |slug: &str| {
        let says_so = |folder: &&PathBuf| {
            fs::read_to_string(folder.join("src/lib.rs"))
                .is_ok_and(|text| text.contains(&format!("slug: \"{slug}\"")))
        };
        let folder = folders
            .iter()
            .find(says_so)
            .unwrap_or_else(|| panic!("no crate's src/lib.rs says slug: \"{slug}\""));
        folder.file_name().expect("a name").to_string_lossy().into_owned()
    };
    registry::ALL.iter().map(|sim| (sim.slug, of(sim.slug))).collect()
}

/// The slug of the vendor that a file is about: a folder or the file itself bears its crate's name.
fn vendor(path: &Path, crates: &HashMap<&'static str, String>) -> Option<&'static str> {
    let mut parts: Vec<String> =
        path.components().map(|part| part.as_os_str().to_string_lossy().replace('_', "-")).collect();
    parts.extend(path.file_stem().map(|stem| stem.to_string_lossy().replace('_', "-")));
    let named = |name: &str| parts.iter().any(|part| part == name);
    crates.iter().find(|(slug, folder)| named(folder) || named(slug)).map(|(slug, _)| *slug)
}

#[test]
fn pointers_to_what_is_known_resolve() {
    let crates = crates();
    let decisions = Page::read(&read("docs/facts/decisions.md"));
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let kind = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !matches!(kind, "rs" | "yaml" | "graphql" | "sql" | "md")
            || path.ends_with("docs/facts/decisions.md")
        {
            continue;
        }
        let told = telling(&path, &text);
        let Some(slug) = vendor(&path, &crates) else {
            if kind == "rs" && told.contains("fact sheet") && !path.starts_with("tests/tidy") {
                wrong.push(format!("{}: a fact sheet, but whose?", path.display()));
            }
            continue;
        };
        let pointers = pointers(&told);
        if pointers.is_empty() {
            continue;
        }
        let sim = registry::ALL.iter().find(|sim| sim.slug == slug).expect("a simulator");
        let sheet = Page::read(&read(&format!("docs/facts/{slug}.md")));
        let dead = dead(&pointers, &sheet, &decisions, sim.title);
        wrong.extend(dead.into_iter().map(|what| format!("{}: {what}", path.display())));
    }
    assert!(wrong.is_empty(), "nothing is there:\n{}", wrong.join("\n"));
}

#[test]
fn pages_that_sources_name_are_there() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let is_source = path.extension().is_none_or(|extension| extension != "md" && extension != "json");
        for page in if is_source && !path.starts_with("tests/tidy") { pages(&text) } else { Vec::new() } {
            let Pointer::Page(target) = page else { continue };
            wrong.extend(
                broken(Path::new(""), &target).map(|why| format!("{}: {target}: {why}", path.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "nothing is there:\n{}", wrong.join("\n"));
}

#[test]
fn links_of_pages_resolve() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for (line, target) in Page::read(&text).links {
            let why = broken(&path, &target);
            wrong.extend(why.map(|why| format!("{}:{line}: {target}: {why}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "dead links:\n{}", wrong.join("\n"));
}

/// Why a link in the page `from` leads nowhere; those that leave the repository are not followed.
fn broken(from: &Path, target: &str) -> Option<String> {
    let target = target.split_whitespace().next().unwrap_or_default().trim_matches(['<', '>']);
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file =
        if path.is_empty() { from.to_owned() } else { from.parent().unwrap_or(Path::new("")).join(path) };
    let file = root().join(file);
    if !file.exists() {
        return Some("no such file".to_owned());
    }
    if anchor.is_empty() {
        return None;
    }
    let page = Page::read(&fs::read_to_string(&file).unwrap_or_default());
    (!page.anchors.contains(anchor)).then(|| "no such heading".to_owned())
}

/// Whether a text between backticks names a file or folder of this repository.
fn is_path(code: &str) -> bool {
    let known = ["rs", "yaml", "sh", "sql", "graphql", "md", "toml", "txt"];
    let has_extension =
        Path::new(code).extension().is_some_and(|extension| known.iter().any(|known| extension == *known));
    let is_plain = code.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_'));
    is_plain && (has_extension || (code.ends_with('/') && !code.starts_with('/')))
}

#[test]
fn the_code_map_names_files_that_are_there() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let is_map = path.starts_with("crates") && path.ends_with("README.md");
        if !is_map {
            continue;
        }
        let here = root().join(path.parent().expect("a folder"));
        let mut before = (0, here.clone());
        for (line, code) in Page::read(&text).codes {
            if !is_path(&code) {
                continue;
            }
            let mut places = vec![here.clone(), here.join("src"), root().join("crates"), root()];
            if before.0 == line {
                places.insert(0, before.1.clone());
            }
            match places.iter().map(|place| place.join(&code)).find(|file| file.exists()) {
                Some(folder) if folder.is_dir() => before = (line, folder),
                Some(file) => before = (line, file.parent().expect("a folder").to_owned()),
                None => wrong.push(format!("{}:{line}: {code}", path.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "no such files:\n{}", wrong.join("\n"));
}

#[test]
fn every_kind_of_pointer_is_seen() {
    let section = |number: &str| Pointer::Section(number.to_owned());
    let item = |section: &str, item: &str| Pointer::Item(section.to_owned(), item.to_owned());
    let row = |name: &str| Pointer::Row(name.to_owned());
    for (text, expected) in [
        ("Quotes (fact sheet 6.7).", vec![section("6.7")]),
        ("As in fact sheet 6.7, 8 and 9.3; more", vec![section("6.7"), section("8"), section("9.3")]),
        ("(fact sheet 4 to 7)", vec![section("4"), section("7")]),
        ("(section 10, 15 and 16).", vec![section("10"), item("10", "15"), item("10", "16")]),
        ("(fact sheet 5, section 10, 27)", vec![section("5"), section("10"), item("10", "27")]),
        ("(fact sheet 4.2, steps 3 and 4)", vec![section("4.2"), item("4.2", "3"), item("4.2", "4")]),
        ("(fact sheet 8.6, Q19, Q20)", vec![section("8.6"), row("Q19"), row("Q20")]),
        ("columns (fact sheet 3.1 I-08, 9)", vec![section("3.1"), row("I-08")]),
        ("the fact sheet 3 when `strict`", vec![section("3")]),
        ("refused (Q6, DECISIONS).", vec![row("Q6"), Pointer::Decisions]),
        ("(fact sheet 4.2 step 7, 4.5)", vec![section("4.2"), item("4.2", "7"), section("4.5")]),
        ("see §6.3 onward", vec![section("6.3")]),
        ("a section of text, QUEUE 7", vec![]),
    ] {
        assert_eq!(pointers(text), expected, "{text}");
    }
    let told = telling(Path::new("a.rs"), "let a = \"Q77\"; // why (fact sheet\n    // 6.7)\n");
    assert_eq!(pointers(&told), [section("6.7")]);
    assert_eq!(
        pages("see docs/facts/weavy.md#quota."),
        [Pointer::Page("docs/facts/weavy.md#quota".to_owned())]
    );
}

#[test]
fn a_dead_pointer_is_found() {
    let sheet =
        Page::read("## 6. Calls\n### 6.7 Quotes\n1. one\n| Q12 | why? |\n## 9. What is unsaid\n3. three\n");
    let decisions = Page::read("# Decided\n## 8sens\n");
    let found = |text: &str, title: &str| dead(&pointers(text), &sheet, &decisions, title);
    assert_eq!(found("(fact sheet 6.7; Q12, Q3; section 9, 3; DECISIONS)", "8sens REST"), [""; 0]);
    assert_eq!(found("(fact sheet 9.3)", "8sens REST"), [""; 0]);
    assert_eq!(found("(fact sheet 6.8)", "8sens REST"), ["Section(\"6.8\")"]);
    assert_eq!(found("(section 9, 4)", "8sens REST"), ["Item(\"9\", \"4\")"]);
    assert_eq!(found("(Q13)", "8sens REST"), ["Row(\"Q13\")"]);
    assert_eq!(found("(DECISIONS)", "weavy"), ["Decisions"]);
    let page = Path::new("docs/facts/README.md");
    assert_eq!(broken(page, "decisions.md#8sens"), None);
    assert_eq!(broken(page, "decisions.md#9sens"), Some("no such heading".to_owned()));
    assert_eq!(broken(page, "decision.md"), Some("no such file".to_owned()));
    assert!(is_path("src/a.rs") && is_path("src/") && !is_path("/api2/") && !is_path("a < b.rs"));
    assert!(root().components().all(|part| part != Component::ParentDir));
}
