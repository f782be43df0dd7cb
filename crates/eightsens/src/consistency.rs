//! What does not add up, beside what the rules of the profile say: amounts of lines, the stock, quotes and orders.

use std::collections::HashMap;

use rust_decimal::Decimal;
use simcore::simulator::consistency::{Findings, same_amount};
use simcore::store::rows::Record;
use simcore::{Db, Result, Select};

use crate::record::{self, integer};
use crate::stock::{amount, is_kept, reserved};
use crate::totals::line_amount;

pub(crate) fn check(db: &Db<'_>, findings: &mut Findings) -> Result<()> {
    let all = |entity: &str| -> Result<Vec<Record>> {
        let records = db.records(db.table(entity)?, &Select::default())?;
        Ok(records.into_iter().filter(|record| !record.flag("supprime")).collect())
    };
    let (quotes, orders, clients) = (all("devis")?, all("commande")?, all("client")?);
    for (entity, documents) in [("devis", &quotes), ("commande", &orders)] {
        for document in documents {
            lines(entity, document, findings);
        }
    }
    let created: HashMap<Option<i64>, &str> = clients
        .iter()
        .map(|client| (integer(&client.values, "cliID"), client.text("dateCreation")))
        .collect();
    for (entity, date, documents) in [("devis", "devDate", &quotes), ("commande", "cdeDate", &orders)] {
        for document in documents {
            let client = created.get(&integer(&document.values, "cliID")).and_then(|at| at.get(..10));
            if let Some(client) = client.filter(|client| document.text(date) < *client) {
                let message = format!("{} is before its client, of {client}", document.text(date));
                findings.add(entity, document.id, date, message);
            }
        }
    }
    for quote in &quotes {
        let order = integer(&quote.values, "cdeID");
        let order = orders.iter().find(|it| order.is_some() && integer(&it.values, "cdeID") == order);
        if (quote.text("devEtat") == "TRANSFORME") != order.is_some() {
            findings.add(
                "devis",
                quote.id,
                "devEtat",
                format!("is {} and `cdeID` does not fit", quote.text("devEtat")),
            );
        }
        if let Some(order) = order.filter(|order| order.text("cdeDate") < quote.text("devDate")) {
            let message =
                format!("{} is before its quote, of {}", order.text("cdeDate"), quote.text("devDate"));
            findings.add("commande", order.id, "cdeDate", message);
        }
    }
    for order in &orders {
        delivered(order, findings);
    }
    stock(db, findings)
}

fn lines(entity: &str, document: &Record, findings: &mut Findings) {
    for (place, line) in record::items(&document.values, "lignes").iter().enumerate() {
        let own = line_amount(amount(line, "quantite"), amount(line, "puHT"), amount(line, "remisePct"));
        if !same_amount(own, amount(line, "montantHT")) {
            let message = format!("{} is not quantity times price, {own}", amount(line, "montantHT"));
            findings.add(entity, document.id, format!("lignes[{place}].montantHT"), message);
        }
    }
}

/// The state of an order is that of its lines.
fn delivered(order: &Record, findings: &mut Findings) {
    let lines = record::items(&order.values, "lignes");
    let all = lines.iter().all(|line| amount(line, "quantiteLivree") >= amount(line, "quantite"));
    let some = lines.iter().any(|line| amount(line, "quantiteLivree") > Decimal::ZERO);
    let fits = match order.text("cdeEtat") {
        "EN_COURS" => !some,
        "PARTIELLE" => some && !all,
        "LIVREE" => all,
        _ => true,
    };
    if !fits {
        findings.add(
            "commande",
            order.id,
            "cdeEtat",
            format!("{} is not what its lines say", order.text("cdeEtat")),
        );
    }
}

/// What can be sold is what is in the depot, less what open orders have reserved.
fn stock(db: &Db<'_>, findings: &mut Findings) -> Result<()> {
    if !db.settings().flag("move_stock") {
        return Ok(());
    }
    let reserved = reserved(db)?;
    for article in db.records(db.table("article")?, &Select::default())?.iter().filter(|it| is_kept(it)) {
        let id = integer(&article.values, "artID").unwrap_or_default();
        let (real, available) = (article.decimal("_stockReel"), article.decimal("artStockDispo"));
        let held = reserved.get(&id).copied().unwrap_or_default();
        if real.saturating_sub(held) != available {
            let message = format!("{available} is not {real} in the depot less {held} in open orders");
            findings.add("article", article.id, "artStockDispo", message);
        }
    }
    Ok(())
}
