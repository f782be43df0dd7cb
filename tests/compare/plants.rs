//! Profiles of twins that differ from the simulators in whatever a profile can say.

use serde_json::{Map, Value, json};
use simcore::Simulator;
use simcore::base::error::ErrorKind;
use simcore::entity::profile::Profile;
use simcore::entity::refusals::{Sentence, Status};

/// The word by which planted sentences, codes and fields are known.
pub(super) const PLANTED: &str = "planted";

/// Every refusal says something else, every other one with another status or code.
pub(super) fn refusals(sim: &Simulator) -> Value {
    let profile = Profile::load(sim.profile).unwrap();
    let mut errors = Map::new();
    for (place, (name, refusal)) in profile.errors.iter().enumerate() {
        let mut change = Map::new();
        match &refusal.message {
            Some(Sentence::Text(text)) => {
                drop(change.insert("message".to_owned(), json!(format!("{PLANTED}: {text}"))));
            }
            Some(Sentence::Languages(texts)) => {
                let texts = texts
                    .iter()
                    .map(|(language, text)| (language.clone(), json!(format!("{PLANTED}: {text}"))));
                change.insert("message".to_owned(), Value::Object(texts.collect()));
            }
            None => {}
        }
        // A client without credentials is told by its 401.
        let is_client = matches!(refusal.status, Some(Status::Code(400 | 402..=499)));
        // Paths that nobody has are told by their status too.
        let names = ["ROUTE_NOT_FOUND", "METHOD_NOT_ALLOWED", "METHOD_NOT_SUPPORTED"];
        let is_path = names.contains(&name.as_str())
            || refusal.kinds.iter().any(|kind| matches!(kind, ErrorKind::Route | ErrorKind::Method));
        if place % 2 == 0 && is_client && !is_path {
            change.insert("status".to_owned(), json!(418));
        }
        if place % 2 == 1 && refusal.code.is_some() {
            change.insert("code".to_owned(), json!("PLANTED_CODE"));
        }
        if !change.is_empty() {
            errors.insert(name.clone(), change.into());
        }
    }
    json!({ "errors": errors })
}

/// Every kind of record has more fields.
pub(super) fn fields(sim: &Simulator) -> Value {
    let profile = Profile::load(sim.profile).unwrap();
    let entities = profile.entities.iter().filter(|(_, entity)| !entity.back_office);
    // At weavy one call shows records of all kinds: fields of one name in two of them would be one difference there.
    let is_one_call = sim.slug == "weavy";
    let entities = entities.enumerate().map(|(place, (name, _))| {
        let of = if is_one_call { place.to_string() } else { String::new() };
        let fields = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
        let fields =
            fields.iter().map(|letter| (format!("{PLANTED}{of}{letter}"), json!({ "kind": "text" })));
        (name.clone(), json!({ "fields": fields.collect::<Map<_, _>>() }))
    });
    json!({ "entities": entities.collect::<Map<_, _>>() })
}

/// Fields of answers that a twin does not have.
pub(super) fn taken(slug: &str) -> Value {
    match slug {
        "onlineerp" => json!({ "Customer": { "fields": { "Ville": null, "Telephone": null } } }),
        "8sens" => json!({ "client": { "fields": { "cliTel": null } } }),
        "comarch-xt" => json!({
            "products": { "fields": { "Description": null } },
            "customers": { "fields": { "Mail": null, "Address": { "fields": { "Street": null } } } },
        }),
        "weavy" => json!({ "customer": { "fields": { "city": null } } }),
        _ => {
            json!({ "users": { "fields": { "email": null } }, "teams": { "fields": { "description": null } } })
        }
    }
}

/// A call that a twin does not have.
pub(super) fn calls(slug: &str) -> Value {
    match slug {
        "onlineerp" => json!({ "GET /api/Entity/Supplier": null }),
        "8sens" => json!({ "GET /v1/prospect": null }),
        "comarch-xt" => json!({ "GET /api2/public/bankaccounts": null }),
        "weavy" => json!({ "DELETE /v1/Data/{project}/{entity}/{code}": null }),
        _ => json!({ "POST /api/downloadFile": null }),
    }
}

