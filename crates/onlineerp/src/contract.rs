//! What is documented of the API, from the support matrix and the profile (fact sheet 2, 4 to 7).

use serde_json::{Map, Value, json};
use simcore::contract::{Answer, Contract, Holds, JSON, Member, Object, Operation, Parameter, Scheme, Shape};
use simcore::entity::model::{Model, Table};
use simcore::entity::profile::{Evidence, FieldKind};
use simcore::entity::settings::Settings;
use simcore::entity::validate::Purpose;
use simcore::simulator::route::{Route, Rows};

use crate::call::{Entity, Expand};
use crate::entities::{self, ENTITIES};
use crate::routes::{self, Form, table};

const ABOUT: &str = "Simulated by Erpsatz from what is public of the vendor's API: support matrices, endpoints, query \
    parameters and some field names. Statuses, bodies of errors and the remaining fields are assumed; x-evidence says \
    which. Not a document of the vendor.";

pub(crate) fn contract(model: &Model, settings: &Settings, rows: &Rows<'_>) -> Contract {
    let mut contract = Contract::new("4", ABOUT);
    let basic = json!({ "type": "http", "scheme": "basic", "description": "CodeLicence and secret key." });
    contract.security = vec![vec![Scheme {
        name: "licence",
        header: "Authorization".to_owned(),
        variable: "",
        mistaken: &[],
        openapi: basic,
    }]];
    contract.refusals = refusals(settings);
    contract.components.insert("Error".to_owned(), error(settings));
    contract.operations = rows.operations(|route, operation| {
        let Some(table) = table(model, route) else { return operation };
        if !contract.components.contains_key(&table.name) {
            components(&mut contract, model, table);
        }
        self::operation(settings, table, route, operation)
    });
    contract
}

/// A record as it is created, changed and shown.
fn components(contract: &mut Contract, model: &Model, table: &Table) {
    let keeps = model.profile.unknown_properties == simcore::entity::profile::Unknown::Keep;
    // What nobody describes is stored and shown again, so that an answer may hold anything.
    let expands = ENTITIES[entities::place(&table.name)].expands;
    contract.add_records(&table.name, table, |object, purpose| match purpose {
        Purpose::Answer => {
            let object = if keeps { object.open_throughout() } else { object };
            expands.iter().fold(object, expanded)
        }
        _ => object,
    });
    let mut keyed = Object::of_records(table, Purpose::Change);
    let keys = table.entity.keys.iter();
    let keys = keys.filter_map(|key| Some((key, table.entity.fields.get(key)?)));
    for (key, field) in keys {
        let about = format!("{} One of the keys names the record, and stays.", field.about);
        let member = Member { is_nullable: false, ..Member::maybe(Shape::kind(field.kind), field.evidence) };
        keyed = keyed.with(key, member.about(about.trim_start()));
    }
    contract.components.insert(keyed_change(&table.name), keyed);
}

/// The component of a change whose record the body names.
fn keyed_change(entity: &str) -> String {
    format!("{entity}.changeByKey")
}

/// A record with what `$expand` can show beside.
fn expanded(mut object: Object, expand: &Expand) -> Object {
    let member = Member::maybe(Shape::named(expand.of.0), Evidence::Assumed);
    let member = member.about(format!("With $expand={}; null where there is none.", expand.path()));
    let holder = match expand.within.and_then(|list| object.members.get_mut(list)) {
        None => &mut object,
        Some(Member { shape: Shape::List(of), .. }) => match of.as_mut() {
            Shape::Object(item) => item,
            _ => return object,
        },
        Some(_) => return object,
    };
    holder.members.insert(expand.name.to_owned(), member);
    object
}

