//! What commands do in a sandbox of a running Erpsatz: faults, records, back office, snapshots, settings, expectations.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::SandboxArgs;

/// Calls of the control API from the shell.
#[derive(Debug, Subcommand)]
pub(crate) enum CallCommand {
    /// Fault rules: add, list, remove
    Fault(FaultArgs),
    /// Records of a server, past the public API's rules
    Data(DataArgs),
    /// Do what a person would do inside the ERP; alone, say what there is
    Action(ActionArgs),
    /// Whole sandboxes, kept and brought back
    Snapshot(SnapshotArgs),
    /// Load another scenario into a sandbox
    Load(LoadArgs),
    /// Sandboxes: list, make, remove, write as files
    Sandbox(WorldArgs),
    /// Show or change the switches of a server
    Settings(SettingsArgs),
    /// Add an expectation, or several
    Expect(ExpectArgs),
    /// Judge an expectation at once: exit 0 when it is met, 3 otherwise
    Verify(ExpectArgs),
}

/// Which sandbox, and how the answer is printed.
#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    #[command(flatten)]
    pub(crate) sandbox: SandboxArgs,
    /// The control API's own answer as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FaultArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    #[command(subcommand)]
    pub(crate) what: FaultCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FaultCommand {
    /// Add a rule as in a scenario file, and print its id
    Add {
        /// The rule as YAML, a file with it, or - for stdin
        #[arg(value_name = "YAML|FILE|-")]
        rule: String,
    },
    /// Show the rules in force
    List,
    /// End one rule, or all of them
    Rm {
        /// Its id
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// Every rule
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// The company, where the server has several
    #[arg(long, global = true, value_name = "N")]
    pub(crate) company: Option<String>,
    #[command(subcommand)]
    pub(crate) what: DataCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Show records, a line of JSON each; without ENTITY the entities and how many records each has
    List {
        /// The server
        slug: String,
        /// The entity
        entity: Option<String>,
        /// How many at most
        #[arg(long, value_name = "N", requires = "entity")]
        limit: Option<u64>,
        /// How many are passed over first
        #[arg(long, value_name = "N", requires = "entity")]
        offset: Option<u64>,
        /// Only those that hold this, in any case
        #[arg(long, value_name = "TEXT", requires = "entity")]
        q: Option<String>,
    },
    /// Show a record
    Get {
        /// The server
        slug: String,
        /// The entity
        entity: String,
        /// Its id on the wire
        key: String,
    },
    /// Store a record, or the records of a list; with KEY change that one
    Put {
        /// The server
        slug: String,
        /// The entity
        entity: String,
        /// Its id on the wire, then the record as JSON, a file with it, or - for stdin
        #[arg(required = true, num_args = 1..=2, value_names = ["KEY", "JSON|FILE|-"])]
        key_and_record: Vec<String>,
    },
    /// Remove a record
    Rm {
        /// The server
        slug: String,
        /// The entity
        entity: String,
        /// Its id on the wire
        key: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ActionArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// The server
    #[arg(requires = "name")]
    pub(crate) slug: Option<String>,
    /// The action
    pub(crate) name: Option<String>,
    /// Its parameters
    #[arg(value_name = "KEY=VALUE", value_parser = super::pair::<String>)]
    pub(crate) with: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    #[command(subcommand)]
    pub(crate) what: SnapshotCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Keep the whole sandbox
    Take {
        /// What it is called
        id: String,
    },
    /// Bring it back
    Restore {
        /// What it is called
        id: String,
    },
    /// Show those kept
    List,
    /// Forget one
    Rm {
        /// What it is called
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LoadArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// A known scenario, a file, or - for stdin
    #[arg(value_name = "NAME|FILE|-")]
    pub(crate) scenario: String,
}

#[derive(Debug, Args)]
pub(crate) struct WorldArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    #[command(subcommand)]
    pub(crate) what: WorldCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorldCommand {
    /// Show those there are
    List,
    /// Make one, and print its name
    New {
        /// Its name; one is made up without it
        name: Option<String>,
        /// What it starts as: a known scenario or a file
        #[arg(long, value_name = "NAME|FILE")]
        scenario: Option<String>,
        /// Seed of everything random
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
    },
    /// Remove one: that name, or without it the one that --sandbox names
    Rm {
        /// Its name
        name: Option<String>,
    },
    /// Write what it holds as a scenario and seed data
    Export {
        /// Its name
        name: String,
        /// The folder, which is made: `DIR/NAME.yaml` and `DIR/SLUG/NAME/ENTITY.json`
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SettingsArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// The server
    pub(crate) slug: String,
    /// What is changed; nothing after = brings the default back
    #[arg(value_name = "KEY=VALUE", value_parser = super::pair::<String>)]
    pub(crate) changes: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(crate) struct ExpectArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// An expectation as in a scenario file, as YAML, a file with it, or - for stdin
    #[arg(value_name = "YAML|FILE|-")]
    pub(crate) expectation: String,
}
