//! Which running Erpsatz a command speaks to, and what of it.

use clap::{Args, Subcommand};
use reqwest::Url;
use simcore::base::duration::Duration;

use super::{CONTROL_PORT, CallArgs};

/// Where a running Erpsatz is.
#[derive(Debug, Args)]
pub(crate) struct ControlArgs {
    /// The control API of a running Erpsatz, such as <http://127.0.0.1:8080>; without it, that of this machine
    #[arg(long, env = "ERPSATZ_CONTROL_URL", global = true, value_name = "URL", value_parser = control_url)]
    control: Option<String>,
    /// The variable that moves a server's control API moves those who look for it beside that server
    #[arg(long, env = "ERPSATZ_CONTROL_PORT", global = true, hide = true, default_value_t = CONTROL_PORT)]
    control_port: u16,
    /// Its token, where it asks for one
    #[arg(long, env = "ERPSATZ_CONTROL_TOKEN", global = true, hide_env_values = true, value_name = "TOKEN")]
    pub(crate) control_token: Option<String>,
}

/// Which sandbox of a running Erpsatz.
#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    #[command(flatten)]
    pub(crate) control: ControlArgs,
    /// The sandbox
    #[arg(long, env = "ERPSATZ_SANDBOX", global = true, default_value = "default", value_name = "NAME")]
    pub(crate) sandbox: String,
}

/// What `health` takes.
#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    #[command(flatten)]
    pub(crate) control: ControlArgs,
    /// The control API's own answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct JournalArgs {
    /// With `--json` whole entries, a line each
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// Go on showing requests as they come
    #[arg(long)]
    pub(crate) follow: bool,
    /// With the bodies of requests and answers
    #[arg(long)]
    pub(crate) bodies: bool,
    /// Only those of this server
    #[arg(long, value_name = "SLUG")]
    pub(crate) server: Option<String>,
    /// Only those with this method
    #[arg(long, value_name = "METHOD")]
    pub(crate) method: Option<String>,
    /// Only those to this path, in which * stands for anything
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Only those that the client saw answered with this status
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<u16>,
    /// Only those after the entry with this id
    #[arg(long, value_name = "ID")]
    pub(crate) since: Option<u64>,
    /// How many of the newest
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(crate) limit: u64,
}

#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    #[command(flatten)]
    pub(crate) sandbox: SandboxArgs,
    /// The control API's own answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The request's id in the journal
    #[arg(value_name = "ID")]
    pub(crate) id: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ClockArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    #[command(subcommand)]
    pub(crate) change: Option<ClockChange>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockChange {
    /// Show it
    Show,
    /// Move it on by a duration: 400ms, 2s, 15m, PT15M
    Advance {
        /// How far
        by: Duration,
    },
    /// Move it to an instant: 2026-03-01T08:00:00Z
    Set {
        /// Where to
        at: String,
    },
    /// Stop it
    Freeze,
    /// Let it run on
    Resume,
}

impl ControlArgs {
    /// That of `url`, which asks for `token`.
    pub(crate) fn of(url: &str, token: Option<&str>) -> Self {
        let (control, control_token) = (Some(url.to_owned()), token.map(str::to_owned));
        Self { control, control_port: CONTROL_PORT, control_token }
    }

    /// Scheme, host and port, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        match &self.control {
            Some(url) if !url.is_empty() => url.trim_end_matches('/').to_owned(),
            _ => format!("http://127.0.0.1:{}", self.control_port),
        }
    }
}

/// Where the control API is. Nothing is nothing, so that a variable can be left empty.
pub(super) fn control_url(text: &str) -> Result<String, String> {
    let is_web = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if text.is_empty() || is_web {
        return Ok(text.to_owned());
    }
    Err("write http://HOST:PORT or https://HOST:PORT".to_owned())
}