/// Names, calls, statuses of successes, orders and settings that a twin has otherwise.
pub(super) fn elsewhere(slug: &str) -> Value {
    match slug {
        "onlineerp" => json!({
            "names": { "PrixVente": "PrixPublic" },
            "routes": {
                "GET /api/Entity/SupplierInvoice": "/api/Factures",
                "POST /api/Entity/Product": { "status": 200 },
            },
            "entities": { "Product": { "order": "NoProduit desc" } },
            "settings": { "list_wrapper": { "default": "elements" } },
        }),
        "8sens" => json!({
            "names": { "cliType": "cliGenre" },
            "routes": { "GET /v1/commande": "/v1/ordres", "POST /v1/client": { "status": 200 } },
            "entities": { "article": { "order": "artID desc" } },
            "settings": { "ids_as_strings": { "default": true } },
        }),
        "comarch-xt" => json!({
            "names": { "SaleNetPrice": "NettoPreis" },
            "routes": {
                "GET /api2/public/paymenttypes": "/api2/public/zahlungsarten",
                "POST /api2/public/products": { "status": 202 },
            },
            "entities": { "products": { "order": "Id desc" } },
            "settings": { "emit_ref_ids": { "default": false } },
        }),
        "weavy" => json!({
            "names": { "description": "designation" },
            "routes": {
                "GET /v1/Data/{project}/{entity}/{code}": "/v1/Record/{project}/{entity}/{code}",
                "POST /v1/Data/{project}/{entity}": { "status": 200 },
            },
            "entities": { "product": { "order": "product_ID desc" } },
            "settings": { "ignore_unknown_fields": { "default": true } },
        }),
        _ => json!({
            "names": { "firstName": "givenName" },
            "routes": { "POST /api/external/graphql": { "status": 201 } },
            "entities": { "folders": { "order": "id desc" } },
            "settings": { "max_item_par_page": { "default": 4 } },
        }),
    }
}

/// A request that a fault rule of a twin answers: path, the how many-th there, how, and the kind of difference that it is.
pub(super) type Fault = (&'static str, u64, Value, &'static str);

/// What goes wrong at a twin by fault rules: statuses, bodies, headers.
pub(super) fn faults(slug: &str) -> Vec<Fault> {
    let paths = match slug {
        "onlineerp" => [
            ("/api/Entity/Supplier", 1),
            ("/api/Entity/Product/NIX", 1),
            ("/api/Entity/Nix", 1),
            ("/api/Entity/SupplierInvoice", 1),
        ],
        "8sens" => [("/v1/devis", 1), ("/v1/client/99999", 1), ("/v1/nix", 1), ("/v1/commande", 1)],
        "comarch-xt" => [
            ("/api2/public/bankaccounts", 1),
            ("/api2/public/products/1", 1),
            ("/api2/public/nix", 1),
            ("/api2/public/paymenttypes", 1),
        ],
        "weavy" => [
            ("/v1/Data/DEMO/deal", 1),
            ("/v1/Data/DEMO/customer/NIX", 1),
            ("/v1/Nix", 1),
            ("/v1/Data/DEMO/supplier", 1),
        ],
        _ => [
            ("/api/external/graphql", 2),
            ("/api/downloadFile", 1),
            ("/api/downloadFile", 2),
            ("/api/external/graphql", 3),
        ],
    };
    let body = json!({ "fault": { "reason": "Out for lunch" } }).to_string();
    let json = "application/json";
    let thens = [
        (json!({ "status": 503 }), "status"),
        (json!({ "status": 418, "body": body }), "status"),
        (
            json!({ "status": 404, "headers": { "Retry-After": "3", "Content-Type": json }, "body": body }),
            "header",
        ),
        (json!({ "status": 200, "headers": { "Content-Type": "text/plain" }, "body": "lunch" }), "type"),
    ];
    let both = paths.into_iter().zip(thens);
    both.map(|((path, nth), (then, kind))| (path, nth, then, kind)).collect()
}
