//! The floor: what axum and SQLite cost with nothing of ours between them. The table, its indexes and its rows are
//! those of OnlineERP's products; there are no credentials, checks, numbers, faults or journal.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use tokio::net::TcpListener;

/// What this program is told to be the floor.
pub(crate) const COMMAND: &str = "floor";

/// As many as Erpsatz has.
const WORKERS: usize = 2;

const SCHEMA: &str = "CREATE TABLE Product (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, _tenant TEXT NOT NULL, NoUniqueSystemeSource TEXT, NoProduit TEXT,
    Description TEXT, EstActif INTEGER, GroupeProduit TEXT, PrixVente TEXT, PrixCoutant TEXT, QteEnMain TEXT,
    DateDerniereModification TEXT);
CREATE UNIQUE INDEX one ON Product (_tenant, NoUniqueSystemeSource);
CREATE UNIQUE INDEX two ON Product (_tenant, NoProduit);";

const INSERT: &str = "INSERT INTO Product (_tenant, NoUniqueSystemeSource, NoProduit, Description, EstActif, GroupeProduit, \
                      PrixVente, PrixCoutant, QteEnMain, DateDerniereModification) VALUES ('0', ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const LIST: &str = "SELECT NoUniqueSystemeSource, NoProduit, Description, EstActif, GroupeProduit, PrixVente, PrixCoutant, \
                    QteEnMain, DateDerniereModification FROM Product WHERE +_tenant = '0' ORDER BY _id LIMIT 20";

const ONE: &str = "SELECT NoUniqueSystemeSource, NoProduit, Description, EstActif, GroupeProduit, PrixVente, PrixCoutant, \
                   QteEnMain, DateDerniereModification FROM Product WHERE _tenant = '0' AND NoUniqueSystemeSource = ?";

/// The keys of a row on the wire, and whether what is stored is JSON already.
const FIELDS: [(&str, bool); 9] = [
    ("\"NoUniqueSystemeSource\":", false),
    ("\"NoProduit\":", false),
    ("\"Description\":", false),
    ("\"EstActif\":", false),
    ("\"GroupeProduit\":", true),
    ("\"PrixVente\":", true),
    ("\"PrixCoutant\":", true),
    ("\"QteEnMain\":", true),
    ("\"DateDerniereModification\":", false),
];

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Product {
    no_unique_systeme_source: String,
    no_produit: String,
    description: String,
    est_actif: bool,
    groupe_produit: Value,
    prix_vente: Option<Number>,
    prix_coutant: Option<Number>,
    qte_en_main: Option<Number>,
    date_derniere_modification: String,
}

type Database = Arc<Mutex<Connection>>;

/// Serves until the process is ended.
pub(crate) fn serve() -> Result<()> {
    let database = Connection::open_in_memory()?;
    database.execute_batch(SCHEMA)?;
    let products: Vec<Value> =
        serde_json::from_str(include_str!("../../seed-data/onlineerp/small/Product.json"))?;
    for product in products.into_iter().filter(|product| product["_company"] == "0") {
        insert(&database, &serde_json::from_value(product)?)?;
    }
    let router = Router::new()
        .route("/api/Entity/Product", get(list).post(create))
        .route("/api/Entity/Product/{id}", get(one))
        .with_state(Arc::new(Mutex::new(database)));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        crate::say(&serde_json::json!({ "servers": { "onlineerp": { "url": url } } }).to_string())?;
        axum::serve(listener, router).await.context("the floor")
    })
}

async fn list(State(database): State<Database>) -> Result<Response, StatusCode> {
    let mut out = Vec::with_capacity(4096);
    let read = |out: &mut Vec<u8>| -> Result<()> {
        let database = locked(&database);
        let mut statement = database.prepare_cached(LIST)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            out.push(if out.is_empty() { b'[' } else { b',' });
            write(row, out)?;
        }
        out.push(b']');
        Ok(())
    };
    read(&mut out).map_err(failed)?;
    Ok(json(out))
}

async fn one(State(database): State<Database>, Path(id): Path<String>) -> Result<Response, StatusCode> {
    let mut out = Vec::with_capacity(1024);
    let read = |out: &mut Vec<u8>| -> Result<()> {
        let database = locked(&database);
        let mut statement = database.prepare_cached(ONE)?;
        let mut rows = statement.query([id])?;
        write(rows.next()?.context("no such product")?, out)
    };
    read(&mut out).map_err(failed)?;
    Ok(json(out))
}

async fn create(
    State(database): State<Database>,
    Json(mut product): Json<Product>,
) -> Result<(StatusCode, Response), StatusCode> {
    // Its business number is as unique as the one that Erpsatz finds.
    product.no_unique_systeme_source.clone_from(&product.no_produit);
    insert(&locked(&database), &product).map_err(failed)?;
    let body = serde_json::to_vec(&product).map_err(failed)?;
    Ok((StatusCode::CREATED, json(body)))
}

fn insert(database: &Connection, product: &Product) -> rusqlite::Result<usize> {
    let number = |number: &Option<Number>| number.as_ref().map(ToString::to_string);
    database.prepare_cached(INSERT)?.execute((
        &product.no_unique_systeme_source,
        &product.no_produit,
        &product.description,
        product.est_actif,
        product.groupe_produit.to_string(),
        number(&product.prix_vente),
        number(&product.prix_coutant),
        number(&product.qte_en_main),
        &product.date_derniere_modification,
    ))
}

fn write(row: &Row<'_>, out: &mut Vec<u8>) -> Result<()> {
    for (index, (key, is_json)) in FIELDS.iter().enumerate() {
        out.push(if index == 0 { b'{' } else { b',' });
        out.extend_from_slice(key.as_bytes());
        match row.get_ref(index)? {
            ValueRef::Integer(flag) => out.extend_from_slice(if flag == 0 { b"false" } else { b"true" }),
            ValueRef::Text(text) if *is_json => out.extend_from_slice(text),
            ValueRef::Text(text) => serde_json::to_writer(&mut *out, std::str::from_utf8(text)?)?,
            _ => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
    Ok(())
}

fn json(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

fn locked(database: &Database) -> MutexGuard<'_, Connection> {
    database.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(error: impl std::fmt::Display) -> StatusCode {
    eprintln!("floor: {error}");
    StatusCode::INTERNAL_SERVER_ERROR
}
