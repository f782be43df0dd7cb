//! A request that a fault strikes, and one that none does.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::Response;

use super::{Exchange, Handled, collected, with_body};
use crate::base::error::{Error, ErrorKind};
use crate::rules::fault::{Injection, status};
use crate::server::client_stream::Connection;
use crate::server::effect;
use crate::server::gate::dialect::{plain, rendered};
use crate::server::gate::record::Record;
use crate::simulator::ctx::Ctx;

impl Exchange {
    /// Answers it, as the fault that strikes it says.
    pub(super) async fn answer(mut self: Box<Self>, injection: Option<Injection>) -> Response {
        let Some(injection) = injection else {
            let handled = self.handle().await;
            return self.finish(handled, None);
        };
        if let Some(delay) = injection.delay {
            // No lock is held here: a slow request delays no other.
            self.wait(delay).await;
            self.now = self.sandbox.now();
        }
        let then = &injection.rule.then;
        if then.drop || then.timeout.is_some() || then.reset || then.garbage {
            match self.parts.extensions.get::<Connection>() {
                Some(connection) if then.reset => connection.reset(),
                Some(connection) if then.garbage => connection.garbage(),
                _ => {}
            }
            let silence = then.timeout.map_or(Duration::ZERO, crate::base::duration::Duration::real);
            let silence = if self.is_again() { Duration::ZERO } else { silence };
            self.record(Record { injection: Some(&injection), ..Record::default() });
            tokio::time::sleep(silence).await;
            return effect::cut();
        }
        if then.status.is_some() || injection.retry_after.is_some() {
            return self.answer_injected(&injection).await;
        }
        let handled = self.handle().await;
        self.finish(handled, Some(&injection))
    }

    /// Waits in real time, unless nobody waits for the answer because it is played again.
    async fn wait(&self, delay: Duration) {
        if !self.is_again() {
            tokio::time::sleep(delay).await;
        }
    }

    async fn answer_injected(self: Box<Self>, injection: &Injection) -> Response {
        let then = &injection.rule.then;
        let mut response = match (effect::scripted(then), self.ctx().await) {
            (Some(response), _) => response,
            (None, Ok(mut ctx)) => {
                // Which verbs a path takes, may depend on who asks.
                ctx.identify(&self.parts).await;
                self.with_allow(&ctx, rendered(&ctx, &refusal(&ctx, injection)))
            }
            (None, Err(error)) => plain(&error),
        };
        let at = self.sandbox.now();
        self.gate.sign(at, response.headers_mut());
        effect::add_headers(then, response.headers_mut());
        let Handled { mut response, body, .. } = collected(response).await;
        let (_, headers) = self.record(Record {
            at: Some(at),
            injection: Some(injection),
            status: Some(response.status()),
            headers: std::mem::take(response.headers_mut()),
            body: body.clone(),
            ..Record::default()
        });
        *response.headers_mut() = headers;
        with_body(response, body)
    }
}

/// What a fault rule answers with, as the vendor's own refusal of that status.
fn refusal(ctx: &Ctx, injection: &Injection) -> Error {
    let code = injection.rule.then.status.map_or(StatusCode::TOO_MANY_REQUESTS, status);
    match code {
        StatusCode::TOO_MANY_REQUESTS => {
            let seconds = injection.retry_after.unwrap_or(1);
            (ctx.sim.throttled)(ctx, seconds).header(RETRY_AFTER, &seconds.to_string())
        }
        StatusCode::UNAUTHORIZED if !ctx.sim.challenge.is_empty() => {
            Error::new(code, ErrorKind::Injected).header(WWW_AUTHENTICATE, ctx.sim.challenge)
        }
        code => Error::new(code, ErrorKind::Injected),
    }
}
