//! `generate`: records on stdout, nothing else.

use serde_json::Value;

use crate::{run, text};

fn records(args: &[&str]) -> Value {
    let done = run(&[&["generate"], args].concat());
    assert_eq!(done.status.code(), Some(0), "{args:?}: {}", text(&done.stderr));
    assert!(done.stderr.is_empty(), "no bar where stderr is no terminal: {}", text(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&done.stdout)))
}

#[test]
fn an_array_for_one_entity_an_object_of_arrays_for_several() {
    let products = records(&["comarch-xt", "--set", "products=2000", "--seed", "4"]);
    let products = products.as_array().unwrap();
    assert_eq!(products.len(), 2000);
    let seed: Vec<Value> =
        serde_json::from_str(include_str!("../../seed-data/comarch-xt/small/products.json")).unwrap();
    for key in ["Id", "ProductCode"] {
        assert!(products.iter().all(|product| seed.iter().all(|known| known[key] != product[key])), "{key}");
    }
    for several in [
        &["comarch-xt", "--set", "products=3", "customers=2", "--seed", "4"][..],
        &["comarch-xt", "--set", "products=3", "--set", "customers=2", "--seed", "4"],
    ] {
        let several = records(several);
        let lengths = ["products", "customers"].map(|entity| several[entity].as_array().unwrap().len());
        assert_eq!(lengths, [3, 2]);
    }
    assert_eq!(records(&["weavy", "--set", "product=0"]), Value::Array(Vec::new()));
}

/// A record that must have one of its own kind above it has one; the first has itself.
#[test]
fn a_required_reference_to_the_same_entity_names_a_record() {
    let folder = tempfile::tempdir().unwrap();
    for (above, pointer) in [
        ("{ kind: text, references: Zone, required: true }", ""),
        (
            "{ kind: object, required: true, fields: { Code: { kind: text, references: Zone, required: true } } }",
            "/Code",
        ),
    ] {
        let profile = folder.path().join("profile.yaml");
        let text = format!(
            "entities: {{ Zone: {{ keys: [Code], access: {{ acomba: [GET, POST] }}, fields: {{ Above: {above}, \
             Code: {{ kind: text, required: true }} }} }} }}"
        );
        std::fs::write(&profile, text).unwrap();
        let profile = format!("onlineerp={}", profile.display());
        let zones = records(&["onlineerp", "--set", "Zone=20", "--profile", &profile]);
        let zones = zones.as_array().unwrap();
        let codes: Vec<&Value> = zones.iter().map(|zone| &zone["Code"]).collect();
        let above: Vec<Option<&Value>> = zones.iter().map(|zone| zone["Above"].pointer(pointer)).collect();
        assert_eq!(above[0], Some(codes[0]), "{zones:?}");
        assert!(above.iter().all(|it| it.is_some_and(|it| codes.contains(&it))), "{zones:?}");
        assert!((1..20).any(|place| above[place] != Some(codes[0])), "{zones:?}");
    }
}

#[test]
fn the_seed_decides() {
    let some = |seed: &str| records(&["onlineerp", "--set", "Customer=5", "--seed", seed]);
    assert_eq!(some("1"), some("1"));
    assert_ne!(some("1"), some("2"));
}

#[test]
fn a_corrected_profile_and_own_data_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("profile.yaml");
    let sample = "entities: { Product: { fields: { Description: { sample: [only this] } } } }";
    std::fs::write(&profile, sample).unwrap();
    let profile = format!("onlineerp={}", profile.display());
    let products = records(&["onlineerp", "--set", "Product=3", "--profile", &profile]);
    let descriptions = products.as_array().unwrap().iter().map(|product| &product["Description"]);
    assert!(descriptions.clone().all(|text| text == "only this"), "{products}");
    let data = folder.path().join("data/onlineerp/small");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("Product.json"), r#"[{ "NoProduit": "P-00001" }]"#).unwrap();
    let data = folder.path().join("data").display().to_string();
    let products = records(&["onlineerp", "--set", "Product=1", "--seed-data", &data]);
    assert_eq!(products[0]["NoProduit"], "P-00002", "a key that the data does not use");
}

#[test]
fn misuse_is_2_and_names_the_nearest() {
    for (args, near) in [
        (&["generate", "comarchxt", "--set", "products=1"][..], "did you mean `comarch-xt`"),
        (&["generate", "comarch-xt", "--set", "prodcts=1"], "did you mean `products`"),
        (&["generate", "comarch-xt", "--set", "products=-1"], "products=-1"),
        (&["generate", "comarch-xt", "--set", "products=1000001"], "at most 1000000"),
        (&["generate", "comarch-xt", "--set", "products"], "NAME=VALUE"),
        (&["generate", "comarch-xt"], "--set"),
    ] {
        let refused = run(args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}: {}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains(near), "{args:?}: {}", text(&refused.stderr));
        assert!(refused.stdout.is_empty());
    }
}
