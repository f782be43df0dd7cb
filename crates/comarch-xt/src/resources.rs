//! Every resource (fact sheet 2.2): its data, and the functions that are its own.

use simcore::entity::profile::Evidence::{Client, Doc, Seed};

use crate::call::{Lookup, Print, Resource, Target};
use crate::{
    bank_account, custom_print, customer, document, document_views, invoice, names, payment, payment_detail,
    payment_type, product, proforma, vat_rate, views,
};

const ALL_VERBS: &[&str] = &["GET", "POST", "PUT"];

const PLAIN: Resource = Resource {
    name: "",
    of: None,
    singular: "",
    views: &[],
    searched: &[],
    verbs: ALL_VERBS,
    evidence: [Seed; 3],
    is_master_data: false,
    has_one: true,
    has_ref_ids: true,
    is_short: false,
    own: &[],
    lookup: None,
    print: None,
    merge: |_, _| {},
    check: |_, _, _| Ok(()),
    check_deletion: |_, _| Ok(()),
    renamed: &[],
    derive: document::derive,
    removed: |_, _| Ok(Vec::new()),
    hidden: None,
    complete: |_, _| Ok(()),
};

/// How documents are found by their number.
const fn by_number(example: &'static str) -> Lookup {
    Lookup { place: Target::ByNumber, option: "number", field: "Number", example }
}

pub(crate) const RESOURCES: &[Resource] = &[
    Resource {
        name: names::PRODUCT.0,
        singular: names::PRODUCT.1,
        views: views::PRODUCTS,
        searched: product::SEARCHED,
        is_short: true,
        check: product::check,
        complete: product::complete,
        ..PLAIN
    },
    Resource {
        name: names::CUSTOMER.0,
        singular: names::CUSTOMER.1,
        views: views::CUSTOMERS,
        searched: customer::SEARCHED,
        lookup: Some(Lookup {
            place: Target::ByTaxNumber,
            option: "nip",
            field: "CustomerTaxNumber",
            example: "DE123456789",
        }),
        merge: customer::keep_address,
        check: customer::check,
        complete: customer::complete,
        ..PLAIN
    },
    Resource {
        name: names::PAYMENT_TYPE.0,
        singular: names::PAYMENT_TYPE.1,
        views: views::PAYMENT_TYPES,
        searched: payment_type::SEARCHED,
        evidence: [Doc, Doc, Client],
        is_master_data: true,
        check: payment_type::check,
        check_deletion: payment_type::check_deletion,
        complete: payment_type::complete,
        ..PLAIN
    },
    Resource {
        name: names::BANK_ACCOUNT.0,
        singular: names::BANK_ACCOUNT.1,
        views: views::BANK_ACCOUNTS,
        searched: bank_account::SEARCHED,
        evidence: [Client, Doc, Client],
        is_master_data: true,
        complete: bank_account::complete,
        ..PLAIN
    },
    Resource {
        name: names::INVOICE.0,
        singular: names::INVOICE.1,
        views: document_views::INVOICES,
        searched: document::SEARCHED,
        own: &[Target::Confirm],
        lookup: Some(by_number("FS/26/1/19")),
        print: Some(Print { kind: 0, title: |layout| layout.invoice, template: 10_161_101 }),
        check: invoice::check,
        removed: proforma::reopened,
        complete: document::complete_invoice,
        ..PLAIN
    },
    Resource {
        name: names::PROFORMA.0,
        singular: names::PROFORMA.1,
        views: document_views::PROFORMAS,
        searched: document::SEARCHED,
        // Several in one call (fact sheet 4.6).
        verbs: &["GET", "POST", "PUT", "DELETE"],
        lookup: Some(by_number("PF/25/12/6")),
        print: Some(Print { kind: 7, title: |layout| layout.proforma, template: 10_161_103 }),
        check: document::check,
        hidden: Some("InvoiceDocIdNum"),
        complete: document::complete_proforma,
        ..PLAIN
    },
    Resource {
        name: names::CUSTOM_PRINT.0,
        singular: names::CUSTOM_PRINT.1,
        views: views::CUSTOM_PRINTS,
        searched: custom_print::SEARCHED,
        verbs: &["GET"],
        evidence: [Doc; 3],
        has_one: false,
        has_ref_ids: false,
        ..PLAIN
    },
    Resource {
        name: names::VAT_RATE.0,
        singular: names::VAT_RATE.1,
        own: &[Target::Countries],
        views: views::VAT_RATES,
        searched: vat_rate::SEARCHED,
        verbs: &["GET"],
        evidence: [Doc; 3],
        has_one: false,
        has_ref_ids: false,
        ..PLAIN
    },
    Resource {
        name: names::PAYMENT_DETAIL.0,
        singular: names::PAYMENT_DETAIL.1,
        of: Some(names::INVOICE.0),
        views: payment_detail::VIEWS,
        searched: payment_detail::SEARCHED,
        verbs: &["GET"],
        evidence: [Doc; 3],
        has_one: false,
        has_ref_ids: false,
        renamed: payment_detail::RENAMED,
        derive: payment_detail::derive,
        ..PLAIN
    },
    Resource {
        name: names::PAYMENT.0,
        singular: names::PAYMENT.1,
        of: Some(names::INVOICE.0),
        views: payment::VIEWS,
        verbs: &[],
        evidence: [Doc; 3],
        has_one: false,
        has_ref_ids: false,
        own: &[Target::Pay],
        ..PLAIN
    },
];
