//! A profile that answers as the recording does: what corrects a difference is kept when the difference is gone with it.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use simcore::Loaded;
use simcore::entity::profile::FieldKind;
use simcore::entity::profile::Profile;
use simcore::entity::settings::Setting;

use crate::difference::{Identity, Item, Kind};
use crate::lists::Hints;
use crate::run::{Outcome, Run};

/// How often corrections are tried on what is left.
const ROUNDS: usize = 6;

/// How often settings are tried, and corrections again of what they uncover.
const PASSES: usize = 3;

/// How many requests settings are tried with at most.
const MAX_TRIED: usize = 20_000;

/// What was learned of one server.
pub(crate) struct Learned {
    /// The corrections, those that were there before included.
    pub(crate) overlay: Value,
    /// Whether there are more of them than before.
    pub(crate) is_new: bool,
    /// What is left with them.
    pub(crate) rest: Vec<Item>,
}

struct Learning<'a, 'r> {
    run: &'a Run<'r>,
    /// The corrections that were there before.
    before: Value,
    /// What the simulator says without any.
    own: Profile,
    /// What is corrected, and how.
    applied: Vec<(Identity, Value)>,
    /// Corrections that did not help.
    refused: HashSet<String>,
    /// Settings that helped.
    settings: Value,
    /// How many requests settings were tried with.
    tried: usize,
}

/// Learns from what was found.
pub(crate) async fn learn(run: &Run<'_>, before: &Value, found: &Outcome) -> Result<Learned, String> {
    let own = Profile::load(run.server.sim.profile)?;
    let mut learning = Learning {
        run,
        before: before.clone(),
        own,
        applied: Vec::new(),
        refused: HashSet::new(),
        settings: json!({}),
        tried: 0,
    };
    let mut rest: Vec<Item> = found.items.0.values().cloned().collect();
    let mut hints = Hints { numbers: found.hints.numbers.clone(), names: found.hints.names.clone() };
    for _ in 0..PASSES {
        rest = learning.correct(rest, &mut hints).await?;
        match learning.settle(&rest, &hints).await? {
            Some(left) => rest = left,
            None => break,
        }
    }
    let overlay = learning.overlay();
    let is_new = overlay != *before;
    Ok(Learned { overlay, is_new, rest })
}

/// How much stands between two servers: first what hides other differences, then all of them.
fn distance(items: &[Item]) -> (usize, usize) {
    let holds_more = |item: &Item| {
        let held = [&item.identity.recorded, &item.identity.ours];
        held.iter().any(|held| held.split(" or ").any(|kind| matches!(kind, "list" | "object")))
    };
    let hides = |item: &&Item| matches!(item.kind(), Kind::Status | Kind::Path) || holds_more(item);
    (items.iter().filter(hides).map(|item| item.requests.len()).sum(), items.len())
}

impl Learning<'_, '_> {
    fn loaded(&self, overlay: &Value) -> Result<Loaded, String> {
        let text = overlay.to_string();
        Loaded::new(self.run.server.sim, Some(("learned", &text))).map(|mut loaded| {
            loaded.seed = self.run.server.seed.clone();
            loaded
        })
    }

    fn overlay(&self) -> Value {
        let mut overlay = self.before.clone();
        self.applied.iter().for_each(|(_, correction)| merge(&mut overlay, correction));
        merge(&mut overlay, &self.settings);
        self.take_out(&mut overlay);
        overlay
    }

    /// A field that only the corrections of before have is taken out of them: there is nothing to take away.
    fn take_out(&self, overlay: &mut Value) {
        let entities = overlay.get_mut("entities").and_then(Value::as_object_mut).into_iter().flatten();
        for (entity, changes) in entities {
            let own = self.own.entities.get(entity.as_str());
            let is_own = |field: &str| own.is_some_and(|own| own.fields.contains_key(field));
            if let Some(fields) = changes.get_mut("fields").and_then(Value::as_object_mut) {
                fields.retain(|field, change| !change.is_null() || is_own(field));
            }
        }
    }

    async fn asked(&self, overlay: &Value) -> Result<Outcome, String> {
        let server = self.loaded(overlay)?;
        Run { server: &server, progress: &|| (), ..*self.run }.outcome().await
    }

