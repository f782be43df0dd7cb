//! Every call, and what is documented of it: a row each.

use simcore::contract::{Contract, ExampleKeys, Member, Object, Scheme, Shape};
use simcore::entity::model::Model;
use simcore::entity::profile::{Evidence, FieldKind};
use simcore::entity::settings::Settings;
use simcore::simulator::records::Subject;
use simcore::simulator::route::{Route, Rows, Table};
use simcore::usual;

use crate::KEY;
use crate::ticket::{self, CUSTOMERS, TICKETS};

/// How the server reads paths and verbs.
pub(crate) const TABLE: Table = Table { rows: |_| Route::table(ROWS), ..Table::BASE };

const ROWS: &[Route<Subject>] = &[
    usual!(List, "/api/customers", CUSTOMERS),
    usual!(Create, "/api/customers", CUSTOMERS),
    usual!(Read, "/api/customers/{number}", CUSTOMERS),
    usual!(List, "/api/tickets", TICKETS),
    usual!(Create, "/api/tickets", TICKETS),
    usual!(Read, "/api/tickets/{number}", TICKETS),
    usual!(Change, "/api/tickets/{number}", TICKETS),
    usual!(Act, "/api/tickets/{number}/close", TICKETS, ticket::close, "Close it"),
];

pub(crate) fn contract(model: &Model, _: &Settings, rows: &Rows<'_>) -> Contract {
    let text = || Shape::kind(FieldKind::Text);
    let fields = Member::always(Shape::Map(Box::new(text())), Evidence::Assumed);
    let error = Object::of([("error", Member::always(text(), Evidence::Assumed)), ("fields", fields)]);
    let (about, scheme) = ("A help desk that no vendor sells.", Scheme::key(KEY, "api_key"));
    let mut contract = Contract::usual(about, scheme, error, model, Evidence::Assumed);
    let mut keys = ExampleKeys::default();
    contract.operations = rows.operations(|route, operation| {
        let (records, does) = ROWS[route.subject].subject;
        records.described(operation, does, model, &mut keys)
    });
    contract
}
