//! Records as a version shows and takes them: its view, with what the profile says of each field.

use serde_json::{Map, Value};
use simcore::base::map::IndexMap;
use simcore::contract::{Member, Object, Scalar, Shape};
use simcore::entity::profile::{Evidence, Field, FieldKind};
use simcore::entity::validate::Purpose;

use crate::edition::Edition;
use crate::views::{self, Access, Shown};

/// A record in an answer: every field of the view is there.
pub(crate) fn shown(
    view: &[Shown],
    edition: Edition,
    fields: Option<&IndexMap<String, Field>>,
    has_ref_ids: bool,
) -> Object {
    let ref_id = has_ref_ids.then(|| {
        let about = "Counts the objects of the answer.";
        ("$id", Member::always(Shape::kind(FieldKind::Text), Evidence::Doc).about(about))
    });
    // Payments spell as a text what documents number.
    let is_payment = view.iter().any(|shown| shown.name == "PaymentDirection");
    let of_user = views::added(fields).filter_map(|name| {
        let member = Member::of_field(fields?.get(name)?, Purpose::Answer);
        Some((name.as_str(), Member { required: true, is_nullable: true, ..member }))
    });
    let members = view.iter().filter(|shown| shown.is_in(edition)).map(|shown| {
        let field = fields.and_then(|fields| fields.get(shown.name));
        let inner = || {
            let fields = field.map(|field| &field.fields);
            let mut inner = self::shown(shown.inner, edition, fields, has_ref_ids);
            let taken = field.map(|field| field.taken.as_slice()).unwrap_or_default();
            inner.members.retain(|name, _| !taken.contains(name));
            Shape::Object(inner)
        };
        (
            shown.name,
            field.map_or_else(|| derived(shown, is_payment, inner), |field| stored(field, shown, inner)),
        )
    });
    Object::of(ref_id.into_iter().chain(members).chain(of_user))
}

fn stored(field: &Field, shown: &Shown, inner: impl FnOnce() -> Shape) -> Member {
    let shape = match field.kind {
        FieldKind::Object => inner(),
        FieldKind::List => Shape::list(inner()),
        // Local midnight with its offset (fact sheet 8).
        FieldKind::Date => Shape::Value(Scalar::instant()),
        _ => Shape::of_field(field, Purpose::Answer),
    };
    // Absent references and texts of documents are null; everything else the ERP fills (fact sheet 8).
    let can_be_null = field.default.is_null() && (field.references.is_some() || NULL.contains(&shown.name));
    Member { required: true, is_nullable: can_be_null, shape, ..Member::of_field(field, Purpose::Answer) }
}

/// What documents show as null beside references.
const NULL: [&str; 3] = ["Description", "OSSProcedureCountryCode", "InvoiceDocIdNum"];

/// What follows from other records and nothing stores (fact sheet 4.5.4).
fn derived(shown: &Shown, is_payment: bool, inner: impl FnOnce() -> Shape) -> Member {
    let kind = match shown.name {
        "PaymentType" if !is_payment => FieldKind::Integer,
        "CustomerType" | "DocumentId" | "DocumentType" | "ExportStatus" | "PaymentDirection" => {
            FieldKind::Integer
        }
        "IsFinal" | "DocumentCreatedByTaxPayer" | "CashAccounting" | "Payable" | "SplitPayment" => {
            FieldKind::Boolean
        }
        "CreationDate" | "DueDate" | "UpdateDate" => FieldKind::DateTime,
        "ProductPrice" | "Amount" | "Balance" | "ExchangeRate" | "VatAmount" => FieldKind::Decimal,
        _ => FieldKind::Text,
    };
    let shape = match kind {
        _ if !shown.inner.is_empty() => inner(),
        FieldKind::DateTime => Shape::Value(Scalar::instant()),
        kind => Shape::kind(kind),
    };
    let evidence = match shown.name {
        "DocumentCreatedByTaxPayer" => Evidence::Assumed,
        _ => Evidence::Client,
    };
    let can_be_null = !shown.inner.is_empty()
        || matches!(
            shown.name,
            "BankAccountNumber"
                | "ProductName"
                | "UnitOfMeasurement"
                | "RecipientAccountNumber"
                | "SenderAccountNumber"
        )
        || (shown.name == "PaymentType" && !is_payment);
    Member { is_nullable: can_be_null, ..Member::always(shape, evidence) }
}

/// A record in a body. What only the server fills is ignored there, so that a client may send what it has read.
pub(crate) fn taken(view: &[Shown], edition: Edition, fields: &IndexMap<String, Field>) -> Object {
    let writable = views::writable(view, edition, fields);
    let ignored = |evidence| Member { is_ignored: true, ..Member::maybe(Shape::Anything, evidence) };
    let members = view.iter().filter(|shown| shown.is_in(edition)).map(|shown| {
        let field = writable.get(shown.name);
        let known = || fields.get(shown.name).map_or(Evidence::Client, |field| field.evidence);
        // What names another record by its number is stored as that record's id.
        let unstored = || match shown.access {
            Access::Read => ignored(known()),
            _ => Member::maybe(Shape::kind(FieldKind::Text), known()),
        };
        let member = field.map_or_else(unstored, |field| Member::of_field(field, Purpose::Create));
        let inner = || Shape::Object(taken(shown.inner, edition, &fields[shown.name].fields));
        let shape = match field.map(|field| field.kind) {
            Some(FieldKind::Object) => inner(),
            Some(FieldKind::List) => Shape::list(inner()),
            _ => member.shape.clone(),
        };
        (shown.name, Member { shape, ..member })
    });
    let of_user = views::added(Some(fields))
        .filter_map(|name| Some((name.as_str(), Member::of_field(writable.get(name)?, Purpose::Create))));
    Object::of(members.chain(of_user)).with("$id", ignored(Evidence::Doc))
}

/// What a view takes of `record`.
pub(crate) fn taken_of(view: &[Shown], edition: Edition, record: &Value) -> Value {
    match record {
        Value::Array(items) => items.iter().map(|item| taken_of(view, edition, item)).collect(),
        Value::Object(members) => {
            let taken = view.iter().filter(|shown| shown.is_in(edition) && shown.access != Access::Read);
            let taken = taken.filter_map(|shown| {
                let value = members.get(shown.name)?;
                let value = if shown.inner.is_empty() {
                    value.clone()
                } else {
                    taken_of(shown.inner, edition, value)
                };
                Some((shown.name.to_owned(), value))
            });
            Value::Object(taken.collect::<Map<String, Value>>())
        }
        value => value.clone(),
    }
}
