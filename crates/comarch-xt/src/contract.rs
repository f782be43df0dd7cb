//! What is documented of the API, from the resources, their places and their views (fact sheet 2 to 7).

mod answers;
mod shapes;

use serde_json::{Value, json};
use simcore::contract::{
    Answer, Contract, ExampleKeys, FORM, Holds, JSON, Member, Object, Operation, Parameter, Scheme, Shape,
    SignIn,
};
use simcore::entity::model::{Model, Table};
use simcore::entity::profile::{Evidence, FieldKind};
use simcore::entity::settings::Settings;
use simcore::simulator::route::Rows;

use crate::call::{Resource, Target};
use crate::edition::Edition;
use crate::list::lookup_option;
use crate::options::OPTIONS;
use crate::resources::RESOURCES;
use crate::routes::{Below, SUBJECTS, Subject, TOKEN};
use crate::views::{Version, View};
use crate::wire::has_ref_ids;

/// A payment of the default data.
const PAYMENT: i64 = 20_471_101;

const ABOUT: &str = "Simulated by Erpsatz from the vendor's public help pages, German and Polish, and from public \
    clients. x-evidence says of each call and field which of them it is from, or that it is assumed. Not a document of \
    the vendor.";

pub(crate) fn contract(model: &Model, settings: &Settings, rows: &Rows<'_>) -> Contract {
    let mut contract = Contract::new("1.0 to 1.7", ABOUT);
    let bearer = json!({
        "type": "oauth2",
        "description": "The access_token that the token endpoint gives for Client ID and Client Secret.",
        "flows": { "clientCredentials": { "tokenUrl": "/api2/public/token", "scopes": {} } },
    });
    contract.security = vec![vec![Scheme {
        name: "token",
        header: "Authorization".to_owned(),
        mistaken: &[],
        variable: "token",
        openapi: bearer,
    }]];
    contract.refusals = answers::refusals();
    contract.components.insert("Error".to_owned(), answers::error(&model.profile));
    contract.components.insert("TokenError".to_owned(), answers::token_error(&model.profile));
    for resource in RESOURCES {
        let Some(table) = model.table(resource.entity()) else { continue };
        for view in resource.views {
            Documented { settings, table, resource, view }.components(&mut contract);
        }
    }
    let mut keys = ExampleKeys::default();
    contract.operations = rows.operations(|route, operation| match &SUBJECTS[route.subject] {
        Subject::Token => token(operation),
        Subject::Resource(resource, view, below) => match model.table(resource.entity()) {
            Some(table) => {
                Documented { settings, table, resource, view }.operation(operation, below, &mut keys)
            }
            None => operation,
        },
    });
    contract
}

/// `POST /api2/public/token` (fact sheet 3).
fn token(operation: Operation) -> Operation {
    let text = || Shape::kind(FieldKind::Text);
    let grant = Holds::one_of(["client_credentials"]);
    let grant = match grant {
        Holds::Value(scalar) => Shape::Value(scalar),
        _ => text(),
    };
    let form = Object::of([("grant_type", Member::always(grant, Evidence::Doc))]);
    // One client sends its credentials here too (fact sheet 3.2).
    let ignored = || Member { is_ignored: true, ..Member::maybe(text(), Evidence::Client) };
    let form = form.with("client_id", ignored()).with("client_secret", ignored());
    let about = "Seconds; the standard's expires_in is not there.";
    let given = Object::of([
        ("access_token", Member::always(text(), Evidence::Client)),
        ("token_type", Member::always(text(), Evidence::Client)),
        ("expires", Member::always(Shape::kind(FieldKind::Integer), Evidence::Client).about(about)),
    ]);
    let refused = |status, about| Answer::json(status, about, Shape::named("TokenError"), Evidence::Assumed);
    Operation { id: "createToken".to_owned(), ..operation }
        .about(TOKEN, "Give an access token for Client ID and Client Secret, which stand in HTTP Basic")
        .open(Some(SignIn {
            variable: "token",
            member: "access_token",
            basic: Some(("client_id", "client_secret")),
        }))
        .takes(&[FORM], Shape::Object(form), json!({ "grant_type": "client_credentials" }))
        .answers(Answer::json(200, "The token.", Shape::Object(given), Evidence::Doc))
        .answers(refused(400, "No grant type, or another one."))
        .answers(refused(401, "No Basic credentials, or wrong ones."))
        .answers(refused(403, "The account has no access to the API, is blocked, or has expired."))
}

/// One resource in one version.
struct Documented<'a> {
    settings: &'a Settings,
    table: &'a Table,
    resource: &'static Resource,
    view: &'static View,
}

