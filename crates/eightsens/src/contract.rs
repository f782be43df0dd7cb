//! What is documented of the API, and what is assumed of it: from the table of calls and the profile (fact sheet 4 to
//! 7). Paths and names are as the settings spell them.

mod bodies;

use serde_json::{Value, json};
use simcore::contract::{
    Answer, Contract, FORM, Holds, JSON, Member, Object, Operation, Parameter, Scheme, Shape, SignIn,
};
use simcore::entity::model::{Model, Table};
use simcore::entity::profile::{Evidence, FieldKind};
use simcore::entity::settings::Settings;
use simcore::entity::validate::Purpose;
use simcore::simulator::route::{Route, Rows};

use crate::kinds::{Filter, KINDS, Kind, PARTS, Part};
use crate::routes::{ROWS, Subject};
use crate::wire;

const ABOUT: &str = "Simulated by Erpsatz from the vendor's public set-up page. Only the login call is documented \
    there; all the rest is a design in its vocabulary. x-evidence says which is which. Not a document of the vendor.";

pub(crate) fn contract(model: &Model, settings: &Settings, rows: &Rows<'_>) -> Contract {
    let mut contract = Contract::new("1", ABOUT);
    contract.security = security(settings);
    contract.refusals = bodies::refusals();
    contract.components.insert("Error".to_owned(), bodies::error(&model.profile));
    if let Some(aliases) = settings.value("path_aliases").as_object() {
        let aliases = aliases.iter().filter_map(|(alias, word)| Some((alias, word.as_str()?)));
        contract.path_aliases = aliases
            .map(|(alias, word)| (alias.clone(), wire::path_name(settings, word).to_owned()))
            .collect();
    }
    for (name, table) in &model.tables {
        // Only the control API knows the others.
        if !KINDS.iter().any(|kind| kind.name == name) {
            continue;
        }
        contract.add_records(&component(name), table, |object, purpose| {
            let object = if purpose == Purpose::Answer { bodies::with_whole_parts(object) } else { object };
            bodies::on_the_wire(settings, object, purpose)
        });
        for part in PARTS.into_iter().filter(|part| part.of.name == name) {
            let Some(field) = table.entity.fields.get(part.field) else { continue };
            for (suffix, purpose) in
                [("", Purpose::Answer), ("Create", Purpose::Create), ("Change", Purpose::Change)]
            {
                let object = Object::of_fields(&field.fields, purpose);
                let object = if purpose == Purpose::Answer {
                    bodies::part_shown(object, Some(part.id))
                } else {
                    object
                };
                let object = bodies::on_the_wire(settings, object, purpose);
                contract.components.insert(format!("{}{suffix}", part_name(part)), object);
            }
        }
    }
    contract.operations = rows.operations(|route, operation| {
        Documented { model, settings, route, subject: ROWS[route.subject].subject }.operation(operation)
    });
    contract
}

/// `client` is the component `Client`.
fn component(entity: &str) -> String {
    let mut letters = entity.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// An address or a line: `ClientAdresse`, `DevisLigne`.
fn part_name(part: &Part) -> String {
    format!("{}{}", component(part.of.name), component(part.field.trim_end_matches('s')))
}

/// API key and token together; the token in one of the headers that `token_header` allows (fact sheet 5).
fn security(settings: &Settings) -> Vec<Vec<Scheme>> {
    let key = settings.text("api_key_header");
    let names: &[&str] = match settings.text("token_header") {
        "any" => &["Authorization", "access_token", "token"],
        "authorization" => &["Authorization"],
        "access_token" => &["access_token"],
        _ => &["token"],
    };
    let with = |name: &'static str| {
        let openapi = if name == "Authorization" {
            json!({ "type": "http", "scheme": "bearer" })
        } else {
            json!({ "type": "apiKey", "in": "header", "name": name })
        };
        let token = Scheme { name, header: name.to_owned(), variable: "token", mistaken: &[], openapi };
        let openapi = json!({ "type": "apiKey", "in": "header", "name": key });
        vec![
            Scheme { name: "api_key", header: key.to_owned(), variable: "api_key", mistaken: &[], openapi },
            token,
        ]
    };
    names.iter().copied().map(with).collect()
}

/// One call, as the settings make it.
struct Documented<'a> {
    model: &'a Model,
    settings: &'a Settings,
    route: &'a Route,
    subject: Subject,
}

