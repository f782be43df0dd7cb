//! What `profile check` refuses, each with its place and words: whatever would give a 500, a call that nobody reaches, a
//! name for two things, an impossible status, or silence.

use super::wrong;

/// Server, profile, where the mistake is, and what is said of it.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    // What an entity needs.
    (
        "onlineerp",
        "entities: { X: { keys: [A], access: { acomba: [GET] }, fields: {} } }",
        "1:13",
        "needs `fields`",
    ),
    (
        "onlineerp",
        "entities: { X: { access: { acomba: [GET] }, fields: { A: { kind: text } } } }",
        "1:13",
        "needs `keys`",
    ),
    ("onlineerp", "entities: { X: { keys: [A], fields: { A: { kind: text } } } }", "1:13", "needs `access`"),
    (
        "onlineerp",
        "entities:\n  X: { keys: [A], access: { acomba: [PATCH] }, fields: { A: { kind: text } } }",
        "2:38",
        "PATCH",
    ),
    (
        "onlineerp",
        "entities: { '': { keys: [A], access: {}, fields: { A: { kind: text } } } }",
        "1:13",
        "ASCII letters",
    ),
    (
        "onlineerp",
        "entities: { product: { keys: [A], access: {}, fields: { A: { kind: text } } } }",
        "1:13",
        "`product` is `Product`",
    ),
    (
        "onlineerp",
        "entities: { sqlite_x: { keys: [A], access: {}, fields: { A: { kind: text } } } }",
        "1:13",
        "sqlite_x",
    ),
    ("weavy", "entities: { 'a/b': { fields: { x: { kind: text } } } }", "1:13", "a/b"),
    ("weavy", "entities: { '{q}': { fields: { x: { kind: text } } } }", "1:13", "{q}"),
    (
        "weavy",
        "entities: { depot: { keys: [x], fields: { x: { kind: text } } } }",
        "1:22",
        "every entity of this server has",
    ),
    ("8sens", "entities: { depot: { fields: { x: { kind: text } } } }", "1:13", "get no calls"),
    ("8sens", "entities: null", "1:11", "a mapping is expected, not nothing"),
    ("onlineerp", "marks: null", "1:8", "a mapping is expected, not nothing"),
    ("onlineerp", "settings:\n  robot:\n", "2:8", "a mapping is expected, not nothing"),
    // What an order goes by.
    ("8sens", "entities: { client: { order: cliNix } }", "1:23", "unknown field `cliNix`"),
    ("8sens", "entities: { client: { order: cliID down } }", "1:23", "`cliID down` is no order"),
    ("8sens", "entities: { client: { order: '' } }", "1:23", "is no order"),
    ("8sens", "entities: { client: { order: [cliID] } }", "1:30", "text"),
    ("8sens", "entities: { devis: { order: lignes } }", "1:22", "holds several values"),
    ("8sens", "entities: { client: { order: cliTel, fields: { cliTel: null } } }", "1:23", "unknown field"),
    // What a call succeeds with.
    ("8sens", "routes: { 'POST /v1/client': { status: 404 } }", "1:40", "from 200 to 204"),
    ("8sens", "routes: { 'POST /v1/client': { status: 205 } }", "1:40", "from 200 to 204"),
    ("8sens", "routes: { /v1/client: { status: 200 } }", "1:25", "say the verb"),
    ("8sens", "routes: { 'POST /v1/client': { evidence: doc } }", "1:11", "needs a `path` or a `status`"),
    (
        "onlineerp",
        "routes: { 'POST /api/Entity/ProductTrail': { status: 200 } }",
        "1:46",
        "succeeds with 201 or 200",
    ),
    // What a field needs.
    ("8sens", "entities: { client: { fields: { cliID: null } } }", "1:33", "is a key"),
    ("8sens", "entities: { client: { fields: { clNom: null } } }", "1:33", "did you mean"),
    ("weavy", "entities: { customer: { fields: { srvAttrib: null } } }", "1:35", "every entity"),
    (
        "onlineerp",
        "entities: { Product: { fields: { A: { kind: text }, a: { kind: text } } } }",
        "1:34",
        "in other letters",
    ),
    ("onlineerp", "entities: { Product: { fields: { prixvente: { kind: text } } } }", "1:34", "`PrixVente`"),
    ("onlineerp", "entities: { Product: { fields: { _id: { kind: text } } } }", "1:34", "`_id`"),
    ("onlineerp", "entities: { Product: { fields: { 'a b': { kind: text } } } }", "1:34", "letters, digits"),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: integer, default: many } } } }",
        "1:54",
        "not of kind integer",
    ),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: text, values: [a, b], default: c } } } }",
        "1:67",
        "none of `values`",
    ),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: integer, values: [a] } } } }",
        "1:54",
        "not of kind integer",
    ),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: text, values: [] } } } }",
        "1:59",
        "something in it",
    ),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: decimal, least: 5, greatest: 1 } } } }",
        "1:54",
        "above",
    ),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: text, max_length: 0 } } } }",
        "1:63",
        "from 1",
    ),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: text, max_length: -1 } } } }",
        "1:63",
        "from 1",
    ),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: integer, max_length: 3 } } } }",
        "1:54",
        "for texts",
    ),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: text, required: true, write: never } } } }",
        "1:51",
        "nobody may write",
    ),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: object, references: Product } } } }",
        "1:53",
        "`X` is of kind object",
    ),
    (
        "onlineerp",
        "entities: { Product: { fields: { X: { kind: text, references: Nope } } } }",
        "1:51",
        "unknown entity `Nope`",
    ),
    ("onlineerp", "entities: { Product: { indexes: [[Nope]] } }", "1:24", "unknown field `Nope`"),
    // What the server makes inside a list.
    (
        "8sens",
        "entities: { client: { fields: { adresses: { fields: { adrID: { kind: text } } } } } }",
        "1:64",
        "`adrID` stays of kind integer",
    ),
    (
        "8sens",
        "entities: { devis: { fields: { lignes: { fields: { puHT: { kind: text } } } } } }",
        "1:60",
        "`puHT` stays of kind decimal",
    ),
    // Statuses and sentences.
    (
        "onlineerp",
        "errors: { RECORD_NOT_FOUND: { status: { setting: robot } } }",
        "1:31",
        "does not hold statuses",
    ),
    (
        "onlineerp",
        "errors: { RECORD_NOT_FOUND: { status: { setting: nope } } }",
        "1:31",
        "unknown setting `nope`",
    ),
    ("onlineerp", "settings: { refused_status: { values: [700], default: 700 } }", "1:46", "700"),
    ("8sens", "errors: { NOT_FOUND: { status: 204 } }", "1:24", "no status of a refusal"),
    ("8sens", "errors: { NOT_FOUND: { status: 304 } }", "1:24", "no status of a refusal"),
    ("8sens", "errors: { NOT_FOUND: { status: '404' } }", "1:32", "a whole number is expected"),
    (
        "comarch-xt",
        "errors: { RECORD_NOT_FOUND: { message: '{ID}' } }",
        "1:31",
        "unknown placeholder `ID`, there are: entity, id",
    ),
    ("comarch-xt", "errors: { RECORD_NOT_FOUND: { message: 'a {id' } }", "1:31", "unknown placeholder"),
    ("comarch-xt", "errors: { RECORD_NOT_FOUND: { message: 'a {}' } }", "1:31", "unknown placeholder"),
    ("clavus", "errors: { DOCUMENT_SYNTAX: { message: Oops } }", "1:30", "cannot be others"),
    (
        "8sens",
        "settings: { error_template: { default: { a: '{nope}' } } }",
        "1:31",
        "unknown placeholder `nope`",
    ),
    ("onlineerp", "settings: { time_zone: { default: Mars/Olympus } }", "1:26", "a time zone such as"),
    ("onlineerp", "settings: { delete_enabled: { default: [Nope] } }", "1:31", "unknown entity `Nope`"),
    ("onlineerp", "settings: { robot: { kind: integer } }", "1:22", "knows no other kind"),
    ("comarch-xt", "language: nope", "1:1", "unknown setting `nope`"),
    ("weavy", "labels: { Nope: { EN: x } }", "1:11", "unknown name `Nope`"),
    ("weavy", "deleted: { Nope: 1 }", "1:12", "unknown name `Nope`"),
    ("weavy", "marks: { money: [Nope] }", "1:10", "unknown name `Nope`"),
    // Calls.
    ("8sens", "routes: { X: 5 }", "1:11", "unknown call `X`"),
    ("8sens", "routes: { 'GET /v1/client': /v1/article }", "1:11", "only one of them answered"),
    (
        "8sens",
        "routes: { '/v1/client/code/{code}': '/v1/client/{code}' }",
        "1:11",
        "only one of them answered",
    ),
    ("8sens", "routes: { 'GET /v1/client': '/v1/a?b=c' }", "1:11", "`?`"),
    ("8sens", "routes: { 'GET /v1/client': '/v1//x' }", "1:11", "two slashes"),
    ("8sens", "routes: { 'GET /v1/client': '/~foo/bar' }", "1:11", "a sandbox"),
    ("8sens", "routes: { 'GET /v1/client': '/a#b' }", "1:11", "`#`"),
    ("8sens", "routes: { 'GET /v1/client': '/a%2Fb' }", "1:11", "`%`"),
    ("8sens", "routes: { 'GET /v1/client/{id}': '/v1/client/pre{id}' }", "1:11", "a whole part"),
    ("8sens", "routes: { 'GET /v1/client': '/../x' }", "1:11", "taken away"),
    ("8sens", "routes: { 'GET /v1/client': v1/x }", "1:11", "begins with a slash"),
    ("8sens", "routes: { 'GET /v1/client/{id}': /v1/x }", "1:11", "must have {id}"),
    // Names.
    ("8sens", "names: { cliNom: client }", "1:10", "has already"),
    ("clavus", "names: { erpEnrAPI: api }", "1:10", "has already"),
    ("onlineerp", "names: { PrixVente: NoProduit }", "1:10", "has already"),
    ("onlineerp", "names: { Product: Customer }", "1:10", "has already"),
    ("clavus", "names: { getUsers: getTeams }", "1:10", "has already"),
    ("8sens", "names: { limit: page, page: limit }", "1:10", "has already"),
    ("onlineerp", "names: { PrixVent: Prix }", "1:10", "did you mean `PrixVente`?"),
    ("clavus", "names: { getTeams: 1x }", "1:10", "no digit first"),
    ("clavus", "names: { getTeams: __typename }", "1:10", "a word of GraphQL"),
    ("clavus", "names: { firstname: nom_é }", "1:10", "ASCII letters"),
    ("comarch-xt", "names: { products: artikel, customers: artikel }", "1:29", "already"),
    // What cannot be read.
    ("8sens", "", "1:1", "this is empty"),
    ("8sens", "[1]", "1:1", "a mapping is expected"),
    ("8sens", "names: {}\n---\nnames: {}\n", "3:1", "a second document"),
    ("8sens", "errors:\n  NOT_FOUND: &a { code: X }\n  VALIDATION: { <<: *a }\n", "3:17", "not merged"),
];

