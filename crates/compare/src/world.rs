//! The sandbox that is asked what the recording asked: no data but the recording's rows, its own credentials.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use simcore::contract::{Contract, FORM, Operation, ParameterLocation};
use simcore::entity::model::Table;
use simcore::entity::profile::{Field, FieldKind};
use simcore::entity::validate::Purpose;
use simcore::simulator::data;
use simcore::{Error, ErrorKind, Loaded};
use simhost::sandbox::Sandbox;
use simhost::sandbox::names::DEFAULT;
use simhost::sandbox::sandboxes::{Options, Sandboxes, Shared};
use simhost::scenario::{Library, Ready};
use simhost::server::gate::{Gate, Refusals};

use crate::recording::is_success;
use crate::rows::{RowKey, Rows};

/// How often a record is made to fit before it is left out.
const TRIES: usize = 12;

/// The set of data without which a server lets nobody in, where it has one.
const BARE: &str = "bare";

/// A simulator in a sandbox of its own.
pub(crate) struct World {
    sandbox: Arc<Sandbox>,
    gate: Gate,
    server: Loaded,
    /// What credentials and tokens are by the names that the contract has for them.
    variables: Map<String, Value>,
}

/// What the simulator answers.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) json: Option<Value>,
    /// The refusals of the profile that it says.
    pub(crate) refusals: Vec<String>,
}