    /// Corrects what is left as often as that helps.
    async fn correct(&mut self, mut rest: Vec<Item>, hints: &mut Hints) -> Result<Vec<Item>, String> {
        for _ in 0..ROUNDS {
            if !self.apply(&rest) {
                break;
            }
            let outcome = self.asked(&self.overlay()).await?;
            hints.numbers.extend(&outcome.hints.numbers);
            rest = outcome.items.0.into_values().collect();
            rest = self.drop_useless(rest).await?;
        }
        Ok(rest)
    }

    /// Takes over what corrects the items; whether there was anything new. What cannot be said one way is said another.
    fn apply(&mut self, items: &[Item]) -> bool {
        let before = self.applied.len();
        loop {
            let refused = self.refused.len();
            self.apply_once(items);
            if self.refused.len() == refused {
                return self.applied.len() > before;
            }
        }
    }

    fn apply_once(&mut self, items: &[Item]) {
        let mut new = Vec::new();
        for item in items {
            // That a field is called otherwise says more than that one is there and another is not.
            let is_name = |correction: &Value| {
                correction.get("names").is_some() && !self.refused.contains(&correction.to_string())
            };
            let by_name = item.corrections.iter().any(is_name);
            let usable = item.corrections.iter().filter(|correction| !by_name || is_name(correction));
            for correction in usable {
                let is_known = self.applied.iter().chain(&new).any(|(_, known)| known == correction);
                if !is_known && !self.refused.contains(&correction.to_string()) {
                    new.push((item.identity.clone(), correction.clone()));
                }
            }
        }
        self.admit(&new);
    }

    /// Takes over what can be said of these, and refuses the rest. Each try makes a server ready, so what cannot be said
    /// is looked for by halves.
    fn admit(&mut self, new: &[(Identity, Value)]) {
        let before = self.applied.len();
        self.applied.extend(new.iter().cloned());
        if self.loaded(&self.overlay()).is_ok() {
            return;
        }
        self.applied.truncate(before);
        match new {
            [] => {}
            [(_, correction)] => drop(self.refused.insert(correction.to_string())),
            several => {
                let (first, second) = several.split_at(several.len() / 2);
                self.admit(first);
                self.admit(second);
            }
        }
    }

    /// Gives up what did not help.
    async fn drop_useless(&mut self, rest: Vec<Item>) -> Result<Vec<Item>, String> {
        let left: HashSet<&Identity> = rest.iter().map(|item| &item.identity).collect();
        let (useless, kept): (Vec<_>, Vec<_>) =
            self.applied.drain(..).partition(|(identity, _)| left.contains(identity));
        self.applied = kept;
        if useless.is_empty() {
            return Ok(rest);
        }
        self.refused.extend(useless.into_iter().map(|(_, correction)| correction.to_string()));
        Ok(self.asked(&self.overlay()).await?.items.0.into_values().collect())
    }

    /// Tries what settings may be; what brings the servers nearer is kept. What is left then; nothing where none helped.
    async fn settle(&mut self, rest: &[Item], hints: &Hints) -> Result<Option<Vec<Item>>, String> {
        let mut left: Option<Vec<Item>> = None;
        for (name, value) in self.candidates(rest, hints) {
            let known = left.as_deref().unwrap_or(rest);
            self.tried += self.run.entries.len();
            if known.is_empty() || self.tried > MAX_TRIED {
                break;
            }
            let setting = json!({ "settings": { name: { "default": value, "evidence": "recorded" } } });
            let mut with = self.overlay();
            merge(&mut with, &setting);
            let Ok(outcome) = self.asked(&with).await else { continue };
            let items: Vec<Item> = outcome.items.0.into_values().collect();
            if distance(&items) < distance(known) {
                merge(&mut self.settings, &setting);
                left = Some(items);
            }
        }
        if left.is_some() {
            // What did not help before may help now.
            self.refused.clear();
        }
        Ok(left)
    }

