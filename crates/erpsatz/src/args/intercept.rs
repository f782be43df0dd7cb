//! The proxy that answers for the vendors' hosts.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, ValueEnum};
use erpsatz::{Intercept, Record, StartError};
use simhost::server::proxy::upstream::Upstream;

use super::pair;

/// The proxy's port unless told otherwise.
const PORT: u16 = 8079;

/// What `serve` takes about the proxy.
#[derive(Debug, Args)]
pub(crate) struct InterceptArgs {
    /// Run an HTTP proxy that answers for the vendors' own hosts; the user name that clients give it is the sandbox
    #[arg(long, env = "ERPSATZ_INTERCEPT", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    intercept: bool,
    /// Port of the proxy [default: 8079]
    #[arg(long, env = "ERPSATZ_INTERCEPT_PORT", value_name = "N")]
    intercept_port: Option<u16>,
    /// Another host that a server answers for; can be given for each
    #[arg(long, env = "ERPSATZ_INTERCEPT_HOST", value_delimiter = ',', value_name = "HOST=SLUG", value_parser = pair::<String>)]
    intercept_host: Vec<(String, String)>,
    /// Ask clients for credentials (407), for those that wait to be asked, such as Java's
    #[arg(long, env = "ERPSATZ_INTERCEPT_AUTH", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    intercept_auth: bool,
    /// Address of the proxy beyond loopback; clients then need the control token as password
    #[arg(long, env = "ERPSATZ_INTERCEPT_BIND", value_name = "ADDR")]
    intercept_bind: Option<String>,
    /// What becomes of other hosts
    #[arg(long, env = "ERPSATZ_INTERCEPT_OTHERS", value_enum, default_value_t = Others::Refuse)]
    intercept_others: Others,
    /// Pass the vendors' hosts to the real services, and write what is said to this file; outbound calls must be allowed
    #[arg(long, env = "ERPSATZ_RECORD", value_name = "FILE.har")]
    record: Option<PathBuf>,
    /// Let requests pass to the real services that may write
    #[arg(long, env = "ERPSATZ_RECORD_WRITES", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new(), requires = "record")]
    record_writes: bool,
    /// Where twins of the real services listen, for tests
    #[arg(long, env = "ERPSATZ_RECORD_ADDRESS", hide = true, value_delimiter = ',', value_name = "HOST=ADDR:PORT", value_parser = pair::<SocketAddr>)]
    record_address: Vec<(String, SocketAddr)>,
}

/// What the proxy makes of hosts that are no vendor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Others {
    /// They are refused in words
    Refuse,
    /// They are reached untouched, by the proxy that the environment named before
    Pass,
}

impl InterceptArgs {
    /// What the arguments mean.
    ///
    /// # Errors
    /// When they speak of a proxy that is not asked for.
    pub(super) fn wanted(&self, random_ports: bool) -> Result<Option<Intercept>, StartError> {
        let bind = self.intercept_bind.clone().filter(|address| !address.is_empty());
        if !self.is_wanted() {
            let said = [
                ("--intercept-port", self.intercept_port.is_some()),
                ("--intercept-host", !self.intercept_host.is_empty()),
                ("--intercept-auth", self.intercept_auth),
                ("--intercept-bind", bind.is_some()),
                ("--intercept-others", self.intercept_others == Others::Pass),
            ];
            return match said.iter().find(|(_, is_said)| *is_said) {
                None => Ok(None),
                Some((option, _)) => {
                    let message = format!("{option} is about the proxy, which --intercept starts: add that");
                    Err(StartError::Misused(message))
                }
            };
        }
        let usual = if random_ports { 0 } else { PORT };
        Ok(Some(Intercept {
            port: self.intercept_port.unwrap_or(usual),
            hosts: self.intercept_host.clone(),
            asks: self.intercept_auth,
            bind,
            others: (self.intercept_others == Others::Pass).then(Upstream::of_environment),
            record: self.record.clone().map(|file| Record {
                file,
                writes: self.record_writes,
                addresses: self.record_address.clone(),
                roots: Vec::new(),
                progress: Some(crate::progress::recorded),
            }),
        }))
    }

    /// Whether there is to be a proxy.
    pub(crate) fn is_wanted(&self) -> bool {
        self.intercept || self.record.is_some()
    }

    /// What came of a recording, in a line; nothing where none was made.
    pub(crate) fn recorded(&self, counts: Option<(u64, u64)>) -> Option<String> {
        let (file, (recorded, refused)) = (self.record.as_ref()?, counts?);
        Some(format!(
            "erpsatz: {recorded} requests recorded in {}, {refused} refused that might write",
            file.display()
        ))
    }

    /// Whether the proxy is to have a port of its own.
    pub(crate) fn has_port(&self) -> bool {
        self.intercept_port.is_some()
    }

    /// The hosts that the user adds.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.intercept_host.iter().map(|(host, _)| host.as_str())
    }
}
