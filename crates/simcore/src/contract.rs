//! What a vendor documents of its API, as far as it is known: every call with its parameters, bodies and answers, each
//! with the evidence for it. OpenAPI documents, Postman collections, violations, assumptions and coverage all come
//! from here, and a simulator derives it from its own routes and profile.

mod answer;
mod check;
mod conformity;
mod content;
mod corrections;
mod coverage;
mod describe;
mod examples;
mod explained;
mod facts;
mod misdirected;
mod openapi;
mod paths;
mod patterns;
mod postman;
mod seed;
mod shape;
mod shared;
mod usual;
mod value;
mod violation;
mod words;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use crate::base::map::IndexMap;
use serde_json::Value;

use crate::base::renames::Renames;
use crate::base::request::RequestView;
use crate::entity::profile::{Evidence, FieldKind};

pub use answer::{Answer, Header};
pub use check::{Checked, Ignored};
pub use conformity::Answered;
pub use corrections::framed;
pub use coverage::{Coverage, Row};
pub use facts::{Fact, Facts};
pub(crate) use paths::lenient_segments;
pub use paths::{Found, Paths, Spelling};
pub use patterns::UnknownName;
pub use seed::Seed;
pub use shape::{Member, Object, Scalar, Shape};
pub use usual::{ExampleKeys, USUAL_REFUSALS, Usual, change, refusals};
pub use violation::{Hidden, UsedFacts, Violation, Violations};

/// Everything that a vendor documents, in one sandbox: settings can move paths and rename fields.
#[derive(Debug)]
pub struct Contract {
    /// Which version of the vendor's API it is.
    pub version: &'static str,
    /// What should be known before anything else, for people.
    pub about: &'static str,
    /// How clients sign in; any one of these is enough, unless a scheme stands with others in one list.
    pub security: Vec<Vec<Scheme>>,
    /// Shapes that operations name.
    pub components: IndexMap<String, Object>,
    /// The calls, in the order of the vendor's pages.
    pub operations: Vec<Operation>,
    /// What every call can be answered with besides its own answers.
    pub refusals: Vec<Answer>,
    /// Facts that operations and components do not say, where the contract has a language of its own; what answers a
    /// request reports by name those that it used ([`UsedFacts`]).
    pub named: Vec<Fact>,
    /// Words that are read as a segment of a path, and that the contract does not have.
    pub path_aliases: IndexMap<String, String>,
    /// The contract in a language of its own (SDL); then there is no OpenAPI document.
    pub text: Option<String>,
    /// Every refusal by its name, for users: status, code, message, evidence.
    pub refusal_list: serde_json::Map<String, Value>,
    /// The names that are others on the wire than in operations and components.
    pub(crate) renames: Renames,
    /// Records that examples of answers are made of.
    pub(crate) seed: Arc<Seed>,
    /// How paths are read.
    pub(crate) spelling: Spelling,
    /// Paths that are there and take no verb.
    pub(crate) bare_paths: Vec<String>,
    facts: OnceLock<Facts>,
    paths: OnceLock<Paths>,
}

/// One way in.
#[derive(Debug)]
pub struct Scheme {
    /// Its name in the document.
    pub name: &'static str,
    /// The header that carries it.
    pub header: String,
    /// The variable that holds it in a Postman collection; Basic has `user` and `password`.
    pub variable: &'static str,
    /// Headers that clients send instead, in error.
    pub mistaken: &'static [&'static str],
    /// It, as an OpenAPI security scheme.
    pub openapi: Value,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its name in the document and in generated clients. One with a variable of the path in it (`list{entity}`) is there
    /// once for each value that this takes.
    pub id: String,
    /// The verb.
    pub method: &'static str,
    /// The path, `{name}` for one variable segment, `{name*}` for all that follows.
    pub path: String,
    /// What it does, in one sentence.
    pub about: String,
    /// What it belongs to: a heading in the document.
    pub tag: String,
    /// Where it comes from.
    pub evidence: Evidence,
    /// Whether it needs no credentials.
    pub is_open: bool,
    /// Which requests need none although the others do: for a page, say, that browsers are shown.
    pub open_to: Option<fn(&RequestView<'_>) -> bool>,
    /// The row of the vendor's table that it is, by its place.
    pub route: Option<usize>,
    /// The usual path of a call that a profile has elsewhere.
    pub own_path: Option<String>,
    /// The status of its answers that succeed, where a profile has said it.
    pub status: Option<u16>,
    /// The usual one, where that is another.
    pub own_status: Option<u16>,
    /// Whether its path takes no verbs but its own; otherwise others are those of the next path that fits.
    pub reserves_path: bool,
    /// How it gives a token, where it does.
    pub sign_in: Option<SignIn>,
    /// Variables of the path, query parameters and headers.
    pub parameters: Vec<Parameter>,
    /// What it takes.
    pub body: Option<Content>,
    /// What it gives.
    pub answers: Vec<Answer>,
}

