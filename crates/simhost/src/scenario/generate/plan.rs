//! What the records of an entity are made of: for each field, what its profile says or what its kind suggests.

use crate::base::map::IndexMap;
use serde_json::{Value, json};

use crate::base::text::wildcard;
use crate::entity::model::Table;
use crate::entity::profile::{Field, FieldKind, Profile, Writable};
use crate::entity::sample::{Meaning, Sample, Source};

/// A field of generated records.
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) sample: Sample,
    pub(super) max_length: Option<usize>,
    /// Whether records are told apart by it.
    pub(super) is_key: bool,
}

/// The fields that generated records of `table` have.
pub(super) fn of<'a>(profile: &Profile, table: &'a Table) -> Vec<Part<'a>> {
    let entity = &table.entity;
    let parts = entity.fields.iter().map(|(name, field)| {
        let is_key = entity.unique.iter().flatten().chain(&entity.keys).any(|key| key == name);
        let sample = sample(profile, table, name, field, is_key);
        Part { name, sample, max_length: field.max_length, is_key }
    });
    let mut parts: Vec<Part<'a>> = parts.filter(|part| part.sample != Sample::None).collect();
    // What may refer to the record itself comes when that has its key.
    parts.sort_by_key(|part| part.sample.sources().any(|source| source.entity == table.name));
    parts
}

/// What a field has: its own sample, that of its name, or what fits its kind where it must not be empty. What the
/// server fills in is left to it.
fn sample(profile: &Profile, table: &Table, name: &str, field: &Field, is_key: bool) -> Sample {
    // What refers to an entity by a name of its key is, in that entity, the key itself.
    let is_own = |sample: &&Sample| matches!(sample, Sample::Of(source) if source.entity == table.name);
    let named = || named(&profile.samples, &table.name, name).filter(|sample| !is_own(sample));
    if let Some(sample) = field.sample.as_ref().or_else(named) {
        return sample.clone();
    }
    if name.starts_with('_') || field.write == Writable::Never || !field.default.is_null() {
        return Sample::None;
    }
    if let Some(target) = &field.references {
        // A record has one of its own kind above it only where it must.
        let known = profile.entities.get(target).filter(|_| *target != table.name || field.required);
        return known.map_or(Sample::None, |entity| {
            let key = entity.key_named_by(name).to_owned();
            Sample::Of(Source { entity: target.clone(), field: key, like: None, shared: None })
        });
    }
    if !field.values.is_empty() {
        return Sample::Choice(field.values.clone());
    }
    let inside = field.fields.iter().map(|(name, field)| (name, sample(profile, table, name, field, false)));
    let inside: IndexMap<String, Sample> = inside
        .filter(|(_, sample)| *sample != Sample::None)
        .map(|(name, sample)| (name.clone(), sample))
        .collect();
    if !inside.is_empty() {
        let object = Sample::Members { among: None, members: inside, one_of: Vec::new() };
        return if field.kind == FieldKind::List { Sample::Some(Box::new(object)) } else { object };
    }
    if field.required { of_kind(table, field.kind, is_key) } else { Sample::None }
}

/// What is said for a name: for that of one entity, for the name, or else for the first pattern that it fits.
fn named<'a>(samples: &'a IndexMap<String, Sample>, entity: &str, name: &str) -> Option<&'a Sample> {
    let fits = || samples.iter().find(|(pattern, _)| pattern.contains('*') && wildcard(pattern, name));
    let whole = samples.get(&format!("{entity}.{name}")).or_else(|| samples.get(name));
    whole.or_else(|| fits().map(|(_, sample)| sample))
}

/// What is taken where only the kind is known.
fn of_kind(table: &Table, kind: FieldKind, is_key: bool) -> Sample {
    match kind {
        FieldKind::Text if is_key => Sample::Template(format!("{}-{{n:5}}", table.name)),
        FieldKind::Text => Sample::Meaning(Meaning::Subject),
        FieldKind::Integer if is_key => Sample::Template("{n}".to_owned()),
        FieldKind::Integer => Sample::Meaning(Meaning::Quantity),
        FieldKind::Decimal => Sample::Meaning(Meaning::Price),
        FieldKind::Boolean => Sample::Choice(vec![true.into(), false.into()]),
        FieldKind::Date | FieldKind::DateTime => Sample::Meaning(Meaning::Date),
        FieldKind::Binary => Sample::Choice(vec!["".into()]),
        FieldKind::Object => Sample::Choice(vec![json!({})]),
        FieldKind::List => Sample::Choice(vec![Value::Array(Vec::new())]),
    }
}

/// `template` with `number` for `{n}`, with so many digits for `{n:5}`.
pub(super) fn numbered(template: &str, number: u64) -> String {
    let Some((before, rest)) = template.split_once("{n") else { return template.to_owned() };
    let Some((width, after)) = rest.split_once('}') else { return template.to_owned() };
    let width = width.trim_start_matches(':').parse().unwrap_or(0).min(40);
    format!("{before}{number:0width$}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_templates() {
        for (template, expected) in
            [("P-{n:5}", "P-00042"), ("{n}", "42"), ("WEB{n}-A", "WEB42-A"), ("###", "###"), ("{n", "{n")]
        {
            assert_eq!(numbered(template, 42), expected);
        }
    }

    #[test]
    fn a_whole_name_goes_before_a_pattern() {
        let samples = [
            ("type_*", Sample::None),
            ("type_city", Sample::Meaning(Meaning::City)),
            ("firm.type_x", Sample::Meaning(Meaning::Company)),
        ];
        let samples = samples.map(|(name, sample)| (name.to_owned(), sample)).into_iter().collect();
        assert_eq!(named(&samples, "deal", "type_city"), Some(&Sample::Meaning(Meaning::City)));
        assert_eq!(named(&samples, "deal", "type_x"), Some(&Sample::None));
        assert_eq!(named(&samples, "firm", "type_x"), Some(&Sample::Meaning(Meaning::Company)));
        assert_eq!(named(&samples, "deal", "x"), None);
    }
}
