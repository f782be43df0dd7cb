//! What a handler works with: who is asking, in which sandbox, at what time.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use jiff::Timestamp;

use crate::base::error::{Error, Result};
use crate::base::origin::Origin;
use crate::entity::model::Model;
use crate::entity::refusals::Words;
use crate::entity::settings::Settings;
use crate::entity::validate::out_of_range;
use crate::simulator::{Principal, Simulator};
use crate::store::Store;
use crate::store::db::Db;
use crate::store::effects::{Refused, Trace};

/// One request of a signed-in client. As an argument of a handler it asks for credentials: without good ones the
/// handler does not run.
#[derive(Clone)]
pub struct Ctx {
    /// The simulator.
    pub sim: &'static Simulator,
    /// Its entities.
    pub model: Arc<Model>,
    /// Its switches in this sandbox.
    pub settings: Arc<Settings>,
    /// What the sandbox's clock shows, the same throughout the request.
    pub now: Timestamp,
    /// Whether what the vendor does not document is refused.
    pub strict: bool,
    /// What URLs and paths in answers begin with: `/~NAME`, or nothing in the sandbox of a plain URL.
    pub prefix: Arc<str>,
    /// Which world of the sandbox it belongs to: it reads and writes no other.
    pub world: u64,
    /// Where the request came from; nowhere, when it is not one of a client.
    pub peer: Option<IpAddr>,
    /// What absolute URLs in answers begin with, before `prefix`: how the client reached this server.
    pub origin: Origin,
    /// Whether it is played again: nobody waits for its answer.
    pub is_again: bool,
    /// What the request does, as far as it has come; nobody's where it is not one of a client.
    pub trace: Option<Arc<Trace>>,
    store: Arc<Store>,
    /// Who is asking, once that is known.
    entry: Option<Arc<Result<Principal, Error>>>,
}

/// Who is asking before that is known.
static NOBODY: Principal = Principal { name: String::new(), tenant: String::new() };

/// One request of anybody, for what needs no credentials.
pub struct Public(pub Ctx);

impl Ctx {
    /// What work on a database has to hand, for nobody in particular until [`Ctx::identify`] asks.
    pub fn new(
        sim: &'static Simulator,
        model: Arc<Model>,
        store: Arc<Store>,
        now: Timestamp,
        strict: bool,
        prefix: Arc<str>,
    ) -> Self {
        let settings = store.settings();
        Self {
            sim,
            model,
            settings,
            now,
            strict,
            prefix,
            world: 0,
            is_again: false,
            peer: None,
            origin: Origin::default(),
            trace: None,
            store,
            entry: None,
        }
    }

    /// Asks the simulator whether the request may come in at all; gives headers for its answer.
    pub async fn admit(&self, parts: &Parts) -> Result<HeaderMap> {
        match self.sim.admit {
            Some(admit) => self.write(|db| admit(self, db, parts)).await,
            None => Ok(HeaderMap::new()),
        }
    }

    /// Waits in real time, unless the request is played again.
    pub async fn wait(&self, pause: Duration) {
        if !self.is_again {
            tokio::time::sleep(pause).await;
        }
    }

    /// Asks the simulator who is asking.
    pub async fn identify(&mut self, parts: &Parts) {
        let entry = self.read(|db| (self.sim.authenticate)(self, db, parts)).await;
        self.entry = Some(Arc::new(entry));
    }

    /// What knows the words of refusals.
    pub fn words(&self) -> Words<'_> {
        Words::new(&self.model.profile, &self.settings)
    }

    /// The error in the vendor's words, whoever raised it.
    pub fn worded(&self, error: &Error) -> Error {
        let amounts = out_of_range(error).filter(|_| error.said.is_none()).map(self.sim.problems);
        let error = amounts.map_or_else(|| error.clone(), |refusal| refusal.of_kind(error.kind));
        self.words().of_any(error)
    }

    /// Whether the client may enter.
    ///
    /// # Errors
    /// What `authenticate` said.
    pub fn entry(&self) -> Result<&Principal, &Error> {
        self.entry.as_deref().map_or(Ok(&NOBODY), Result::as_ref)
    }

    /// Who is asking; nobody, where credentials were not good.
    pub fn principal(&self) -> Principal {
        self.entry().ok().cloned().unwrap_or_default()
    }

    /// Reads the database; each statement stands for itself.
    pub async fn read<T>(&self, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        self.store.read_within(self.world, self.now, self.trace.clone(), work).await
    }

    /// Writes the database: one transaction, undone when `work` fails.
    pub async fn write<T>(&self, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        self.store.write_within(self.world, self.now, self.trace.clone(), work).await
    }

    /// Brings what depends on the day to today, before it is shown.
    pub async fn catch_up(&self) -> Result<()> {
        match self.sim.catch_up {
            Some((is_behind, catch_up)) if self.read(is_behind).await? => self.write(catch_up).await,
            _ => Ok(()),
        }
    }

    /// Writes much: the same as [`Ctx::write`], without holding up other requests of other sandboxes.
    pub async fn write_long<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Db<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.clone().write_long_within(self.world, self.now, self.trace.clone(), work).await
    }

    /// Notes a refusal that the answer's status does not tell, unless one was noted where it was made.
    pub fn note_other_refusal(&self, refused: Refused) {
        if let Some(trace) = self.trace.as_ref().filter(|trace| !trace.has_refusal()) {
            trace.refuse(refused);
        }
    }
}

fn of(parts: &Parts) -> Result<Ctx> {
    parts.extensions.get::<Ctx>().cloned().ok_or_else(|| Error::internal("a request came past the gate"))
}

impl<S: Sync> FromRequestParts<S> for Ctx {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let ctx = of(parts)?;
        match ctx.entry() {
            Ok(_) => Ok(ctx),
            Err(error) => Err(error.clone()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Public {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        of(parts).map(Self)
    }
}
