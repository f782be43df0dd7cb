//! A call of a signed-in client on a resource, and what a resource is. Everything else knows these; they know none of it.

use axum::body::Bytes;
use axum::http::HeaderMap;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use simcore::entity::model::Table;
use simcore::entity::profile::Evidence;
use simcore::entity::settings::Settings;
use simcore::simulator::extract::Query;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result};

use crate::complete::Complete;
use crate::edition::Edition;
use crate::history::Change;
use crate::pdf::Layout;
use crate::views::{Version, View};

/// A resource of the API: what is data of it, and what is its own.
#[expect(clippy::struct_excessive_bools, reason = "each says something else, and any may be true")]
pub(crate) struct Resource {
    /// Its path segment.
    pub(crate) name: &'static str,
    /// The entity in the profile that holds its records, where that is called otherwise.
    pub(crate) of: Option<&'static str>,
    /// What errors and the history call one of it (fact sheet 7.2).
    pub(crate) singular: &'static str,
    pub(crate) views: &'static [View],
    /// Where `$fts` looks.
    pub(crate) searched: &'static [&'static str],
    /// The verbs of the collection.
    pub(crate) verbs: &'static [&'static str],
    /// Where its unversioned calls come from: reading, writing, deleting (fact sheet 2.2, 4.3 to 4.7).
    pub(crate) evidence: [Evidence; 3],
    /// Whether it is master data, which a setting makes read-only.
    pub(crate) is_master_data: bool,
    /// Whether one of it has a path.
    pub(crate) has_one: bool,
    /// Whether its objects can carry `$id` (fact sheet 8).
    pub(crate) has_ref_ids: bool,
    /// Whether a single one shows its decimals without trailing zeros (fact sheet 8).
    pub(crate) is_short: bool,
    /// What can be asked of it beside its records: the calls that no other resource has.
    pub(crate) own: &'static [Target],
    /// What else than its id finds one of it.
    pub(crate) lookup: Option<Lookup>,
    /// How it is printed, where it is a document.
    pub(crate) print: Option<Print>,
    /// Completes the body of a PUT by what the stored record keeps.
    pub(crate) merge: fn(&mut Map<String, Value>, &Record),
    /// What its own rules ask of the record as it will be.
    pub(crate) check: fn(&Call, &Db<'_>, Written<'_>) -> Result<()>,
    /// Whether it may be deleted.
    pub(crate) check_deletion: fn(&Call, &Record) -> Result<()>,
    /// What conditions and orders call fields of the entity, where that is called otherwise.
    pub(crate) renamed: &'static [(&'static str, &'static str)],
    /// Adds what answers from 1.3 show and nothing stores.
    pub(crate) derive: fn(&Db<'_>, &TimeZone, &mut Map<String, Value>) -> Result<()>,
    /// What becomes of others when one of it goes, as changes for the history.
    pub(crate) removed: fn(&Db<'_>, i64) -> Result<Vec<Change<'static>>>,
    /// A field that conditions name also where answers do not show it (fact sheet 4.6).
    pub(crate) hidden: Option<&'static str>,
    /// What the ERP fills in.
    pub(crate) complete: Complete,
}

/// What a client wrote.
pub(crate) struct Written<'a> {
    /// The record as it will be.
    pub(crate) record: &'a mut Map<String, Value>,
    /// What the body named.
    pub(crate) given: &'a Map<String, Value>,
    /// The record as it was, when it is changed.
    pub(crate) stored: Option<&'a Record>,
}

/// How one record is found by something else than its id: by a path until v1.1, by a query parameter from v1.2.
#[derive(Clone, Copy)]
pub(crate) struct Lookup {
    pub(crate) place: Target,
    /// The query parameter.
    pub(crate) option: &'static str,
    pub(crate) field: &'static str,
    /// A value that works in the default data.
    pub(crate) example: &'static str,
}

/// How a document is printed.
#[derive(Clone, Copy)]
pub(crate) struct Print {
    /// The `Type` of its templates (fact sheet 4.7).
    pub(crate) kind: i64,
    /// What it is called in a language.
    pub(crate) title: fn(&Layout) -> &'static str,
    /// A template of the default data.
    pub(crate) template: i64,
}

/// What of a resource is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Collection,
    One,
    ByNumber,
    ByTaxNumber,
    Print,
    Confirm,
    Countries,
    Pay,
}

impl Resource {
    /// The entity in the profile.
    pub(crate) fn entity(&self) -> &'static str {
        self.of.unwrap_or(self.name)
    }

    /// Whether it is a document: with a number, lines and prints.
    pub(crate) fn is_document(&self) -> bool {
        self.print.is_some()
    }

    /// Whether it has such a call in a version.
    pub(crate) fn serves(&self, place: Target, verb: &str, version: Version) -> bool {
        match place {
            Target::Collection => self.verbs.contains(&verb),
            Target::One => self.has_one,
            Target::ByNumber | Target::ByTaxNumber => {
                self.lookup.is_some_and(|lookup| lookup.place == place) && version <= Version::V1_1
            }
            Target::Print => self.is_document(),
            Target::Confirm => {
                let versions = [Version::V1_2, Version::V1_4, Version::V1_5, Version::V1_7];
                self.own.contains(&place) && versions.contains(&version)
            }
            Target::Countries | Target::Pay => self.own.contains(&place),
        }
    }

    /// Whether these settings let clients write it.
    pub(crate) fn is_writable(&self, settings: &Settings) -> bool {
        !(self.is_master_data && settings.flag("master_data_read_only"))
    }
}

/// A call of a signed-in client on a resource.
pub(crate) struct Call {
    pub(crate) ctx: Ctx,
    pub(crate) resource: &'static Resource,
    pub(crate) view: &'static View,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What the variable of the path holds.
    pub(crate) held: String,
}

impl Call {
    pub(crate) fn table(&self) -> Result<&Table> {
        let table = self.ctx.model.table(self.resource.entity());
        table.ok_or_else(|| simcore::Error::internal(format_args!("no entity `{}`", self.resource.entity())))
    }

    pub(crate) fn edition(&self) -> Edition {
        Edition::of(&self.ctx.settings)
    }

    /// The last value of a query parameter; spaces around names and values do not count (fact sheet 4.0).
    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        let named = self.query.0.iter().rev().find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim())
    }
}
