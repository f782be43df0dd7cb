//! Shapes of records, from the entities of the profile, and of what answers have in common.

use simcore::base::map::IndexMap;
use simcore::contract::{Member, Object, Scalar, Shape};
use simcore::entity::model::{Model, Table};
use simcore::entity::profile::{Evidence, Field, FieldKind, Writable};
use simcore::entity::validate::Purpose;

use crate::tables::{self, code_field};

/// The entities of the API.
pub(super) fn entities(model: &Model) -> impl Iterator<Item = &Table> {
    model.tables.values().filter(|table| !table.entity.back_office)
}

/// Every record as it is shown (`customer`), created and changed (`customer.input`), a row of a batch (`customer.row`) and
/// a part of a data set (`customer.document`).
pub(super) fn components(model: &Model) -> IndexMap<String, Object> {
    let mut components = IndexMap::from_iter([
        ("Error".to_owned(), error()),
        ("DictionaryEntity".to_owned(), dictionary_entity()),
        ("Statistics".to_owned(), statistics()),
    ]);
    for table in entities(model) {
        let name = &table.name;
        let of = |purpose| Object::of_records(table, purpose);
        // All fields are there, those without a value as null (fact sheet 6.2).
        let shown = of(Purpose::Answer).whole();
        let mut row = of(Purpose::Change);
        if let Some(code) = row.members.get_mut(code_field(table)) {
            (code.required, code.is_nullable) = (true, false);
        }
        let document = document(model, table, row.clone());
        let (create, change) = (of(Purpose::Create), of(Purpose::Change));
        let inputs = [(input(table, Purpose::Change), change), (input(table, Purpose::Create), create)];
        let forms = [("", shown), (".row", row), (".document", document)].into_iter().chain(inputs);
        components.extend(forms.map(|(form, object)| (format!("{name}{form}"), object)));
    }
    components
}

/// The form in which a record is created or changed: one for both, unless a field tells them apart.
pub(super) fn input(table: &Table, purpose: Purpose) -> &'static str {
    let tells = |field: &Field| field.required || field.write == Writable::Create;
    match purpose {
        _ if !table.entity.fields.values().any(tells) => ".input",
        Purpose::Create => "Create",
        _ => "Change",
    }
}

/// A row with the rows that are linked to it inside, by entity (fact sheet 9.2).
fn document(model: &Model, table: &Table, row: Object) -> Object {
    let linked = entities(model).filter(|child| child.name != table.name);
    let linked = linked.filter(|child| !tables::links(child, &table.name).is_empty());
    linked.fold(row, |document, child| {
        let rows = Shape::list(Shape::named(format!("{}.document", child.name)));
        let member = Member { is_nullable: false, ..Member::maybe(rows, Evidence::Doc) };
        let member = member.about(format!("Linked to it: {}", child.entity.about));
        document.with(&child.name, member)
    })
}

/// What an entity's name chooses: a form of its component.
pub(super) fn chosen(model: &Model, by: &'static str, form: impl Fn(&Table) -> &'static str) -> Shape {
    let shape = |table: &Table| Shape::named(format!("{}{}", table.name, form(table)));
    Shape::Chosen { by, forms: entities(model).map(|table| (table.name.clone(), shape(table))).collect() }
}

/// The same, as a list.
pub(super) fn chosen_list(model: &Model, by: &'static str, form: &str) -> Shape {
    let shape = |table: &Table| Shape::list(Shape::named(format!("{}{form}", table.name)));
    Shape::Chosen { by, forms: entities(model).map(|table| (table.name.clone(), shape(table))).collect() }
}

/// An object with something for each entity.
pub(super) fn each(model: &Model, evidence: Evidence, shape: impl Fn(&Table) -> Shape) -> Object {
    let members = entities(model).map(|table| {
        let member = Member { is_nullable: false, ..Member::maybe(shape(table), evidence) };
        (table.name.as_str(), member.about(&table.entity.about))
    });
    Object::of(members)
}

/// The name of an entity.
pub(super) fn entity_name(model: &Model) -> Scalar {
    Scalar::named(entities(model).map(|table| table.name.as_str()))
}

/// The name of a field of the entity that the body names; `srvDate` can be asked for as well (fact sheet 6.4).
pub(super) fn field_name(model: &Model) -> Shape {
    let names = |table: &Table| {
        let fields = table.entity.fields.iter().filter(|(name, _)| !name.starts_with('_'));
        let names = fields.flat_map(|(name, field)| {
            let aliases = field.aliases.iter().filter(move |_| name == code_field(table));
            std::iter::once(name.clone()).chain(aliases.cloned())
        });
        Shape::Value(Scalar::named(names.chain(["srvDate".to_owned()])))
    };
    let forms = entities(model).map(|table| (table.name.clone(), names(table))).collect();
    Shape::Chosen { by: "entityName", forms }
}

fn error() -> Object {
    let place = || Member { required: true, ..Member::maybe(text(), Evidence::Assumed) };
    let detail = Object::of([
        ("entityName", place()),
        ("rowCode", place()),
        ("fieldName", place()),
        ("message", Member::always(text(), Evidence::Assumed)),
    ]);
    let details = Member::maybe(Shape::list(Shape::Object(detail)), Evidence::Assumed);
    Object::of([
        ("message", Member::always(text(), Evidence::Assumed)),
        ("details", Member { is_nullable: false, ..details }),
    ])
    .about("A refusal.")
}

fn dictionary_entity() -> Object {
    let translation = Object::of([
        ("languageCode", Member::always(text(), Evidence::Seed)),
        ("text", Member::always(text(), Evidence::Seed)),
    ]);
    let translations = || Member::always(Shape::list(Shape::Object(translation.clone())), Evidence::Seed);
    let kinds = ["text", "text(foreignkey)", "int", "double", "bool", "datetime", "blob"];
    let kinds = Scalar { values: kinds.map(Into::into).into(), ..Scalar::of(FieldKind::Text) };
    let length = Member { required: true, ..Member::maybe(Shape::kind(FieldKind::Integer), Evidence::Seed) };
    let field = Object::of([
        ("fieldName", Member::always(text(), Evidence::Seed)),
        ("translations", translations()),
        ("fieldType", Member::always(Shape::Value(kinds), Evidence::Seed)),
        ("fieldLength", length),
    ]);
    Object::of([
        ("entityName", Member::always(text(), Evidence::Seed)),
        ("translations", translations()),
        ("fields", Member::always(Shape::list(Shape::Object(field)), Evidence::Seed)),
    ])
    .about("An entity and its fields.")
}

fn statistics() -> Object {
    Object::of([
        ("queryCount", Member::always(Shape::kind(FieldKind::Integer), Evidence::Seed)),
        ("queryDurationTotal", Member::always(text(), Evidence::Seed)),
        ("executionDuration", Member::always(text(), Evidence::Seed)),
    ])
    .about("What a batch took; durations are hh:mm:ss.fffffff.")
}

pub(super) fn text() -> Shape {
    Shape::kind(FieldKind::Text)
}
