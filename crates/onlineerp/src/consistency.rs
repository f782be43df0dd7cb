//! What does not add up, beside what the rules of the profile say: amounts of lines, balances, the ageing of what is
//! due, journal entries.

use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::simulator::consistency::{Findings, same_amount};
use simcore::store::rows::Record;
use simcore::{Db, Result, Select};

use crate::ageing;
use crate::amounts::{amount, sum};
use crate::customer_invoice::{is_due, items};
use crate::fill::today_in_quebec;

pub(crate) fn check(db: &Db<'_>, findings: &mut Findings) -> Result<()> {
    let all = |entity: &str| -> Result<Vec<Record>> { db.records(db.table(entity)?, &Select::default()) };
    for document in all("CustomerInvoice")? {
        let lines = sum(items(&document.values, "LigneFacture").map(amount));
        let subtotal = document.decimal("MontantSousTotal");
        if !same_amount(lines, subtotal) {
            let message = format!("{subtotal} is not what the lines amount to, {lines}");
            findings.add("CustomerInvoice", document.id, "MontantSousTotal", message);
        }
        if !is_due(&document.values) && !document.values["Solde"].is_null() {
            findings.add("CustomerInvoice", document.id, "Solde", "is not null, and nothing is due yet");
        }
        let issued = document.text("DateFacture");
        for (place, payment) in items(&document.values, "ListeModePaiements").enumerate() {
            let paid = payment.get("date_DatePaiement").and_then(Value::as_str).unwrap_or(issued);
            if paid < issued {
                let path = format!("ListeModePaiements[{place}].date_DatePaiement");
                findings.add(
                    "CustomerInvoice",
                    document.id,
                    path,
                    format!("{paid} is before `DateFacture`, {issued}"),
                );
            }
        }
    }
    for entry in all("GLJournalEntry")? {
        let amount = |line: &Map<String, Value>| {
            let amount = line.get("Montant").and_then(decimal::from_json).unwrap_or_default();
            if line.get("Direction").and_then(Value::as_str) == Some("CREDIT") { -amount } else { amount }
        };
        let rest = sum(items(&entry.values, "LigneEcriture").map(amount));
        if !rest.is_zero() {
            findings.add("GLJournalEntry", entry.id, "LigneEcriture", format!("is out of balance by {rest}"));
        }
    }
    aged(db, findings)
}

/// A customer's cycles hold what is due of its documents.
fn aged(db: &Db<'_>, findings: &mut Findings) -> Result<()> {
    let settings = db.settings();
    let (customers, due) = (db.table("Customer")?, ageing::all(db)?);
    let today = today_in_quebec(&settings, db);
    for customer in db.records(customers, &Select::default())? {
        let key = (db.tenant(customers, customer.id)?, customer.text("NoClient").to_owned());
        let own =
            due.get(&key).map(|balances| ageing::cycles(&settings, balances, today)).unwrap_or_default();
        let stored = ageing::of(&customer.values["InfoAgeDesComptes"]);
        for (name, (stored, own)) in ageing::CYCLES.into_iter().zip(stored.into_iter().zip(own)) {
            if !same_amount(stored, own) {
                let message = format!("{stored} is not what is due of its documents, {own}");
                findings.add("Customer", customer.id, format!("InfoAgeDesComptes.{name}"), message);
            }
        }
    }
    Ok(())
}
