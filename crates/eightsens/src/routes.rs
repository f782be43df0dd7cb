//! Which call leads where (fact sheet 4 and 6). `Allow` names the verbs of the sheet, so not `HEAD`.

use axum::http::StatusCode;
use axum::http::header::ALLOW;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use simcore::entity::profile::Evidence;
use simcore::entity::settings::Settings;
use simcore::handler;
use simcore::simulator::route::{Handler, Route, Table};

use crate::{address, article, client, commande, devis, lignes, login, prospect, reference, transformation};
use Subject::{
    ByCode, Cancel, Change, ChangePart, Convert, Create, CreatePart, Identify, List, Login, Logout, One,
    Parts, Price, RemovePart, Stock, Transform,
};

/// How the server reads paths and verbs.
pub(crate) const TABLE: Table =
    Table { rows: |_| Route::table(ROWS), path, options: Some(allowed), ..Table::BASE };

/// What a call does, for the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Login,
    Logout,
    /// A list, one record by id, one by code, of an entity.
    List(&'static str),
    One(&'static str),
    ByCode(&'static str),
    Create(&'static str),
    Change(&'static str),
    Cancel,
    Price,
    Stock,
    /// A part of a record: entity, field.
    Parts(&'static str, &'static str),
    CreatePart(&'static str, &'static str),
    ChangePart(&'static str, &'static str),
    RemovePart(&'static str, &'static str),
    Convert,
    Identify,
    Transform,
}

const fn row(verb: &'static str, path: &'static str, handler: Handler, subject: Subject) -> Route<Subject> {
    Route::new(verb, path, handler, subject).evidence(Evidence::Assumed)
}

/// Every call of the API (fact sheet 4 and 6), in the order of the sheet; the end of the session comes last.
pub(crate) const ROWS: &[Route<Subject>] = &[
    row("POST", "/v1/login/user", handler!(login::login), Login).open().evidence(Evidence::Seed),
    row("GET", "/v1/client", handler!(client::list), List("client")),
    row("POST", "/v1/client", handler!(client::create), Create("client")),
    row("GET", "/v1/client/{id}", handler!(client::one), One("client")),
    row("PUT", "/v1/client/{id}", handler!(client::change), Change("client")),
    row("PATCH", "/v1/client/{id}", handler!(client::change), Change("client")),
    row("GET", "/v1/client/code/{code}", handler!(client::by_code), ByCode("client")),
    row("GET", "/v1/client/{id}/adresse", handler!(address::list), Parts("client", "adresses")),
    row("POST", "/v1/client/{id}/adresse", handler!(address::create), CreatePart("client", "adresses")),
    row("PUT", "/v1/client/{id}/adresse/{part}", handler!(address::change), ChangePart("client", "adresses")),
    row(
        "PATCH",
        "/v1/client/{id}/adresse/{part}",
        handler!(address::change),
        ChangePart("client", "adresses"),
    ),
    row(
        "DELETE",
        "/v1/client/{id}/adresse/{part}",
        handler!(address::remove),
        RemovePart("client", "adresses"),
    ),
    row("GET", "/v1/prospect", handler!(prospect::list), List("prospect")),
    row("POST", "/v1/prospect", handler!(prospect::create), Create("prospect")),
    row("GET", "/v1/prospect/{id}", handler!(prospect::one), One("prospect")),
    row("PUT", "/v1/prospect/{id}", handler!(prospect::change), Change("prospect")),
    row("PATCH", "/v1/prospect/{id}", handler!(prospect::change), Change("prospect")),
    row("POST", "/v1/prospect/{id}/client", handler!(prospect::convert), Convert),
    row("GET", "/v1/article", handler!(article::list), List("article")),
    row("GET", "/v1/article/{id}", handler!(article::one), One("article")),
    row("GET", "/v1/article/code/{code}", handler!(article::by_code), ByCode("article")),
    row("GET", "/v1/article/{id}/tarif", handler!(article::price), Price),
    row("GET", "/v1/article/{id}/stock", handler!(article::stock), Stock),
    row("GET", "/v1/devis", handler!(devis::list), List("devis")),
    row("POST", "/v1/devis", handler!(devis::create), Create("devis")),
    row("GET", "/v1/devis/{id}", handler!(devis::one), One("devis")),
    row("PUT", "/v1/devis/{id}", handler!(devis::change), Change("devis")),
    row("PATCH", "/v1/devis/{id}", handler!(devis::change), Change("devis")),
    row("DELETE", "/v1/devis/{id}", handler!(devis::cancel), Cancel),
    row("POST", "/v1/devis/{id}/ligne", handler!(lignes::create), CreatePart("devis", "lignes")),
    row("PUT", "/v1/devis/{id}/ligne/{part}", handler!(lignes::change), ChangePart("devis", "lignes")),
    row("PATCH", "/v1/devis/{id}/ligne/{part}", handler!(lignes::change), ChangePart("devis", "lignes")),
    row("DELETE", "/v1/devis/{id}/ligne/{part}", handler!(lignes::remove), RemovePart("devis", "lignes")),
    row("PUT", "/v1/devis/{id}/client", handler!(devis::identify), Identify),
    row("PATCH", "/v1/devis/{id}/client", handler!(devis::identify), Identify),
    row("POST", "/v1/devis/{id}/commande", handler!(transformation::transform), Transform),
    row("GET", "/v1/commande", handler!(commande::list), List("commande")),
    row("POST", "/v1/commande", handler!(commande::create), Create("commande")),
    row("GET", "/v1/commande/{id}", handler!(commande::one), One("commande")),
    row("PUT", "/v1/commande/{id}", handler!(commande::change), Change("commande")),
    row("PATCH", "/v1/commande/{id}", handler!(commande::change), Change("commande")),
    row("GET", "/v1/commande/code/{code}", handler!(commande::by_code), ByCode("commande")),
    row("GET", "/v1/racine", handler!(reference::list::<0>), List("racine")),
    row("GET", "/v1/racine/{id}", handler!(reference::one::<0>), One("racine")),
    row("GET", "/v1/nature", handler!(reference::list::<1>), List("nature")),
    row("GET", "/v1/nature/{id}", handler!(reference::one::<1>), One("nature")),
    row("GET", "/v1/transfo", handler!(reference::list::<2>), List("transfo")),
    row("GET", "/v1/transfo/{id}", handler!(reference::one::<2>), One("transfo")),
    row("DELETE", "/v1/login/user", handler!(login::logout), Logout),
];

/// Words as the setting `path_names` spells them. Orders are created directly only with `direct_order`.
fn path(settings: &Settings, route: &Route) -> Option<String> {
    if ROWS[route.subject].subject == Create("commande") && !settings.flag("direct_order") {
        return None;
    }
    let words = route.path.split('/').filter(|word| !word.is_empty());
    Some(words.fold(String::new(), |path, word| format!("{path}/{}", path_name(settings, word))))
}

/// The wire's word for a word of a path.
pub(crate) fn path_name<'a>(settings: &'a Settings, word: &'a str) -> &'a str {
    settings.value("path_names").get(word).and_then(Value::as_str).unwrap_or(word)
}

/// The answer to `OPTIONS`.
fn allowed(verbs: &[&'static str]) -> Response {
    (StatusCode::NO_CONTENT, [(ALLOW, verbs.join(", "))]).into_response()
}