impl Answer {
    /// Whether the simulator did what it was asked to.
    pub(crate) fn is_success(&self) -> bool {
        is_success(self.status)
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl World {
    /// A sandbox with these rows, at that time.
    pub(crate) async fn start(
        server: &Loaded,
        library: &Library,
        rows: &Rows,
        at: Timestamp,
    ) -> Result<Self, String> {
        let slug = server.sim.slug;
        let has_bare = library.data.get(slug).is_some_and(|sets| sets.contains_key(BARE));
        let data = if has_bare { BARE } else { "none" };
        let text = format!(
            "name: compare\nclock: {{ start: \"{at}\", frozen: true }}\nservers: {{ {slug}: {{ data: {data} }} }}\n"
        );
        let loaded = vec![server.clone()];
        let ready = Ready::read(&text, None, &loaded, library)?;
        let shared = Shared::new(loaded, library.clone(), Options::default());
        let sandboxes = Sandboxes::start(shared, ready).await?;
        let sandbox = sandboxes.open(DEFAULT).await.map_err(|error| error.explain())?;
        let credentials = server.sim.credentials.iter();
        let variables = credentials.map(|(name, value)| (name.to_lowercase(), (*value).into())).collect();
        let world = Self { gate: Gate::new(sandboxes, 0), sandbox, server: server.clone(), variables };
        world.fill(library, rows).await?;
        Ok(world)
    }

    pub(crate) async fn contract(&self) -> Arc<Contract> {
        self.sandbox.contract(0).await
    }

    /// Puts the rows in, those of one entity in the order of their keys, as a table that grew would have them.
    async fn fill(&self, library: &Library, rows: &Rows) -> Result<(), String> {
        let mut whole: Vec<(&RowKey, Map<String, Value>)> =
            rows.seen.iter().map(|(key, row)| (key, row.clone())).collect();
        for (key, known) in &rows.needed {
            let mut row = self.usual(library, &key.0);
            row.extend(known.clone());
            whole.push((key, row));
        }
        whole.sort_by_key(|(key, _)| (key.0.clone(), key.1.clone(), key.2.len(), key.2.clone()));
        let ctx = self.sandbox.ctx(0, self.sandbox.prefix()).await.map_err(|error| error.explain())?;
        // What refers to rows that come later is tried again after them.
        let mut waiting = Vec::new();
        for (key, row) in whole {
            let Some(table) = self.server.model.table(&key.0) else { continue };
            let row = known_fields(row, &table.entity.fields, true);
            waiting.extend(self.put_row(&ctx, table, &key.1, row).await.map(|row| (key, table, row)));
        }
        for (key, table, row) in waiting {
            if let Some(row) = self.put_row(&ctx, table, &key.1, row).await {
                self.put_as_it_is(&ctx, table, &key.1, row).await;
            }
        }
        Ok(())
    }

    /// Puts a row in, brought to what its fields take; gives it back where it cannot be completed.
    async fn put_row(
        &self,
        ctx: &simcore::Ctx,
        table: &Table,
        company: &str,
        mut row: Map<String, Value>,
    ) -> Option<Map<String, Value>> {
        let tenant = Some(company).filter(|company| !company.is_empty());
        for _ in 0..TRIES {
            match ctx.write(|db| data::create(&self.server, db, table, tenant, row.clone())).await {
                Ok(_) => return None,
                Err(error) if error.status == StatusCode::CONFLICT => return None,
                Err(error) if error.details.is_empty() => return Some(row),
                Err(error) => mend(&error, &table.entity.fields, &mut row),
            }
        }
        Some(row)
    }

    /// What a row is completed with is the server's own; what it looks like is the recording's.
    async fn put_as_it_is(&self, ctx: &simcore::Ctx, table: &Table, tenant: &str, row: Map<String, Value>) {
        let put = ctx.write(|db| {
            let record = data::check(&self.server, table, row, Purpose::Load)?;
            db.insert(table, &data::tenant(&self.server, Some(tenant)), &record)
        });
        // A row that the server cannot hold is one that it answers otherwise about.
        drop(put.await);
    }

    /// A record of the default data, without what must be no other's.
    fn usual(&self, library: &Library, entity: &str) -> Map<String, Value> {
        let file = library.data.get(self.server.sim.slug).and_then(|sets| sets.get("small")?.get(entity));
        let records =
            file.and_then(|file| serde_json::from_slice::<Vec<Map<String, Value>>>(&file.text).ok());
        let mut record = records.and_then(|records| records.into_iter().next()).unwrap_or_default();
        if let Some(entity) = self.server.model.profile.entities.get(entity) {
            let own = entity.unique.iter().flatten().chain(&entity.keys);
            own.for_each(|field| drop(record.shift_remove(field)));
        }
        record
    }

    /// Moves the clock on; back it does not go.
    pub(crate) async fn at(&self, at: Timestamp) {
        let moved = self.sandbox.update_world(|world| {
            world.clock.set(at).map_err(|why| Error::vendor(StatusCode::BAD_REQUEST, "clock", why))
        });
        drop(moved.await);
    }

    /// Asks.
    pub(crate) async fn ask(&self, asked: &Asked) -> Answer {
        let mut request = Request::new(Body::from(asked.body.clone()));
        let host = HeaderValue::from_static("127.0.0.1");
        *request.method_mut() = asked.method.clone();
        *request.headers_mut() = asked.headers.clone();
        request.headers_mut().insert(HOST, host);
        if let Ok(uri) = asked.target.parse() {
            *request.uri_mut() = uri;
        }
        let response = self.gate.clone().pass(request).await;
        let (mut parts, body) = response.into_parts();
        let refusals = parts.extensions.remove::<Refusals>().unwrap_or_default().0;
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let json = serde_json::from_slice(&body).ok();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body, json, refusals }
    }

    /// Signs in, where clients do; the token is known from then on.
    pub(crate) async fn sign_in(&mut self) -> Option<Answer> {
        let contract = self.contract().await;
        let operation = contract.operations.iter().find(|operation| operation.sign_in.is_some())?;
        let sign_in = operation.sign_in?;
        let answer = self.ask(&self.sign_in_request(operation)).await;
        let token = answer.json.as_ref().and_then(|json| json.get(sign_in.member)).cloned()?;
        self.variables.insert(sign_in.variable.to_owned(), token);
        Some(answer)
    }

    /// The request by which the sandbox's own client signs in.
    pub(crate) fn sign_in_request(&self, operation: &Operation) -> Asked {
        let mut headers = HeaderMap::new();
        if let Some((user, password)) = operation.sign_in.and_then(|sign_in| sign_in.basic) {
            put(&mut headers, "authorization", &basic(self.variable(user), self.variable(password)));
        }
        let of_header = operation.parameters.iter().filter(|one| one.location == ParameterLocation::Header);
        for parameter in of_header.filter(|one| !one.example.is_null()) {
            if !headers.contains_key(parameter.name.as_ref()) {
                put(&mut headers, &parameter.name, &crate::ids::text(&parameter.example));
            }
        }
        let mut body = Bytes::new();
        if let Some(content) = &operation.body {
            let media = content.media.first().copied().unwrap_or_default();
            put(&mut headers, "content-type", media);
            body = if media == FORM {
                form(&content.example).into()
            } else {
                content.example.to_string().into()
            };
        }
        let method = operation.method.parse().unwrap_or(Method::POST);
        Asked { method, target: operation.path.clone(), headers, body }
    }

    fn variable(&self, name: &str) -> &str {
        self.variables.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The name that the project has here, where requests name one.
    pub(crate) fn project(&self) -> Option<&str> {
        self.variables.get("project").and_then(Value::as_str)
    }

    /// The headers by which the sandbox's own client is known.
    pub(crate) fn credentials(&self, contract: &Contract) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for scheme in contract.security.first().into_iter().flatten() {
            let value = match scheme.word() {
                Some("basic") => basic(self.variable("user"), self.variable("password")),
                Some("bearer") => format!("Bearer {}", self.variable(scheme.variable)),
                _ => self.variable(scheme.variable).to_owned(),
            };
            put(&mut headers, &scheme.header, &value);
        }
        headers
    }

    /// The token of the client, where it has one.
    pub(crate) fn token(&self, contract: &Contract) -> Option<String> {
        let operation = contract.operations.iter().find_map(|operation| operation.sign_in.as_ref())?;
        Some(self.variable(operation.variable).to_owned()).filter(|token| !token.is_empty())
    }
}

pub(crate) fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn form(example: &Value) -> String {
    let escaped = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs = example.as_object().into_iter().flatten();
    pairs
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(&crate::ids::text(value))))
        .collect::<Vec<_>>()
        .join("&")
}

