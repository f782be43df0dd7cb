//! What calls take besides records: envelopes, their examples, and the answers that belong to them.

use serde_json::{Value, json};
use simcore::contract::{Member, Object, Scalar, Shape};
use simcore::entity::model::Model;
use simcore::entity::profile::{Evidence, FieldKind};

use super::records::{self, text};
use crate::{accounts as account, events, operators};

use Evidence::{Assumed, Doc, Seed};

/// The bodies that depend on which entities there are.
pub(super) struct Bodies {
    pub(super) select: Shape,
    pub(super) data_set: Shape,
    pub(super) validation: Shape,
    pub(super) bulk: Shape,
    pub(super) relational: Shape,
    pub(super) deletion: Shape,
    pub(super) merge: Shape,
    pub(super) outbox: Shape,
}

impl Bodies {
    pub(super) fn new(model: &Model) -> Self {
        Self {
            select: select(model),
            data_set: data_set(model),
            validation: validation(model),
            bulk: bulk(model),
            relational: relational(model),
            deletion: deletion(model),
            merge: merge(),
            outbox: outbox(model),
        }
    }
}

/// A member that may be left out.
fn maybe(shape: Shape, evidence: Evidence) -> Member {
    Member::maybe(shape, evidence)
}

/// A member that must be there.
fn must(shape: Shape, evidence: Evidence) -> Member {
    Member::always(shape, evidence)
}

fn integer() -> Shape {
    Shape::kind(FieldKind::Integer)
}

fn named<const N: usize>(values: [&str; N]) -> Shape {
    Shape::Value(Scalar::named(values))
}

fn entity(model: &Model, evidence: Evidence) -> Member {
    must(Shape::Value(records::entity_name(model)), evidence)
}

fn flag() -> Shape {
    Shape::Value(Scalar { values: vec![0.into(), 1.into()], ..Scalar::of(FieldKind::Integer) })
}

/// What marks rows as exported or not; its other name is that of the query.
fn export(member: Member) -> Member {
    Member { aliases: vec!["serverExport".to_owned()], ..member }
}

pub(super) fn credentials() -> Shape {
    Shape::object([
        (
            "scope",
            Member {
                is_nullable: false,
                ..maybe(
                    Shape::Value(Scalar { values: vec!["API".into()], ..Scalar::of(FieldKind::Text) }),
                    Doc,
                )
            },
        ),
        ("projectCode", must(text(), Doc)),
        ("userName", must(text(), Doc)),
        ("password", must(text(), Doc)),
    ])
}

pub(super) fn credentials_example() -> Value {
    json!({ "scope": "API", "projectCode": "DEMO", "userName": "api", "password": "api" })
}

fn select(model: &Model) -> Shape {
    let field = || must(records::field_name(model), Doc);
    let operators = operators::NAMES.iter().map(|(name, _, _)| *name);
    let keys = || maybe(Shape::list(text()), Doc);
    let returned = Shape::object([("fieldName", field()), ("aliasName", maybe(text(), Doc))]);
    let filter = Shape::object([
        ("companyCode", maybe(text(), Doc)),
        ("filterKey", maybe(text(), Doc)),
        ("fieldName", field()),
        ("operator", must(Shape::Value(Scalar::named(operators)), Doc)),
        ("ifNullValue", maybe(Shape::Anything, Doc)),
        ("filterValues", maybe(Shape::list(Shape::Anything), Doc)),
    ]);
    let group = Shape::object([
        ("groupKey", maybe(text(), Doc)),
        ("groupLogicalOperator", maybe(named(["AND", "OR"]), Doc)),
        ("filterKeys", keys()),
        ("groupKeys", keys()),
    ]);
    let sort = Shape::object([
        ("fieldName", field()),
        ("sortOrder", maybe(named(["Ascending", "Descending"]), Doc)),
    ]);
    let least =
        |least: i64| Shape::Value(Scalar { least: Some(least.into()), ..Scalar::of(FieldKind::Integer) });
    Shape::object([
        ("companyCode", maybe(text(), Doc)),
        ("entityName", entity(model, Doc)),
        ("srvExport", export(maybe(integer(), Doc))),
        ("srvAttrib", maybe(integer(), Doc)),
        ("limit", maybe(least(1), Doc)),
        ("offset", maybe(least(0), Doc)),
        ("returnFields", maybe(Shape::list(returned), Doc)),
        ("filterFields", maybe(Shape::list(filter), Doc)),
        ("filterGroups", maybe(Shape::list(group), Doc)),
        ("sortFields", maybe(Shape::list(sort), Doc)),
    ])
}

