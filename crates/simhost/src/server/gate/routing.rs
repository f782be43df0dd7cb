//! From credentials to the handler: the row that serves a request, or the vendor's own router.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{ALLOW, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Exchange, MAX_HEADERS};
use crate::base::error::{Error, ErrorKind, Result};
use crate::contract::Violation;
use crate::journal::processing::Stage;
use crate::simulator::Routes;
use crate::simulator::ctx::Ctx;
use crate::simulator::extract::Query;
use crate::simulator::route::{Call, Chosen, Table, allowed, choose, sized};

impl Exchange {
    pub(super) async fn route(&mut self, ctx: &mut Ctx) -> Response {
        self.processing.stage = Stage::Headers;
        let size: usize =
            self.parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        if size > MAX_HEADERS {
            return Error::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, ErrorKind::Headers)
                .into_response();
        }
        if let Err(error) = &self.body
            && error.kind == ErrorKind::Late
        {
            self.processing.stage = Stage::Body;
            return error.clone().into_response();
        }
        self.processing.stage = Stage::Credentials;
        ctx.identify(&self.parts).await;
        if ctx.sim.auth_first
            && self.parts.method != Method::OPTIONS
            && let Err(error) = ctx.entry()
        {
            return error.clone().into_response();
        }
        self.processing.stage = Stage::Body;
        if let Err(error) = &self.body {
            return error.clone().into_response();
        }
        self.processing.stage = Stage::Route;
        match &self.gate.sim().routes {
            Routes::Table(table) => self.call(ctx, table).await.unwrap_or_else(Error::into_response),
            Routes::Router(_) => match self.gate.server().router.clone() {
                Some(router) => self.enter(ctx, router).await,
                None => Error::internal("no router").into_response(),
            },
        }
    }

    /// The row's handler, once the row is found and the client may enter.
    async fn call(&mut self, ctx: &Ctx, table: &Table) -> Result<Response> {
        let (is_open, subject, handler) = {
            let uri = self.own_uri();
            let (asked, known) = ((&self.parts.method, uri.path()), (&*self.contract, &self.found));
            match choose(table, &self.gate.server().routes, ctx, asked, known)? {
                Chosen::Row(route) => (route.is_open, route.subject, route.handler),
                Chosen::Answer(answer) => return Ok(answer),
            }
        };
        if !is_open {
            self.processing.stage = Stage::Credentials;
            ctx.entry().map_err(Clone::clone)?;
            if let (Some(entered), Ok(body)) = (ctx.sim.entered, &self.body) {
                ctx.read(|db| entered(ctx, db, &self.parts, body)).await?;
            }
        }
        self.processing.stage = Stage::Contract;
        if let Some(error) = self.refused(ctx) {
            return Err(error);
        }
        self.processing.stage = Stage::Body;
        let call = Call {
            ctx: ctx.clone(),
            method: self.parts.method.clone(),
            headers: self.parts.headers.clone(),
            query: Query::new(&self.own_uri()),
            body: self.own_body()?,
            subject,
            contract: self.contract.clone(),
            found: self.found.clone(),
        };
        self.processing.stage = Stage::Handler;
        handler(call).await.map(|response| sized(&self.parts.method, response))
    }

    /// The simulator's own router.
    async fn enter(&mut self, ctx: &Ctx, mut router: Router) -> Response {
        if self.is_taken_away() {
            return Error::new(StatusCode::NOT_FOUND, ErrorKind::Route).into_response();
        }
        // Path and verb are looked at before a body is read; where nobody documents them only the router knows.
        let body = match (self.own_body(), &self.body) {
            (Ok(body), _) => body,
            (Err(_), Ok(raw)) if !self.may_enter(ctx) => raw.clone(),
            (Err(error), _) => return error.into_response(),
        };
        if let Some(error) = self.refused(ctx) {
            self.processing.stage = Stage::Contract;
            return error.into_response();
        }
        self.processing.stage = Stage::Handler;
        let mut parts = self.parts.clone();
        parts.uri = self.own_uri().into_owned();
        let mut request = Request::from_parts(parts, Body::from(body));
        // The gate has read the body, up to a limit of its own.
        DefaultBodyLimit::disable().apply(&mut request);
        request.extensions_mut().insert(ctx.clone());
        let response = match tower_service::Service::call(&mut router, request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        match (&self.read, response.extensions().get::<Arc<Error>>()) {
            // It is not broken, it is compressed.
            (Err(refused), Some(error)) if error.kind == ErrorKind::Syntax => refused.clone().into_response(),
            _ => response,
        }
    }

    /// Whatever is refused with 405, the answer says which verbs the path takes.
    pub(super) fn with_allow(&self, ctx: &Ctx, mut response: Response) -> Response {
        if response.status() != StatusCode::METHOD_NOT_ALLOWED || response.headers().contains_key(ALLOW) {
            return response;
        }
        let (server, contract) = (self.gate.server(), &*self.contract);
        let verbs = match &server.sim.routes {
            Routes::Table(table) => {
                allowed(table, &server.routes, ctx, (contract, &self.found)).unwrap_or_default()
            }
            Routes::Router(_) => {
                let operations = contract.paths().operations(&self.found);
                operations.filter_map(|place| Some(contract.operations.get(place)?.method)).collect()
            }
        };
        if let Ok(verbs) = HeaderValue::from_str(&verbs.join(", ")) {
            response.headers_mut().insert(ALLOW, verbs);
        }
        response
    }

    /// Whether it is a documented call of somebody who may make it.
    fn may_enter(&self, ctx: &Ctx) -> bool {
        let operation = self.checked.operation.map(|place| &self.contract.operations[place]);
        operation.is_some_and(|operation| operation.is_open || ctx.entry().is_ok())
    }

    /// Strict mode lets nothing through that is outside the contract. What every server refuses by itself, in words of
    /// its own, is left to it.
    fn refused(&self, ctx: &Ctx) -> Option<Error> {
        let lenient = ["parameter", "header", "field", "type", "value", "alias"];
        let refused: Vec<Violation> =
            self.checked.violations.iter().filter(|found| lenient.contains(&found.rule)).cloned().collect();
        (ctx.strict && self.may_enter(ctx) && !refused.is_empty()).then(|| (ctx.sim.refuse)(ctx, &refused))
    }
}
