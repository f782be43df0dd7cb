//! Data that adds up: the default data, generated data, and what legal traffic makes of them; each kind of fault is
//! found.

mod traffic;

use std::borrow::Cow;

use erpsatz::{Config, load_library, load_simulators, ready};
use serde_json::{Map, Value, json};
use simcore::Loaded;
use simhost::scenario::{Library, warnings};

/// What does not add up in the data of a scenario, as `FILE:LINE:COLUMN: message`.
fn found(text: &str, library: &Library, loaded: &[Loaded]) -> Vec<String> {
    let ready = ready(text, library, loaded).unwrap_or_else(|why| panic!("{why}"));
    let found = warnings::warnings(&ready, loaded, library).unwrap_or_else(|why| panic!("{why}"));
    warnings::told(&found, "shop.yaml", text, library)
}

fn all() -> (Library, Vec<Loaded>) {
    let config = Config::default();
    (load_library(&config).unwrap(), load_simulators(&config).unwrap())
}

#[test]
fn the_default_data_add_up() {
    let (library, loaded) = all();
    assert_eq!(found("name: x", &library, &loaded), Vec::<String>::new());
}

/// How many records are generated at least, and three of every other entity: server, set that is there without the
/// default data, counts.
const COUNTS: &[(&str, &str, &str)] = &[
    (
        "onlineerp",
        "none",
        "Product 6 Customer 6 Supplier 3 GLAccount 2 CustomerInvoice 12 SupplierInvoice 4 SupplierOrder 4 \
         GLJournalEntry 3 ProductTrail 3 WorkOrder 2",
    ),
    ("8sens", "bare", "article 5 client 6 prospect 4 devis 8 commande 8"),
    ("comarch-xt", "none", "products 5 customers 6 invoices 15 proformas 6 bankaccounts 1"),
    (
        "weavy",
        "none",
        "customer 5 customeraddress 8 customercontact 8 product 5 contract 6 intervention 12 interventionequipment 4 \
         interventionrequest 4 deal 3 opportunity 2 customeraddresscustomercontact 3",
    ),
    ("clavus", "none", "folders 15 prospects 6 users 2"),
];

#[test]
fn generated_data_add_up_whatever_the_seed_and_the_size() {
    let (library, loaded) = all();
    let start = |empty: bool, factor: u64| {
        let servers = loaded.iter().map(|server| {
            let slug = server.sim.slug;
            let known = COUNTS.iter().find(|(known, ..)| *known == slug);
            // A further vendor has three of everything, and nothing that is there by itself.
            let (_, bare, counts) = known.copied().unwrap_or((slug, "none", ""));
            let words: Vec<&str> = counts.split_whitespace().collect();
            let counts = words
                .chunks(2)
                .map(|pair| (pair[0].to_owned(), (pair[1].parse::<u64>().unwrap() * factor).into()));
            let others = server.model.tables.keys().map(|entity| (entity.clone(), (3 * factor).into()));
            let generate: Map<String, Value> = others.chain(counts).collect();
            let data = if empty { bare } else { "small" };
            (slug.to_owned(), json!({ "data": data, "generate": generate }))
        });
        servers.collect::<Map<String, Value>>()
    };
    let (morning, late) = (Some("2026-03-02T08:00:00Z"), Some("2024-02-29T23:30:00Z"));
    for (seed, factor, clock) in [(1, 1, morning), (2, 3, morning), (3, 5, None), (4, 2, late)] {
        // The default data are of a later time than the last clock.
        for empty in if clock == late { &[true][..] } else { &[false, true] } {
            let mut scenario = json!({ "name": "x", "seed": seed, "servers": start(*empty, factor) });
            if let Some(start) = clock {
                scenario["clock"] = json!({ "start": start, "frozen": true });
            }
            let found = found(&scenario.to_string(), &library, &loaded);
            assert_eq!(found, Vec::<String>::new(), "seed {seed}, {factor} times, empty: {empty}");
        }
    }
}

