//! A request that a fault strikes, and one that none does.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;

use super::{Exchange, Handled, collected, with_body};
use crate::base::error::{Error, ErrorKind};
use crate::rules::fault::{Injection, status};
use crate::server::client_stream::Connection;
use crate::server::effect;
use crate::server::gate::dialect::{plain, rendered};
use crate::server::gate::record::Record;

impl Exchange {
    /// Answers it, as the fault that strikes it says.
    pub(super) async fn answer(mut self, injection: Option<Injection>) -> Response {
        let Some(injection) = injection else {
            let handled = self.handle().await;
            return self.finish(handled, None);
        };
        if let Some(delay) = injection.delay {
            // No lock is held here: a slow request delays no other.
            tokio::time::sleep(delay).await;
        }
        let then = &injection.rule.then;
        if then.drop || then.timeout.is_some() || then.reset || then.garbage {
            match self.parts.extensions.get::<Connection>() {
                Some(connection) if then.reset => connection.reset(),
                Some(connection) if then.garbage => connection.garbage(),
                _ => {}
            }
            self.record(Record { injection: Some(&injection), ..Record::default() });
            tokio::time::sleep(then.timeout.map_or(Duration::ZERO, crate::base::duration::Duration::real))
                .await;
            return effect::cut();
        }
        let injected = match (then.status, injection.retry_after) {
            // As the vendor's own.
            (Some(429), _) => Some(
                Error::new(StatusCode::TOO_MANY_REQUESTS, ErrorKind::RateLimited).header(RETRY_AFTER, "1"),
            ),
            (Some(code), _) => Some(Error::new(status(code), ErrorKind::Injected)),
            (None, Some(seconds)) => Some(
                Error::new(StatusCode::TOO_MANY_REQUESTS, ErrorKind::RateLimited)
                    .header(RETRY_AFTER, &seconds.to_string()),
            ),
            (None, None) => None,
        };
        match injected {
            Some(error) => self.answer_injected(&injection, &error).await,
            None => {
                let handled = self.handle().await;
                self.finish(handled, Some(&injection))
            }
        }
    }

    async fn answer_injected(self, injection: &Injection, error: &Error) -> Response {
        let then = &injection.rule.then;
        let mut response = match (effect::scripted(then), self.ctx().await) {
            (Some(response), _) => response,
            (None, Ok(ctx)) => rendered(&ctx, error),
            (None, Err(error)) => plain(&error),
        };
        self.head(response.headers_mut());
        effect::add_headers(then, response.headers_mut());
        let Handled { response, body, .. } = collected(response).await;
        self.record(Record {
            injection: Some(injection),
            status: Some(response.status()),
            headers: response.headers().clone(),
            body: body.clone(),
            ..Record::default()
        });
        with_body(response, body)
    }
}
