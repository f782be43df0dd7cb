//! What completion knows of arguments: servers, scenarios, entities.
//!
//! Such an argument takes any text, since a file of the user's may bring more; what is unknown is refused later, with the nearest name.

use std::any::TypeId;
use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};
use erpsatz::{Config, library, load_simulators, registry};
use simcore::simulator::Loaded;

use super::pair;

/// A parser with values to offer.
#[derive(Clone)]
struct Known<P> {
    parser: P,
    values: fn() -> Vec<String>,
}

impl<P: TypedValueParser> TypedValueParser for Known<P> {
    type Value = P::Value;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Self::Value, Error> {
        self.parser.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.values)().into_iter().map(PossibleValue::new)))
    }
}

/// The argument of a command with the values that fit what it is called in help.
pub(super) fn with_values(arg: Arg, command: &str) -> Arg {
    let called = arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    let text = StringValueParser::new();
    match (called.as_deref().unwrap_or_default(), arg.get_value_parser().type_id()) {
        ("SLUG", kind) if kind == TypeId::of::<String>() => {
            let values = if command == "contract" { contracts } else { slugs };
            arg.value_parser(Known { parser: text, values })
        }
        ("NAME|FILE" | "NAME|FILE|-", kind) if kind == TypeId::of::<String>() => {
            quietly(arg, text, scenarios)
        }
        ("NAME", kind) if kind == TypeId::of::<String>() && command == "scenario show" => {
            quietly(arg, text, scenarios)
        }
        ("ENTITY", kind) if kind == TypeId::of::<String>() => quietly(arg, text, entities),
        ("NAME", kind) if kind == TypeId::of::<String>() && command == "action" => {
            quietly(arg, text, actions)
        }
        ("METHOD", kind) if kind == TypeId::of::<String>() => quietly(arg, text, methods),
        ("KEY=VALUE", kind) if kind == TypeId::of::<(String, String)>() && command == "settings" => {
            quietly(arg, pair::<String>, settings_with_value)
        }
        ("SLUG=FILE", kind) if kind == TypeId::of::<(String, PathBuf)>() => {
            quietly(arg, pair::<PathBuf>, slugs_with_value)
        }
        ("SLUG=N", kind) if kind == TypeId::of::<(String, u16)>() => {
            quietly(arg, pair::<u16>, slugs_with_value)
        }
        ("ENTITY=COUNT", kind) if kind == TypeId::of::<(String, u64)>() => {
            quietly(arg, pair::<u64>, entities_with_value)
        }
        _ => arg,
    }
}

/// With values that would only make help longer.
fn quietly<P>(arg: Arg, parser: P, values: fn() -> Vec<String>) -> Arg
where
    P: TypedValueParser,
    P::Value: Clone + Send + Sync + 'static,
{
    arg.value_parser(Known { parser, values }).hide_possible_values(true)
}

/// Slugs of the servers.
fn slugs() -> Vec<String> {
    registry::ALL.iter().map(|sim| sim.slug.to_owned()).collect()
}

/// What `contract` prints: those of the servers, and the control API's.
fn contracts() -> Vec<String> {
    slugs().into_iter().chain(["control".to_owned()]).collect()
}

/// The beginnings of `SLUG=…`.
fn slugs_with_value() -> Vec<String> {
    slugs().iter().map(|slug| format!("{slug}=")).collect()
}

/// Names of the scenarios that are compiled in.
fn scenarios() -> Vec<String> {
    library::embedded().scenarios.into_keys().collect()
}

/// The beginnings of `ENTITY=COUNT`, of all servers.
fn entities_with_value() -> Vec<String> {
    entities().into_iter().map(|name| name + "=").collect()
}

/// Entities of all servers.
fn entities() -> Vec<String> {
    named(|loaded| loaded.model.tables.keys().cloned().collect())
}

/// What can be done in the back office of any server.
fn actions() -> Vec<String> {
    named(|loaded| loaded.model.profile.actions.keys().cloned().collect())
}

/// The beginnings of switches of any server.
fn settings_with_value() -> Vec<String> {
    named(|loaded| loaded.model.profile.settings.keys().map(|name| format!("{name}=")).collect())
}

/// The methods that the servers take.
fn methods() -> Vec<String> {
    ["GET", "POST", "PUT", "PATCH", "DELETE"].map(str::to_owned).into()
}

/// What all servers have, each once, sorted.
fn named(of: impl Fn(&Loaded) -> Vec<String>) -> Vec<String> {
    let loaded = load_simulators(&Config::default()).unwrap_or_default();
    let mut names: Vec<String> = loaded.iter().flat_map(of).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use clap_complete::Shell;

    use crate::args::Cli;

    #[test]
    fn completion_offers_what_there_is_and_anything_else_is_taken_too() {
        let mut script = Vec::new();
        clap_complete::generate(Shell::Bash, &mut Cli::whole(), "erpsatz", &mut script);
        let script = String::from_utf8(script).expect("a text");
        let names = [" products ", " lock-record ", " token_lifetime= ", "GET POST"];
        for offered in ["onlineerp 8sens", " robot-offline ", " products= ", " control", "weavy= "]
            .into_iter()
            .chain(names)
        {
            assert!(script.contains(offered), "{offered} is not offered");
        }
        for line in ["serve --scenario mine.yaml --port sixth=1", "contract sixth", "scenario show mine"] {
            let words = ["erpsatz"].into_iter().chain(line.split(' '));
            let read = Cli::whole().try_get_matches_from(words);
            assert!(read.is_ok(), "{line}: {:?}", read.err().map(|error| error.to_string()));
        }
    }
}
