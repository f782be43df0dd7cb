//! Transactions with customers: lines that the ERP fills in, taxes, stock and ageing (fact sheet 6.3, 8.5).

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::entity::settings::Settings;
use simcore::store::rows::Record;
use simcore::{Db, Result, said};

use crate::amounts::{amount, cents, sum};
use crate::call::Call;
use crate::fill::{is_absent, today};
use crate::product_trail::move_stock;
use crate::{ageing, back_office, error, product};

/// The client and every product named must exist on Acomba (Q34).
pub(crate) fn check(call: &Call, db: &Db<'_>, document: &mut Map<String, Value>) -> Result<()> {
    let tenant = &call.principal.tenant;
    let client = client(db, tenant, document)?;
    if let Some(client) = &client
        && back_office::is_locked(db, "Customer", tenant, client.id)?
    {
        return Err(error::locked("Customer", client.text("NoClient")));
    }
    if !call.references_count() {
        return Ok(());
    }
    let number = client_key(document).to_owned();
    match client {
        None => return Err(said!(CUSTOMER_NOT_FOUND, number = number).into()),
        Some(client) if client.values["EstActif"] == false => {
            return Err(said!(CUSTOMER_INACTIVE, number = number).into());
        }
        Some(_) => {}
    }
    for line in lines(document) {
        if let Some(number) = key(line, "strNoProduit") {
            product::check(call, db, number)?;
        }
        if let Some(group) = key(line, "strNoGroupeProduit") {
            product::check_group(call, db, group)?;
        }
    }
    Ok(())
}

/// Fills in what the ERP knows: kind, number, date, names, descriptions, prices, totals.
pub(crate) fn complete(
    settings: &Settings,
    db: &Db<'_>,
    tenant: &str,
    document: &mut Map<String, Value>,
) -> Result<()> {
    today(settings, db, document, "DateFacture");
    number(db, tenant, document)?;
    let client = client(db, tenant, document)?;
    if let (Some(client), Some(Value::Object(info))) = (client, document.get_mut("InfoClientFacturerA"))
        && is_absent(info, "NomClient")
    {
        info.insert("NomClient".to_owned(), client.values.get("NomClient").cloned().unwrap_or_default());
    }
    if let Some(Value::Array(lines)) = document.get_mut("LigneFacture") {
        for line in lines.iter_mut().filter_map(Value::as_object_mut) {
            fill_line(db, tenant, line)?;
        }
    }
    totals(settings, document);
    Ok(())
}

/// The kinds of document and the first number of each.
const KINDS: [(&str, i64); 4] =
    [("FACTURES", 10001), ("COMMANDES", 60001), ("SOUMISSIONS", 70001), ("ACHATS", 80001)];

fn kind(document: &Map<String, Value>) -> &str {
    document.get("TypeDoc").and_then(Value::as_str).unwrap_or("FACTURES")
}

/// Whether money is due of it: of invoices and credit notes, not of orders, quotes and purchases.
pub(crate) fn is_due(document: &Map<String, Value>) -> bool {
    kind(document) == "FACTURES"
}

/// Each kind of document has numbers of its own, none of which comes twice.
fn number(db: &Db<'_>, tenant: &str, document: &mut Map<String, Value>) -> Result<()> {
    if !is_absent(document, "NoFacture") {
        return Ok(());
    }
    let (table, kind) = (db.table("CustomerInvoice")?, kind(document).to_owned());
    let first = KINDS.iter().find(|(name, _)| *name == kind).map_or(10001, |(_, first)| *first);
    let text =
        "SELECT max(CAST(NoFacture AS INTEGER)) FROM CustomerInvoice WHERE _tenant = ? AND TypeDoc = ?";
    let last: Option<i64> = db.conn.prepare_cached(text)?.query_row((tenant, &kind), |row| row.get(0))?;
    let counter = format!("CustomerInvoice.NoFacture/{kind}/{tenant}");
    let mut next = db.next(&counter, first)?;
    // The control API may store any number.
    let start = last.map_or(first, |last| last.saturating_add(1).max(first));
    while next < start || db.find_id(table, tenant, "NoFacture", &next.to_string())?.is_some() {
        next = if next < start { db.advance(&counter, start)? } else { db.next(&counter, first)? };
    }
    document.insert("NoFacture".to_owned(), next.to_string().into());
    Ok(())
}

