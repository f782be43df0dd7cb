//! Supplier invoices and supplier orders (fact sheet 6.4, 6.5).

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::entity::settings::Settings;
use simcore::{Db, Result, said};

use crate::amounts::{amount, cents, sum};
use crate::call::Call;
use crate::customer_invoice::{items, key, taxes};
use crate::fill::is_absent;
use crate::product_trail::move_stock;
use crate::{error, product};

/// The supplier by number or technical key; each line names a product or an account, and a price; a line with only a
/// description is a comment.
pub(crate) fn check_invoice(call: &Call, db: &Db<'_>, invoice: &mut Map<String, Value>) -> Result<()> {
    resolve_supplier(db, &call.principal.tenant, invoice)?;
    if key(invoice, "NoFournisseur").is_none()
        && key(invoice, "NoFournisseur_NoUniqueSystemeSource").is_none()
    {
        return Err(error::missing("NoFournisseur"));
    }
    for (place, line) in items(invoice, "LigneFacture").enumerate() {
        let named = key(line, "strNoProduit").or(key(line, "NoCompteGL"));
        let priced = !is_absent(line, "PrixFinal") || !is_absent(line, "Montant");
        match (named, priced) {
            (Some(_), true) => {}
            (Some(_), false) => return Err(error::missing(format!("LigneFacture[{place}].PrixFinal"))),
            (None, false) if key(line, "DescriptionLigne").is_some() => {}
            (None, _) => return Err(error::missing(format!("LigneFacture[{place}].strNoProduit"))),
        }
    }
    check_references(call, db, invoice, "LigneFacture")
}

/// Supplier and products must exist on Acomba (Q34).
pub(crate) fn check_order(call: &Call, db: &Db<'_>, order: &mut Map<String, Value>) -> Result<()> {
    check_references(call, db, order, "LigneCommande")
}

fn check_references(call: &Call, db: &Db<'_>, document: &Map<String, Value>, lines: &str) -> Result<()> {
    if !call.references_count() {
        return Ok(());
    }
    let tenant = &call.principal.tenant;
    let supplier = key(document, "NoFournisseur").unwrap_or_default();
    if db.find(db.table("Supplier")?, tenant, "NoFournisseur", supplier)?.is_none() {
        return Err(said!(SUPPLIER_NOT_FOUND, number = supplier).into());
    }
    items(document, lines)
        .filter_map(|line| key(line, "strNoProduit"))
        .try_for_each(|number| product::check(call, db, number))
}

/// The technical key names the supplier when the number is absent.
fn resolve_supplier(db: &Db<'_>, tenant: &str, invoice: &mut Map<String, Value>) -> Result<()> {
    let Some(technical) = key(invoice, "NoFournisseur_NoUniqueSystemeSource") else { return Ok(()) };
    if let Some(supplier) = db.find(db.table("Supplier")?, tenant, "NoUniqueSystemeSource", technical)? {
        invoice.insert("NoFournisseur".to_owned(), supplier.text("NoFournisseur").into());
    }
    Ok(())
}

/// Quantities default to 1; subtotal, taxes and total follow from the lines. Without `supplier_effects` there are no
/// taxes.
pub(crate) fn complete_invoice(settings: &Settings, invoice: &mut Map<String, Value>) {
    if let Some(Value::Array(lines)) = invoice.get_mut("LigneFacture") {
        for line in lines.iter_mut().filter_map(Value::as_object_mut) {
            let priced = !is_absent(line, "PrixFinal") || !is_absent(line, "Montant");
            if priced && is_absent(line, "QteFacture") {
                line.insert("QteFacture".to_owned(), 1.into());
            }
        }
    }
    let line_amount = |line: &Map<String, Value>| match line.get("Montant").and_then(decimal::from_json) {
        Some(whole) => cents(whole),
        None => amount(line),
    };
    let subtotal = sum(items(invoice, "LigneFacture").map(line_amount));
    let taxes = if settings.flag("supplier_effects") { taxes(settings, subtotal) } else { Decimal::ZERO };
    for (field, amount) in [
        ("MontantSousTotal", subtotal),
        ("MontantTaxes", taxes),
        ("MontantTotal", subtotal.saturating_add(taxes)),
    ] {
        if is_absent(invoice, field) {
            invoice.insert(field.to_owned(), decimal::to_json(cents(amount)));
        }
    }
}

/// A supplier's invoice puts its products into the stock.
pub(crate) fn post(db: &Db<'_>, tenant: &str, invoice: &Map<String, Value>) -> Result<()> {
    let products = db.table("Product")?;
    for line in items(invoice, "LigneFacture") {
        let quantity = line.get("QteFacture").and_then(decimal::from_json).unwrap_or_default();
        if let Some(number) = key(line, "strNoProduit")
            && let Some(product) = db.find(products, tenant, "NoProduit", number)?
        {
            move_stock(db, &product, quantity)?;
        }
    }
    Ok(())
}
