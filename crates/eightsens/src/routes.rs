//! Which call leads where (fact sheet 4 and 6). `Allow` names the verbs of the sheet, so not `HEAD`.

use axum::http::StatusCode;
use axum::http::header::ALLOW;
use axum::response::{IntoResponse, Response};
use simcore::entity::profile::Evidence;
use simcore::entity::settings::Settings;
use simcore::handler;
use simcore::simulator::route::{Handler, Route, Table};

use crate::kinds::{
    ADDRESSES, ARTICLE, CLIENT, COMMANDE, DEVIS, Kind, LINES, NATURE, PROSPECT, Part, RACINE, TRANSFO,
};
use crate::wire::path_name;
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
    List(&'static Kind),
    One(&'static Kind),
    ByCode(&'static Kind),
    Create(&'static Kind),
    Change(&'static Kind),
    Cancel,
    Price,
    Stock,
    /// A part of a record.
    Parts(&'static Part),
    CreatePart(&'static Part),
    ChangePart(&'static Part),
    RemovePart(&'static Part),
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
    row("GET", "/v1/client", handler!(client::list), List(&CLIENT)),
    row("POST", "/v1/client", handler!(client::create), Create(&CLIENT)),
    row("GET", "/v1/client/{id}", handler!(client::one), One(&CLIENT)),
    row("PUT", "/v1/client/{id}", handler!(client::change), Change(&CLIENT)),
    row("PATCH", "/v1/client/{id}", handler!(client::change), Change(&CLIENT)),
    row("GET", "/v1/client/code/{code}", handler!(client::by_code), ByCode(&CLIENT)),
    row("GET", "/v1/client/{id}/adresse", handler!(address::list), Parts(&ADDRESSES)),
    row("POST", "/v1/client/{id}/adresse", handler!(address::create), CreatePart(&ADDRESSES)),
    row("PUT", "/v1/client/{id}/adresse/{part}", handler!(address::change), ChangePart(&ADDRESSES)),
    row("PATCH", "/v1/client/{id}/adresse/{part}", handler!(address::change), ChangePart(&ADDRESSES)),
    row("DELETE", "/v1/client/{id}/adresse/{part}", handler!(address::remove), RemovePart(&ADDRESSES)),
    row("GET", "/v1/prospect", handler!(prospect::list), List(&PROSPECT)),
    row("POST", "/v1/prospect", handler!(prospect::create), Create(&PROSPECT)),
    row("GET", "/v1/prospect/{id}", handler!(prospect::one), One(&PROSPECT)),
    row("PUT", "/v1/prospect/{id}", handler!(prospect::change), Change(&PROSPECT)),
    row("PATCH", "/v1/prospect/{id}", handler!(prospect::change), Change(&PROSPECT)),
    row("POST", "/v1/prospect/{id}/client", handler!(prospect::convert), Convert),
    row("GET", "/v1/article", handler!(article::list), List(&ARTICLE)),
    row("GET", "/v1/article/{id}", handler!(article::one), One(&ARTICLE)),
    row("GET", "/v1/article/code/{code}", handler!(article::by_code), ByCode(&ARTICLE)),
    row("GET", "/v1/article/{id}/tarif", handler!(article::price), Price),
    row("GET", "/v1/article/{id}/stock", handler!(article::stock), Stock),
    row("GET", "/v1/devis", handler!(devis::list), List(&DEVIS)),
    row("POST", "/v1/devis", handler!(devis::create), Create(&DEVIS)),
    row("GET", "/v1/devis/{id}", handler!(devis::one), One(&DEVIS)),
    row("PUT", "/v1/devis/{id}", handler!(devis::change), Change(&DEVIS)),
    row("PATCH", "/v1/devis/{id}", handler!(devis::change), Change(&DEVIS)),
    row("DELETE", "/v1/devis/{id}", handler!(devis::cancel), Cancel),
    row("POST", "/v1/devis/{id}/ligne", handler!(lignes::create), CreatePart(&LINES)),
    row("PUT", "/v1/devis/{id}/ligne/{part}", handler!(lignes::change), ChangePart(&LINES)),
    row("PATCH", "/v1/devis/{id}/ligne/{part}", handler!(lignes::change), ChangePart(&LINES)),
    row("DELETE", "/v1/devis/{id}/ligne/{part}", handler!(lignes::remove), RemovePart(&LINES)),
    row("PUT", "/v1/devis/{id}/client", handler!(devis::identify), Identify),
    row("PATCH", "/v1/devis/{id}/client", handler!(devis::identify), Identify),
    row("POST", "/v1/devis/{id}/commande", handler!(transformation::transform), Transform),
    row("GET", "/v1/commande", handler!(commande::list), List(&COMMANDE)),
    row("POST", "/v1/commande", handler!(commande::create), Create(&COMMANDE)),
    row("GET", "/v1/commande/{id}", handler!(commande::one), One(&COMMANDE)),
    row("PUT", "/v1/commande/{id}", handler!(commande::change), Change(&COMMANDE)),
    row("PATCH", "/v1/commande/{id}", handler!(commande::change), Change(&COMMANDE)),
    row("GET", "/v1/commande/code/{code}", handler!(commande::by_code), ByCode(&COMMANDE)),
    row("GET", "/v1/racine", handler!(reference::list::<0>), List(&RACINE)),
    row("GET", "/v1/racine/{id}", handler!(reference::one::<0>), One(&RACINE)),
    row("GET", "/v1/nature", handler!(reference::list::<1>), List(&NATURE)),
    row("GET", "/v1/nature/{id}", handler!(reference::one::<1>), One(&NATURE)),
    row("GET", "/v1/transfo", handler!(reference::list::<2>), List(&TRANSFO)),
    row("GET", "/v1/transfo/{id}", handler!(reference::one::<2>), One(&TRANSFO)),
    row("DELETE", "/v1/login/user", handler!(login::logout), Logout),
];

/// Words as the setting `path_names` spells them. Orders are created directly only with `direct_order`.
fn path(settings: &Settings, route: &Route) -> Option<String> {
    if ROWS[route.subject].subject == Create(&COMMANDE) && !settings.flag("direct_order") {
        return None;
    }
    let words = route.path.split('/').filter(|word| !word.is_empty());
    Some(words.fold(String::new(), |path, word| format!("{path}/{}", path_name(settings, word))))
}

/// The answer to `OPTIONS`.
fn allowed(verbs: &[&'static str]) -> Response {
    (StatusCode::NO_CONTENT, [(ALLOW, verbs.join(", "))]).into_response()
}
