//! What each row of the table of routes takes and gives.

use serde_json::json;
use simcore::contract::{Answer, Holds, JSON, Member, Operation, Parameter, Scalar, Shape, SignIn};
use simcore::entity::model::Model;
use simcore::entity::profile::{Evidence, FieldKind};
use simcore::entity::settings::Settings;
use simcore::entity::validate::Purpose;
use simcore::simulator::route::Route;

use super::bodies::{self, Bodies};
use super::parts::{company, company_of, counted, delete_modes, export_option, paging};
use super::records::{self, text};
use super::refusal;
use crate::routes::Target;

/// What all operations are derived from.
pub(super) struct Known<'a> {
    model: &'a Model,
    settings: &'a Settings,
    bodies: Bodies,
}

impl<'a> Known<'a> {
    pub(super) fn new(model: &'a Model, settings: &'a Settings) -> Self {
        Self { model, settings, bodies: Bodies::new(model) }
    }

    /// The operation that a row is.
    pub(super) fn call(&self, route: &Route, target: Target, operation: Operation) -> Operation {
        let variables = self.variables(&operation.path, target);
        let operation = Operation { id: id(route, target), ..operation }.with(variables);
        let operation = match target {
            Target::Authenticate => authenticate(operation),
            Target::Entities | Target::Entity => dictionary(operation, target),
            Target::Webhook | Target::Process => entry_point(operation, target),
            Target::Accounts | Target::Tasks | Target::OutboxReport => self.back_office(operation, target),
            Target::Records | Target::Record => self.record(operation, target),
            Target::Select => self.select(operation),
            _ => self.batch(operation, route.name, target),
        };
        match operation.body {
            Some(_) => operation.answers(refusal(415, "The body is not announced as JSON.")),
            None => operation,
        }
    }

    /// The variables of a path, with values that work in the default data.
    fn variables(&self, path: &str, target: Target) -> Vec<Parameter> {
        let has = |name: &str| path.contains(&format!("{{{name}}}"));
        let mut variables = Vec::new();
        if has("project") {
            variables.push(self.project(target));
        }
        if has("entity") {
            let example = if target == Target::Merge { "customercontact" } else { "customer" };
            let entity = Parameter {
                holds: Holds::Value(records::entity_name(self.model)),
                ..Parameter::path("entity", FieldKind::Text, example)
            };
            variables.push(entity.about("Name of a table without its prefix sw_data_."));
        }
        if has("code") {
            variables.push(Parameter::path("code", FieldKind::Text, "C0000002").about("Code of the record."));
        }
        variables
    }

    /// The one project of this server; entry points may name a company in its place (fact sheet 19.1).
    fn project(&self, target: Target) -> Parameter {
        let project = self.settings.text("project");
        let names_company = matches!(target, Target::Webhook | Target::Process);
        let companies = self.settings.texts("companies").filter(|_| names_company);
        let values = std::iter::once(project).chain(companies).map(Into::into).collect();
        let holds = Holds::Value(Scalar { values, ..Scalar::of(FieldKind::Text) });
        Parameter {
            holds,
            ..Parameter::path("project", FieldKind::Text, project).about("Code of the project.")
        }
    }

    fn select(&self, operation: Operation) -> Operation {
        let operation = operation
            .about("Records", "Find records by filters, groups of filters, sort and chosen fields.")
            .takes(&[JSON], self.bodies.select.clone(), bodies::select_example());
        let system =
            || Member { required: true, ..Member::maybe(Shape::kind(FieldKind::Integer), Evidence::Client) };
        let row = simcore::contract::Object::of([
            ("srvExport", system()),
            ("srvDateUTC", Member::always(Shape::kind(FieldKind::DateTime), Evidence::Client)),
            ("srvAttrib", system()),
        ]);
        let rows = Shape::list(Shape::Object(row.open(true)));
        operation.answers(Answer::json(200, "The rows, with the fields asked for.", rows, Evidence::Seed))
    }

