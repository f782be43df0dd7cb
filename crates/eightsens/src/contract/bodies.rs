//! Bodies: refusals, names as the settings spell them, examples that work in the default data.

use indexmap::IndexSet;
use serde_json::Value;
use simcore::contract::{Answer, Member, Object, Scalar, Shape};
use simcore::entity::profile::{Evidence, FieldKind, Profile};
use simcore::entity::refusals::Sentence;
use simcore::entity::settings::Settings;
use simcore::entity::validate::Purpose;

use crate::kinds::{ARTICLE, PARTS};
use crate::routes::Subject;
use crate::wire;

/// What every call can be answered with (fact sheet 7).
pub(crate) fn refusals() -> Vec<Answer> {
    simcore::contract::refusals(
        Evidence::Assumed,
        [
            (400, "No JSON object, a bad parameter, or a mandatory field is missing."),
            (401, "No API key or token, or a wrong or expired one."),
            (403, "The user, the licence or the record does not allow it."),
            (404, "There is no such path or record."),
            (405, "The path does not take this verb."),
            (409, "Another record, or the state of this one, is in the way."),
            (413, "The body is too large."),
            (415, "The media type is none that the call takes."),
            (422, "A value is malformed, or the ERP's rules refuse it."),
            (429, "Too many requests: when a scenario limits them."),
            (431, "The headers are too large."),
            (500, "An error of the server."),
            (503, "The settings of the server are incomplete."),
        ],
    )
}

/// The body of a refusal.
pub(crate) fn error(profile: &Profile) -> Object {
    let always = |kind| Member::always(Shape::kind(kind), Evidence::Assumed);
    let details = Shape::list(Shape::Map(Box::new(Shape::Anything)));
    let details = Member { required: false, ..Member::always(details, Evidence::Assumed) };
    let rules = profile.errors.iter().filter(|(name, _)| name.starts_with("RULE_"));
    let rules = rules.filter_map(|(_, rule)| rule.message.as_ref()).flat_map(Sentence::texts);
    let rules: IndexSet<&str> = rules.map(|(_, rule)| rule).filter(|rule| !rule.is_empty()).collect();
    let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
    let details = details.about(format!(
        "A field with the code of the broken rule ({rules}), or the id of the record in the way."
    ));
    let codes: IndexSet<&str> =
        profile.errors.values().filter_map(|refusal| refusal.code.as_deref()).collect();
    let codes = Shape::Value(Scalar::named(codes));
    Object::of([
        ("status", always(FieldKind::Integer)),
        ("code", Member::always(codes, Evidence::Assumed)),
        ("message", always(FieldKind::Text)),
        ("details", details),
    ])
    .about("A refusal.")
}

/// A part of a record as the server shows it: whole, with its id where it has one.
pub(crate) fn part_shown(object: Object, id: Option<&str>) -> Object {
    let mut object = object.whole();
    if let Some(member) = id.and_then(|id| object.members.get_mut(id)) {
        member.is_nullable = false;
    }
    object
}

/// A record as the server shows it: the addresses, lines and rates in it are whole too.
pub(crate) fn with_whole_parts(mut object: Object) -> Object {
    for (name, member) in &mut object.members {
        if let Shape::List(of) = &mut member.shape
            && let Shape::Object(part) = of.as_mut()
        {
            let id = PARTS.iter().find(|known| known.field == name).map(|known| known.id);
            **of = Shape::Object(part_shown(std::mem::take(part), id));
        }
    }
    object
}

/// The same with names as `field_names` spells them, and in answers with ids as `ids_as_strings` shows them.
pub(crate) fn on_the_wire(settings: &Settings, object: Object, purpose: Purpose) -> Object {
    let is_text =
        |name: &str| purpose == Purpose::Answer && name.ends_with("ID") && settings.flag("ids_as_strings");
    let members = object.members.into_iter().map(|(name, member)| {
        let shape = match member.shape {
            Shape::Value(scalar) if scalar.kind == FieldKind::Integer && is_text(&name) => {
                Shape::kind(FieldKind::Text)
            }
            shape => inside(settings, shape, purpose),
        };
        (wire::name(settings, &name).to_owned(), Member { shape, ..member })
    });
    Object { members: members.collect(), ..object }
}

fn inside(settings: &Settings, shape: Shape, purpose: Purpose) -> Shape {
    match shape {
        Shape::Object(object) => Shape::Object(on_the_wire(settings, object, purpose)),
        Shape::List(of) => Shape::list(inside(settings, *of, purpose)),
        shape => shape,
    }
}

/// A body that stands as JSON beside what it is of.
pub(crate) fn example(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// Id, id of the part, and code in the default data: calls that use a record up have one of their own.
pub(crate) fn keys(subject: Subject) -> (Value, Value, Value) {
    let (id, part, code) = match subject {
        Subject::One(kind) | Subject::Change(kind) | Subject::ByCode(kind) => {
            (kind.example.0, 0, kind.example.1)
        }
        Subject::Parts(part) | Subject::CreatePart(part) => (part.example, 0, ""),
        Subject::ChangePart(part) => (part.changed.0, part.changed.1, ""),
        Subject::RemovePart(part) => (part.removed.0, part.removed.1, ""),
        Subject::Price | Subject::Stock => (ARTICLE.example.0, 0, ARTICLE.example.1),
        Subject::Convert => (13, 0, ""),
        Subject::Cancel => (524, 0, ""),
        Subject::Identify => (507, 0, ""),
        Subject::Transform => (539, 0, ""),
        Subject::Login | Subject::Logout | Subject::List(_) | Subject::Create(_) => (0, 0, ""),
    };
    (id.into(), part.into(), code.into())
}
