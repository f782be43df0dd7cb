//! HTTPS and its root, and how requests come here.

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args};
use simcore::base::origin::Network;

use super::SandboxArgs;

/// What `serve` takes about HTTPS, and about how requests come here.
#[derive(Debug, Args)]
pub(crate) struct TlsArgs {
    /// Speak plain HTTP alone
    #[arg(long, env = "ERPSATZ_NO_TLS", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    pub(crate) no_tls: bool,
    /// Keep the root of HTTPS in this folder; without it in that of --data-dir, or in memory
    #[arg(long, env = "ERPSATZ_CA_DIR", value_name = "DIR")]
    pub(crate) ca_dir: Option<PathBuf>,
    /// Proxies whose X-Forwarded-Proto and X-Forwarded-Host are believed, besides those of this machine
    #[arg(long, env = "ERPSATZ_TRUSTED_PROXY", value_delimiter = ',', value_name = "ADDR|NETWORK")]
    pub(crate) trusted_proxy: Vec<Network>,
    /// Refuse requests that name no sandbox, neither in path, host, proxy user nor header
    #[arg(long, env = "ERPSATZ_REQUIRE_SANDBOX", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    pub(crate) require_sandbox: bool,
}

/// What `ca` takes.
#[derive(Debug, Args)]
pub(crate) struct CaArgs {
    #[command(flatten)]
    pub(crate) sandbox: SandboxArgs,
    /// The root that this folder keeps, made when there is none
    #[arg(long, env = "ERPSATZ_CA_DIR", value_name = "DIR")]
    pub(crate) ca_dir: Option<PathBuf>,
    /// The root that this folder of data keeps, made when there is none
    #[arg(long, env = "ERPSATZ_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The roots that this machine trusts, and it
    #[arg(long)]
    pub(crate) bundle: bool,
    /// As JSON: `{"pem": "…"}`
    #[arg(long, conflicts_with = "pkcs12")]
    pub(crate) json: bool,
    /// Write a truststore for Java (PKCS#12) to this file instead
    #[arg(long, value_name = "FILE")]
    pub(crate) pkcs12: Option<PathBuf>,
    /// The truststore's password
    #[arg(long, requires = "pkcs12", default_value = "changeit", value_name = "PASSWORD")]
    pub(crate) password: String,
}
