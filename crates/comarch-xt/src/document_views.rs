//! Which fields of invoices and proformas each version shows and takes (fact sheet 4.5 and 4.6).

use crate::views::{Access, Shown, Version, View, field, may, must, part, read, stays};

const ITEMS_1_0: &[Shown] = &[
    must("ProductId"),
    must("Quantity"),
    must("ProductCurrencyNetPrice"),
    may("ProductDescription"),
    read("Id"),
];

const ITEMS_1_1: &[Shown] = &[
    must("ProductId"),
    must("Quantity"),
    must("ProductCurrencyPrice"),
    may("ProductDescription"),
    read("Id"),
];

const ITEMS_1_2: &[Shown] = &[
    must("ProductId"),
    must("Quantity"),
    must("ProductCurrencyPrice"),
    may("ProductDescription"),
    may("VatRateId"),
    read("Id"),
];

const ITEMS_1_4: &[Shown] = &[
    must("ProductId"),
    must("Quantity"),
    must("ProductCurrencyPrice"),
    read("ProductPrice"),
    read("ProductName"),
    may("ProductDescription"),
    read("UnitOfMeasurement"),
    may("VatRateId"),
    read("Id"),
];

const PARTY: &[Shown] = &[
    read("Name"),
    read("NipPrefix"),
    read("Nip"),
    read("Country"),
    read("City"),
    read("Street"),
    read("BuildingNumber"),
    read("FlatNumber"),
    read("BankName"),
    read("BankAccountNumber"),
    read("CustomerType"),
];

/// Fact sheet 4.5.4; 1.3 and 1.4 differ in which documents their lists hold, not in the fields that were seen.
macro_rules! invoice {
    ($account:expr) => {
        &[
            may("PaymentStatus").but(2),
            must("PurchasingPartyId"),
            field("PurchasingParty", Access::Read, PARTY),
            may("ReceivingPartyId"),
            field("ReceivingParty", Access::Read, PARTY),
            must("PaymentTypeId"),
            read("PaymentType"),
            stays("PaymentDeadline"),
            read("PaymentId"),
            may("BankAccountId"),
            $account,
            stays("SalesDate"),
            may("InvoiceType"),
            part("Items", ITEMS_1_4),
            may("Description"),
            may("IsOSSProcedure"),
            may("OSSProcedureCountryCode"),
            read("IsFinal"),
            read("DocumentCreatedByTaxPayer"),
            stays("CurrencyCode"),
            stays("CurrencyRateType"),
            stays("CurrencyRateDate"),
            stays("CurrencyConverter"),
            stays("CurrencyRate"),
            read("NetTotal"),
            read("VatTotal"),
            read("GrossTotal"),
            read("CurrencyNetTotal"),
            read("CurrencyVatTotal"),
            read("CurrencyGrossTotal"),
            stays("IssueDate"),
            read("Number"),
            read("Status"),
            read("Id"),
        ]
    };
}

const INVOICE_1_4: &[Shown] = invoice!(read("BankAccountNumber"));

/// Writes name the account by its number too (fact sheet 4.5.4).
const INVOICE_1_7: &[Shown] = invoice!(may("BankAccountNumber"));

/// Fact sheet 4.5.
pub(crate) const INVOICES: &[View] = &[
    View {
        version: Version::V1_0,
        fields: &[
            may("PaymentStatus").but(2),
            must("PurchasingPartyId"),
            must("PaymentTypeId"),
            may("BankAccountId"),
            stays("SalesDate"),
            part("Items", ITEMS_1_0),
            stays("IssueDate"),
            read("Number"),
            read("Status"),
            read("Id"),
        ],
    },
    View {
        version: Version::V1_1,
        fields: &[
            may("PaymentStatus").but(2),
            must("PurchasingPartyId"),
            may("ReceivingPartyId"),
            must("PaymentTypeId"),
            may("BankAccountId"),
            stays("SalesDate"),
            may("InvoiceType"),
            part("Items", ITEMS_1_1),
            may("Description"),
            stays("IssueDate"),
            read("Number"),
            read("Status"),
            read("Id"),
        ],
    },
    View {
        version: Version::V1_2,
        fields: &[
            may("PaymentStatus").but(2),
            must("PurchasingPartyId"),
            may("ReceivingPartyId"),
            must("PaymentTypeId"),
            may("BankAccountId"),
            stays("SalesDate"),
            may("InvoiceType"),
            may("OSSProcedureCountryCode"),
            may("IsOSSProcedure"),
            part("Items", ITEMS_1_2),
            may("Description"),
            stays("IssueDate"),
            read("Number"),
            read("Status"),
            read("Id"),
        ],
    },
    View { version: Version::V1_3, fields: INVOICE_1_4 },
    View { version: Version::V1_4, fields: INVOICE_1_4 },
    View { version: Version::V1_5, fields: INVOICE_1_4 },
    View { version: Version::V1_7, fields: INVOICE_1_7 },
];

/// Fact sheet 4.6.
pub(crate) const PROFORMAS: &[View] = &[
    View {
        version: Version::V1_0,
        fields: &[
            must("PurchasingPartyId"),
            must("PaymentTypeId"),
            may("BankAccountId"),
            read("InvoiceDocIdNum").polish(),
            part("Items", ITEMS_1_0),
            stays("IssueDate"),
            read("Number"),
            read("Status"),
            read("Id"),
        ],
    },
    View {
        version: Version::V1_1,
        fields: &[
            must("PurchasingPartyId"),
            may("ReceivingPartyId"),
            must("PaymentTypeId"),
            may("BankAccountId"),
            read("InvoiceDocIdNum"),
            may("InvoiceType"),
            part("Items", ITEMS_1_1),
            may("Description"),
            stays("IssueDate"),
            read("Number"),
            read("Status"),
            read("Id"),
        ],
    },
    View {
        version: Version::V1_2,
        fields: &[
            must("PurchasingPartyId"),
            may("ReceivingPartyId"),
            must("PaymentTypeId"),
            may("BankAccountId"),
            read("InvoiceDocIdNum"),
            may("InvoiceType"),
            may("OSSProcedureCountryCode"),
            may("IsOSSProcedure"),
            part("Items", ITEMS_1_2),
            may("Description"),
            stays("IssueDate"),
            read("Number"),
            read("Status"),
            read("Id"),
        ],
    },
    View {
        version: Version::V1_4,
        fields: &[
            must("PurchasingPartyId"),
            may("ReceivingPartyId"),
            must("PaymentTypeId"),
            may("BankAccountId"),
            read("InvoiceDocIdNum"),
            may("InvoiceType"),
            may("OSSProcedureCountryCode"),
            may("IsOSSProcedure"),
            part("Items", ITEMS_1_4),
            may("Description"),
            stays("CurrencyCode"),
            stays("CurrencyRateType"),
            stays("CurrencyRateDate"),
            stays("CurrencyConverter"),
            stays("CurrencyRate"),
            stays("IssueDate"),
            read("Number"),
            read("Status"),
            read("Id"),
        ],
    },
];
