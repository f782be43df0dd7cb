//! What records of each entity are called, in paths and one by one (fact sheet 2.2 and 7.2).

/// Entity, and one of it.
pub(crate) type Name = (&'static str, &'static str);

pub(crate) const PRODUCT: Name = ("products", "Product");
pub(crate) const CUSTOMER: Name = ("customers", "Customer");
pub(crate) const PAYMENT_TYPE: Name = ("paymenttypes", "PaymentType");
pub(crate) const BANK_ACCOUNT: Name = ("bankaccounts", "BankAccount");
pub(crate) const INVOICE: Name = ("invoices", "Invoice");
pub(crate) const PROFORMA: Name = ("proformas", "Proforma");
pub(crate) const CUSTOM_PRINT: Name = ("customprints", "CustomPrint");
pub(crate) const VAT_RATE: Name = ("vatrates", "VatRate");
pub(crate) const PAYMENT_DETAIL: Name = ("paymentdetails", "PaymentDetail");
pub(crate) const PAYMENT: Name = ("payments", "Payment");

const ALL: [Name; 8] =
    [PRODUCT, CUSTOMER, PAYMENT_TYPE, BANK_ACCOUNT, INVOICE, PROFORMA, CUSTOM_PRINT, VAT_RATE];

/// What errors call one record of `entity`.
pub(crate) fn singular(entity: &str) -> &'static str {
    ALL.iter().find(|(name, _)| *name == entity).map_or("Entity", |(_, one)| one)
}