/// A row without what the profile does not describe: the server shows what it knows.
fn known_fields(
    row: Map<String, Value>,
    fields: &simcore::base::map::IndexMap<String, Field>,
    is_whole: bool,
) -> Map<String, Value> {
    if fields.is_empty() && !is_whole {
        return row;
    }
    let known = row.into_iter().filter_map(|(name, value)| {
        let field =
            fields.get(&name).or_else(|| fields.values().find(|field| field.aliases.contains(&name)))?;
        let inner = |value: Value| match value {
            Value::Object(members) => Value::Object(known_fields(members, &field.fields, false)),
            other => other,
        };
        let value = match value {
            Value::Array(items) => items.into_iter().map(inner).collect(),
            value => inner(value),
        };
        Some((name, value))
    });
    known.collect()
}

/// Brings what is wrong with a record to what its fields take: what it looks like on the wire is compared, not what it says.
fn mend(error: &Error, fields: &simcore::base::map::IndexMap<String, Field>, row: &mut Map<String, Value>) {
    debug_assert_ne!(error.kind, ErrorKind::Internal);
    for detail in &error.details {
        let path: Vec<&str> = detail.field.split(['.', '[', ']']).filter(|part| !part.is_empty()).collect();
        let mut known = fields;
        let mut field = None;
        for part in path.iter().filter(|part| part.parse::<usize>().is_err()) {
            field = known.get(*part);
            known = field.map_or(known, |field| &field.fields);
        }
        let Some((name, above)) = path.split_last() else { continue };
        let mut place = Some(&mut *row);
        for (at, part) in above.iter().enumerate() {
            place = place.and_then(|place| match part.parse::<usize>() {
                Ok(_) => Some(place),
                Err(_) => step(place, part, above.get(at + 1)),
            });
        }
        let Some(place) = place else { continue };
        match field.map(usual_value) {
            Some(value) if place.get(*name) != Some(&value) => drop(place.insert((*name).to_owned(), value)),
            _ => drop(place.shift_remove(*name)),
        }
    }
}

fn step<'m>(
    place: &'m mut Map<String, Value>,
    name: &str,
    index: Option<&&str>,
) -> Option<&'m mut Map<String, Value>> {
    match place.get_mut(name)? {
        Value::Object(members) => Some(members),
        Value::Array(items) => items.get_mut(index?.parse::<usize>().ok()?)?.as_object_mut(),
        _ => None,
    }
}

/// Some value that a field takes.
fn usual_value(field: &Field) -> Value {
    if let Some(first) = field.values.first() {
        return first.clone();
    }
    match field.kind {
        FieldKind::Text if field.format.is_some() => json!("2026-03-02T08:00:00+01:00"),
        FieldKind::Text => json!("x"),
        FieldKind::Integer | FieldKind::Decimal => field.least.clone().map_or(json!(1), Value::Number),
        FieldKind::Boolean => json!(true),
        FieldKind::Date => json!("2026-03-02"),
        FieldKind::DateTime => json!("2026-03-02T08:00:00"),
        FieldKind::Binary => json!("eA=="),
        FieldKind::Object => json!({}),
        FieldKind::List => json!([]),
    }
}