pub(super) fn select_example() -> Value {
    json!({
        "entityName": "product",
        "limit": 20,
        "returnFields": [{ "fieldName": "description", "aliasName": "label" }, { "fieldName": "saleMultiple" }],
        "filterFields": [{ "fieldName": "description", "operator": "StartWith", "filterValues": ["Boulon"] }],
        "sortFields": [{ "fieldName": "description", "sortOrder": "Descending" }],
    })
}

pub(super) fn record_example() -> Value {
    json!({
        "name": "Fonderie Valserine", "address1": "4 quai du Rhône", "postalCode": "01200", "city": "Valserhône",
        "email": "contact@fonderie-valserine.example", "generictype_ID_country": "COUNTRY-FR",
    })
}

fn data_set(model: &Model) -> Shape {
    let main = |name: &str| Shape::named(format!("{name}.document"));
    Shape::Object(records::each(model, Doc, |table| {
        Shape::Either(vec![main(&table.name), Shape::list(main(&table.name))])
    }))
}

pub(super) fn data_set_example() -> Value {
    json!({ "intervention": {
        "intervention_ID": "I-EXAMPLE",
        "customer_ID": "C0000001",
        "title": "Visite annuelle",
        "startDate": "2026-05-04 08:30:00",
        "endDate": "2026-05-04 17:00:00",
        "interventiontype_ID": "MAINT",
        "interventionpart": [{ "interventionpart_ID": "I-EXAMPLE-1", "intervention_ID": "I-EXAMPLE" }],
    } })
}

fn validation(model: &Model) -> Shape {
    let row = Shape::object([
        ("rowCode", must(text(), Seed)),
        ("srvDateUTC", must(Shape::kind(FieldKind::DateTime), Seed)),
    ]);
    let batch = Shape::object([
        ("companyCode", maybe(text(), Seed)),
        ("entityName", entity(model, Seed)),
        ("srvExport", export(must(flag(), Seed))),
        ("rows", must(Shape::list(row), Seed)),
    ]);
    Shape::Either(vec![batch.clone(), Shape::list(batch)])
}

pub(super) fn validation_example(route: &str) -> Value {
    let row = json!({ "rowCode": "C0000001", "srvDateUTC": "2026-01-01T07:00:00" });
    let batch = json!({ "companyCode": "C01", "entityName": "customer", "srvExport": 0, "rows": [row] });
    if route == "server_exports" { json!([batch]) } else { batch }
}

pub(super) fn validated() -> Shape {
    let date = Member { required: true, ..maybe(Shape::kind(FieldKind::DateTime), Assumed) };
    let rejected = Shape::object([
        ("entityName", must(text(), Assumed)),
        ("rowCode", must(text(), Assumed)),
        ("srvDateUTC", date),
        ("reason", must(named(["Modified", "NotFound"]), Assumed)),
    ]);
    Shape::object([
        ("updatedRow", must(integer(), Assumed)),
        ("rejectedRows", must(Shape::list(rejected), Assumed)),
        ("statistics", must(Shape::named("Statistics"), Assumed)),
    ])
}

fn bulk(model: &Model) -> Shape {
    Shape::object([
        ("companyCode", maybe(text(), Assumed)),
        ("entityName", entity(model, Assumed)),
        ("serverExport", Member { aliases: vec!["srvExport".to_owned()], ..maybe(flag(), Assumed) }),
        ("rows", must(records::chosen_list(model, "entityName", ".row"), Assumed)),
    ])
}

pub(super) fn bulk_example() -> Value {
    json!({ "entityName": "customer", "serverExport": 0, "rows": [
        { "customer_ID": "EX-1", "name": "Ateliers du Lac" }, { "customer_ID": "EX-2", "name": "Scierie Morel" },
    ] })
}