impl Documented<'_> {
    fn edition(&self) -> Edition {
        Edition::of(self.settings)
    }

    /// The component: `Invoice_1_4`, unversioned `Invoice`.
    fn name(&self) -> String {
        format!("{}{}", self.resource.singular, self.suffix())
    }

    fn suffix(&self) -> String {
        let version = self.view.version.segment().unwrap_or_default();
        version.replace(['v', '.'], "_")
    }

    fn components(&self, contract: &mut Contract) {
        let (fields, edition) = (&self.table.entity.fields, self.edition());
        let ref_ids = has_ref_ids(self.settings, self.resource, self.view);
        let gone = &self.table.entity.gone;
        let mut shown = shapes::shown(self.view.fields, edition, Some(fields), ref_ids);
        let is_own = self.resource.of.is_none();
        let is_strange = |name: &str| !is_own && fields.get(name).is_some_and(|field| field.added);
        shown.members.retain(|name, _| !gone.contains_key(name) && !is_strange(name));
        if let Some(name) = self.resource.hidden {
            // Conditions name it also where answers do not show it (fact sheet 4.6).
            let hidden = || Member {
                is_ignored: true,
                ..Member::maybe(Shape::kind(FieldKind::Integer), Evidence::Doc)
            };
            shown.members.entry(name.to_owned()).or_insert_with(hidden);
        }
        let about = &self.table.entity.about;
        let shows = Some((self.table.name.clone(), self.table.entity.keys.clone()));
        let of_records = |object: Object| Object { record: shows.clone(), ..object.about(about) };
        if self.resource.verbs.contains(&"GET") {
            contract.components.insert(self.name(), of_records(shown));
        }
        if !(self.resource.verbs.contains(&"POST") && self.resource.is_writable(self.settings)) {
            return;
        }
        let taken = || {
            let mut taken = shapes::taken(self.view.fields, edition, fields);
            taken.members.retain(|name, _| !gone.contains_key(name));
            taken
        };
        let mut change = taken();
        let is_whole = self.settings.text("put_mode") != "partial";
        change.members.values_mut().for_each(|member| member.required &= is_whole);
        let change = change.with("Id", Member::always(Shape::kind(FieldKind::Integer), Evidence::Seed));
        contract.components.insert(format!("{}Create", self.name()), of_records(taken()));
        contract.components.insert(format!("{}Change", self.name()), of_records(change));
    }

    fn operation(&self, operation: Operation, below: &Below, keys: &mut ExampleKeys) -> Operation {
        let Below { verb, place, .. } = *below;
        let (id, about) = self.words(verb, below.path, place);
        let version = self.view.version.segment().unwrap_or("unversioned");
        let operation = Operation { id: format!("{id}{}", self.suffix()), ..operation }
            .about(format!("{} {version}", self.resource.name), about);
        let named = || Shape::named(self.name());
        let done = |operation: Operation, about| operation.answers(Answer::empty(204, about, Evidence::Seed));
        let id = |key: Value| Parameter::path("id", FieldKind::Integer, key);
        let record = |operation: Operation| {
            operation.answers(Answer::json(200, "The record.", named(), Evidence::Doc))
        };
        match (verb, place) {
            ("GET", Target::Collection) => self.list(operation),
            ("GET", Target::One) => record(operation.with([id(ExampleKeys::kept(self.table))])),
            ("GET", Target::ByNumber) => {
                record(operation.with([Parameter::path("number", FieldKind::Text, self.looked_up())]))
            }
            ("GET", Target::ByTaxNumber) => {
                record(operation.with([Parameter::path("nip", FieldKind::Text, self.looked_up())]))
            }
            ("GET", Target::Countries) => operation.answers(Answer::json(
                200,
                "The codes of the countries.",
                Shape::list(Shape::kind(FieldKind::Text)),
                Evidence::Doc,
            )),
            ("GET", _) => self.print(operation.with([id(ExampleKeys::kept(self.table))])),
            ("POST", _) => operation
                .takes(&[JSON], Shape::named(format!("{}Create", self.name())), self.example())
                .answers(Answer::json(200, "The new id.", Shape::kind(FieldKind::Integer), Evidence::Doc)),
            ("PUT", Target::Confirm) => {
                let body =
                    Object::of([("Id", Member::always(Shape::kind(FieldKind::Integer), Evidence::Client))]);
                let example = json!({ "Id": keys.used_up(self.table) });
                done(
                    operation.takes(&[JSON], Shape::Object(body), example),
                    "The invoice is confirmed for good.",
                )
            }
            ("PUT", Target::Pay) => {
                let example = json!({ "PaymentId": PAYMENT, "PaymentStatus": 1 });
                let body = shapes::taken(self.view.fields, self.edition(), &self.table.entity.fields);
                done(operation.takes(&[JSON], Shape::Object(body), example), "The payment has that status.")
            }
            ("PUT", _) => {
                let mut example = self.example();
                example["Id"] = ExampleKeys::kept(self.table);
                let shape = Shape::named(format!("{}Change", self.name()));
                done(operation.takes(&[JSON], shape, example), "The record is changed.")
            }
            (_, Target::One) => done(operation.with([id(keys.used_up(self.table))]), "The record is gone."),
            _ => {
                let ids = Shape::list(Shape::kind(FieldKind::Integer));
                let body = Object::of([("IdCollection", Member::always(ids, Evidence::Doc))]);
                let example = json!({ "IdCollection": [keys.used_up(self.table)] });
                done(operation.takes(&[JSON], Shape::Object(body), example), "All of them are gone.")
            }
        }
    }

    /// Operation id without its version, and what it does.
    fn words(&self, verb: &str, below: &str, place: Target) -> (String, String) {
        let one = self.resource.singular;
        match (verb, place) {
            ("GET", Target::Collection) => (format!("list{one}s"), format!("List {}", self.resource.name)),
            ("GET", Target::One) => (format!("get{one}"), format!("Read one of {}", self.resource.name)),
            ("GET", Target::ByNumber) => {
                (format!("get{one}ByNumber"), "Read the document of a number".to_owned())
            }
            ("GET", Target::ByTaxNumber) => {
                (format!("get{one}ByTaxNumber"), "Read the customer of a tax number".to_owned())
            }
            ("GET", Target::Countries) => {
                (format!("list{one}Countries"), "List the countries that have VAT rates".to_owned())
            }
            ("GET", _) if below.starts_with("/print") => {
                (format!("print{one}ById"), "Print a document; the older form of the path".to_owned())
            }
            ("GET", _) => (format!("print{one}"), "Print a document".to_owned()),
            ("POST", _) => (format!("create{one}"), format!("Create one of {}", self.resource.name)),
            ("PUT", Target::Confirm) => (format!("confirm{one}"), "Confirm an invoice for good".to_owned()),
            ("PUT", Target::Pay) => (format!("update{one}Status"), "Set the status of a payment".to_owned()),
            ("PUT", _) => (
                format!("update{one}"),
                format!("Change one of {}, whose Id the body holds", self.resource.name),
            ),
            (_, Target::One) => (format!("delete{one}"), format!("Delete one of {}", self.resource.name)),
            _ => (format!("delete{one}s"), format!("Delete several of {}", self.resource.name)),
        }
    }

    /// A list with its options; from v1.2 also one record by its number or tax number.
    fn list(&self, operation: Operation) -> Operation {
        let options = OPTIONS.map(|name| {
            let (holds, about, example) = match name {
                "$filter" => (
                    Holds::Filter(self.name()),
                    "A condition: eq ne gt ge lt le, and or not.",
                    json!("Id gt 0"),
                ),
                "$orderby" => (Holds::Order(self.name()), "Fields with asc or desc.", json!("Id desc")),
                "$skip" => (Holds::at_least(0), "Records to pass over.", json!(0)),
                "$top" => (Holds::at_least(0), "Most records; all when absent.", json!(20)),
                _ => (
                    Holds::kind(FieldKind::Text),
                    "A phrase in quotes that texts of the record hold.",
                    json!("'a'"),
                ),
            };
            Parameter::query(name, holds, Evidence::Doc).about(about).example(example)
        });
        let operation = operation.with(options);
        let record = || Shape::named(self.name());
        let all = Shape::list(record());
        let Some((name, field)) = lookup_option(self.resource, self.view) else {
            return operation.answers(Answer::json(200, "All records.", all, Evidence::Doc));
        };
        let one = Parameter::query(name, Holds::kind(FieldKind::Text), Evidence::Doc);
        let one = one.example(self.looked_up());
        let one = if self.settings.flag("lookup_as_array") {
            one.about(format!("Only the one with this {field}."))
        } else {
            let about = format!("only the one with this {field}, as an object instead of a list.");
            one.about(about).reshapes(record())
        };
        operation.with([one]).answers(Answer::json(200, "All records.", all, Evidence::Doc))
    }

    fn print(&self, operation: Operation) -> Operation {
        let is_documented = matches!(self.view.version, Version::V1_2 | Version::V1_4);
        let evidence = if is_documented { Evidence::Doc } else { Evidence::Assumed };
        // The default data has templates for both kinds of document.
        let template = self.resource.print.map(|print| print.template).unwrap_or_default();
        let template =
            Parameter::query("customPrintId", Holds::kind(FieldKind::Integer), evidence).example(template);
        let about = "data:application/pdf;base64, and a PDF in Base64.";
        operation.with([template.about("The template; the standard one when absent.")]).answers(Answer::json(
            200,
            about,
            Shape::kind(FieldKind::Text),
            Evidence::Client,
        ))
    }

    /// A number or tax number of the default data.
    fn looked_up(&self) -> Value {
        self.resource.lookup.map(|lookup| lookup.example.into()).unwrap_or_default()
    }

    /// A new record, with what this version takes of it.
    fn example(&self) -> Value {
        shapes::taken_of(self.view.fields, self.edition(), &self.table.entity.example)
    }
}