    fn record(&self, operation: Operation, target: Target) -> Operation {
        let taken = |purpose| records::chosen(self.model, "entity", |table| records::input(table, purpose));
        let record = || records::chosen(self.model, "entity", |_| "");
        let shown = |about| Answer::json(200, about, record(), Evidence::Client);
        let export = || export_option(Evidence::Assumed);
        let conflict = || refusal(409, "The code exists, or the record is still referenced.");
        match (target, operation.method) {
            (Target::Records, "GET") => {
                let rows = records::chosen_list(self.model, "entity", "");
                operation
                    .about("Records", "Fetch records in the order of their creation.")
                    .with(paging())
                    .answers(Answer::json(
                        200,
                        "The records with all their fields; none is an empty list.",
                        rows,
                        Evidence::Seed,
                    ))
            }
            (Target::Records, _) => operation
                .about("Records", "Create a record; without a code it gets the next number.")
                .with([company(), export()])
                .takes(&[JSON], taken(Purpose::Create), bodies::record_example())
                .answers(shown("The record as it is now: always 200."))
                .answers(conflict()),
            (_, "GET") => operation
                .about("Records", "Read a record, logically deleted or not.")
                .with([company()])
                .answers(shown("The record with all its fields.")),
            (_, "PUT") => operation
                .about("Records", "Change the fields that the body names.")
                .with([company(), export()])
                .takes(&[JSON], taken(Purpose::Change), json!({ "comment": "Rappeler lundi" }))
                .answers(shown("The record as it is now.")),
            _ => {
                let mode = Parameter::query(
                    "deleteMode",
                    delete_modes(&["Logical", "Physical", "1", "2"]),
                    Evidence::Seed,
                );
                let mode =
                    mode.about("Logical (1) marks the row, Physical (2) removes it.").example("Logical");
                operation
                    .about("Records", "Delete a record.")
                    .with([mode, company(), export()])
                    .answers(Answer::empty(200, "The record is deleted.", Evidence::Assumed))
                    .answers(conflict())
            }
        }
    }

    fn batch(&self, operation: Operation, name: &str, target: Target) -> Operation {
        match target {
            Target::DataSet => self.data_set(operation),
            Target::ServerExport => self.validation(operation, name),
            Target::BulkImport => operation
                .about("Batches", "Import many rows of one entity, all or none.")
                .takes(&[JSON], self.bodies.bulk.clone(), bodies::bulk_example())
                .answers(counted(&["addedRow", "updatedRow"], Evidence::Seed)),
            Target::RelationalDataSet => self.relational(operation),
            Target::DeleteDataSet => operation
                .about("Batches", "Delete many rows, all or none; codes that do not exist are no error.")
                .takes(&[JSON], self.bodies.deletion.clone(), bodies::deletion_example())
                .answers(counted(&["deletedRow"], Evidence::Seed))
                .answers(refusal(409, "A row is still referenced.")),
            _ => {
                let example = bodies::merge_example(operation.method);
                operation
                    .about("Records", "Merge two records: what referred to the source refers to the target.")
                    .takes(&[JSON], self.bodies.merge.clone(), example)
                    .answers(Answer::empty(200, "They are one.", Evidence::Seed))
            }
        }
    }

    fn data_set(&self, operation: Operation) -> Operation {
        let modes = delete_modes(&["0", "1", "2", "None", "Logical", "Physical"]);
        let mode = Parameter::query("deleteMode", modes, Evidence::Doc).required().example("0").about(
            "What becomes of linked rows that the document does not list: 0 nothing, 1 logical, 2 physical.",
        );
        let export = export_option(Evidence::Doc).required().example(0);
        operation
            .about(
                "Batches",
                "Import one record with everything linked to it, atomically and differentially.",
            )
            .with([mode, export, company_of(Evidence::Doc)])
            .takes(&[JSON], self.bodies.data_set.clone(), bodies::data_set_example())
            .answers(counted(&["addedRow", "updatedRow", "deletedRow"], Evidence::Assumed))
            .answers(refusal(409, "A row that was to go is still referenced."))
    }

    fn validation(&self, operation: Operation, route: &str) -> Operation {
        let which = if route == "server_exports" { "several entities" } else { "one entity" };
        let about =
            format!("Validate the export of rows of {which} that have not changed since they were read.");
        let stale = "Rows were stale, nothing is done: with strict_export_validation.";
        operation
            .about("Export", about)
            .takes(&[JSON], self.bodies.validation.clone(), bodies::validation_example(route))
            .answers(Answer::json(
                200,
                "What was validated and what was not.",
                bodies::validated(),
                Evidence::Assumed,
            ))
            .answers(Answer::json(409, stale, bodies::validated(), Evidence::Assumed))
    }

    fn relational(&self, operation: Operation) -> Operation {
        let modes = delete_modes(&["Logical", "Physical", "1", "2"]);
        let mode = Parameter::query("deleteMode", modes, Evidence::Assumed);
        let mode = mode.about("How `deletes` go: Logical unless said.");
        let rows =
            records::each(self.model, Evidence::Assumed, |table| Shape::list(Shape::named(&table.name)));
        let shown = Shape::object([("data", Member::always(Shape::Object(rows), Evidence::Seed))]);
        operation
            .about("Batches", "Delete, create, change and link records of several entities, all or nothing.")
            .with([mode, company(), export_option(Evidence::Assumed)])
            .takes(&[JSON], self.bodies.relational.clone(), bodies::relational_example())
            .answers(
                Answer::json(
                    200,
                    "The records as they are now; nothing with noResultData.",
                    shown,
                    Evidence::Doc,
                )
                .may_be_empty(),
            )
            .answers(refusal(409, "A record that was to go is still referenced."))
    }

