//! What came and is no request.

use std::sync::Arc;

use axum::response::Response;

use crate::base::error::Error;
use crate::journal::Entry;
use crate::judge::life::LIFE_HEADER;
use crate::sandbox::Sandbox;
use crate::sandbox::names::DEFAULT;
use crate::server::gate::dialect::{plain, rendered};
use crate::server::gate::{Gate, Handled, collected, instant, with_body};
use crate::server::refusal::Refused;

impl Gate {
    /// An error in the vendor's envelope, before it is known whose request it is.
    pub(super) async fn spoken(&self, error: &Error) -> Response {
        match self.sandboxes.open(DEFAULT).await {
            Ok(sandbox) => self.said_in(&sandbox, error).await,
            Err(_) => plain(error),
        }
    }

    /// An error in the vendor's envelope, about a sandbox whose journal has none of it.
    pub(super) async fn said_in(&self, sandbox: &Sandbox, error: &Error) -> Response {
        let Ok(ctx) = sandbox.ctx(self.index, Arc::default()).await else { return plain(error) };
        let mut response = rendered(&ctx, error);
        self.sign(sandbox.now(), response.headers_mut());
        response
    }

    /// Notes in a sandbox that something came that is no request, and says so where anybody is there to be told.
    pub(super) async fn unreadable(self, refused: &Refused, name: &str) -> Response {
        let error = refused.error();
        refused.log(self.sim().slug);
        let mut response = self.spoken(&error).await;
        let Ok(sandbox) = self.sandboxes.open(name).await else { return response };
        response.headers_mut().insert(LIFE_HEADER, sandbox.id.clone());
        let Handled { response, body, .. } = collected(response).await;
        let status = refused.status.map(|_| response.status().as_u16());
        let contract = sandbox.contract(self.index).await;
        let mut entry = Entry {
            known: sandbox.known.clone(),
            body: refused.line(),
            handled_status: status,
            status,
            unreadable: Some(refused.why()),
            response_headers: response.headers().clone(),
            response_body: body.clone(),
            ..Entry::blank(self.sim(), contract, sandbox.now(), instant())
        };
        sandbox.journal(|journal| journal.push(&mut entry));
        with_body(response, body)
    }
}