/// Faults in records of the default data, one of each kind and of each rule that a simulator has of its own:
/// `SERVER/ENTITY KEY POINTER = VALUE -> what is said`.
const PLANTED: &str = r#"
weavy/customer C0000001 /baseuser_ID = "COM99" -> `baseuser_ID` COM99 is no baseuser.baseuser_ID
weavy/intervention I000001 /contract_ID = "CT00002" -> CT00002 is of C0000003, not of `customer_ID` C0000001
weavy/intervention I000001 /customeraddress_ID = "A0000004" -> A0000004 is of C0000003
weavy/equipment E00001 /equipmentkind_ID = "NIX" -> `equipmentkind_ID` NIX is no equipmentkind.equipmentkind_ID
weavy/equipment E00001 /equipmenttype_ID = "POMPE-STD" -> is of POMPE, not of `equipmentkind_ID` CHAUD
weavy/productfamily CVC /productfamily_ID_parentFamily = "NIX" -> NIX is no productfamily.productfamily_ID
weavy/intervention I000001 /endDate = "2026-01-01T00:00:00" -> is before `startDate`
weavy/product P00001 /barcode = "2000000000001" -> `barcode` 2000000000001 has a wrong check digit
weavy/customer C0000001 /siretNumber = "73282932000075" -> `siretNumber` 73282932000075 has a wrong check digit
8sens/client CLI00002 /cliTvaIntra = "FR44732829320" -> `cliTvaIntra` is of another firm than `cliSiret`
8sens/client CLI00002 /cliTvaIntra = "FR45732829320" -> `cliTvaIntra` FR45732829320 has a wrong check digit
8sens/article BEC-001 /artStockDispo = 12 -> `artStockDispo` 12 is not 12 in the depot less 1 in open orders
8sens/article BEC-001 /artPvTTC = 51.17 -> `artPvTTC` 51.17 is not what follows from the rest, 51.18
8sens/devis DV25-0001 /lignes/0/montantHT = 39.16 -> `lignes[0].montantHT` 39.16 is not quantity times price, 39.15
8sens/devis DV25-0001 /totalTVA = 1 -> `totalTVA` 1 is not what follows
8sens/devis DV25-0001 /cdeID = 302 -> commande 302 is of 503, not of `devID` 501
8sens/devis DV25-0001 /devDateValidite = "2025-09-01" -> is before `devDate`
8sens/commande CV25-0003 /cdeDate = "2025-10-30" -> CV25-0004 is of 2025-09-27, and CV25-0003 is of 2025-10-30
8sens/commande CV25-0003 /cdeDate = "2025-01-30" -> `cdeDate` 2025-01-30 is before its quote
8sens/commande CV25-0001 /cdeEtat = "LIVREE" -> LIVREE is not what its lines say
comarch-xt/invoices FS/25/9/2 /IssueDate = "2025-10-03" -> FS/25/9/2 is not of the month of `IssueDate`
comarch-xt/invoices FS/25/9/1 /IssueDate = "2025-09-30" -> and FS/25/9/1 is of 2025-09-30
comarch-xt/invoices FS/25/9/1 /PurchasingPartyId = 529843 -> `PurchasingPartyId` is a supplier
comarch-xt/invoices FS/25/9/1 /NetTotal = 1 -> `NetTotal` 1 is not what follows from the rest, 255.0
comarch-xt/invoices FS/25/9/1 /PaymentStatus = 2 -> `PaymentStatus` does not fit 0 paid of
comarch-xt/customers K/000001 /CustomerTaxNumber = "DE136695977" -> DE136695977 has a wrong check digit
comarch-xt/customers K/000001 /CustomerTaxNumber = "PL1234563219" -> PL1234563219 has a wrong check digit
comarch-xt/bankaccounts MB1 /AccountNumber = "DE44500105175407324932" -> DE44500105175407324932 has a wrong check digit
comarch-xt/proformas PF/25/11/1 /Items/0/Quantity = 99 -> `InvoiceDocIdNum` invoice 18369563 has other lines
comarch-xt/invoices FS/25/9/1 /Items/0/VatRateId = 9999 -> `Items[0].VatRateId` 9999 is no vatrates.RateId
comarch-xt/invoices FS/25/9/1 /Items/0/VatRateId = 61 -> 61 is a rate of PL, and the document is taxed in DE
comarch-xt/proformas PF/25/11/1 /Status = 0 -> `Status` does not fit `InvoiceDocIdNum`
comarch-xt/proformas PF/25/11/1 /InvoiceDocIdNum = 9 -> `InvoiceDocIdNum` 9 is no invoices.Id
comarch-xt/proformas PF/25/11/1 /PurchasingPartyId = 529804 -> is of another customer
comarch-xt/proformas PF/25/11/1 /IssueDate = "2026-11-06" -> before its proforma
clavus/folders clcd3fcxo0000vwjwafwbcgzj /values/devis.signe = false -> false does not fit the state `Installé`
clavus/folders clcd3fcxo0000vwjwafwbcgzj /values/installation.date = "2020-01-01" -> 2020-01-01 is before `visite
clavus/folders abc123 /values/commercial = "nobody" -> `values.commercial` nobody is no users.id
clavus/prospects clcx37cw000rtvwjwubkrcid5 /siren = "732829321" -> `siren` 732829321 has a wrong check digit
clavus/users user3 /_teams = ["7"] -> `_teams[0]` 7 is no teams.id
onlineerp/CustomerInvoice 10001 /MontantTotal = 37.38 -> 37.38 is not the sum of MontantSousTotal and MontantTaxes, 37.37
onlineerp/CustomerInvoice 10001 /MontantTaxes = 5 -> `MontantTaxes` 5 is not what follows
onlineerp/CustomerInvoice 10001 /LigneFacture/0/QteFacture = 11 -> 32.50 is not what the lines amount to, 35.75
onlineerp/CustomerInvoice 10001 /Solde = 5 -> is not the sum of Solde
onlineerp/CustomerInvoice 10001 /InfoClientFacturerA/NoClient = "C9999" -> C9999 is no Customer.NoClient
onlineerp/CustomerInvoice 60001 /Solde = 5 -> `Solde` is not null, and nothing is due yet
onlineerp/CustomerInvoice 10001 /ListeModePaiements/0/date_DatePaiement = "2025-01-01" -> is before `DateFacture`
onlineerp/Customer C0101 /InfoAgeDesComptes = {"MontantDu_Cycle1_Courant":1} -> 1 is not what is due of its documents
onlineerp/GLJournalEntry 30001 /LigneEcriture/0/Montant = 400 -> `LigneEcriture` is out of balance by -10
onlineerp/SupplierInvoice 7001 /DateEcheance = "2025-09-01" -> 2025-09-01 is before `DateFacture`
"#;

/// Where a line of [`PLANTED`] puts what, and what is said then.
fn read(line: &str) -> Option<(&str, &str, &str, &str, Value, &str)> {
    let (fault, said) = line.split_once(" -> ")?;
    let (place, value) = fault.split_once(" = ")?;
    let [entity, key, pointer] = place.split(' ').collect::<Vec<_>>()[..] else { return None };
    let (slug, entity) = entity.split_once('/')?;
    Some((slug, entity, key, pointer, serde_json::from_str(value).ok()?, said))
}

/// Writes `value` where `pointer` leads.
fn put(record: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = record.pointer_mut(parent).expect("a place");
    match parent.as_array_mut() {
        Some(items) => items[name.parse::<usize>().expect("an index")] = value,
        None => parent[name] = value,
    }
}

#[test]
fn each_kind_of_fault_is_found_where_it_is() {
    let (mut library, loaded) = all();
    for line in PLANTED.trim().lines() {
        let (slug, entity, key, pointer, value, said) = read(line).unwrap_or_else(|| panic!("{line}"));
        let server: Vec<Loaded> = loaded.iter().filter(|it| it.sim.slug == slug).cloned().collect();
        let file = &library.data[slug]["small"][entity];
        let (name, text) = (file.name.clone(), file.text.clone());
        let mut records: Vec<Value> = serde_json::from_slice(&text).unwrap();
        let is_key = |it: &Value| it.as_object().unwrap().values().any(|value| *value == *key);
        let place = records.iter().position(is_key).unwrap_or_else(|| panic!("{line}"));
        put(&mut records[place], pointer, value);
        let lines: Vec<String> = records.iter().map(Value::to_string).collect();
        let planted = format!("[\n{}\n]", lines.join(",\n"));
        library.data[slug]["small"][entity].text = Cow::Owned(planted.into_bytes());
        let found = found("name: x", &library, &server);
        let hit = found.iter().find(|it| it.contains(said)).unwrap_or_else(|| panic!("{line}: {found:#?}"));
        // Of two records that disagree, either may be told.
        let at = |place: usize| format!("{name}:{}:", place + 2);
        assert!(hit.starts_with(&at(place)) || hit.starts_with(&at(place + 1)), "{line}: {hit}");
        library.data[slug]["small"][entity].text = text;
    }
}