/// A call that gives a token.
#[derive(Clone, Copy, Debug)]
pub struct SignIn {
    /// The variable that keeps the token in a Postman collection: that of a [`Scheme`].
    pub variable: &'static str,
    /// The member of the answer that holds it.
    pub member: &'static str,
    /// The variables of user and password, where the call itself asks for Basic.
    pub basic: Option<(&'static str, &'static str)>,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterLocation {
    /// A variable of the path.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
}

/// What a parameter holds.
#[derive(Clone, Debug)]
pub enum Holds {
    /// A value.
    Value(Scalar),
    /// An OData condition on the fields of this component.
    Filter(String),
    /// An OData order by the fields of this component.
    Order(String),
    /// Paths of fields, with commas; what is unknown is ignored.
    Paths,
    /// The same: the answer is cut down to these.
    Selection,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name on the wire.
    pub name: Cow<'static, str>,
    /// Where it stands.
    pub location: ParameterLocation,
    /// What it holds.
    pub holds: Holds,
    /// Whether a call without it is outside the contract.
    pub required: bool,
    /// Where it comes from.
    pub evidence: Evidence,
    /// What it means.
    pub about: Cow<'static, str>,
    /// A value that works in the default data.
    pub example: Value,
    /// Other names that are read as this one, and that the contract does not have.
    pub aliases: &'static [&'static str],
    /// The shape that a success has with it. An operation of a document has one shape, so documents say this in words.
    pub reshapes: Option<Shape>,
}

/// A body that a call takes.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its media types, the usual one first.
    pub media: &'static [&'static str],
    /// What is in it.
    pub shape: Shape,
    /// Whether a call without it is outside the contract.
    pub required: bool,
    /// One that works in the default data.
    pub example: Value,
}

/// The media type of JSON.
pub const JSON: &str = "application/json";
/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

impl Contract {
    /// One without operations: what a simulator starts from.
    pub fn new(version: &'static str, about: &'static str) -> Self {
        Self {
            version,
            about,
            security: Vec::new(),
            components: IndexMap::default(),
            operations: Vec::new(),
            refusals: Vec::new(),
            named: Vec::new(),
            path_aliases: IndexMap::default(),
            text: None,
            refusal_list: serde_json::Map::new(),
            renames: Renames::default(),
            seed: Arc::default(),
            spelling: Spelling { any_case: true, doubled_slashes: true },
            bare_paths: Vec::new(),
            facts: OnceLock::new(),
            paths: OnceLock::new(),
        }
    }

    /// The document: OpenAPI 3.1 as JSON, or the vendor's own language, with its media type.
    pub fn document(&self, title: &str, url: &str) -> (&'static str, String) {
        match &self.text {
            Some(text) => ("text/plain; charset=utf-8", text.clone()),
            None => {
                let mut document = self.openapi(title, url);
                document["x-refusals"] = self.refusal_list.clone().into();
                self.tell_orders(&mut document);
                (JSON, format!("{:#}\n", self.on_the_wire(document)))
            }
        }
    }

    /// Its facts, each of which is counted.
    pub fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| Facts::of(self))
    }

    /// Its paths, as a tree.
    pub fn paths(&self) -> &Paths {
        let aliases = &self.path_aliases;
        self.paths
            .get_or_init(|| Paths::new(self.spelling, self.operations.iter(), &self.bare_paths, aliases))
    }

    /// Whether fixed words of its paths are read in any case.
    pub(crate) fn any_case(&self) -> bool {
        self.spelling.any_case
    }

    /// Where a path leads with this verb. `HEAD` is read as `GET`.
    pub fn find(&self, method: &str, path: &str) -> Found {
        self.paths().find(if method == "HEAD" { "GET" } else { method }, path)
    }

    /// The answers of an operation: its own, and those that every call can have.
    pub fn answers<'a>(&'a self, operation: &'a Operation) -> impl Iterator<Item = &'a Answer> {
        let own = |status: u16| operation.answers.iter().any(|answer| answer.status == status);
        operation.answers.iter().chain(self.refusals.iter().filter(move |answer| {
            // Nobody is refused where nobody is asked who he is.
            !(own(answer.status) || operation.is_open && answer.status == 401)
        }))
    }
}

