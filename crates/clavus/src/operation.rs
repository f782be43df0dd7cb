//! One operation: read, check, run, answer (fact sheet 10).

use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::http::header::ALLOW;
use serde_json::{Value, json};
use simcore::contract::Violation;
use simcore::{Ctx, Error, Result};

use crate::api::Api;
use crate::endpoint::Asked;
use crate::filter::filter_value;
use crate::graphql::ast::{Document, Operation, OperationKind};
use crate::graphql::execute::Execution;
use crate::graphql::limits::{self, Limits, too_deep};
use crate::graphql::parser::{Refusal, parse};
use crate::graphql::schema::Schema;
use crate::graphql::validate::{self, Rules};
use crate::graphql::values::{Scalar, Variables};
use crate::graphql::variables::variables;
use crate::graphql::{Problem, introspection_fields};
use crate::violations::{self, Usage};
use crate::{index, sdl};

static STRICT: LazyLock<Schema> = LazyLock::new(|| Schema::new(&sdl(true)));
static LENIENT: LazyLock<Schema> = LazyLock::new(|| Schema::new(&sdl(false)));

/// The status and the body.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    /// What of the document is outside the schema, or read in spite of it.
    pub(crate) violations: Vec<Violation>,
    /// What of the schema it used.
    pub(crate) used_facts: Vec<String>,
}

/// The schema as it is documented.
pub(crate) fn documented() -> &'static Schema {
    &STRICT
}

/// A document that has passed every check, with the operation that is meant.
struct Checked<'a> {
    asked: &'a Asked,
    schema: &'static Schema,
    document: &'a Document,
    operation: &'a Operation,
    variables: Variables,
}

/// Runs what is asked. What is wrong with the document is an answer too.
///
/// # Errors
/// 405 for a mutation by GET, or a defect.
pub(crate) async fn run(ctx: &Ctx, asked: &Asked, by_get: bool) -> Result<Answer> {
    let (schema, scalar): (&'static Schema, Scalar) =
        if ctx.strict { (&STRICT, filter_value::strict) } else { (&LENIENT, filter_value::lenient) };
    let document = match read(ctx, schema, scalar, &asked.query) {
        Ok(document) => document,
        Err((code, problems)) => {
            return Ok(refused(StatusCode::BAD_REQUEST, code, &asked.query, &problems));
        }
    };
    let operation = match validate::operation(&document, asked.operation_name.as_deref()) {
        Ok(operation) => operation,
        Err(message) => return Ok(unresolved(message)),
    };
    if operation.kind == OperationKind::Subscription {
        return Ok(unresolved("Schema is not configured to execute subscription operation.".to_owned()));
    }
    if by_get && operation.kind == OperationKind::Mutation {
        let message = "GET requests only support query operations, not mutation operations";
        let error = Error::vendor(StatusCode::METHOD_NOT_ALLOWED, "BAD_REQUEST", message);
        return Err(error.header(ALLOW, "POST"));
    }
    match variables(schema, scalar, operation, &asked.variables) {
        Ok(variables) => {
            execute(ctx, &Checked { asked, schema, document: &document, operation, variables }).await
        }
        Err(problems) => {
            let status = u16::try_from(ctx.settings.integer("variable_error_status")).ok();
            let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or_default();
            Ok(refused(status, "BAD_USER_INPUT", &asked.query, &problems))
        }
    }
}

/// A document that is read and valid, or the code and every problem.
fn read(
    ctx: &Ctx,
    schema: &'static Schema,
    scalar: Scalar,
    text: &str,
) -> Result<Document, (&'static str, Vec<Problem>)> {
    const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";
    let setting = |name| usize::try_from(ctx.settings.integer(name)).unwrap_or_default();
    let limits = Limits {
        depth: setting("max_depth"),
        complexity: setting("max_complexity"),
        aliases: setting("max_aliases"),
    };
    // Selections and the values within them share one stack.
    let document = parse(text, limits.depth * 2).map_err(|refusal| match refusal {
        Refusal::Syntax(problem) => ("GRAPHQL_PARSE_FAILED", vec![problem]),
        Refusal::NotExecutable(problem) => (INVALID, vec![problem]),
        Refusal::TooDeep(at) => (INVALID, vec![Problem::new(too_deep(limits.depth), at)]),
    })?;
    limits::check(&document, limits).map_err(|problem| (INVALID, vec![problem]))?;
    let rules = Rules { schema, scalar, interchange: !ctx.strict };
    let mut problems = validate::validate(rules, &document);
    if !ctx.settings.flag("introspection") {
        let message = "GraphQL introspection is not allowed by Apollo Server, but the query contained __schema or __type. To enable introspection, pass introspection: true to ApolloServer in production";
        problems.extend(introspection_fields(&document).into_iter().map(|at| Problem::new(message, at)));
    }
    if problems.is_empty() { Ok(document) } else { Err((INVALID, problems)) }
}

fn refused(status: StatusCode, code: &str, text: &str, problems: &[Problem]) -> Answer {
    let entries: Vec<Value> = problems.iter().map(|problem| problem.entry(text, code)).collect();
    let violations = violations::of_problems(text, code == "GRAPHQL_PARSE_FAILED", problems);
    let body = json!({ "errors": entries }).to_string().into_bytes();
    Answer { status, body, violations, used_facts: Vec::new() }
}

fn unresolved(message: String) -> Answer {
    let problem = Problem { message, at: Vec::new() };
    refused(StatusCode::BAD_REQUEST, "OPERATION_RESOLUTION_FAILURE", "", &[problem])
}

/// A query reads in one go; each field of a mutation is a transaction of its own, one after the other (DECISIONS).
async fn execute(ctx: &Ctx, checked: &Checked<'_>) -> Result<Answer> {
    let Checked { asked, schema, document, operation, variables } = checked;
    let fragments = validate::fragments(document);
    let mut execution = Execution::new(&asked.query, schema, fragments, variables);
    let keyed = execution.collect(&[&operation.selections]);
    let root = schema.root(operation.kind).unwrap_or_default();
    let Usage { violations, used_facts, .. } = Usage::of(&execution, root, &keyed);
    let mut data = vec![b'{'];
    let mut is_null = false;
    if operation.kind == OperationKind::Mutation {
        for (key, fields) in &keyed {
            let step = |db: &simcore::Db<'_>| {
                execution.root_field(&Api::new(ctx, *db)?, "Mutation", key, fields, &mut data)
            };
            is_null |= ctx.write(step).await?;
        }
    } else {
        let work = |db: &simcore::Db<'_>| {
            index::refresh(db)?;
            let api = Api::new(ctx, *db)?;
            for (key, fields) in &keyed {
                is_null |= execution.root_field(&api, "Query", key, fields, &mut data)?;
                if is_null {
                    break;
                }
            }
            Ok(())
        };
        ctx.write(work).await?;
    }
    data.push(b'}');
    let data = if is_null { b"null".to_vec() } else { data };
    let mut body = b"{".to_vec();
    if !execution.errors.is_empty() {
        body.extend_from_slice(b"\"errors\":");
        serde_json::to_writer(&mut body, &execution.errors)?;
        body.push(b',');
    }
    body.extend_from_slice(b"\"data\":");
    body.extend_from_slice(&data);
    body.push(b'}');
    Ok(Answer { status: StatusCode::OK, body, violations, used_facts })
}