impl Documented<'_> {
    fn table(&self, entity: &str) -> Option<&Table> {
        self.model.table(entity)
    }

    fn name(&self, own: &'static str) -> String {
        wire::name(self.settings, own).to_owned()
    }

    fn operation(&self, operation: Operation) -> Operation {
        let words: Vec<&str> = self.route.path.split('/').filter(|word| !word.is_empty()).skip(1).collect();
        let is_logout = self.subject == Subject::Logout;
        let tag = if is_logout { "session" } else { words.first().copied().unwrap_or_default() };
        let operation =
            Operation { id: self.id(), ..operation }.about(tag, self.about()).with(self.variables());
        match self.subject {
            Subject::Login => self.login(operation),
            Subject::List(kind) => {
                let operation = operation.with(self.filters(kind));
                self.list(operation, Shape::named(component(kind.name)))
            }
            Subject::Parts(part) => self.list(operation, Shape::named(part_name(part))),
            Subject::One(kind) | Subject::ByCode(kind) => shown(operation, 200, component(kind.name)),
            Subject::Create(kind) => {
                let name = component(kind.name);
                let example = self.table(kind.name).map(|table| table.entity.example.clone());
                let example = self.example(example.unwrap_or_default());
                shown(operation.takes(&[JSON], Shape::named(format!("{name}Create")), example), 201, name)
            }
            Subject::Change(kind) => {
                let name = component(kind.name);
                let (field, value) = kind.change;
                let example = self.example(json!({ field: value }));
                shown(operation.takes(&[JSON], Shape::named(format!("{name}Change")), example), 200, name)
            }
            Subject::CreatePart(part) => {
                let (name, example) = (part_name(part), self.example(bodies::example(part.new)));
                shown(operation.takes(&[JSON], Shape::named(format!("{name}Create")), example), 201, name)
            }
            Subject::ChangePart(part) => {
                let (name, example) = (part_name(part), self.example(bodies::example(part.change)));
                shown(operation.takes(&[JSON], Shape::named(format!("{name}Change")), example), 200, name)
            }
            Subject::Convert => {
                shown(self.optional(operation, "client", &["cliCode"]), 201, component("client"))
            }
            Subject::Transform => {
                let header = ["cdeRefExterne", "cdeDate", "cdeCommentaire"];
                shown(self.optional(operation, "commande", &header), 201, component("commande"))
            }
            Subject::Identify => {
                let id = Member::always(Shape::kind(FieldKind::Integer), Evidence::Assumed);
                let name = self.name("cliID");
                let example = self.example(json!({ "cliID": 28 }));
                let body = Shape::object([(name.as_str(), id)]);
                shown(operation.takes(&[JSON], body, example), 200, component("devis"))
            }
            Subject::Price | Subject::Stock => self.of_article(operation),
            Subject::Cancel | Subject::RemovePart(_) | Subject::Logout => {
                operation.answers(Answer::empty(204, "Done.", Evidence::Assumed))
            }
        }
    }

    /// What generated clients call it; where two verbs do the same, `PUT` has the plain name.
    fn id(&self) -> String {
        let id = self.subject_id();
        if self.route.method == "PATCH" { format!("{id}ByPatch") } else { id }
    }

    fn subject_id(&self) -> String {
        match self.subject {
            Subject::Login => "login".to_owned(),
            Subject::Logout => "logout".to_owned(),
            Subject::List(kind) => format!("list{}", component(kind.name)),
            Subject::One(kind) => format!("get{}", component(kind.name)),
            Subject::ByCode(kind) => format!("get{}ByCode", component(kind.name)),
            Subject::Create(kind) => format!("create{}", component(kind.name)),
            Subject::Change(kind) => format!("update{}", component(kind.name)),
            Subject::Cancel => "cancelDevis".to_owned(),
            Subject::Price => "getArticleTarif".to_owned(),
            Subject::Stock => "getArticleStock".to_owned(),
            Subject::Parts(part) => format!("list{}", part_name(part)),
            Subject::CreatePart(part) => format!("add{}", part_name(part)),
            Subject::ChangePart(part) => format!("update{}", part_name(part)),
            Subject::RemovePart(part) => format!("remove{}", part_name(part)),
            Subject::Convert => "convertProspect".to_owned(),
            Subject::Identify => "identifyDevisClient".to_owned(),
            Subject::Transform => "transformDevis".to_owned(),
        }
    }

    fn about(&self) -> String {
        match self.subject {
            Subject::Login => "Give a token for a user's code and password".to_owned(),
            Subject::Logout => "End the session that asks".to_owned(),
            Subject::List(kind) => format!("List {}, page by page", kind.name),
            Subject::One(kind) => format!("Read one {}", kind.name),
            Subject::ByCode(kind) => format!("Read the {} of a code", kind.name),
            Subject::Create(kind) => format!("Create a {}", kind.name),
            Subject::Change(kind) => format!("Change what the body names of a {}", kind.name),
            Subject::Cancel => "Cancel a quote; it stays readable".to_owned(),
            Subject::Price => "What an article costs a client".to_owned(),
            Subject::Stock => "What is in stock of an article".to_owned(),
            Subject::Parts(part) => format!("List {} of a {}", part.field, part.of.name),
            Subject::CreatePart(part) => format!("Add to {} of a {}", part.field, part.of.name),
            Subject::ChangePart(part) => format!("Change one of {} of a {}", part.field, part.of.name),
            Subject::RemovePart(part) => format!("Remove one of {} of a {}", part.field, part.of.name),
            Subject::Convert => "Make a client of a prospect".to_owned(),
            Subject::Identify => "Say who the client of an anonymous quote is".to_owned(),
            Subject::Transform => "Make an order of a quote".to_owned(),
        }
    }

    /// Variables of the path, with examples of the default data.
    fn variables(&self) -> Vec<Parameter> {
        let (id, part, code) = bodies::keys(self.subject);
        let assumed = |parameter: Parameter| Parameter { evidence: Evidence::Assumed, ..parameter };
        let mut variables = Vec::new();
        if self.route.path.contains("{id}") {
            variables.push(assumed(Parameter::path("id", FieldKind::Integer, id)));
        }
        if self.route.path.contains("{part}") {
            variables.push(assumed(Parameter::path("part", FieldKind::Integer, part)));
        }
        if self.route.path.contains("{code}") {
            variables.push(assumed(Parameter::path("code", FieldKind::Text, code)));
        }
        variables
    }

    /// A body with names as the wire spells them.
    fn example(&self, body: Value) -> Value {
        match body {
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| (wire::name(self.settings, &name).to_owned(), self.example(value)))
                .collect(),
            Value::Array(items) => items.into_iter().map(|item| self.example(item)).collect(),
            value => value,
        }
    }

    /// A body that may be left out, with some fields of an entity.
    fn optional(&self, operation: Operation, entity: &str, names: &[&str]) -> Operation {
        let fields = self.table(entity).map(|table| &table.entity.fields);
        let members = names.iter().filter_map(|name| Some((*name, fields?.get(*name)?)));
        let members = members.map(|(name, field)| (name, Member::of_field(field, Purpose::Create)));
        // Fields that only the server fills may be sent.
        let object = bodies::on_the_wire(self.settings, Object::of(members), Purpose::Create);
        let mut operation = operation.takes(&[JSON], Shape::Object(object), json!({}));
        if let Some(body) = &mut operation.body {
            body.required = false;
        }
        operation
    }

    /// `POST /v1/login/user` (fact sheet 4).
    fn login(&self, operation: Operation) -> Operation {
        let text = || Shape::kind(FieldKind::Text);
        let id =
            || if self.settings.flag("ids_as_strings") { text() } else { Shape::kind(FieldKind::Integer) };
        let seed = |shape| Member::always(shape, Evidence::Seed);
        let names = ["login", "password"].map(|name| self.name(name));
        let form = Shape::object(names.iter().map(|name| (name.as_str(), seed(text()))));
        let given = Object::of([
            ("access_token", seed(text())),
            ("paramRacineCliID", seed(id())),
            ("paramRacinePecID", seed(id())),
            ("g8CliCode", seed(text())),
        ]);
        let given = bodies::on_the_wire(self.settings, given, Purpose::Answer);
        let key = Parameter::header(
            self.settings.text("api_key_header").to_owned(),
            Holds::kind(FieldKind::Text),
            Evidence::Seed,
        );
        let key = key.required().about("The API key.").example(self.settings.text("api_key"));
        let refused = |status, about| Answer::refusal(status, about, Evidence::Assumed);
        operation
            .open(Some(SignIn { variable: "token", member: "access_token", basic: None }))
            .with([key])
            .takes(&[FORM], form, json!({ &names[0]: "CLIENTREST", &names[1]: "clientrest" }))
            .answers(Answer::json(
                200,
                "The token, and what is configured.",
                Shape::Object(given),
                Evidence::Seed,
            ))
            .answers(refused(401, "No API key, or wrong credentials."))
    }

    /// What a list can be narrowed by (fact sheet 6.3).
    fn filters(&self, kind: &Kind) -> Vec<Parameter> {
        let query = |name: &'static str, holds, example: Value| {
            Parameter::query(self.name(name), holds, Evidence::Assumed).example(example)
        };
        let filters = kind.filters.iter().map(|filter| match filter {
            Filter::Text(name) => query(name, Holds::kind(FieldKind::Text), json!("a")),
            Filter::Id(name) => query(name, Holds::kind(FieldKind::Integer), json!(28)),
            Filter::Flag(name) => query(name, Holds::kind(FieldKind::Boolean), json!(true)),
            Filter::State(column) => {
                let field = self.table(kind.name).and_then(|table| table.entity.fields.get(*column));
                let values = field.map(|field| field.values.clone()).unwrap_or_default();
                query("etat", Holds::one_of(values), json!("EN_COURS"))
            }
        });
        let since =
            || query("depuis", Holds::kind(FieldKind::Text), json!("2025-01-01")).about("Modified since.");
        let since = (!kind.filters.is_empty()).then(since);
        filters.chain(since).collect()
    }

    /// A page of a list (fact sheet 6.3).
    fn list(&self, operation: Operation, record: Shape) -> Operation {
        let query = |name: &'static str, holds, example: Value| {
            Parameter::query(self.name(name), holds, Evidence::Assumed).example(example)
        };
        let mut parameters = Vec::new();
        parameters.push(query("page", Holds::at_least(1), json!(1)).about("From 1."));
        let (usual, most) = (self.settings.integer("page_size"), self.settings.integer("page_size_max"));
        let about = format!("Records on a page: {usual} unless said, {most} at most.");
        parameters.push(query("limit", Holds::between(1, most), json!(20)).about(about));
        let count = || Member::always(Shape::kind(FieldKind::Integer), Evidence::Assumed);
        let page = Object::of([
            ("total", count()),
            ("page", count()),
            ("limit", count()),
            ("data", Member::always(Shape::list(record), Evidence::Assumed)),
        ]);
        let page = bodies::on_the_wire(self.settings, page, Purpose::Answer);
        operation.with(parameters).answers(Answer::json(
            200,
            "One page.",
            Shape::Object(page),
            Evidence::Assumed,
        ))
    }

    /// Price or stock of an article (fact sheet 6.6).
    fn of_article(&self, operation: Operation) -> Operation {
        let numbers: &[&str] = if self.subject == Subject::Price {
            &["artID", "cliID", "quantite", "puHT", "remisePct", "tauxTva", "puTTC"]
        } else {
            &["artID", "stockReel", "stockDispo"]
        };
        let member = |name: &str| {
            let kind = if name.ends_with("ID") { FieldKind::Integer } else { FieldKind::Decimal };
            Member::always(Shape::kind(kind), Evidence::Assumed)
        };
        let body = Object::of(numbers.iter().map(|name| (*name, member(name))));
        let body = bodies::on_the_wire(self.settings, body, Purpose::Answer);
        let operation =
            operation.answers(Answer::json(200, "For one article.", Shape::Object(body), Evidence::Assumed));
        if self.subject == Subject::Stock {
            return operation;
        }
        let client = Parameter::query(self.name("cliID"), Holds::kind(FieldKind::Integer), Evidence::Assumed);
        let quantity =
            Parameter::query(self.name("quantite"), Holds::kind(FieldKind::Decimal), Evidence::Assumed);
        operation.with([client.about("The client divers when absent.").example(28), quantity.example(2)])
    }
}

/// The same with the answer that shows a record; a new one says where it is.
fn shown(operation: Operation, status: u16, name: String) -> Operation {
    let answer = Answer::json(status, "The record as it is now.", Shape::Named(name), Evidence::Assumed);
    let is_new = status == 201;
    operation.answers(if is_new { answer.header("Location", "The path of the record.") } else { answer })
}
