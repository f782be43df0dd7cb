//! Members and parameters that a vendor's contract puts together by hand, with what their names mean.

use super::{Contract, Object, Shape};
use crate::entity::descriptions::{Descriptions, describe};

impl Contract {
    /// Gives what has no description of its own the one that its name has.
    pub(crate) fn describe(&mut self, known: &Descriptions) {
        for (name, object) in &mut self.components {
            self::object(known, name, "", object);
        }
        for operation in &mut self.operations {
            for parameter in operation.parameters.iter_mut().filter(|one| one.about.is_empty()) {
                let about = describe(known, &operation.tag, &parameter.name);
                parameter.about = about.unwrap_or_default().to_owned().into();
            }
            let answers = operation.answers.iter_mut().filter_map(|answer| answer.content.as_mut());
            let bodies = operation.body.iter_mut().map(|content| &mut content.shape);
            bodies.chain(answers.map(|(_, shape)| shape)).for_each(|one| shape(known, "", "", one));
        }
    }
}

fn shape(known: &Descriptions, owner: &str, path: &str, shape: &mut Shape) {
    let inner = |one: &mut Shape| self::shape(known, owner, path, one);
    match shape {
        Shape::Object(object) => self::object(known, owner, path, object),
        Shape::List(of) | Shape::Map(of) => inner(of),
        Shape::Either(forms) => forms.iter_mut().for_each(inner),
        Shape::Chosen { forms, .. } => forms.values_mut().for_each(inner),
        Shape::Named(_) | Shape::Value(_) | Shape::Anything | Shape::Bytes => {}
    }
}

fn object(known: &Descriptions, owner: &str, path: &str, object: &mut Object) {
    for (name, member) in &mut object.members {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if member.about.is_empty() {
            describe(known, owner, &path).unwrap_or_default().clone_into(&mut member.about);
        }
        shape(known, owner, &path, &mut member.shape);
    }
}
