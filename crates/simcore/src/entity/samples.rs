//! The samples of a profile, held against its entities.

use crate::base::diagnostics::unknown;
use crate::base::map::IndexMap;
use crate::entity::field::{Entity, Field};
use crate::entity::sample::{Sample, Source};

/// Whether all samples, of fields and of names, take values from fields that there are.
///
/// # Errors
/// Which does not, and why.
pub(crate) fn check(
    entities: &IndexMap<String, Entity>,
    samples: &IndexMap<String, Sample>,
) -> Result<(), String> {
    for (name, entity) in entities {
        if let Some(field) = entity.referable.keys().find(|field| !entity.has_column(field)) {
            return Err(format!("entity `{name}` has no field `{field}`"));
        }
        for (field, description) in &entity.fields {
            let mut samples = all_of(description).flat_map(Sample::sources);
            samples
                .try_for_each(|source| is_there(source, entities))
                .map_err(|why| format!("sample of `{name}.{field}`: {why}"))?;
        }
    }
    let mut common = samples.iter();
    common.try_for_each(|(name, sample)| {
        let mut sources = sample.sources();
        let checked = sources.try_for_each(|source| is_there(source, entities));
        checked.map_err(|why| format!("sample of `{name}`: {why}"))
    })
}

/// The samples of a field and of what is inside it.
fn all_of(field: &Field) -> Box<dyn Iterator<Item = &Sample> + '_> {
    Box::new(field.sample.iter().chain(field.fields.values().flat_map(all_of)))
}

fn is_there(source: &Source, entities: &IndexMap<String, Entity>) -> Result<(), String> {
    let entity = entities
        .get(&source.entity)
        .ok_or_else(|| unknown("entity", &source.entity, entities.keys().map(String::as_str)))?;
    let named = std::iter::once(&source.field).chain(&source.shared);
    match named.into_iter().find(|name| !entity.has_column(name)) {
        None => Ok(()),
        Some(name) => Err(unknown("field", name, entity.fields.keys().map(String::as_str))),
    }
}
