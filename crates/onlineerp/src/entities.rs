//! What is each entity's own (fact sheet 6).

use simcore::contract::{Member, Shape};
use simcore::entity::profile::Evidence;

use crate::call::{Entity, Expand};
use crate::{
    body, customer_invoice, fill, journal_entry, product, product_trail, supplier_documents, work_order,
};

/// An entity without rules of its own.
const PLAIN: Entity = Entity {
    name: "",
    has_one: true,
    is_ordered: true,
    aging: &[],
    takes_batch: false,
    verbs: None,
    put_by_key: None,
    expands: &[],
    content: |record| record,
    unwrap: |record| record,
    check_filter: |_| Ok(()),
    check: |_, _, _| Ok(()),
    complete: |_, _, _| Ok(()),
    post: |_, _, _| Ok(()),
    change: |_, _, _| Ok(()),
};

/// Those that are more than their fields; all others are like the first.
pub(crate) const ENTITIES: &[Entity] = &[
    PLAIN,
    Entity {
        name: "Product",
        put_by_key: Some(Evidence::Seed),
        check: |call, db, record| product::check_own_group(call, db, record),
        complete: product::complete,
        change: |call, db, changes| {
            product::check_own_group(call, db, changes)?;
            product::describe_group(db, &call.principal.tenant, changes)
        },
        ..PLAIN
    },
    Entity {
        name: "ProductTrail",
        has_one: false,
        takes_batch: true,
        content: |record| Shape::Either(vec![record.clone(), Shape::list(record)]),
        check: product_trail::check,
        complete: |db, _, record| {
            fill::today(&db.settings(), db, record, "DateMouvement");
            Ok(())
        },
        post: product_trail::post,
        ..PLAIN
    },
    Entity {
        name: "CustomerInvoice",
        content: with_payments,
        unwrap: body::unwrapped,
        check: customer_invoice::check,
        complete: |db, tenant, record| customer_invoice::complete(&db.settings(), db, tenant, record),
        post: |db, tenant, record| {
            let has_effects = db.settings().flag("post_effects");
            if has_effects { customer_invoice::post(db, tenant, record) } else { Ok(()) }
        },
        ..PLAIN
    },
    Entity {
        name: "SupplierInvoice",
        expands: &[
            Expand {
                within: None,
                name: "Fournisseur",
                by: "NoFournisseur",
                of: ("Supplier", "NoFournisseur"),
            },
            Expand {
                within: Some("LigneFacture"),
                name: "Produit",
                by: "strNoProduit",
                of: ("Product", "NoProduit"),
            },
        ],
        check: supplier_documents::check_invoice,
        complete: |db, _, record| {
            supplier_documents::complete_invoice(&db.settings(), record);
            Ok(())
        },
        post: |db, tenant, record| {
            let has_effects = db.settings().flag("supplier_effects");
            if has_effects { supplier_documents::post(db, tenant, record) } else { Ok(()) }
        },
        ..PLAIN
    },
    Entity {
        name: "SupplierOrder",
        check: supplier_documents::check_order,
        complete: |db, tenant, record| {
            fill::today(&db.settings(), db, record, "DateCommande");
            fill::number(db, "SupplierOrder", tenant, record, "NoCommande", 20001)
        },
        ..PLAIN
    },
    Entity {
        name: "GLJournalEntry",
        check: |_, _, record| journal_entry::check(record),
        complete: |db, tenant, record| {
            fill::number(db, "GLJournalEntry", tenant, record, "NoEcriture", 30001)
        },
        ..PLAIN
    },
    Entity {
        name: "WorkOrder",
        has_one: false,
        is_ordered: false,
        check_filter: work_order::check_filter,
        complete: work_order::complete,
        ..PLAIN
    },
    // Which verbs there are is documented, but those of customers and suppliers.
    Entity { name: "Customer", aging: &["InfoAgeDesComptes"], verbs: Some(Evidence::Assumed), ..PLAIN },
    Entity { name: "Supplier", verbs: Some(Evidence::Assumed), ..PLAIN },
];

/// The place of what is an entity's own.
pub(crate) fn place(name: &str) -> usize {
    ENTITIES.iter().position(|entity| entity.name == name).unwrap_or_default()
}

/// An invoice is bare, or has its payments beside it (Q33).
fn with_payments(record: Shape) -> Shape {
    let payments = Member::maybe(Shape::list(Shape::Anything), Evidence::Doc);
    let wrapper =
        [("Facture", Member::always(record.clone(), Evidence::Doc)), ("ListeModePaiements", payments)];
    Shape::Either(vec![record, Shape::object(wrapper)])
}
