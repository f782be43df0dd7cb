//! What fields mean, by their names: one line for all entities, envelopes and parameters that have the name.

use crate::base::map::IndexMap;

use crate::entity::field::{Entity, Field};

/// Descriptions by name: `Entity.field` goes before `field`, which goes before a name in which `*` stands for anything.
pub type Descriptions = IndexMap<String, String>;

/// Gives every field without a description of its own the one that its name has.
pub fn spread(descriptions: &Descriptions, entities: &mut IndexMap<String, Entity>) {
    for (entity, description) in entities {
        each(&mut description.fields, "", &mut |path, field| {
            if field.about.is_empty() {
                describe(descriptions, entity, path).unwrap_or_default().clone_into(&mut field.about);
            }
        });
    }
}

/// What the field at `path` in `owner` means: by its whole path, or by the last name in it.
pub fn describe<'a>(known: &'a Descriptions, owner: &str, path: &str) -> Option<&'a str> {
    let name = path.rsplit('.').next().unwrap_or(path);
    let exact = || known.get(path).or_else(|| known.get(name));
    let like = || known.iter().find(|(key, _)| fits(key, name)).map(|(_, text)| text);
    known.get(&format!("{owner}.{path}")).or_else(exact).or_else(like).map(String::as_str)
}

/// Visits fields and those inside them, each with its path.
fn each(fields: &mut IndexMap<String, Field>, above: &str, visit: &mut impl FnMut(&str, &mut Field)) {
    for (name, field) in fields {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        visit(&path, field);
        each(&mut field.fields, &path, visit);
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::entity::profile::Profile;

    #[test]
    fn fields_at_every_level_get_the_nearest_description() {
        let profile = "
descriptions: { name: A name., order.name: Of an order., '*_date': A day., lines.name: Of a line., '_*_': Two. }
entities:
  order: { about: An order., evidence: assumed, fields: {
    name: { kind: text, evidence: assumed }, due_date: { kind: text, evidence: assumed },
    own: { kind: text, about: Its own., evidence: assumed }, _: { kind: text, evidence: assumed },
    lines: { kind: list, evidence: assumed, fields: {
      name: { kind: text, evidence: assumed }, inner: { kind: object, evidence: assumed, fields: {
        name: { kind: text, evidence: assumed } } } } } } }
  other: { about: Another., evidence: assumed, fields: { name: { kind: text, evidence: assumed } } }
";
        let profile = Profile::load(profile).unwrap();
        let (order, other) = (&profile.entities["order"].fields, &profile.entities["other"].fields);
        let lines = &order["lines"].fields;
        for (field, about) in [
            (&order["name"], "Of an order."),
            (&order["due_date"], "A day."),
            (&order["own"], "Its own."),
            (&order["_"], ""),
            (&lines["name"], "Of a line."),
            (&lines["inner"].fields["name"], "A name."),
            (&other["name"], "A name."),
        ] {
            assert_eq!(field.about, about);
        }
    }
}
