//! What `serve` is told, and why nothing was started.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use simcore::Simulator;
use simcore::base::map::IndexMap;
use simhost::sandbox::sandboxes::Options;
use simhost::scenario::generate::Progress;

use super::{Intercept, Profiles};

/// What `serve` is told; the default is all servers on free ports of loopback, in memory.
#[derive(Debug)]
pub struct Config {
    /// The name of a known scenario, or a file.
    pub scenario: String,
    /// Simulators besides those of the registry, for those who bring a vendor of their own.
    pub more: Vec<&'static Simulator>,
    /// Only these servers; empty for all.
    pub only: Vec<String>,
    /// The address or name to bind to.
    pub host: String,
    /// The control API's port; 0 for a free one.
    pub control_port: u16,
    /// Ports by slug; 0 for a free one.
    pub ports: IndexMap<String, u16>,
    /// Whether servers without a port of their own take free ones.
    pub random_ports: bool,
    /// The token of the control API, visible ASCII; one is made when it is bound beyond loopback and there is none.
    pub control_token: Option<String>,
    /// Host names under which the control API answers, besides loopback and the one it is bound to.
    pub control_hosts: Vec<String>,
    /// The URLs of the control APIs of the other replicas behind one front, and of this one if need be.
    pub peers: Vec<String>,
    /// Whether only HTTP is spoken.
    pub no_tls: bool,
    /// The folder that keeps the root of HTTPS; that of the data without it, and memory without either.
    pub ca_dir: Option<PathBuf>,
    /// The proxy that answers for the vendors' hosts, where there is to be one.
    pub intercept: Option<Intercept>,
    /// Corrections of what the servers are.
    pub profiles: Profiles,
    /// A folder of more scenarios.
    pub scenarios: Option<PathBuf>,
    /// A folder of more seed data.
    pub seed_data: Option<PathBuf>,
    /// Who watches when many records are generated.
    pub progress: Option<Progress>,
    /// What all sandboxes have in common.
    pub options: Options,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            scenario: "default".to_owned(),
            more: Vec::new(),
            only: Vec::new(),
            host: Ipv4Addr::LOCALHOST.to_string(),
            control_port: 0,
            ports: IndexMap::default(),
            random_ports: true,
            control_token: None,
            control_hosts: Vec::new(),
            peers: Vec::new(),
            no_tls: false,
            ca_dir: None,
            intercept: None,
            profiles: Profiles::default(),
            scenarios: None,
            seed_data: None,
            progress: None,
            options: Options::default(),
        }
    }
}

/// Why nothing was started: one line for the user.
#[derive(Debug)]
pub enum StartError {
    /// A name that there is not, a value that cannot be: the command was misused.
    Misused(String),
    /// Something on this machine is not as it should be.
    Failed(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Misused(message) | Self::Failed(message)) = self;
        f.write_str(message)
    }
}

impl std::error::Error for StartError {}
