//! One operation: read, check, run, answer (fact sheet 10).

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::ALLOW;
use graphql_js::ast::{Document, Operation, OperationKind};
use graphql_js::limits::{self, Limits, too_deep};
use graphql_js::{
    Problem, Refusal, Rules, Scalars, Schema, Variables, fragments, introspection_fields, operation, parse,
    validate, variables,
};
use serde_json::{Value, json};
use simcore::base::said::Said;
use simcore::contract::Violation;
use simcore::{Ctx, Error, Result, said};

use crate::execute;
use crate::execute::selected::Selector;
use crate::persisted;
use crate::request::Asked;
use crate::schema::{self, Served};
use crate::violations::{self, Usage};

/// The status and the body.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    /// What of the document is outside the schema, or read in spite of it.
    pub(crate) violations: Vec<Violation>,
    /// What of the schema it used.
    pub(crate) used_facts: Vec<String>,
    /// What it refuses, in the vendor's words.
    pub(crate) refused: Vec<Arc<Error>>,
}

/// A document that has passed every check, with the operation that is meant.
struct Checked<'a> {
    asked: &'a Asked,
    served: &'static Served,
    document: &'a Document,
    operation: &'a Operation,
    variables: Variables,
}

/// Runs what is asked. What is wrong with the document is an answer too.
///
/// # Errors
/// 405 for a mutation by GET, or a defect.
pub(crate) async fn run(ctx: &Ctx, asked: &Asked, by_get: bool) -> Result<Answer> {
    let served = schema::of(ctx.strict, &ctx.model.profile);
    if let Some(refused) = refused_on_the_wire(ctx, served.scalars, asked) {
        return Ok(refused);
    }
    let document = match read(ctx, (served.types, served.scalars), &asked.query) {
        Ok(document) => document,
        Err((said, problems)) => {
            return Ok(refused(ctx, said, &asked.query, &problems));
        }
    };
    let operation = match operation(&document, asked.operation_name.as_deref()) {
        Ok(operation) => operation,
        Err(message) => return Ok(unresolved(ctx, message)),
    };
    if operation.kind == OperationKind::Subscription {
        return Ok(unresolved(ctx, "Schema is not configured to execute subscription operation.".to_owned()));
    }
    if by_get && operation.kind == OperationKind::Mutation {
        return Err(Error::from(said!(MUTATION_BY_GET)).header(ALLOW, "POST"));
    }
    if let Some(hash) = &asked.hash {
        persisted::remember(ctx, hash, &asked.query).await?;
    }
    match variables(served.types, served.scalars, operation, &asked.variables) {
        Ok(variables) => {
            answer(ctx, &Checked { asked, served, document: &document, operation, variables }).await
        }
        Err(problems) => Ok(refused(ctx, said!(VARIABLES_INVALID), &asked.query, &problems)),
    }
}

/// What documents are judged against.
type Types<'a> = (&'a Schema, Scalars);

/// What is refused of a document in the names that its client used, where a profile has others than the server's own:
/// words and places are those of what was sent.
fn refused_on_the_wire(ctx: &Ctx, scalars: Scalars, asked: &Asked) -> Option<Answer> {
    let renames = ctx.model.profile.renames();
    if renames.is_empty() {
        return None;
    }
    let types = schema::renamed(ctx.strict, &ctx.model.profile, &renames);
    let text = renames.words_outside_quotes(&asked.query);
    let document = match read(ctx, (&types, scalars), &text) {
        Ok(document) => document,
        Err((said, problems)) => return Some(refused(ctx, said, &text, &problems)),
    };
    let name = asked.operation_name.as_deref().map(|name| renames.name(name));
    let operation = match operation(&document, name.as_deref()) {
        Ok(operation) => operation,
        Err(message) => return Some(unresolved(ctx, message)),
    };
    let given = renames.json(&Value::Object(asked.variables.clone()).to_string(), &[], &[]);
    let given = serde_json::from_str(&given).unwrap_or_default();
    let problems = variables(&types, scalars, operation, &given).err()?;
    Some(refused(ctx, said!(VARIABLES_INVALID), &text, &problems))
}

/// A document that is read and valid, or the code and every problem.
fn read(ctx: &Ctx, (types, scalars): Types<'_>, text: &str) -> Result<Document, (Said, Vec<Problem>)> {
    const INVALID: Said = Said::new("DOCUMENT_INVALID");
    let setting = |name| usize::try_from(ctx.settings.integer(name)).unwrap_or_default();
    let limits = Limits {
        depth: setting("max_depth"),
        complexity: setting("max_complexity"),
        aliases: setting("max_aliases"),
    };
    // Selections and the values within them share one stack.
    let document = parse(text, limits.depth * 2).map_err(|refusal| match refusal {
        Refusal::Syntax(problem) => (said!(DOCUMENT_SYNTAX), vec![problem]),
        Refusal::TooDeep(at) => (INVALID, vec![Problem::new(too_deep(limits.depth), at)]),
    })?;
    limits::check(&document, limits).map_err(|problem| (INVALID, vec![problem]))?;
    let rules = Rules { schema: types, scalars, interchange: !ctx.strict };
    let mut problems = validate(rules, &document);
    if !ctx.settings.flag("introspection") {
        let message = "GraphQL introspection is not allowed by Apollo Server, but the query contained __schema or __type. To enable introspection, pass introspection: true to ApolloServer in production";
        problems.extend(introspection_fields(&document).into_iter().map(|at| Problem::new(message, at)));
    }
    if problems.is_empty() { Ok(document) } else { Err((INVALID, problems)) }
}

/// Status and code are the profile's, the words those of graphql-js.
fn refused(ctx: &Ctx, said: Said, text: &str, problems: &[Problem]) -> Answer {
    let is_syntax = said.name == "DOCUMENT_SYNTAX";
    let mut error = ctx.words().of(said.into());
    error.message = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
    let (status, code) = (error.status, &error.code);
    let entries: Vec<Value> = problems.iter().map(|problem| problem.entry(text, code)).collect();
    let violations = violations::of_problems(text, is_syntax, problems);
    let body = json!({ "errors": entries }).to_string().into_bytes();
    Answer { status, body, violations, used_facts: Vec::new(), refused: vec![Arc::new(error)] }
}

fn unresolved(ctx: &Ctx, message: String) -> Answer {
    let problem = Problem { message, at: Vec::new() };
    refused(ctx, said!(OPERATION_UNRESOLVED), "", &[problem])
}

async fn answer(ctx: &Ctx, checked: &Checked<'_>) -> Result<Answer> {
    let Checked { asked, served: Served { types, library, .. }, document, operation, variables } = checked;
    let selector = Selector { types, fragments: fragments(document), variables };
    let tree = selector.tree(types.root(operation.kind).unwrap_or_default(), &[&operation.selections]);
    let Usage { violations, used_facts, .. } = Usage::of(&asked.query, types, &tree);
    let (body, refused) =
        execute::execute(ctx, (types, library), &asked.query, operation.kind, &tree).await?;
    Ok(Answer { status: StatusCode::OK, body, violations, used_facts, refused })
}
