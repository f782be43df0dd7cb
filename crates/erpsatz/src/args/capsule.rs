//! `erpsatz capsule`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CallArgs, pair};

#[derive(Debug, Args)]
pub(crate) struct CapsuleArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    #[command(subcommand)]
    pub(crate) what: CapsuleDo,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CapsuleDo {
    /// Keep what happened in a sandbox of a running Erpsatz as a file
    Save {
        /// The file
        file: PathBuf,
    },
    /// Play one again in a fresh sandbox: exit 0 when every answer is the same to the byte, 3 with the first difference
    Replay(PlayArgs),
    /// Tell what happened in it
    Show {
        /// The capsule
        file: PathBuf,
    },
    /// Print the smallest scenario of it that still fails, with its requests as curl
    ToScenario(ToScenarioArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PlayArgs {
    /// The capsule
    pub(crate) file: PathBuf,
    /// Correct a simulator's facts with this YAML file, in the place of the capsule's own; can be given for each
    #[arg(long, env = "ERPSATZ_PROFILE", value_delimiter = ',', value_name = "SLUG=FILE", value_parser = pair::<PathBuf>)]
    pub(crate) profile: Vec<(String, PathBuf)>,
}

#[derive(Debug, Args)]
pub(crate) struct ToScenarioArgs {
    #[command(flatten)]
    pub(crate) play: PlayArgs,
    /// Write the requests as a script of curl to this file too
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
}
