//! A record of each entity from the seed data: what examples of answers are made of.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use crate::base::map::IndexMap;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;

/// The seed data of one simulator, read when the first example is asked for.
#[derive(Debug, Default)]
pub struct Seed {
    files: IndexMap<String, Cow<'static, [u8]>>,
    records: OnceLock<IndexMap<String, Value>>,
}

impl Seed {
    /// Files of JSON lists, by entity.
    pub fn new(files: IndexMap<String, Cow<'static, [u8]>>) -> Self {
        Self { files, records: OnceLock::new() }
    }

    /// A record of that entity; nothing where the data have none.
    pub(super) fn record(&self, entity: &str) -> Option<&Value> {
        let read = |(name, text): (&String, &Cow<'static, [u8]>)| Some((name.clone(), first(text)?));
        self.records.get_or_init(|| self.files.iter().filter_map(read).collect()).get(entity)
    }
}

/// The first element of a list; the others are read over.
fn first(text: &[u8]) -> Option<Value> {
    serde_json::Deserializer::from_slice(text).deserialize_seq(First).ok().flatten()
}

struct First;

impl<'de> Visitor<'de> for First {
    type Value = Option<Value>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let first = list.next_element()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(first)
    }
}
