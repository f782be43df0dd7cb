//! Files: extension, built-in scenarios, JSON and YAML.

use erpsatz::{Config, load_library, load_simulators, ready};
use serde_json::Value;
use simhost::scenario::{Library, Ready, Scenario};

fn library(texts: &[(&str, &'static str)]) -> Library {
    let mut library = Library::default();
    for (name, text) in texts {
        library.scenarios.insert((*name).to_owned(), (*text).into());
    }
    library
}

#[test]
fn every_built_in_scenario_loads() {
    let config = Config::default();
    let (library, loaded) = (load_library(&config).unwrap(), load_simulators(&config).unwrap());
    for (name, text) in &library.scenarios {
        // A catalogue is made whole once, in its lesson.
        let text = text.replace("100000 }", "1000 }");
        let scenario = ready(&text, &library, &loaded).unwrap_or_else(|why| panic!("{name}: {why}"));
        for index in 0..loaded.len() {
            scenario.image(index, &loaded, &library).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
        assert_eq!(&scenario.scenario.name, name, "a file is named after its scenario");
        assert!(!scenario.scenario.description.is_empty(), "{name}");
    }
}

#[test]
fn a_scenario_goes_on_from_another() {
    let library = library(&[
        (
            "base",
            "name: base\nseed: 1\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }\nservers: { onlineerp: { data: small, settings: { top_cap: 5, error_template: { a: '1' } }, records: { Product: [ { NoProduit: A } ] } } }\nfaults: [ { server: onlineerp, then: { drop: true } } ]\nexpect: [ { no_violations: true } ]",
        ),
        ("loop", "name: loop\nextends: loop"),
    ]);
    let child = "name: child\nextends: base\nseed: 2\nservers: { onlineerp: { data: none, settings: { robot: offline, error_template: { b: '2' } }, records: { Product: [ { NoProduit: B } ] } } }\nfaults: [ { server: onlineerp, then: { corrupt: true } } ]";
    let scenario = Scenario::parse(child, &library).unwrap();
    let server = &scenario.servers["onlineerp"];
    assert_eq!((scenario.name.as_str(), scenario.seed), ("child", Some(2)));
    assert!(scenario.clock.as_ref().is_some_and(|clock| clock.frozen));
    assert_eq!(server.data.as_deref(), Some("none"));
    let settings: Vec<&str> = server.settings.keys().map(String::as_str).collect();
    assert_eq!(settings, ["top_cap", "error_template", "robot"]);
    assert_eq!(server.settings["error_template"], serde_json::json!({ "a": "1", "b": "2" }), "maps merge");
    assert_eq!(server.records["Product"].len(), 2);
    assert_eq!((scenario.faults.len(), scenario.expect.len()), (2, 1));
    assert!(Scenario::parse("name: x\nextends: loop", &library).unwrap_err().message.contains("loop"));
}

/// Scenarios with a mistake, and what is said about it.
const MISTAKES: &[(&str, &[&str])] = &[
    (
        "name: x\nservers:\n  onlineerp:\n    settings: { robbot: offline }",
        &["line 4, column 17", "did you mean `robot`"],
    ),
    (
        "name: x\nsteps:\n  - { at: 1m, do: [ { action: { server: onlineerp, name: robot-of } } ] }",
        &["line 3", "robot-offline"],
    ),
    ("name: x\nsteps:\n  - { at: 1m, after: y, do: [] }", &["one of"]),
    ("name: x\nsteps:\n  - { at: soon, do: [] }", &["soon"]),
    ("name: x\nexpect:\n  - { request: { server: onlineerp, pth: /a } }", &["pth"]),
    ("name: x\nexpect:\n  - { never: true }", &["expectation 1"]),
    ("name: x\nexpect:\n  - { request: { server: onlinerp } }", &["did you mean `onlineerp`", "line 3"]),
    ("name: x\nfaults:\n  - { server: onlineerp, then: { delay: 5 } }", &["delay"]),
    ("name: x\nseeed: 4", &["line 2", "did you mean `seed`"]),
    ("name: x\nextends: defalt", &["line 2, column 10", "did you mean `default`"]),
    ("servers:\n  onlineerp: { setings: {} }", &["line 2", "did you mean `settings`"]),
    (
        "# robot\nname: robot\nservers:\n  onlineerp:\n    settings: { robot: 5 }",
        &["line 5, column 17", "must be of kind text"],
    ),
    ("servers:\n  onlineerp:\n    data: smal", &["line 3, column 11", "did you mean `small`"]),
    (
        "servers:\n  comarch-xt:\n    records:\n      custmers: []",
        &["line 4, column 7", "did you mean `customers`"],
    ),
    (
        "servers:\n  comarch-xt:\n    records:\n      customers: [ { Nme: a } ]",
        &["line 4, column 22", "customers record 1", "did you mean `Name`"],
    ),
    (
        "servers:\n  comarch-xt:\n    records:\n      customers:\n        - Address: { Cty: B }",
        &["line 5, column 22", "did you mean `City`"],
    ),
    (
        "servers:\n  comarch-xt:\n    records:\n      customers:\n        - CustomerType: many",
        &["line 5, column 11", "must be of kind integer"],
    ),
    ("faults:\n  - { servr: onlineerp, then: { drop: true } }", &["line 2", "did you mean `server`"]),
    (
        "faults:\n  - { server: onlineerp, when: { pth: /a }, then: { drop: true } }",
        &["line 2", "did you mean `path`"],
    ),
    ("faults:\n  - { server: onlineerp, then: { dropp: true } }", &["line 2", "did you mean `drop`"]),
    ("steps:\n  - { att: 1m, do: [] }", &["line 2", "did you mean `at`"]),
    ("steps:\n  - { at: 1m, do: [ { advnce: 1m } ] }", &["line 2", "did you mean `advance`"]),
    (
        "steps:\n  - { on: { request: { server: onlineerp, pth: /a } }, do: [] }",
        &["line 2", "did you mean `path`"],
    ),
    (
        "steps:\n  - at: 1m\n    do: [ { insert: { server: comarch-xt, entity: custmers, records: [ {} ] } } ]",
        &["line 3, column 51", "did you mean `customers`"],
    ),
    (
        "steps:\n  - at: 1m\n    do: [ { insert: { server: comarch-xt, entity: customers, records: [ { Nme: a } ] } } ]",
        &["line 3, column 75", "did you mean `Name`"],
    ),
    (
        "steps:\n  - at: 1m\n    do: [ { update: { server: comarch-xt, entity: customers, key: '1', set: { Nme: a } } } ]",
        &["line 3, column 79", "did you mean `Name`"],
    ),
    (
        "steps:\n  - at: 1m\n    do: [ { action: { server: onlineerp, name: lock-record, with: { entty: Product, id: A } } } ]",
        &["line 3, column 69", "did you mean `entity`"],
    ),
    (
        "faults:\n  - { id: down, server: onlineerp, then: { drop: true } }\nsteps:\n  - { at: 1m, do: [ { faults: { off: [ dwn ] } } ] }",
        &["line 4, column 40", "did you mean `down`"],
    ),
    ("steps:\n  - { name: one, at: 1m, do: [] }\n  - { after: onee, do: [] }", &["line 3", "`one`"]),
    ("expect:\n  - { requst: { server: onlineerp } }", &["line 2", "did you mean `request`"]),
    (
        "expect:\n  - { request: { server: onlineerp }, times: { exactlyy: 2 } }",
        &["line 2", "did you mean `exactly`"],
    ),
    (
        "expect:\n  - { request: { server: onlineerp }, times: { exactly: two } }",
        &["line 2", "a whole number is expected"],
    ),
    (
        "expect:\n  - record: { server: onlineerp, entity: Product, where: { NoProdui: BOLT-M8 } }",
        &["line 2, column 60", "did you mean `NoProduit`"],
    ),
    (
        "expect:\n  - record: { server: 8sens, entity: devis, where: { lignes.artdI: 1001 } }",
        &["line 2, column 61", "did you mean `artID`"],
    ),
    (
        "expect:\n  - request:\n      server: onlineerp\n      body: { PrixVente: { more_then: 5 } }",
        &["line 4, column 28", "did you mean `more_than`"],
    ),
    (
        "expect:\n  - request: { server: onlineerp, query: { $top: { more_than: 1, less: 5 } } }",
        &["line 2, column 66", "did you mean `less_than`"],
    ),
    (
        "expect:\n  - request: { server: onlineerp, between: { from: PT5M, to: PT5M } }",
        &["line 2, column 35", "ends before it begins"],
    ),
    (
        "faults:\n  - server: weavy\n    when: { between: { from: 2026-03-02T09:00:00Z, to: 2026-03-02T08:00:00Z } }\n    then: { drop: true }",
        &["line 3", "ends before it begins"],
    ),
    ("name: [", &["line"]),
    ("name: x\nseeed: 1", &["did you mean `seed`", "line 2, column 1"]),
    ("name: x\nfaults:\n  - { server: weavy, when: { pth: a } }", &["did you mean `path`", "line 3"]),
    ("name: x\nfaults:\n  - { server: weavy, then: { status: 500, headers: { a b: c } } }", &["no header"]),
    ("name: x\nextends: defalt", &["did you mean `default`", "line 2, column 10"]),
    ("name: x\nexpect:\n  - { request: { server: weavy }, times: { at_least: 3, at_most: 1 } }", &["times"]),
    (
        "name: x\nservers:\n  comarch-xt:\n    records: { customers: [ { Adress: {} } ] }",
        &["did you mean `Address`", "line 4"],
    ),
    (
        "name: x\nservers: { comarch-xt: { records: { customers: [ { Address: { Stret: x } } ] } } }",
        &["did you mean `Street`"],
    ),
    (
        "name: x\nsteps:\n  - { at: 1m, do: [ { update: { server: weavy, entity: customer, key: C1, set: { nme: x } } } ] }",
        &["did you mean `name`", "line 3"],
    ),
    (
        "name: x\nfaults: [ { id: cut, server: weavy, then: { drop: true } } ]\nsteps:\n  - { at: 1m, do: [ { faults: { off: [cutt] } } ] }",
        &["did you mean `cut`", "line 4"],
    ),
    (
        "name: x\nsteps:\n  - { at: 1m, do: [ { action: { server: onlineerp, name: lock-record, with: { entty: Product } } } ] }",
        &["did you mean `entity`", "line 3"],
    ),
];

#[test]
fn all_mistakes_of_a_file_are_told_at_once_with_its_name() {
    let config = Config::default();
    let (library, loaded) = (load_library(&config).unwrap(), load_simulators(&config).unwrap());
    let text = "name: x\nseeed: 1\nservers:\n  weavy:\n    settings: { licenses: 3 }\n    records:\n      custmer: []\n      \
                customer: [ { name: A }, { nme: B } ]\nfaults:\n  - { servr: weavy }\n";
    let why = Ready::read(text, Some("shop.yaml"), &loaded, &library).unwrap_err();
    for said in [
        "shop.yaml:2:1: unknown key `seeed`, did you mean `seed`",
        "shop.yaml:5:17: unknown setting `licenses`",
        "shop.yaml:7:7: unknown entity `custmer`",
        "shop.yaml:10:7: unknown key `servr`",
    ] {
        assert!(why.contains(said), "{said}: {why}");
    }
    let text = "name: x\nservers:\n  comarch-xt:\n    records:\n      products: [ { Rate: 99 }, { Name: A, Rate: 4 } ]\n  \
                onlineerp: { settings: { robot: gone } }\n";
    let why = Ready::read(text, Some("shop.yaml"), &loaded, &library).unwrap_err();
    for said in [
        "shop.yaml:5:21: products record 1: `Rate`",
        "products record 2: `Rate`",
        "shop.yaml:6:28: setting `robot`",
    ] {
        assert!(why.contains(said), "{said}: {why}");
    }
    for (text, said) in [
        ("", "shop.yaml: this is no scenario: it is empty"),
        ("a: [1\nb: 2\n", "shop.yaml:2:"),
        ("name: *no\n", "shop.yaml:1:7: cannot be read: an alias"),
    ] {
        let why = Ready::read(text, Some("shop.yaml"), &loaded, &library).unwrap_err();
        assert!(why.contains(said), "{said}: {why}");
    }
}

/// What is wrong in the structure hides nothing that is wrong in the rest.
#[test]
fn mistakes_of_every_kind_are_told_at_once() {
    let config = Config::default();
    let (library, loaded) = (load_library(&config).unwrap(), load_simulators(&config).unwrap());
    let text = "name: x
name: y
seeed: 1
clock: { start: yesterday }
servers:
  onlineerp:
    settings: { robott: x, filter_mode: nope, top_cap: -5 }
  comarch-xt: { data: smal, records: { products: [ { Rate: 99 } ] } }
  8sens:
    generate: { client: -1 }
    records:
      client: [ { cliRaisonSociale: A, cliSirett: '1' } ]
faults:
  - { server: weavy, when: { metod: GET }, then: { status: 500 } }
  - { server: weavy, when: { path: /v1/Dat }, then: { delay: soon } }
  - { server: weavy, when: { path: /v1/Datta }, then: { status: 500 } }
steps:
  - { at: whenever, do: [] }
  - { at: 1m, do: [ { action: { server: 8sens, name: deliver, with: {} } } ] }
  - { after: nobody, do: [] }
expect:
  - no_violation: true
";
    let why = Ready::read(text, Some("shop.yaml"), &loaded, &library).unwrap_err();
    let said: Vec<&str> = why.lines().filter(|line| line.starts_with("shop.yaml")).collect();
    let expected = [
        "2:1: `name` stands here twice",
        "3:1: unknown key `seeed`, did you mean `seed`?",
        "4:17: `start`: `yesterday` is no such instant",
        "7:17: unknown setting `robott`, did you mean `robot`?",
        "7:41: unknown `filter_mode` `nope`",
        "7:56: `top_cap`: a whole number from 0 to",
        "8:23: unknown data set `smal`, did you mean `small`?",
        "8:60: unknown `Rate` `99`",
        "10:25: `client`: a whole number from 0",
        "12:40: unknown field `cliSirett`, did you mean `cliSiret`?",
        "14:30: unknown key `metod`, did you mean `method`?",
        "15:62: `delay`: `soon` is not a duration",
        "16:36: fault 3: `/v1/Datta` is no path of weavy",
        "18:11: `at`: `whenever` is not a duration",
        "19:54: unknown `name` `deliver`, did you mean `deliver-order`?",
        "20:14: step 3: unknown step `nobody`",
        "22:5: unknown key `no_violation`, did you mean `no_violations`?",
    ];
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(
            said.strip_prefix("shop.yaml:").is_some_and(|said| said.starts_with(expected)),
            "{expected}: {said}"
        );
    }
}

/// No mistake is told in words of the library that reads YAML, and each with the file's name and its place.
#[test]
fn what_the_reader_of_yaml_says_is_told_as_everything_else() {
    let config = Config::default();
    let (library, loaded) = (load_library(&config).unwrap(), load_simulators(&config).unwrap());
    for (text, said) in [
        ("name: a\nname: b", "2:1: `name` stands here twice"),
        ("name: a\nseed: -1", "2:7: `seed`: a whole number from 0 on is expected"),
        ("name: a\nfail_on: nope", "2:10: unknown cause of failure `nope`, did you mean `none`?"),
        ("name: a\nsteps: [ { at: 5, do: [] } ]", "2:16: `at`: `5` is not a duration"),
        (
            "name: a\nservers: { weavy: { generate: { customer: -3 } } }",
            "2:43: `customer`: a whole number from 0",
        ),
        (
            "name: a\nexpect: [ { request: { server: weavy }, times: { exactly: -1 } } ]",
            "2:59: `exactly`: a whole number from 0 on is expected",
        ),
        ("name: \"a", "1:7: cannot be read: a quotation mark is missing"),
        ("- a", "1:1: a mapping is expected"),
    ] {
        let why = Ready::read(text, Some("shop.yaml"), &loaded, &library).unwrap_err();
        assert!(why.starts_with(&format!("shop.yaml:{said}")), "{text}: {why}");
        for word in ["error: line", "DuplicateKeyPolicy", "<input>", "the file:", "u64", "sequence", "serde"]
        {
            assert!(!why.contains(word), "{text}: {why}");
        }
    }
}

#[test]
fn editors_can_complete_servers_sets_of_data_actions_entities_and_fields() {
    let config = Config::default();
    let (library, loaded) = (load_library(&config).unwrap(), load_simulators(&config).unwrap());
    let schema = simhost::scenario::schema::scenario(&loaded, &library);
    let has = |pointer: &str, value: &str| {
        let values = schema.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("{pointer}"));
        assert!(values.iter().any(|it| it == value), "{pointer}: {values:?}");
    };
    for name in ["Rule", "Request", "Records", "ActionCall", "SettingsChange"] {
        has(&format!("/$defs/{name}/properties/server/enum"), "8sens");
    }
    let server = "/properties/servers/properties/8sens/properties";
    for set in ["small", "bare", "none"] {
        has(&format!("{server}/data/anyOf/0/enum"), set);
    }
    has("/$defs/ActionCall/properties/name/enum", "deliver-order");
    let of = |name: &str| {
        let all = schema["$defs"][name]["allOf"].as_array().expect("a list");
        let own = all.iter().find(|it| it["if"]["properties"]["server"]["const"] == "8sens");
        own.expect("8sens")["then"]["properties"].clone()
    };
    assert!(of("ActionCall")["name"]["enum"].as_array().unwrap().iter().any(|it| it == "deliver-order"));
    assert!(of("Records")["entity"]["enum"].as_array().unwrap().iter().any(|it| it == "commande"));
    let fields = format!("{server}/records/properties/client/items/properties/cliSiret");
    assert!(
        schema.pointer(&fields).is_some()
            && schema.pointer(&format!("{server}/generate/properties/devis")).is_some()
    );
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let config = Config::default();
    let (library, loaded) = (load_library(&config).unwrap(), load_simulators(&config).unwrap());
    for (text, words) in MISTAKES {
        let why = ready(text, &library, &loaded).expect_err(text);
        for word in *words {
            assert!(why.contains(word), "{text}: {why}");
        }
    }
}

#[test]
fn plain_scalars_are_what_they_look_like() {
    let config = Config::default();
    let (library, loaded) = (load_library(&config).unwrap(), load_simulators(&config).unwrap());
    let yaml = "name: scalars
servers:
  comarch-xt:
    settings: { token_lifetime: 600, emit_ref_ids: on }
    records:
      customers:
        - { Name: NO, CustomerType: 1, Address: { PostalCode: 01067, City: true } }
        - { Name: 1e3, CustomerType: 1, Address: { PostalCode: 12.50, City: Null } }
faults:
  - server: comarch-xt
    when: { query: { code: 007 }, header: { X-Code: 1.50 }, body: { PostalCode: 01067 } }
    then: { status: 503 }
steps:
  - on: { request: { server: comarch-xt, body: { PostalCode: 09000 }, query: { code: 00 } } }
    do: [ { update: { server: weavy, entity: customer, key: C001, set: { postalCode: 09000 } } } ]
";
    let ready = ready(yaml, &library, &loaded).unwrap();
    let scenario = serde_json::to_value(&ready.scenario).unwrap();
    let customers = &scenario["servers"]["comarch-xt"]["records"]["customers"];
    let texts = |at: usize| {
        let customer = &customers[at];
        let texts = [&customer["Name"], &customer["Address"]["PostalCode"], &customer["Address"]["City"]];
        texts.map(|text| text.as_str().map_or_else(|| text.to_string(), str::to_owned))
    };
    assert_eq!(texts(0), ["NO", "01067", "true"]);
    assert_eq!(texts(1), ["1e3", "12.50", "Null"]);
    assert_eq!(scenario["servers"]["comarch-xt"]["settings"]["emit_ref_ids"], true);
    let when = &scenario["faults"][0]["when"];
    assert_eq!(when["query"]["code"], "007");
    assert_eq!(when["header"]["X-Code"].to_string(), "1.50", "a number keeps its digits");
    assert_eq!(when["body"]["PostalCode"], "01067");
    let step = &scenario["steps"][0];
    assert_eq!(step["on"]["request"]["body"]["PostalCode"], "09000");
    assert_eq!(step["do"][0]["update"]["set"]["postalCode"], "09000");
}

#[test]
fn a_number_that_would_lose_digits_is_refused_in_its_place() {
    let config = Config::default();
    let (library, loaded) = (load_library(&config).unwrap(), load_simulators(&config).unwrap());
    for (price, why) in [
        ("0.12345678901234567890123456789012345", "more digits than can be kept"),
        ("1234567890123", "more than 12 digits before the point"),
    ] {
        let yaml = format!(
            "name: digits\nservers:\n  onlineerp:\n    records:\n      Product:\n        - NoProduit: 007\n          PrixVente: {price}\n"
        );
        let refused = ready(&yaml, &library, &loaded).unwrap_err();
        assert!(refused.contains(why) && refused.contains("line 7, column 11"), "{refused}");
    }
}
