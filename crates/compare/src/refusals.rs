//! Two refusals: their form, codes and sentences, and what a profile says to make the one the other.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use simcore::entity::refusals::Status;

use crate::answers::Comparer;
use crate::difference::{Difference, Kind};
use crate::recording::Exchange;
use crate::shape::{Places, joined, places};
use crate::words::HIDDEN;
use crate::world::Answer;

/// A refusal's name, the language of its sentence, and what the placeholders hold.
type Said<'n> = (&'n str, Option<&'n str>, Vec<(String, String)>);

impl Comparer<'_> {
    /// The form, code and sentences of two refusals.
    pub(crate) fn refusals(
        &self,
        entry: &Exchange,
        recorded: &Value,
        (answer, ours): (&Value, &Answer),
        found: &mut Vec<Difference>,
    ) {
        let (there, here) = (places(recorded), places(answer));
        let form = |places: &Places| -> BTreeSet<String> {
            let names = places.iter().filter(|(path, _)| !path.is_empty() && !path.contains("[]."));
            names.map(|(path, _)| self.told_path(path)).collect()
        };
        let (form_there, form_here) = (form(&there), form(&here));
        if form_there != form_here {
            let list = |form: &BTreeSet<String>| form.iter().cloned().collect::<Vec<_>>().join(", ");
            let told = self.of_operation(Kind::Error, "", list(&form_there), list(&form_here));
            let template = self.template(entry, recorded);
            let correction = template.map(|template| {
                json!({ "settings": { "error_template": { "default": template, "evidence": "recorded" } } })
            });
            let evidence = self.server.model.profile.settings.get("error_template").map(|it| it.evidence);
            found.push(Difference {
                fact: "settings.error_template".to_owned(),
                evidence,
                correction,
                ..told
            });
            return;
        }
        let mut leaves = Vec::new();
        pair(recorded, answer, String::new(), &mut leaves);
        for (path, recorded, answer) in leaves {
            found.extend(self.sentence(entry, &path, (recorded, answer), ours));
        }
    }

    /// A sentence or code of a refusal, as recorded and as answered.
    fn sentence(
        &self,
        entry: &Exchange,
        path: &str,
        (recorded, answer): (&str, &str),
        ours: &Answer,
    ) -> Option<Difference> {
        let (told, told_here) = (self.words.told(recorded), self.words.told(answer));
        let is_status = recorded == entry.status.to_string();
        if told == told_here || recorded == answer || is_status {
            return None;
        }
        let shown = if self.keeps_values { recorded.to_owned() } else { told };
        let has_words = shown.replace(HIDDEN, "").chars().any(char::is_alphabetic);
        let shown = if has_words { shown } else { "text differs".to_owned() };
        let base =
            self.of_operation(Kind::Error, &self.told_path(path), shown, self.shown_here(answer, told_here));
        let others = self
            .server
            .model
            .profile
            .errors
            .iter()
            .filter(|(_, refusal)| refusal.status.is_none() || refusal.code.as_deref() == Some(answer));
        let names: Vec<&String> = ours.refusals.iter().chain(others.map(|(name, _)| name)).collect();
        let has_code = |name: &&&String| self.refusal(name).and_then(|it| it.code.as_deref()) == Some(answer);
        let mut coded: Vec<&String> = names.iter().filter(has_code).copied().collect();
        if !coded.first().is_some_and(|first| ours.refusals.contains(first)) {
            // Several refusals share a code: it is the one whose sentence stands beside it.
            coded.sort_by_key(|name| !self.is_said(name, ours));
        }
        if let Some(name) = coded.first() {
            let correction = json!({ "code": recorded, "evidence": "recorded" });
            let is_safe = self.words.whole(recorded).is_some()
                || is_code(recorded) && self.words.told(recorded) == recorded;
            let told = self.of_refusal(name, base, &correction);
            return Some(Difference { correction: told.correction.filter(|_| is_safe), ..told });
        }
        if let Some((name, language, values)) = self.said_by(&names, answer) {
            let message = self.learned(recorded, &values).map(|template| match language {
                Some(language) => json!({ language: template }),
                None => json!(template),
            });
            let correction = json!({ "message": message, "evidence": "recorded" });
            let told = self.of_refusal(name, base, &correction);
            return Some(Difference { correction: told.correction.filter(|_| message.is_some()), ..told });
        }
        // Sentences of parts, as of the fields that are wrong, are those of the names after the first.
        let names = ours.refusals.as_slice();
        let of_part = names.get(1).filter(|_| path.contains("[]") || path.contains('.'));
        Some(match of_part.or(names.first()) {
            Some(name) => Difference { correction: None, ..self.of_refusal(name, base, &Value::Null) },
            None => base,
        })
    }

    /// Whether an answer has the sentence of a refusal somewhere.
    fn is_said(&self, name: &String, ours: &Answer) -> bool {
        let mut leaves = Vec::new();
        ours.json.iter().for_each(|body| pair(body, body, String::new(), &mut leaves));
        leaves.iter().any(|(_, leaf, _)| self.said_by(&[name], leaf).is_some())
    }

    /// The refusal, of these, whose sentence an answer has: its name, language and what its placeholders hold. Of several that
    /// it may be, the one that says most itself: a placeholder alone is anything.
    fn said_by<'n>(&'n self, names: &[&'n String], answer: &str) -> Option<Said<'n>> {
        let mut best: Option<(usize, Said<'n>)> = None;
        for name in names {
            let Some(message) = self.refusal(name).and_then(|refusal| refusal.message.as_ref()) else {
                continue;
            };
            for (language, text) in message.texts() {
                let letters = letters(text);
                if best.as_ref().is_none_or(|(most, _)| letters > *most)
                    && let Some(values) = placeholders(text, answer)
                {
                    best = Some((letters, (name, language, values)));
                }
            }
        }
        best.map(|(_, said)| said)
    }

    /// The refusal whose code an answer has, where the server does not say which it is.
    pub(crate) fn by_code(&self, ours: &Answer) -> Option<String> {
        let mut leaves = Vec::new();
        let body = ours.json.as_ref()?;
        pair(body, body, String::new(), &mut leaves);
        let is_one = |code: &str| leaves.iter().any(|(_, leaf, _)| *leaf == code);
        let mut known = self.server.model.profile.errors.iter();
        let found = known.find(|(_, refusal)| {
            refusal.status == Some(Status::Code(ours.status)) && refusal.code.as_deref().is_some_and(is_one)
        });
        found.map(|(name, _)| name.clone())
    }

    /// What we say is ours; only what it repeats of the request is the recording's.
    fn shown_here(&self, answer: &str, told: String) -> String {
        if self.keeps_values { answer.to_owned() } else { told }
    }

    /// A sentence of the recording with placeholders for what it repeats; nothing where more would be told of it.
    fn learned(&self, recorded: &str, values: &[(String, String)]) -> Option<String> {
        let mut values: Vec<&(String, String)> =
            values.iter().filter(|(_, value)| !value.is_empty()).collect();
        values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        let mut template = recorded.replace(['{', '}'], "");
        for (place, (_, value)) in values.iter().enumerate() {
            template = replaced(&template, value, &format!("\u{1}{}\u{1}", letter(place)));
        }
        let parts: Vec<&str> = template.split('\u{1}').collect();
        let mut learned = String::new();
        for (at, part) in parts.iter().enumerate() {
            if at % 2 == 1 {
                let (name, _) = values.get(usize::from(part.bytes().next()?.checked_sub(b'a')?))?;
                learned.extend(["{", name.as_str(), "}"]);
            } else {
                learned.push_str(self.words.whole(part).or_else(|| self.keeps_values.then_some(part))?);
            }
        }
        Some(learned)
    }

    /// The body of a refusal as a template: status, code and sentence by their names.
    fn template(&self, entry: &Exchange, recorded: &Value) -> Option<Value> {
        let members = recorded.as_object()?;
        let mut texts = members.iter().filter_map(|(_, value)| value.as_str());
        let sentence = texts.clone().find(|text| text.contains(' ')).or_else(|| texts.next());
        let template = self.templated(entry, recorded, sentence.or_else(|| first_sentence(recorded)))?;
        // Without a place for the sentence it would be the form of this one refusal alone.
        template.to_string().contains("{message}").then_some(template)
    }

    fn templated(&self, entry: &Exchange, value: &Value, sentence: Option<&str>) -> Option<Value> {
        Some(match value {
            Value::Object(members) => {
                let mut template = Map::new();
                for (name, member) in members {
                    let safe = self.keeps_values || self.words.name(name) == *name;
                    template.insert(name.clone(), self.templated(entry, member, sentence).filter(|_| safe)?);
                }
                Value::Object(template)
            }
            Value::Array(_) => json!("{details}"),
            Value::Number(number) if number.to_string() == entry.status.to_string() => json!("{status}"),
            Value::String(text) if Some(text.as_str()) == sentence => json!("{message}"),
            Value::String(text) if text == &entry.status.to_string() => json!("{status}"),
            Value::String(text) if is_code(text) => json!("{code}"),
            Value::String(text) => json!(self.words.whole(text)?),
            Value::Null | Value::Bool(_) => value.clone(),
            Value::Number(_) => return None,
        })
    }
}

/// How many letters a template has outside of its placeholders.
fn letters(template: &str) -> usize {
    let mut outside = template.split('{').map(|part| part.rsplit('}').next().unwrap_or_default());
    let first = outside.next().unwrap_or_default();
    let all = std::iter::once(first).chain(outside);
    all.flat_map(str::chars).filter(|letter| letter.is_alphabetic()).count()
}

/// Whether a text is a code: one word, as codes are written.
fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 60
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter))
}