fn relational(model: &Model) -> Shape {
    let rows = records::each(model, Seed, |table| Shape::list(Shape::named(format!("{}.row", table.name))));
    let codes = records::each(model, Doc, |_| Shape::list(text()));
    let relation = Shape::object([
        ("SourceEntityName", entity(model, Doc)),
        ("SourceRowCode", must(text(), Doc)),
        ("TargetEntityName", entity(model, Doc)),
        ("TargetRowCode", must(text(), Doc)),
        ("TargetFieldName", must(text(), Doc)),
    ]);
    Shape::object([
        ("companyCode", maybe(text(), Assumed)),
        ("noResultData", maybe(Shape::kind(FieldKind::Boolean), Seed)),
        ("data", maybe(Shape::Object(rows), Seed)),
        ("deletes", maybe(Shape::Object(codes), Doc)),
        ("relations", maybe(Shape::list(relation), Doc)),
    ])
}

pub(super) fn relational_example() -> Value {
    json!({
        "noResultData": false,
        "data": {
            "customer": [{ "customer_ID": "MF01", "name": "Moulin Fabre" }],
            "customercontact": [{ "customercontact_ID": "MF01-1", "lastName": "Fabre" }],
        },
        "deletes": { "customercontact": ["MF01-9"] },
        "relations": [{
            "SourceEntityName": "customer", "SourceRowCode": "MF01", "TargetEntityName": "customercontact",
            "TargetRowCode": "MF01-1", "TargetFieldName": "customer_ID",
        }],
    })
}