impl Operation {
    /// A call whose answers and parameters follow.
    pub fn new(
        method: &'static str,
        path: impl Into<String>,
        id: impl Into<String>,
        evidence: Evidence,
    ) -> Self {
        Self {
            id: id.into(),
            method,
            path: path.into(),
            about: String::new(),
            tag: String::new(),
            evidence,
            is_open: false,
            open_to: None,
            route: None,
            own_path: None,
            status: None,
            own_status: None,
            reserves_path: true,
            sign_in: None,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
        }
    }

    /// The same, under this heading, with what it does.
    #[must_use]
    pub fn about(mut self, tag: impl Into<String>, about: impl Into<String>) -> Self {
        (self.tag, self.about) = (tag.into(), about.into());
        self
    }

    /// The same with more parameters.
    #[must_use]
    pub fn with(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// The same with a body.
    #[must_use]
    pub fn takes(mut self, media: &'static [&'static str], shape: Shape, example: Value) -> Self {
        self.body = Some(Content { media, shape, required: true, example });
        self
    }

    /// The same with an answer more.
    #[must_use]
    pub fn answers(mut self, answer: Answer) -> Self {
        self.answers.push(answer);
        self
    }

    /// The same, open to everybody: it gives a token, or nothing to protect.
    #[must_use]
    pub fn open(self, sign_in: Option<SignIn>) -> Self {
        Self { is_open: true, sign_in, ..self }
    }

    /// The same, open to some requests.
    #[must_use]
    pub fn open_to(self, requests: fn(&RequestView<'_>) -> bool) -> Self {
        Self { open_to: Some(requests), ..self }
    }

    /// What it is called in lists: `GET /v1/client`.
    pub fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl Parameter {
    /// A query parameter that may be left out.
    pub fn query(name: impl Into<Cow<'static, str>>, holds: Holds, evidence: Evidence) -> Self {
        Self {
            name: name.into(),
            location: ParameterLocation::Query,
            holds,
            required: false,
            evidence,
            about: Cow::Borrowed(""),
            example: Value::Null,
            aliases: &[],
            reshapes: None,
        }
    }

    /// A variable of the path, and one that works in the default data.
    pub fn path(name: impl Into<Cow<'static, str>>, kind: FieldKind, example: impl Into<Value>) -> Self {
        Self {
            location: ParameterLocation::Path,
            required: true,
            example: example.into(),
            ..Self::query(name, Holds::kind(kind), Evidence::Doc)
        }
    }

    /// A header that may be left out.
    pub fn header(name: impl Into<Cow<'static, str>>, holds: Holds, evidence: Evidence) -> Self {
        Self { location: ParameterLocation::Header, ..Self::query(name, holds, evidence) }
    }

    /// The same with what it means.
    #[must_use]
    pub fn about(self, about: impl Into<Cow<'static, str>>) -> Self {
        Self { about: about.into(), ..self }
    }

    /// The same, without which a call is outside the contract.
    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same, with which a success has another shape.
    #[must_use]
    pub fn reshapes(self, shape: Shape) -> Self {
        Self { reshapes: Some(shape), ..self }
    }

    /// The same, also read under other names.
    #[must_use]
    pub fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// The same with a value that works in the default data.
    #[must_use]
    pub fn example(self, example: impl Into<Value>) -> Self {
        Self { example: example.into(), ..self }
    }
}

impl Holds {
    /// Any value of a kind.
    pub fn kind(kind: FieldKind) -> Self {
        Self::Value(Scalar::of(kind))
    }

    /// A whole number of at least `least`.
    pub fn at_least(least: i64) -> Self {
        Self::Value(Scalar { least: Some(least.into()), ..Scalar::of(FieldKind::Integer) })
    }

    /// A whole number of at least `least`, and at most `greatest`.
    pub fn between(least: i64, greatest: i64) -> Self {
        let (least, greatest) = (Some(least.into()), Some(greatest.into()));
        Self::Value(Scalar { least, greatest, ..Scalar::of(FieldKind::Integer) })
    }

    /// One of these texts.
    pub fn one_of<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Self {
        Self::Value(Scalar {
            values: values.into_iter().map(Into::into).collect(),
            ..Scalar::of(FieldKind::Text)
        })
    }
}
