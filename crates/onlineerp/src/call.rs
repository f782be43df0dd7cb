//! A call that has come as far as the ERP, and what is an entity's own. Everything else knows these; they know none of it.

use axum::http::HeaderMap;
use bytes::Bytes;
use odata::Expr;
use serde_json::{Map, Value};
use simcore::contract::Shape;
use simcore::entity::model::Table;
use simcore::entity::profile::Evidence;
use simcore::simulator::extract::Query;
use simcore::{Ctx, Db, Principal, Result};

use crate::{auth, error};

/// What an entity has beside its fields and its row in the support matrix, which are in the profile.
pub(crate) struct Entity {
    /// Its name in the profile.
    pub(crate) name: &'static str,
    /// Whether one record has a path: work orders and stock movements document none (fact sheet 2).
    pub(crate) has_one: bool,
    /// Whether `$orderby` counts (fact sheet 5 and 6.7).
    pub(crate) is_ordered: bool,
    /// The fields that depend on today: its records are brought to it before they are read.
    pub(crate) aging: &'static [&'static str],
    /// Whether a list of records can be posted.
    pub(crate) takes_batch: bool,
    /// Where its verbs come from, when that is not where the entity does.
    pub(crate) verbs: Option<Evidence>,
    /// Where `PUT` by the key in the body comes from, when it is elsewhere still.
    pub(crate) put_by_key: Option<Evidence>,
    /// Records that answers show beside, where `$expand` names them.
    pub(crate) expands: &'static [Expand],
    /// What a body holds, made of the record that it is about.
    pub(crate) content: fn(Shape) -> Shape,
    /// The record in a body.
    pub(crate) unwrap: fn(Map<String, Value>) -> Map<String, Value>,
    /// Which conditions a filter may have.
    pub(crate) check_filter: fn(&Expr) -> Result<()>,
    /// What its own rules ask of a new record.
    pub(crate) check: fn(&Call, &Db<'_>, &mut Map<String, Value>) -> Result<()>,
    /// What the ERP fills in, for a company.
    pub(crate) complete: fn(&Db<'_>, &str, &mut Map<String, Value>) -> Result<()>,
    /// What a new record does to others.
    pub(crate) post: fn(&Db<'_>, &str, &Map<String, Value>) -> Result<()>,
    /// What its own rules ask of a change, and what the ERP adds to it.
    pub(crate) change: fn(&Call, &Db<'_>, &mut Map<String, Value>) -> Result<()>,
}

/// A record that `$expand` shows where another one names it.
pub(crate) struct Expand {
    /// The list that holds what names it; nothing where the record itself does.
    pub(crate) within: Option<&'static str>,
    /// What it is shown as.
    pub(crate) name: &'static str,
    /// The field that names it.
    pub(crate) by: &'static str,
    /// The entity, and its field that has the name.
    pub(crate) of: (&'static str, &'static str),
}

impl Expand {
    /// How `$expand` calls it.
    pub(crate) fn path(&self) -> String {
        self.within.map_or_else(|| self.name.to_owned(), |list| format!("{list}.{}", self.name))
    }
}

/// A call that has come as far as the ERP: the entity exists and the verb is supported.
pub(crate) struct Call {
    pub(crate) ctx: Ctx,
    pub(crate) principal: Principal,
    /// The entity's name.
    pub(crate) entity: String,
    /// What is its own.
    pub(crate) own: &'static Entity,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Query,
    pub(crate) body: Bytes,
    /// The id in the path; empty where there is none.
    pub(crate) id: String,
}

impl Call {
    pub(crate) fn table(&self) -> Result<&Table> {
        self.ctx.model.table(&self.entity).ok_or_else(|| error::unknown_entity(&self.entity))
    }

    /// Whether documents may only name what exists: on Acomba, unless the setting says otherwise.
    pub(crate) fn references_count(&self) -> bool {
        self.ctx.settings.flag("check_references") && self.erp() == "acomba"
    }

    /// The ERP behind the company.
    pub(crate) fn erp(&self) -> &str {
        auth::erp(&self.ctx, &self.principal)
    }
}
