//! What all entities of a vendor have in common: system fields, keys, how one refers to another.

use crate::base::map::IndexMap;
use serde::{Deserialize, Serialize};

use crate::entity::field::{Entity, Field};

/// What every entity of the vendor's API has, before its own; `{entity}` in a name stands for the entity's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// The keys of entities that name none themselves.
    pub keys: Vec<String>,
    /// Combinations that no two records of a tenant share.
    #[serde(default)]
    pub unique: Vec<Vec<String>>,
    /// Fields that are looked up often.
    #[serde(default)]
    pub indexes: Vec<Vec<String>>,
    /// The suffix of fields that hold another entity's key: with `Ref`, `customerRef` and `customerRefPayer` refer
    /// to `customer`. Such fields are indexed; the entity need not exist.
    #[serde(default)]
    pub reference_suffix: Option<String>,
    /// The attributes.
    pub fields: IndexMap<String, Field>,
}

impl Common {
    /// Whether `entity` gets `field` from here.
    pub(crate) fn has(&self, entity: &str, field: &str) -> bool {
        self.fields.keys().any(|name| named(name, entity) == field)
    }

    /// Puts what all have in common before what the entity has itself.
    pub(crate) fn extend(&self, name: &str, entity: &mut Entity) {
        let all = |lists: &[Vec<String>]| -> Vec<Vec<String>> {
            lists.iter().map(|list| list.iter().map(|field| named(field, name)).collect()).collect()
        };
        let mut fields = IndexMap::default();
        for (field, description) in &self.fields {
            let mut description = description.clone();
            description.aliases.iter_mut().for_each(|alias| *alias = named(alias, name));
            fields.insert(named(field, name), description);
        }
        for (field, mut description) in std::mem::take(&mut entity.fields) {
            if let Some(target) = self.target(&field).filter(|_| description.references.is_none()) {
                description.references = Some(target.to_owned());
                entity.indexes.push(vec![field.clone()]);
            }
            fields.insert(field, description);
        }
        entity.fields = fields;
        entity.unique.extend(all(&self.unique));
        entity.indexes.extend(all(&self.indexes));
        if entity.keys.is_empty() {
            entity.keys = self.keys.iter().map(|field| named(field, name)).collect();
        }
    }

    /// The entity that a field of that name refers to.
    fn target<'a>(&self, field: &'a str) -> Option<&'a str> {
        let (target, role) = field.split_once(self.reference_suffix.as_deref()?)?;
        (!target.is_empty() && (role.is_empty() || role.starts_with('_'))).then_some(target)
    }
}

fn named(template: &str, entity: &str) -> String {
    template.replace("{entity}", entity)
}

#[cfg(test)]
mod tests {
    use crate::entity::profile::Profile;

    const PROFILE: &str = "
common:
  keys: ['{entity}_ID']
  unique: [['{entity}_ID']]
  reference_suffix: _ID
  fields:
    '{entity}_ID': { kind: text, aliases: ['Code{entity}'], evidence: assumed }
entities:
  deal: { about: A deal., evidence: assumed, fields: { customer_ID: { kind: text, evidence: assumed },
    deal_ID_parent: { kind: text, evidence: assumed }, ID_card: { kind: text, evidence: assumed } } }
  inside: { about: Inside., evidence: assumed, back_office: true, keys: [n], fields: { n: { kind: text, evidence: assumed } } }
";

    #[test]
    fn entities_get_what_all_have_before_their_own() {
        let profile = Profile::load(PROFILE).unwrap();
        let deal = &profile.entities["deal"];
        let names: Vec<&str> = deal.fields.keys().map(String::as_str).collect();
        assert_eq!(names, ["deal_ID", "customer_ID", "deal_ID_parent", "ID_card"]);
        assert_eq!(
            (&deal.keys[0], &deal.fields["deal_ID"].aliases[0]),
            (&"deal_ID".to_owned(), &"Codedeal".to_owned())
        );
        let refers = |name: &str| deal.fields[name].references.as_deref();
        assert_eq!(refers("deal_ID"), None, "its own code refers to nothing");
        assert_eq!((refers("customer_ID"), refers("deal_ID_parent")), (Some("customer"), Some("deal")));
        assert_eq!(refers("ID_card"), None);
        assert_eq!(deal.indexes, [["customer_ID"], ["deal_ID_parent"]]);
        assert_eq!(profile.entities["inside"].fields.len(), 1, "the back office is left alone");
        for (given, is_known) in [("deal_ID", true), ("other_ID", false)] {
            let profile = PROFILE.replace(
                "evidence: assumed, fields: { customer",
                &format!("evidence: assumed, keys: [{given}], fields: {{ customer"),
            );
            assert_eq!(Profile::load(&profile).is_ok(), is_known, "{given}");
        }
    }
}