fn operation(settings: &Settings, table: &Table, route: &Route, operation: Operation) -> Operation {
    let (name, own) = (&table.name, routes::own(route.subject));
    let (verb, form) = (route.method, Form::of(route));
    let id = match (verb, form) {
        ("GET", Form::Collection) => format!("list{name}"),
        ("GET", Form::One) => format!("get{name}"),
        ("POST", _) => format!("create{name}"),
        ("PUT", Form::Collection) => format!("update{name}ByKey"),
        ("PUT", Form::One) => format!("update{name}"),
        (_, Form::Collection) => format!("delete{name}ByKey"),
        (_, Form::One) => format!("delete{name}"),
    };
    let mut operation = Operation { id, ..operation }.about(name, about(table, form, verb));
    if form == Form::One {
        let id = table.entity.example_key.clone();
        let about = "Technical key, or else the business number.";
        operation = operation.with([Parameter::path("id", FieldKind::Text, id).about(about)]);
    }
    let operation = operation.with(parameters(table, own, form, verb)).with([company(settings, table, verb)]);
    match verb {
        "GET" => {
            let record = Shape::named(name);
            let shape = if form == Form::One { record } else { wrapped(settings, record) };
            let about = if form == Form::One { "The record." } else { "The records; none is an empty list." };
            operation.answers(Answer::json(200, about, shape, Evidence::Assumed))
        }
        "POST" => create(operation, table, own),
        "PUT" => {
            let example = change(table, form);
            let taken = if form == Form::One { format!("{name}Change") } else { keyed_change(name) };
            operation.takes(&[JSON], Shape::named(taken), example).answers(Answer::json(
                200,
                "The record as it is now.",
                Shape::named(name),
                Evidence::Assumed,
            ))
        }
        _ => operation.answers(Answer::empty(204, "The record is gone.", Evidence::Assumed)),
    }
}

fn about(table: &Table, form: Form, verb: &str) -> String {
    let name = &table.name;
    let erps: Vec<&str> = table
        .entity
        .access
        .iter()
        .filter(|(_, verbs)| verbs.iter().any(|known| known == verb))
        .map(|(erp, _)| erp.as_str())
        .collect();
    let what = match (verb, form) {
        ("GET", Form::Collection) => format!("List {name}"),
        ("GET", Form::One) => format!("Read one {name}"),
        ("POST", _) => format!("Create {name}"),
        ("PUT", Form::Collection) => format!("Change the {name} whose key the body holds"),
        ("PUT", Form::One) => format!("Change one {name}"),
        _ => format!("Delete one {name}"),
    };
    if erps.is_empty() { what } else { format!("{what}. On: {}.", erps.join(", ")) }
}

fn parameters(table: &Table, own: &Entity, form: Form, verb: &str) -> Vec<Parameter> {
    let name = || table.name.clone();
    let query = |name, holds, evidence| Parameter::query(name, holds, evidence);
    let (select, expand) = (
        ("$select", "Fields to show, with dots into objects; the answer then lacks the others."),
        ("$expand", "Parts to show besides."),
    );
    let shown = |evidence| {
        let [select, expand] = [(select, Holds::Selection), (expand, Holds::Paths)]
            .map(|((name, about), holds)| query(name, holds, evidence).about(about));
        [select, expand]
    };
    match (verb, form) {
        ("GET", Form::Collection) => {
            let mut parameters = Vec::from(shown(Evidence::Doc));
            parameters.push(query("$filter", Holds::Filter(name()), Evidence::Doc).about("OData condition."));
            // Work orders have no such option (fact sheet 6.7).
            if own.is_ordered {
                parameters.push(query("$orderby", Holds::Order(name()), Evidence::Doc).about("OData order."));
            }
            parameters
                .push(query("$top", Holds::at_least(0), Evidence::Doc).about("Most records.").example(20));
            parameters.push(
                query("$skip", Holds::at_least(0), Evidence::Doc).about("Records to pass over.").example(0),
            );
            parameters
        }
        ("GET", Form::One) => shown(Evidence::Assumed).into(),
        ("POST", _) => {
            let about = "*: fail where the record exists (412).";
            vec![Parameter::header("If-None-Match", Holds::kind(FieldKind::Text), Evidence::Doc).about(about)]
        }
        _ => Vec::new(),
    }
}