/// A line with only a product and a quantity gets description and price from the product; a line without a product is
/// a comment and stays as it is.
fn fill_line(db: &Db<'_>, tenant: &str, line: &mut Map<String, Value>) -> Result<()> {
    if key(line, "strNoGroupeProduit").is_some() && is_absent(line, "QteFacture") {
        line.insert("QteFacture".to_owned(), 1.into());
    }
    let Some(number) = key(line, "strNoProduit").map(str::to_owned) else { return Ok(()) };
    if is_absent(line, "QteFacture") {
        line.insert("QteFacture".to_owned(), 1.into());
    }
    let Some(product) = db.find(db.table("Product")?, tenant, "NoProduit", &number)? else { return Ok(()) };
    for (field, from) in [("DescriptionLigne", "Description"), ("PrixFinal", "PrixVente")] {
        if is_absent(line, field) {
            line.insert(field.to_owned(), product.values.get(from).cloned().unwrap_or_default());
        }
    }
    Ok(())
}

/// GST and QST on a subtotal, each rounded half up to the cent and then added.
pub(crate) fn taxes(settings: &Settings, subtotal: Decimal) -> Decimal {
    let tax = |name| {
        let percent = decimal::from_json(settings.value(name)).unwrap_or_default();
        cents(subtotal.saturating_mul(percent) / Decimal::ONE_HUNDRED)
    };
    tax("gst_percent").saturating_add(tax("qst_percent"))
}

/// Subtotal, taxes, total, and what is still due of an invoice.
fn totals(settings: &Settings, document: &mut Map<String, Value>) {
    let subtotal = sum(lines(document).map(amount));
    let taxes = taxes(settings, subtotal);
    let total = subtotal.saturating_add(taxes);
    let paid = sum(items(document, "ListeModePaiements")
        .filter_map(|payment| payment.get("dbl_MontantPaiement").and_then(decimal::from_json)));
    let mut amounts = vec![("MontantSousTotal", subtotal), ("MontantTaxes", taxes), ("MontantTotal", total)];
    if is_due(document) {
        amounts.push(("Solde", total.saturating_sub(paid)));
    }
    for (field, amount) in amounts {
        if is_absent(document, field) {
            document.insert(field.to_owned(), decimal::to_json(cents(amount)));
        }
    }
}

/// An issued invoice takes its products from the stock and adds what is due to the client's cycle (Q35); orders and
/// quotes move nothing.
pub(crate) fn post(db: &Db<'_>, tenant: &str, document: &Map<String, Value>) -> Result<()> {
    if !is_due(document) {
        return Ok(());
    }
    let products = db.table("Product")?;
    for line in lines(document) {
        let quantity = line.get("QteFacture").and_then(decimal::from_json).unwrap_or_default();
        if let Some(number) = key(line, "strNoProduit")
            && let Some(product) = db.find(products, tenant, "NoProduit", number)?
        {
            move_stock(db, &product, -quantity)?;
        }
    }
    let Some(client) = client(db, tenant, document)? else { return Ok(()) };
    let due = document.get("Solde").and_then(decimal::from_json).unwrap_or_default();
    let issued = document.get("DateFacture").and_then(Value::as_str).unwrap_or_default();
    let cycles = ageing::post(db, tenant, client.text("NoClient"), issued, due)?;
    let change = [("InfoAgeDesComptes".to_owned(), ageing::written(cycles))].into_iter().collect();
    db.update(db.table("Customer")?, client.id, &change)
}

fn client_key(document: &Map<String, Value>) -> &str {
    document.get("InfoClientFacturerA").and_then(|info| info["NoClient"].as_str()).unwrap_or_default()
}

fn client(db: &Db<'_>, tenant: &str, document: &Map<String, Value>) -> Result<Option<Record>> {
    db.find(db.table("Customer")?, tenant, "NoClient", client_key(document))
}

/// A text of a line that is neither absent nor empty.
pub(crate) fn key<'a>(line: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    line.get(field).and_then(Value::as_str).filter(|key| !key.is_empty())
}

fn lines(document: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    items(document, "LigneFacture")
}

/// The objects of a list.
pub(crate) fn items<'a>(
    document: &'a Map<String, Value>,
    field: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    document.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}
