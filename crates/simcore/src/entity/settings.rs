//! The switches of one simulator in one sandbox: the profile's defaults with the scenario's values over them.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::base::map::IndexMap;
use crate::entity::profile::Profile;
pub use crate::entity::setting::{Holds, MAX_SETTING, Member, Setting};

/// The setting that holds a template of refusals; an empty one stands for the vendor's own form.
pub const TEMPLATE: &str = "error_template";

/// Values by name. A name that the profile does not declare reads as null, false, zero or empty; the contract checks
/// of every simulator see to it that code asks for declared names only.
#[derive(Clone, Debug)]
pub struct Settings {
    defaults: Arc<Profile>,
    changed: IndexMap<String, Value>,
    /// What the simulator has made of them.
    derived: Arc<OnceLock<Box<dyn Any + Send + Sync>>>,
}

impl Settings {
    /// The defaults of `profile` with `changed` over them.
    pub fn new(defaults: Arc<Profile>, changed: IndexMap<String, Value>) -> Self {
        Self { defaults, changed, derived: Arc::default() }
    }

    /// What `make` makes of these settings, made once: for what every request would work out anew. A simulator has one
    /// such type; of another one there is nothing.
    pub fn derived<T: Any + Send + Sync>(&self, make: fn(&Self) -> T) -> Option<&T> {
        self.derived.get_or_init(|| Box::new(make(self))).downcast_ref()
    }

    /// The value as it stands.
    pub fn value(&self, name: &str) -> &Value {
        debug_assert!(self.defaults.settings.contains_key(name), "no setting `{name}`");
        self.changed.get(name).or_else(|| self.default(name)).unwrap_or(&Value::Null)
    }

    /// The value that the scenario or the back office gave; nothing while the default holds. For switches whose
    /// default follows from another switch.
    pub fn given(&self, name: &str) -> Option<&Value> {
        debug_assert!(self.defaults.settings.contains_key(name), "no setting `{name}`");
        self.changed.get(name)
    }

    /// What the scenario or the back office gave, by name.
    pub fn all_given(&self) -> &IndexMap<String, Value> {
        &self.changed
    }

    /// The profile's default, whatever the value is now.
    pub fn default(&self, name: &str) -> Option<&Value> {
        self.defaults.settings.get(name).map(|setting| &setting.default)
    }

    /// A text or a choice.
    pub fn text(&self, name: &str) -> &str {
        self.value(name).as_str().unwrap_or_default()
    }

    /// A switch.
    pub fn flag(&self, name: &str) -> bool {
        self.value(name).as_bool().unwrap_or_default()
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> i64 {
        self.value(name).as_i64().unwrap_or_default()
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.value(name).as_array().into_iter().flatten().filter_map(Value::as_str)
    }
}
