//! Every call, and what is documented of it: a row each.

use simcore::contract::Usual::{self, Act, Change, Create, List, Read};
use simcore::contract::{Contract, ExampleKeys, Holds, Member, Object, Parameter, Scheme, Shape};
use simcore::entity::model::Model;
use simcore::entity::profile::{Evidence, FieldKind};
use simcore::entity::settings::Settings;
use simcore::handler;
use simcore::simulator::route::{Route, Rows, Table};

use crate::{KEY, records, ticket};

/// How the server reads paths and verbs.
pub(crate) const TABLE: Table = Table { rows: |_| Route::table(ROWS), ..Table::BASE };

/// Customers or tickets, and what a call does with them.
type Subject = (&'static str, Usual);

const C: &str = "customer";
const T: &str = "ticket";
const ABOUT: &str = "A help desk that no vendor sells.";
const ASSUMED: Evidence = Evidence::Assumed;

const ROWS: &[Route<Subject>] = &[
    Route::assumed("GET", "/api/customers", handler!(records::list, C), (C, List)),
    Route::assumed("POST", "/api/customers", handler!(records::create, C), (C, Create)),
    Route::assumed("GET", "/api/customers/{number}", handler!(records::one, C), (C, Read)),
    Route::assumed("GET", "/api/tickets", handler!(records::list, T), (T, List)),
    Route::assumed("POST", "/api/tickets", handler!(records::create, T), (T, Create)),
    Route::assumed("GET", "/api/tickets/{number}", handler!(records::one, T), (T, Read)),
    Route::assumed("PATCH", "/api/tickets/{number}", handler!(ticket::change), (T, Change)),
    Route::assumed("POST", "/api/tickets/{number}/close", handler!(ticket::close), (T, Act("Close it"))),
];

pub(crate) fn contract(model: &Model, _: &Settings, rows: &Rows<'_>) -> Contract {
    let text = || Shape::kind(FieldKind::Text);
    let fields = Member::always(Shape::Map(Box::new(text())), ASSUMED);
    let error = Object::of([("error", Member::always(text(), ASSUMED)), ("fields", fields)]);
    let mut contract = Contract::usual(ABOUT, Scheme::key(KEY, "api_key"), error, model, ASSUMED);
    let mut keys = ExampleKeys::default();
    contract.operations = rows.operations(|route, operation| {
        let (entity, does) = ROWS[route.subject].subject;
        let Some(table) = model.table(entity) else { return operation };
        let operation = operation.usual(does, table, "number", &mut keys);
        let state = Parameter::query("state", Holds::one_of(["open", "closed"]), ASSUMED).example("open");
        match does {
            List if entity == T => operation.with([state]).paged(["limit", "offset"], ASSUMED),
            List => operation.paged(["limit", "offset"], ASSUMED),
            _ => operation,
        }
    });
    contract
}
