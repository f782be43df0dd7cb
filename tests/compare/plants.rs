//! Profiles of twins that differ from the simulators in whatever a profile can say.

use serde_json::{Map, Value, json};
use simcore::Simulator;
use simcore::entity::profile::Profile;
use simcore::entity::refusals::{Sentence, Status};

/// The word by which planted sentences, codes and fields are known.
pub(super) const PLANTED: &str = "planted";

/// Every refusal says something else, every other one with another status or code.
pub(super) fn refusals(sim: &Simulator) -> Value {
    let profile = Profile::load(sim.profile).unwrap();
    let mut errors = Map::new();
    for (place, (name, refusal)) in profile.errors.iter().enumerate() {
        let mut change = Map::new();
        match &refusal.message {
            Some(Sentence::Text(text)) => {
                drop(change.insert("message".to_owned(), json!(format!("{PLANTED}: {text}"))));
            }
            Some(Sentence::Languages(texts)) => {
                let texts = texts
                    .iter()
                    .map(|(language, text)| (language.clone(), json!(format!("{PLANTED}: {text}"))));
                change.insert("message".to_owned(), Value::Object(texts.collect()));
            }
            None => {}
        }
        // A client without credentials is told by its 401.
        let is_client = matches!(refusal.status, Some(Status::Code(400 | 402..=499)));
        if place % 2 == 0 && is_client {
            change.insert("status".to_owned(), json!(418));
        }
        if place % 2 == 1 && refusal.code.is_some() {
            change.insert("code".to_owned(), json!("PLANTED_CODE"));
        }
        if !change.is_empty() {
            errors.insert(name.clone(), change.into());
        }
    }
    json!({ "errors": errors })
}

/// Every kind of record has more fields.
pub(super) fn fields(sim: &Simulator) -> Value {
    let profile = Profile::load(sim.profile).unwrap();
    let entities = profile.entities.iter().filter(|(_, entity)| !entity.back_office);
    let entities = entities.map(|(name, _)| {
        let fields = (0..10).map(|count| {
            (
                format!("{PLANTED}{}", ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"][count]),
                json!({ "kind": "text" }),
            )
        });
        (name.clone(), json!({ "fields": fields.collect::<Map<_, _>>() }))
    });
    json!({ "entities": entities.collect::<Map<_, _>>() })
}
