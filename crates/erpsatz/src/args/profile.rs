//! What `profile` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{UnaskedArgs, pair};

#[derive(Debug, Args)]
pub(crate) struct ProfileArgs {
    #[command(flatten)]
    pub(crate) unasked: UnaskedArgs,
    #[command(subcommand)]
    pub(crate) look: ProfileLook,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileLook {
    /// Validate files, every mistake with line, column and snippet
    Check {
        /// Which files; several for one server in this order, each over those before
        #[arg(required = true, value_name = "SLUG=FILE", value_parser = pair::<PathBuf>)]
        files: Vec<(String, PathBuf)>,
    },
    /// Print what holds: every call, refusal, setting, entity and field, with its evidence in brackets
    Show {
        /// The server
        slug: String,
        /// With this correction
        #[arg(long, env = "ERPSATZ_PROFILE", value_delimiter = ',', value_name = "SLUG=FILE", value_parser = pair::<PathBuf>)]
        profile: Vec<(String, PathBuf)>,
    },
    /// Print the JSON Schema of profile files; of one server's, with the names that it has
    Schema {
        /// The server
        slug: Option<String>,
    },
}