    /// Settings and what they may be, where something is left that they could be the reason for.
    fn candidates(&self, rest: &[Item], hints: &Hints) -> Vec<(String, Value)> {
        let mut found = Vec::new();
        if rest.iter().all(|item| matches!(item.kind(), Kind::Enum | Kind::Header)) {
            return found;
        }
        for (name, setting) in &self.run.server.model.profile.settings {
            found.extend(values(setting, hints).into_iter().map(|value| (name.clone(), value)));
        }
        found
    }
}

/// What a setting may be besides what it is.
fn values(setting: &Setting, hints: &Hints) -> Vec<Value> {
    let all: Vec<Value> = match setting.kind {
        _ if !setting.values.is_empty() => setting.values.clone(),
        FieldKind::Boolean => vec![json!(true), json!(false)],
        FieldKind::Integer => hints.numbers.iter().map(|number| json!(number)).collect(),
        FieldKind::Text if setting.default == json!("") => {
            hints.names.iter().map(|name| json!(name)).collect()
        }
        _ => Vec::new(),
    };
    all.into_iter().filter(|value| *value != setting.default && setting.accepts(value).is_ok()).collect()
}

/// Lays a correction over others: maps key by key, what is there stays but for evidence, values are joined.
fn merge(overlay: &mut Value, correction: &Value) {
    let (Value::Object(known), Value::Object(more)) = (&mut *overlay, correction) else { return };
    for (name, value) in more {
        match known.get_mut(name) {
            None => drop(known.insert(name.clone(), value.clone())),
            Some(Value::Array(values)) if name == "values" => {
                let more = value.as_array().into_iter().flatten();
                let more: Vec<Value> = more.filter(|value| !values.contains(value)).cloned().collect();
                values.extend(more);
            }
            Some(there @ Value::Object(_)) if value.is_object() && name != "default" => merge(there, value),
            Some(there) => there.clone_from(value),
        }
    }
}

/// The overlay as a file.
pub(crate) fn written(slug: &str, overlay: &Value, date: &str) -> String {
    let mut text = format!(
        "# What a recording of {date} says of {slug}: made by `erpsatz compare --learn`, used with `--profile {slug}=THIS-FILE`.\n"
    );
    let mut whole: Map<String, Value> = [("recorded".to_owned(), json!(date))].into_iter().collect();
    let members = overlay.as_object().into_iter().flatten();
    whole.extend(
        members.filter(|(name, _)| *name != "recorded").map(|(name, value)| (name.clone(), value.clone())),
    );
    lines(&whole, 0, &mut text);
    text
}

fn lines(members: &Map<String, Value>, depth: usize, text: &mut String) {
    for (name, value) in members {
        let is_plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && name.starts_with(|letter: char| letter.is_ascii_alphabetic());
        // What YAML 1.1 takes for booleans is no plain name.
        let is_word = !["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
            .contains(&name.to_lowercase().as_str());
        let key = if is_plain && is_word { name.clone() } else { json!(name).to_string() };
        text.push_str(&"  ".repeat(depth));
        match value {
            Value::Object(members) if !members.is_empty() && depth < 4 && name != "default" => {
                text.extend([key.as_str(), ":\n"]);
                lines(members, depth + 1, text);
            }
            value => text.extend([key.as_str(), ": ", &value.to_string(), "\n"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrections_are_laid_over_each_other() {
        let mut overlay = json!({ "errors": { "A": { "status": 410 } } });
        merge(&mut overlay, &json!({ "errors": { "A": { "code": "GONE" }, "B": { "status": 400 } } }));
        merge(&mut overlay, &json!({ "entities": { "c": { "fields": { "d": { "values": ["x"] } } } } }));
        merge(&mut overlay, &json!({ "entities": { "c": { "fields": { "d": { "values": ["x", "y"] } } } } }));
        assert_eq!(overlay["errors"]["A"], json!({ "status": 410, "code": "GONE" }));
        assert_eq!(overlay["entities"]["c"]["fields"]["d"]["values"], json!(["x", "y"]));
        let text = written("shop", &overlay, "2026-03-02");
        assert!(
            text.contains("recorded: \"2026-03-02\"\n") && text.contains("  A:\n    status: 410\n"),
            "{text}"
        );
    }
}