#[test]
fn every_mistake_has_its_place_and_its_words() {
    let mut missed = Vec::new();
    for (slug, text, place, words) in MISTAKES {
        let said = wrong(slug, text);
        let first = said.lines().next().unwrap_or_default();
        if !(first.starts_with(&format!("ours.yaml:{place}: ")) && first.contains(words)) {
            missed.push(format!("{slug}: {text}\n  expected {place} {words}\n  said {said}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn all_mistakes_are_told_at_once_and_each_once() {
    let text = "entities: { client: { fields: { nope: null, cliNom: { kind: 5 } } } }\nsettings: { nope: {} }\n\
                errors: { NOT_FOUND: { status: x, code: [1] } }\nroutes: { nope: /x }\nnames: { nope: x }\n";
    let said = wrong("8sens", text);
    let places: Vec<&str> = said.lines().filter(|line| line.starts_with("ours.yaml:")).collect();
    let lines: Vec<&str> = places.iter().filter_map(|place| place.split(':').nth(1)).collect();
    assert_eq!(lines, ["1", "1", "2", "3", "3", "4", "5"], "{said}");
}

#[test]
fn what_is_too_much_is_refused_at_once() {
    let many: Vec<String> = (0..600).map(|place| format!("F{place}: {{ kind: text }}")).collect();
    let many = format!("entities: {{ Product: {{ fields: {{ {} }} }} }}", many.join(", "));
    assert!(wrong("onlineerp", &many).contains("at most 500"));
    let bomb = (1..30).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
        let before = format!("*a{}", level - 1);
        format!("{text}a{level}: &a{level} [{}]\n", [before.as_str(); 9].join(", "))
    });
    assert!(wrong("onlineerp", &bomb).contains("more than a file may hold"));
    assert!(wrong("onlineerp", &"[".repeat(9000)).contains("nested too deeply"));
    assert!(wrong("onlineerp", &" ".repeat(2 << 20)).contains("at most 1048576 bytes"));
}

#[test]
fn scalars_are_what_they_look_like() {
    for text in [
        "errors: { NOT_FOUND: { code: 12, message: 5, evidence: recorded } }",
        "names: { cliNom: y }",
        "entities: { client: { fields: { memo: { kind: text, default: yes, values: [yes, no] } } } }",
        "errors: { NOT_FOUND: &a { code: X }, VALIDATION: *a }",
    ] {
        assert_eq!(wrong("8sens", text), "", "{text}");
    }
}