fn first_sentence(value: &Value) -> Option<&str> {
    match value {
        Value::Object(members) => members.values().find_map(first_sentence),
        Value::Array(items) => items.iter().find_map(first_sentence),
        Value::String(text) => Some(text.as_str()).filter(|text| text.contains(' ')),
        _ => None,
    }
}

fn letter(place: usize) -> char {
    char::from(b'a' + u8::try_from(place % 26).unwrap_or(0))
}

/// `text` with whole occurrences of `value` replaced.
fn replaced(text: &str, value: &str, by: &str) -> String {
    let is_part =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '\u{1}');
    let mut told = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(value) {
        let end = start + value.len();
        let before = rest[..start].chars().next_back().or_else(|| told.chars().next_back());
        let stands_alone = !is_part(before) && !is_part(rest[end..].chars().next());
        told.push_str(&rest[..start]);
        told.push_str(if stands_alone { by } else { value });
        rest = &rest[end..];
    }
    told.push_str(rest);
    told
}

/// What the placeholders of a template hold in a sentence that was made by it.
fn placeholders(template: &str, text: &str) -> Option<Vec<(String, String)>> {
    let Some((before, rest)) = template.split_once('{') else {
        return (template == text).then(Vec::new);
    };
    let text = text.strip_prefix(before)?;
    let (name, after) = rest.split_once('}')?;
    let literal = after.split('{').next().unwrap_or_default();
    let mut ends: Vec<usize> = if literal.is_empty() {
        vec![text.len()]
    } else {
        text.match_indices(literal).map(|(at, _)| at).collect()
    };
    if after.contains('{') && literal.is_empty() {
        ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    }
    ends.into_iter().find_map(|end| {
        let mut values = placeholders(after, &text[end..])?;
        values.insert(0, (name.to_owned(), text[..end].to_owned()));
        Some(values)
    })
}

fn pair<'v>(there: &'v Value, here: &'v Value, path: String, leaves: &mut Vec<(String, &'v str, &'v str)>) {
    match (there, here) {
        (Value::Object(there), Value::Object(here)) => {
            for (name, value) in there {
                if let Some(other) = here.get(name) {
                    pair(value, other, joined(&path, name), leaves);
                }
            }
        }
        (Value::Array(there), Value::Array(here)) => {
            there.iter().zip(here).for_each(|(there, here)| pair(there, here, format!("{path}[]"), leaves));
        }
        (Value::String(there), Value::String(here)) => leaves.push((path, there, here)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_read_back() {
        let read = |template, text| placeholders(template, text);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read("{entity} « {id} » est introuvable.", "Product « NIX » est introuvable."),
            Some(vec![pair("entity", "Product"), pair("id", "NIX")])
        );
        assert_eq!(read("No {id}", "No such"), Some(vec![pair("id", "such")]));
        assert_eq!(read("No {id}", "none"), None);
        assert_eq!(read("plain", "plain"), Some(vec![]));
    }
}