fn deletion(model: &Model) -> Shape {
    let number = Scalar { values: vec![1.into(), 2.into()], ..Scalar::of(FieldKind::Integer) };
    let mode = Shape::Either(vec![named(["Logical", "Physical", "1", "2"]), Shape::Value(number)]);
    let codes = records::each(model, Assumed, |_| Shape::list(text()));
    let common = [("companyCode", maybe(text(), Assumed)), ("deleteMode", maybe(mode, Assumed))];
    let of_one = [("entityName", entity(model, Assumed)), ("rows", must(Shape::list(text()), Assumed))];
    let of_several = [("deletes", must(Shape::Object(codes), Assumed))];
    let form = |own: Vec<(&'static str, Member)>| Shape::object(common.clone().into_iter().chain(own));
    Shape::Either(vec![form(of_one.into()), form(of_several.into())])
}

fn merge() -> Shape {
    Shape::object([
        ("companyCode", maybe(text(), Assumed)),
        ("sourceRowCode", must(text(), Assumed)),
        ("targetRowCode", must(text(), Assumed)),
    ])
}

pub(super) fn deletion_example() -> Value {
    json!({ "entityName": "customercontact", "deleteMode": "Logical", "rows": ["K0000009"] })
}

/// Each verb uses a record up.
pub(super) fn merge_example(verb: &str) -> Value {
    let source = if verb == "POST" { "K0000005" } else { "K0000006" };
    json!({ "sourceRowCode": source, "targetRowCode": "K0000001" })
}

pub(super) fn accounts() -> Shape {
    let account = Shape::object([
        ("userName", must(text(), Assumed)),
        ("password", maybe(text(), Assumed)),
        ("email", maybe(text(), Assumed)),
        ("lastName", maybe(text(), Assumed)),
        ("firstName", maybe(text(), Assumed)),
        ("languageCode", maybe(text(), Assumed)),
        ("companyCode", maybe(text(), Assumed)),
        ("baseuser_ID", maybe(text(), Assumed)),
        ("status", must(named(account::STATUSES), Assumed)),
    ]);
    Shape::list(account)
}

pub(super) fn accounts_example() -> Value {
    json!([{ "userName": "jdoe", "password": "Secret1!", "languageCode": "FR", "status": "Active" }])
}

pub(super) fn accounts_shown() -> Shape {
    let status = || must(named(account::STATUSES), Assumed);
    let account = Shape::object([
        ("userName", must(text(), Assumed)),
        ("requestedStatus", status()),
        ("status", status()),
        ("action", must(named(["Created", "Updated", "Unchanged"]), Assumed)),
    ]);
    Shape::object([
        ("accounts", must(Shape::list(account), Assumed)),
        ("remainingLicences", must(integer(), Assumed)),
    ])
}

pub(super) fn tasks() -> Shape {
    let codes = || Shape::list(text());
    Shape::Either(vec![Shape::object([("codes", must(codes(), Assumed))]), codes()])
}

pub(super) fn tasks_shown() -> Shape {
    Shape::list(Shape::object([
        ("code", must(text(), Assumed)),
        ("status", must(named(["Pending"]), Assumed)),
        ("createdDateUTC", must(Shape::kind(FieldKind::DateTime), Assumed)),
    ]))
}

fn outbox(model: &Model) -> Shape {
    let list = || maybe(Shape::Either(vec![Shape::list(text()), text()]), Seed);
    let archive = Scalar { values: vec![0.into(), 1.into(), 2.into()], ..Scalar::of(FieldKind::Integer) };
    let copies = Scalar { least: Some(0.into()), ..Scalar::of(FieldKind::Integer) };
    let html = Shape::Either(vec![named(["0", "1"]), flag(), Shape::kind(FieldKind::Boolean)]);
    let attachment = Shape::object([
        ("entity", entity(model, Seed)),
        ("dataColumn", must(text(), Seed)),
        ("rowID", must(text(), Seed)),
        ("name", must(text(), Seed)),
        ("mimeType", must(text(), Seed)),
    ]);
    Shape::object([
        ("baseOutbox_ID", must(text(), Seed)),
        ("confreport_ID", must(text(), Seed)),
        ("rowID", must(text(), Seed)),
        ("sourceEntity", entity(model, Seed)),
        ("baseUser_ID", must(text(), Seed)),
        ("companyCode", maybe(text(), Assumed)),
        ("fromArchive", maybe(Shape::Value(archive), Seed)),
        ("print", maybe(Shape::Value(copies), Seed)),
        ("messageSubject", maybe(text(), Seed)),
        ("messageBody", maybe(text(), Seed)),
        ("filename", maybe(text(), Seed)),
        ("pathExport", maybe(text(), Seed)),
        ("isBodyHtml", maybe(html, Seed)),
        ("replyto", list()),
        ("emailto", list()),
        ("attachments", maybe(Shape::list(attachment), Seed)),
    ])
}

pub(super) fn outbox_example(verb: &str) -> Value {
    json!({
        "baseOutbox_ID": format!("OB-{verb}"), "confreport_ID": "RPT_CUSTOMER", "rowID": "C0000001",
        "sourceEntity": "customer", "baseUser_ID": "ADMIN", "emailto": ["contact@alveo-industries.example"],
    })
}

/// What a process takes, by its code.
pub(super) fn process() -> Shape {
    let event = || ("event", must(named(events::STANDARD), Doc));
    let forms = [
        ("EPT_WebhookSubscribe", Shape::object([event(), ("hookUrl", must(text(), Doc))])),
        ("EPT_WebhookUnsubscribe", Shape::object([("codeWebhookSubscription", must(text(), Doc))])),
        ("EPT_WebhookPerformList", Shape::object([event()])),
    ];
    Shape::Chosen { by: "c", forms: forms.map(|(code, form)| (code.to_owned(), form)).into_iter().collect() }
}

pub(super) fn webhook_result() -> Shape {
    let common = [("resultCode", must(text(), Doc)), ("errorMessage", must(text(), Doc))];
    let part = || Member { required: false, ..must(Shape::Anything, Evidence::Client) };
    let result = Object::of([
        ("common", Member { required: false, ..must(Shape::object(common), Doc) }),
        ("response", part()),
        ("results", part()),
    ]);
    Shape::object([("result", must(Shape::Object(result), Doc))])
}

pub(super) fn process_result() -> Shape {
    let texts = |names: &[&'static str]| {
        let members = names.iter().map(|name| (*name, must(text(), Doc)));
        Shape::Object(Object::of(members))
    };
    let customer = [&["codecustomer"][..], &events::CUSTOMER[..]].concat();
    let deal = ["codedeal", "customerName", "label", "type", "dealNumber", "status", "creationDate", "url"];
    let result = Shape::Either(vec![texts(&["codeWebhookSubscription"]), texts(&customer), texts(&deal)]);
    Shape::object([("result", must(result, Doc))])
}
