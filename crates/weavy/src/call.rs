//! A call that has come as far as the project.

use std::sync::Arc;

use axum::http::HeaderMap;
use bytes::Bytes;
use simcore::simulator::extract::Query;
use simcore::simulator::route;
use simcore::{Ctx, Principal, Result, said};

/// What a handler works with: path, verb and credentials have been checked.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) ctx: Ctx,
    pub(crate) principal: Principal,
    pub(crate) project: String,
    pub(crate) entity: String,
    pub(crate) code: String,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Arc<Query>,
    pub(crate) body: Bytes,
}

impl Call {
    /// A call of anybody, whatever project it names.
    pub(crate) fn of(call: route::Call) -> Self {
        let variable = |name| call.variable(name).to_owned();
        Self {
            principal: call.ctx.principal(),
            project: variable("project"),
            entity: variable("entity"),
            code: variable("code"),
            ctx: call.ctx,
            headers: call.headers,
            query: Arc::new(call.query),
            body: call.body,
        }
    }

    /// A call on the project that the token opens.
    ///
    /// # Errors
    /// 403 for another project.
    pub(crate) fn of_project(call: route::Call) -> Result<Self> {
        let call = Self::of(call);
        if call.names_project() { Ok(call) } else { Err(call.foreign()) }
    }

    /// A call on an entry point, which may name a company where others name the project (fact sheet 19.1).
    ///
    /// # Errors
    /// 403 for another project.
    pub(crate) fn of_entry_point(call: route::Call) -> Result<Self> {
        let call = Self::of(call);
        if call.names_project() || call.names_company() { Ok(call) } else { Err(call.foreign()) }
    }

    pub(crate) fn names_project(&self) -> bool {
        self.project == self.ctx.settings.text("project")
    }

    pub(crate) fn names_company(&self) -> bool {
        self.ctx.settings.texts("companies").any(|company| company == self.project)
    }

    fn foreign(&self) -> simcore::Error {
        said!(PROJECT_CLOSED, project = &self.project).into()
    }
}
