//! What `compare` takes.

use std::path::PathBuf;

use clap::Args;

use super::{UnaskedArgs, pair};

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// What a client and the real service said to each other: a HAR of a browser, Insomnia, mitmproxy, `--record`, or `journal.har`
    pub(crate) file: PathBuf,
    /// The server of entries whose host is no vendor's
    #[arg(long, value_name = "SLUG")]
    pub(crate) server: Option<String>,
    /// Compare with this correction, repeatable
    #[arg(long, env = "ERPSATZ_PROFILE", value_delimiter = ',', value_name = "SLUG=FILE", value_parser = pair::<PathBuf>)]
    pub(crate) profile: Vec<(String, PathBuf)>,
    /// Write a profile that answers as the recording does; OVERLAY.SLUG.yaml each where there are several servers
    #[arg(long, value_name = "OVERLAY.yaml")]
    pub(crate) learn: Option<PathBuf>,
    /// Let values of the recording be printed and kept
    #[arg(long)]
    pub(crate) keep_values: bool,
    #[command(flatten)]
    pub(crate) unasked: UnaskedArgs,
}
