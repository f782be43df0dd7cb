//! Commands that need no running Erpsatz.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::control::control_url;
use super::pair;

/// What commands take that ask no running Erpsatz, so that a script can give all commands the same options.
#[derive(Debug, Args)]
pub(crate) struct UnaskedArgs {
    /// Taken as by other commands; nothing is asked of it
    #[arg(long = "control", global = true, value_name = "URL", value_parser = control_url)]
    _control: Option<String>,
    /// Taken as by other commands; nothing is asked of it
    #[arg(long = "control-token", global = true, hide = true, value_name = "TOKEN")]
    _control_token: Option<String>,
    /// Taken as by other commands; nothing is asked of it
    #[arg(long = "sandbox", global = true, value_name = "NAME")]
    _sandbox: Option<String>,
    /// As JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// The server
    pub(crate) slug: String,
    /// How many records of an entity; can be given for each
    #[arg(long, required = true, num_args = 1.., value_name = "ENTITY=COUNT", value_parser = pair::<u64>)]
    pub(crate) set: Vec<(String, u64)>,
    /// Seed of everything random
    #[arg(long, env = "ERPSATZ_SEED", default_value_t = 0, value_name = "N")]
    pub(crate) seed: u64,
    /// Correct a simulator's facts with this YAML file, `sample` and `samples` included
    #[arg(long, env = "ERPSATZ_PROFILE", value_delimiter = ',', value_name = "SLUG=FILE", value_parser = pair::<PathBuf>)]
    pub(crate) profile: Vec<(String, PathBuf)>,
    /// A folder of more seed data, laid out as SLUG/SET/ENTITY.json
    #[arg(long, env = "ERPSATZ_SEED_DATA", value_name = "DIR")]
    pub(crate) seed_data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ScenarioArgs {
    /// A folder of more scenarios
    #[arg(long, env = "ERPSATZ_SCENARIOS", global = true, value_name = "DIR")]
    pub(crate) scenarios: Option<PathBuf>,
    /// A folder of more seed data
    #[arg(long, env = "ERPSATZ_SEED_DATA", global = true, value_name = "DIR")]
    pub(crate) seed_data: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) look: ScenarioLook,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioLook {
    /// Name the built-in scenarios
    List,
    /// Print one as YAML
    Show {
        /// Its name
        name: String,
    },
    /// Print the JSON Schema of scenario files, with every setting of every server
    Schema,
    /// Validate files, with line, column and snippet; warn of data that does not add up
    Check {
        /// Which files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Exit 1 also when there are only warnings
        #[arg(long)]
        warnings_as_errors: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ServersArgs {
    /// As JSON, with what a client of the default data signs in with
    #[arg(long)]
    pub(crate) json: bool,
    /// As the variables that `exec` gives, for the usual ports
    #[arg(long, conflicts_with = "json")]
    pub(crate) env: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ContractArgs {
    /// The server, or `control` for the control API itself
    #[arg(value_name = "SLUG")]
    pub(crate) slug: String,
    /// As a Postman collection, v2.1
    #[arg(long, conflicts_with = "control")]
    pub(crate) postman: bool,
    /// Where the document says the server is [default: its usual port on this machine]
    #[arg(long, value_name = "URL", conflicts_with = "control")]
    pub(crate) url: Option<String>,
    /// Of the Erpsatz that runs there, with the profiles that it was given; without it, of what is built in
    #[arg(long, value_name = "URL", value_parser = control_url)]
    pub(crate) control: Option<String>,
    /// Its token, where it asks for one
    #[arg(long, env = "ERPSATZ_CONTROL_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) control_token: Option<String>,
    /// Taken as by other commands: all sandboxes have one contract
    #[arg(long = "sandbox", value_name = "NAME")]
    pub(crate) _sandbox: Option<String>,
    /// As JSON, which only clavus's SDL is not without it: `{"sdl": "…"}`
    #[arg(long)]
    pub(crate) json: bool,
    /// Correct a simulator's facts with this YAML file
    #[arg(long, env = "ERPSATZ_PROFILE", value_delimiter = ',', value_name = "SLUG=FILE", value_parser = pair::<PathBuf>)]
    pub(crate) profile: Vec<(String, PathBuf)>,
}

#[derive(Debug, Args)]
pub(crate) struct CoverageArgs {
    /// Only these servers
    #[arg(value_name = "SLUG")]
    pub(crate) slugs: Vec<String>,
    /// One fact a line instead of tables: server, kind, name, evidence, with `--tested` also tested or untested
    #[arg(long)]
    pub(crate) facts: bool,
    /// Correct a simulator's facts with this YAML file
    #[arg(long, env = "ERPSATZ_PROFILE", value_delimiter = ',', value_name = "SLUG=FILE", value_parser = pair::<PathBuf>)]
    pub(crate) profile: Vec<(String, PathBuf)>,
    /// What tests have used, a line a fact: `contracts/tested.txt` of the repository
    #[arg(long, value_name = "FILE")]
    pub(crate) tested: Option<PathBuf>,
}
