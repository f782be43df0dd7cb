//! The core's crates hold no vendor's terms: names of entities, fields, settings and back-office actions, read from the
//! profiles.

use std::collections::{BTreeMap, BTreeSet};

use erpsatz::{Config, load_simulators};
use simcore::base::map::IndexMap;
use simcore::entity::profile::{Field, Profile};

use super::{root, sources};

/// Plain words that an API may have, and that the core has for what it does itself. A new vendor's may be one more.
const PLAIN: &[&str] = &[
    "client",
    "columns",
    "companies",
    "contract",
    "email",
    "files",
    "keys",
    "licences",
    "order",
    "product",
    "request",
    "time",
    "user",
];

/// Other words that name something in a vendor's API and that the core has as well, each for what it says beside it.
const SHARED: &[(&str, &[&str])] = &[
    ("kinds of generated values", &["BuildingNumber", "CountryCode", "PostalCode"]),
    ("a part of GraphQL", &["subscription"]),
    ("spellings of paths beside the documented ones, a property of a contract", &["path_aliases"]),
    ("settings that the core reads where a profile has them", &["time_zone", "error_template"]),
    ("a key of every profile", &["routes"]),
    ("a check and a cause that `why` names", &["quota"]),
];

fn names(fields: &IndexMap<String, Field>, terms: &mut BTreeSet<String>) {
    for (name, field) in fields {
        terms.insert(name.clone());
        terms.extend(field.values.iter().filter_map(|value| value.as_str()).map(str::to_owned));
        names(&field.fields, terms);
    }
}

/// What a vendor calls things. Of fields and their values only what is coined: their plain words are everybody's.
fn terms(profile: &Profile) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    profile.entities.values().for_each(|entity| names(&entity.fields, &mut terms));
    terms.retain(|term| is_coined(term));
    terms.extend(
        profile.entities.keys().chain(profile.settings.keys()).chain(profile.actions.keys()).cloned(),
    );
    terms
}

/// Whether a term is no word of a language, so that it stands for the vendor wherever it is written.
fn is_coined(term: &str) -> bool {
    let inner = term.get(1..).unwrap_or_default();
    inner.contains(|letter: char| letter.is_uppercase() || "_-".contains(letter))
}

/// The words of a text; of plain words only those of literals that are no sentences.
fn words(text: &str) -> BTreeSet<&str> {
    let of = |text| str::split(text, |letter: char| !letter.is_alphanumeric() && !"_-".contains(letter));
    let coined = of(text).filter(|word| is_coined(word));
    let literals = text.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
    coined.chain(literals.filter(|literal| !literal.contains(' ')).flat_map(of)).collect()
}

#[test]
fn plain_words_count_where_they_name_something() {
    let text = "find(\"devis\"); get(\"/v1/commande\"); // \"the order\"\nlet order = format!(\"BY {order} x\"); doTrapId";
    let found = words(text);
    assert!(["devis", "commande", "doTrapId"].iter().all(|word| found.contains(word)), "{found:?}");
    assert!(!found.contains("order"), "{found:?}");
}

#[test]
fn the_core_holds_no_vendors_terms() {
    let loaded = load_simulators(&Config::default()).expect("the simulators");
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for server in &loaded {
        owners.extend(terms(&server.model.profile).into_iter().map(|term| (term, server.sim.slug)));
    }
    assert!(owners.len() > 400, "only {} terms were found", owners.len());
    let mut known: BTreeSet<&str> = PLAIN.iter().copied().collect();
    let shared: BTreeSet<&str> = SHARED.iter().flat_map(|(_, words)| words.iter().copied()).collect();
    known.extend(&shared);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for room in ["odata", "graphql-js", "pages", "simcore", "simhost", "control"] {
        for (path, text) in sources(&root().join("crates").join(room).join("src")) {
            let is_test = path.components().any(|part| {
                ["tests", "tests.rs", "toy.rs"].contains(&part.as_os_str().to_str().unwrap_or_default())
            });
            if is_test {
                continue;
            }
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for word in words(code) {
                if let Some((term, slug)) = owners.get_key_value(word) {
                    seen.insert(term.clone());
                    if !known.contains(word) {
                        found.push(format!(
                            "{}: {term} is a word of {slug}; if it is a plain one, PLAIN lacks it",
                            path.display()
                        ));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    let idle: Vec<_> = shared.iter().filter(|word| !seen.contains(**word)).collect();
    assert!(idle.is_empty(), "no exception is needed for {idle:?}");
}