    fn back_office(&self, operation: Operation, target: Target) -> Operation {
        match target {
            Target::Accounts => operation
                .about("Accounts", "Create accounts; of those that exist, change the status.")
                .takes(&[JSON], bodies::accounts(), bodies::accounts_example())
                .answers(Answer::json(
                    200,
                    "What became of each account.",
                    bodies::accounts_shown(),
                    Evidence::Assumed,
                )),
            Target::Tasks => operation
                .about("Tasks", "Run event tasks; one that waits already is not created again.")
                .takes(&[JSON], bodies::tasks(), json!({ "codes": ["EVT_EXPORT"] }))
                .answers(Answer::json(
                    200,
                    "The tasks that were created.",
                    bodies::tasks_shown(),
                    Evidence::Assumed,
                )),
            _ => {
                let example = bodies::outbox_example(operation.method);
                let event = Parameter::query("eventActionCode", Holds::kind(FieldKind::Text), Evidence::Seed);
                let event = event.about("Code of the event task that makes the report.").required();
                let shown = Shape::object([("baseoutbox_ID", Member::always(text(), Evidence::Assumed))]);
                operation
                    .about("Outbox", "Have a report made and sent.")
                    .with([event.example("EVT_OUTBOX")])
                    .takes(&[JSON], self.bodies.outbox.clone(), example)
                    .answers(Answer::json(200, "The row of the outbox.", shown, Evidence::Assumed))
                    .answers(refusal(409, "The outbox has this code."))
            }
        }
    }
}

/// `create{entity}`, which documents have once for each entity, `bulkImport`, `bulkImportByPut`.
fn id(route: &Route, target: Target) -> String {
    match (target, route.method) {
        (Target::Records, "GET") => return "list{entity}".to_owned(),
        (Target::Records, _) => return "create{entity}".to_owned(),
        (Target::Record, "GET") => return "get{entity}".to_owned(),
        (Target::Record, "PUT") => return "update{entity}".to_owned(),
        (Target::Record, _) => return "delete{entity}".to_owned(),
        _ => {}
    }
    let mut words = route.name.split('_');
    let mut id = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        id.push_str(letters.as_str());
    }
    if route.method == "PUT" { id + "ByPut" } else { id }
}

fn authenticate(operation: Operation) -> Operation {
    let sign_in = SignIn { variable: "token", member: "authToken", basic: None };
    let expiry = Member { required: true, ..Member::maybe(text(), Evidence::Doc) };
    let token = Shape::object([
        ("authToken", Member::always(text(), Evidence::Doc)),
        ("expiresIn", Member::always(Shape::kind(FieldKind::Integer), Evidence::Doc)),
        ("generatedTimeUTC", Member::always(text(), Evidence::Doc)),
        ("passwordExpiryUTC", expiry),
    ]);
    operation
        .about("Authentication", "Get a token for all other calls.")
        .open(Some(sign_in))
        .takes(&[JSON], bodies::credentials(), bodies::credentials_example())
        .answers(Answer::json(200, "The token, and how many seconds it lives.", token, Evidence::Doc))
        .answers(refusal(401, "Wrong credentials, or an account that is not active."))
}

fn dictionary(operation: Operation, target: Target) -> Operation {
    let entity = Shape::named("DictionaryEntity");
    match target {
        Target::Entities => operation
            .about("Dictionary", "List the entities that are open to the API.")
            .answers(Answer::json(200, "All of them, by name.", Shape::list(entity), Evidence::Assumed)),
        _ => operation.about("Dictionary", "Describe an entity and its fields.").answers(Answer::json(
            200,
            "The entity.",
            entity,
            Evidence::Seed,
        )),
    }
}

fn entry_point(operation: Operation, target: Target) -> Operation {
    let code =
        |holds| Parameter::query("c", holds, Evidence::Doc).about("Code of the entry point.").required();
    if target == Target::Webhook {
        return operation
            .about(
                "Entry points",
                "Call the webhook of a business object: LIST, GET, PUT, DELETE, DEFINITION.",
            )
            .open(None)
            .with([code(Holds::kind(FieldKind::Text)).example("WHK_Customer")])
            .takes(
                &[JSON],
                Shape::Anything,
                json!({ "action": { "verb": "LIST", "parameters": { "pageNumber": 1 } } }),
            )
            .answers(Answer::json(
                200,
                "What was asked for, or in common what is wrong.",
                bodies::webhook_result(),
                Evidence::Client,
            ))
            .answers(refusal(404, "There is no such webhook."));
    }
    let known = Scalar::named(["EPT_WebhookSubscribe", "EPT_WebhookUnsubscribe", "EPT_WebhookPerformList"]);
    operation
        .about(
            "Entry points",
            "Call a process: subscribe to events, end that, or see what a hook would be sent.",
        )
        .with([code(Holds::Value(known)).example("EPT_WebhookSubscribe")])
        .takes(
            &[JSON],
            bodies::process(),
            json!({ "event": "NewCustomer", "hookUrl": "http://127.0.0.1:9/hook" }),
        )
        .answers(Answer::json(200, "The subscription, or a sample.", bodies::process_result(), Evidence::Doc))
}