/// The header that chooses the company, with one whose ERP does this where the first company's does not.
fn company(settings: &Settings, table: &Table, verb: &str) -> Parameter {
    let companies = settings.value("licences")[0]["companies"].as_object().into_iter().flatten();
    let supports = |erp: &Value| {
        let verbs = table.entity.access.get(erp.as_str().unwrap_or_default());
        verbs.is_some_and(|verbs| verbs.iter().any(|known| known == verb))
    };
    let able = companies.filter(|(_, erp)| supports(erp)).map(|(company, _)| company.as_str()).next();
    let header = Parameter::header("COMPANY_ID", Holds::kind(FieldKind::Text), Evidence::Seed);
    let header = header.about("Company of the licence; 0 when absent.");
    match able {
        Some("0") | None => header,
        Some(company) => header.example(company),
    }
}

fn create(operation: Operation, table: &Table, own: &Entity) -> Operation {
    let name = &table.name;
    let shape = (own.content)(Shape::named(format!("{name}Create")));
    let created = Answer::json(201, "The record as the ERP has it.", Shape::named(name), Evidence::Assumed);
    let created = if own.has_one { created.header("Location", "The path of the record.") } else { created };
    let operation = operation
        .takes(&[JSON], shape, table.entity.example.clone())
        .answers(created)
        .answers(refusal(409, "A record with this key exists."))
        .answers(refusal(412, "A record with this key exists, and If-None-Match asked."));
    if !own.takes_batch {
        return operation;
    }
    let one = Shape::Either(vec![Shape::named(name), Shape::named("Error")]);
    operation.answers(Answer::json(200, "What became of each movement.", Shape::list(one), Evidence::Assumed))
}

/// A change of the example: its first text that may change, and the key where the path has none.
fn change(table: &Table, form: Form) -> Value {
    let mut change = Map::new();
    if let (Form::Collection, Some(key)) = (form, table.entity.keys.first()) {
        change.insert(key.clone(), table.entity.example_key.clone());
    }
    if let Value::Object(text) = simcore::contract::change(table) {
        change.extend(text);
    }
    change.into()
}

fn wrapped(settings: &Settings, record: Shape) -> Shape {
    match settings.text("list_wrapper") {
        "" => Shape::list(record),
        wrapper => Shape::object([(wrapper, Member::always(Shape::list(record), Evidence::Assumed))]),
    }
}

fn refusal(status: u16, about: &'static str) -> Answer {
    Answer::refusal(status, about, Evidence::Assumed)
}

fn refusals(settings: &Settings) -> Vec<Answer> {
    let chosen = |name: &str, usual: u16| u16::try_from(settings.integer(name)).unwrap_or(usual);
    let answers = simcore::contract::refusals(
        Evidence::Assumed,
        [
            (400, "The request cannot be read, or a field is missing or wrong."),
            (401, "No credentials, or wrong ones."),
            (404, "There is no such entity, company or record."),
            (405, "The ERP behind the company does not support this verb for this entity."),
            (413, "The body is too large."),
            (415, "The body is no JSON by its media type."),
            (422, "The ERP refuses the operation, or the record is locked."),
            (429, "Too many requests: when a scenario limits them."),
            (431, "The headers are too large."),
            (500, "Anything else."),
            (503, "No robot is connected."),
            (504, "The robot does not answer in time."),
        ],
    );
    let answers_of = |answer: Answer| match answer.status {
        401 => answer.header("WWW-Authenticate", "Basic, with the realm."),
        _ => answer,
    };
    let mut answers: Vec<Answer> = answers.into_iter().map(answers_of).collect();
    for (setting, usual, about) in [
        ("unknown_company_status", 404, "There is no such company."),
        ("unsupported_verb_status", 405, "The ERP does not support the verb."),
        ("refused_status", 422, "The ERP refuses the operation."),
        ("locked_status", 422, "The record is locked."),
    ] {
        let status = chosen(setting, usual);
        if answers.iter().all(|answer| answer.status != status) {
            answers.push(refusal(status, about));
        }
    }
    answers
}

/// The body of refusals: the setting `error_template`, filled.
fn error(settings: &Settings) -> Object {
    let none = serde_json::Map::new();
    let template = settings.value("error_template").as_object().unwrap_or(&none);
    let details = Shape::Map(Box::new(Shape::list(Shape::kind(FieldKind::Text))));
    let error = simcore::contract::framed(template, &details, Evidence::Assumed);
    error.about("A refusal; its shape is the setting error_template.")
}
