//! The command line: every option and variable, once.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use erpsatz::{Config, StartError};
use simcore::base::client_timeout::ClientTimeout;
use simcore::base::duration::Duration;
use simcore::base::origin::TrustedProxies;
use simcore::store::outbound::Reach;
use simhost::journal::Limits;
use simhost::judge::results::Which;
use simhost::rules::fail_on::FailOn;
use simhost::sandbox::keeping::Capsules;
use simhost::sandbox::sandboxes::Options;

mod capsule;
mod compare;
mod control;
mod examples;
mod intercept;
mod known;
mod offline;
mod profile;
mod tls;
mod worlds;

pub(crate) use worlds::{
    ActionArgs, CallArgs, CallCommand, DataArgs, DataCommand, ExpectArgs, FaultArgs, FaultCommand, LoadArgs,
    SettingsArgs, SnapshotArgs, SnapshotCommand, WorldArgs, WorldCommand,
};

pub(crate) use crate::log::{LogFormat, LogLevel};
pub(crate) use capsule::{CapsuleArgs, CapsuleDo, PlayArgs, ToScenarioArgs};
pub(crate) use compare::CompareArgs;
pub(crate) use control::{
    ClockArgs, ClockChange, ControlArgs, HealthArgs, JournalArgs, SandboxArgs, WhyArgs,
};
pub(crate) use intercept::InterceptArgs;
pub(crate) use offline::{
    ContractArgs, CoverageArgs, GenerateArgs, ScenarioArgs, ScenarioLook, ServersArgs, UnaskedArgs,
};
pub(crate) use profile::{ProfileArgs, ProfileLook};
pub(crate) use tls::{CaArgs, TlsArgs};

/// The command by which `exec` starts this program in the place of the one that is asked for.
#[cfg(unix)]
pub(crate) const BECOME: &str = "become-command";

/// The control API's port unless told otherwise.
pub(crate) const CONTROL_PORT: u16 = 8080;

/// Simulated ERP servers for tests.
///
/// No account, no telemetry: nothing leaves this machine. `erpsatz serve` starts every server with a small firm in it.
#[derive(Debug, Parser)]
#[command(name = "erpsatz", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the servers and the control API
    Serve(Box<ServeCommand>),
    /// Start on free ports, run a command against the servers, stop, and judge it
    #[command(
        after_help = "The command finds the servers in ERPSATZ_CONTROL_URL, ERPSATZ_ONLINEERP_URL, … and signs in with \
        ERPSATZ_ONLINEERP_USER, … Exit: the command's own code; 3 when it succeeded and something of \
        `--fail-on` happened, which usually is that an expectation of a scenario was missed."
    )]
    Exec(Box<ExecArgs>),
    /// Become the command that `exec` was asked to run, and end when `exec` does
    #[cfg(unix)]
    #[command(name = BECOME, hide = true)]
    Become {
        /// The process that is `exec`
        parent: i32,
        /// Say in JSON why the command could not be started
        #[arg(long)]
        json: bool,
        /// The command and its arguments
        #[arg(last = true, required = true, value_name = "CMD")]
        command: Vec<OsString>,
    },
    /// Look at scenarios: list, show, check
    Scenario(ScenarioArgs),
    /// Name the servers there are: slug, usual port, base path, kind of contract and title, separated by tabs
    Servers(ServersArgs),
    /// Print what a vendor documents of its API: OpenAPI 3.1, or SDL for clavus
    #[command(
        after_help = "Every operation, parameter and field says in x-evidence where it comes from: seed, doc, client or \
        assumed."
    )]
    Contract(ContractArgs),
    /// Say what is known of each vendor's API, what is assumed, and what of it the tests have seen
    Coverage(CoverageArgs),
    /// Correct what is assumed of a vendor: check profile files, show what holds, print their schema
    #[command(
        after_help = "Example: erpsatz profile check onlineerp=ours.yaml && erpsatz serve --profile onlineerp=ours.yaml"
    )]
    Profile(ProfileArgs),
    /// Ask a recording of the real service again, and say what the simulators answer otherwise
    #[command(
        after_help = "Differences in shape and rule only; no value of the recording is printed or kept, and nothing is asked of \
        anybody else. Exit: 0 none, 3 some, 1 when the file cannot be read."
    )]
    Compare(CompareArgs),
    /// Print believable records of a server, the same for the same seed
    #[command(
        after_help = "An array for one entity, an object of arrays for several, with keys that the default data does \
        not use: for `records` in a scenario, a set of seed data, or the control API."
    )]
    Generate(GenerateArgs),
    /// Say what a run came to: exit 0 when nothing of --fail-on happened, 3 otherwise
    Report(ReportArgs),
    /// Print the root certificate of HTTPS, for the trust setting of a client
    #[command(
        after_help = "Of the Erpsatz that runs, or of the folder that is given. SSL_CERT_FILE and its like take the place of the \
        system's roots, so they want --bundle; Java's javax.net.ssl.trustStore wants --pkcs12."
    )]
    Ca(CaArgs),
    /// Say whether the servers are ready: exit 0 when they are, 1 otherwise
    Health(HealthArgs),
    /// Bring a sandbox back to what its scenario starts it as
    Reset(CallArgs),
    /// Show what came in, what went out, what it did and what of it is outside the vendors' contracts
    #[command(
        after_help = "A line a request: # and its id, simulated time, server, status (`cut` when nothing was answered), method, path; then \
        the fault that met it, its violations and its effects. On a terminal these have lines of their own, and colours unless \
        NO_COLOR is set."
    )]
    Journal(JournalArgs),
    /// Say why a request was answered so: the checks in their order, up to the one that answered
    Why(WhyArgs),
    /// Keep a run as one file, play it again, tell it, and make the smallest scenario of it that still fails
    #[command(
        after_help = "A capsule holds scenario, seed, profile, control's changes, every request with its answer, and the records before \
        and after; secrets are placeholders."
    )]
    Capsule(CapsuleArgs),
    /// Show or move simulated time
    Clock(ClockArgs),
    #[command(flatten)]
    Call(CallCommand),
    /// Print the shell completion
    Completions {
        /// For which shell
        shell: Shell,
    },
}

impl Cli {
    /// The command line, with an example for each command and what completion knows of its arguments.
    pub(crate) fn whole() -> clap::Command {
        examples::told(Self::command(), "")
    }
}

/// What `serve` and `exec` take.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// What sandboxes start as: the name of a known scenario, or a YAML file
    #[arg(long, env = "ERPSATZ_SCENARIO", default_value = "default", value_name = "NAME|FILE")]
    scenario: String,
    /// Start only these servers
    #[arg(long, env = "ERPSATZ_ONLY", value_delimiter = ',', value_name = "SLUG")]
    only: Vec<String>,
    /// Address to listen on; beyond loopback the control API asks for a token
    #[arg(long, env = "ERPSATZ_HOST", default_value = "127.0.0.1", value_name = "ADDR")]
    host: String,
    /// Port of the control API [default: 8080]
    #[arg(long, env = "ERPSATZ_CONTROL_PORT", value_name = "N")]
    control_port: Option<u16>,
    /// Port of one server; can be given for each
    #[arg(long, env = "ERPSATZ_PORT", value_delimiter = ',', value_name = "SLUG=N", value_parser = pair::<u16>)]
    port: Vec<(String, u16)>,
    /// Take free ports for everything that has no port of its own
    #[arg(long, env = "ERPSATZ_RANDOM_PORTS", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    random_ports: bool,
    /// Keep the databases as files in this folder; in memory without it
    #[arg(long, env = "ERPSATZ_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Refuse what the vendors do not document
    #[arg(long, env = "ERPSATZ_STRICT", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    strict: bool,
    /// Keep a capsule of each world that fails in this folder as it ends: `SANDBOX.capsule`
    #[arg(long, alias = "capsules", env = "ERPSATZ_CAPSULE", value_name = "DIR")]
    capsule: Option<PathBuf>,
    /// Let the servers send hooks beyond this machine
    #[arg(long, env = "ERPSATZ_ALLOW_OUTBOUND", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    allow_outbound: bool,
    /// Seed of everything random; beats the scenario's
    #[arg(long, env = "ERPSATZ_SEED", value_name = "N")]
    seed: Option<u64>,
    /// Correct a simulator's facts with this YAML file; of several for one, the later counts
    #[arg(long, env = "ERPSATZ_PROFILE", value_delimiter = ',', value_name = "SLUG=FILE", value_parser = pair::<PathBuf>)]
    profile: Vec<(String, PathBuf)>,
    /// A folder of more scenarios
    #[arg(long, env = "ERPSATZ_SCENARIOS", value_name = "DIR")]
    scenarios: Option<PathBuf>,
    /// A folder of more seed data, laid out as SLUG/SET/ENTITY.json
    #[arg(long, env = "ERPSATZ_SEED_DATA", value_name = "DIR")]
    seed_data: Option<PathBuf>,
    /// How many sandboxes there may be; beyond it the one idle longest goes
    #[arg(long, env = "ERPSATZ_MAX_SANDBOXES", default_value_t = 10_000, value_name = "N")]
    max_sandboxes: usize,
    /// How many requests a sandbox's journal keeps
    #[arg(long, env = "ERPSATZ_JOURNAL_ENTRIES", default_value_t = 10_000, value_name = "N")]
    journal_entries: usize,
    /// How many bytes of memory a sandbox's journal takes
    #[arg(long, env = "ERPSATZ_JOURNAL_BYTES", default_value_t = 64 << 20, value_name = "N")]
    journal_bytes: usize,
    /// How many bytes the body of a request may have
    #[arg(long, env = "ERPSATZ_MAX_BODY", default_value_t = 32 << 20, value_name = "N")]
    max_body: usize,
    /// How long a slow client is waited for: for the head of a request, for its body, and for it to read its answer
    #[arg(long, env = "ERPSATZ_CLIENT_TIMEOUT", default_value = "30s", value_name = "DURATION")]
    client_timeout: Duration,
    /// Token that the control API asks for; made and printed when bound beyond loopback without one
    #[arg(long, env = "ERPSATZ_CONTROL_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    control_token: Option<String>,
    /// More host names under which the control API answers, such as a service's name in a network of containers
    #[arg(long, env = "ERPSATZ_CONTROL_HOST", value_delimiter = ',', value_name = "NAME", value_parser = host_name)]
    control_host: Vec<String>,
    /// Control APIs of the other replicas behind one front: lists, the report and the reset of all are of all of them
    #[arg(long, env = "ERPSATZ_PEERS", value_delimiter = ',', value_name = "URL", value_parser = peer_or_none)]
    peers: Vec<String>,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    #[command(flatten)]
    pub(crate) intercept: InterceptArgs,
    /// How log lines on stderr look
    #[arg(long, env = "ERPSATZ_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// How much is logged on stderr; at info one line a request [default: info on a terminal, else warn]
    #[arg(long, env = "ERPSATZ_LOG_LEVEL", value_enum, value_name = "LEVEL")]
    pub(crate) log_level: Option<LogLevel>,
}

/// What `serve` takes besides.
#[derive(Debug, Args)]
pub(crate) struct ServeCommand {
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// Say ready as one line of JSON instead of a table
    #[arg(long, env = "ERPSATZ_JSON", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    pub(crate) json: bool,
    /// Stop when stdin ends, so that nothing outlives the process that started it
    #[arg(long, env = "ERPSATZ_UNTIL_EOF", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    pub(crate) until_eof: bool,
    /// Write the same JSON to this file once ready
    #[arg(long, env = "ERPSATZ_READY_FILE", value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
}

/// What `exec` takes.
#[derive(Debug, Args)]
pub(crate) struct ExecArgs {
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// Write the report as JUnit to this file
    #[arg(long, env = "ERPSATZ_JUNIT", value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write the report as Markdown to this file
    #[arg(long, env = "ERPSATZ_SUMMARY", value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,
    /// Let the command trust the servers' HTTPS: `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`, `NODE_EXTRA_CA_CERTS`
    #[arg(long, env = "ERPSATZ_TRUST", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    pub(crate) trust: bool,
    /// When the command ends, also end what it left running in sessions of their own, such as a build daemon
    #[arg(long, env = "ERPSATZ_KILL_ALL", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    pub(crate) kill_all: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// What makes a run fail, and what is said of it.
#[derive(Debug, Args)]
pub(crate) struct VerdictArgs {
    /// What makes the run fail: expectations, violations, errors, warnings (errors too), with commas; or none
    #[arg(long, env = "ERPSATZ_FAIL_ON", default_value = "expectations", value_name = "LIST")]
    pub(crate) fail_on: FailOn,
    /// Which worlds of a sandbox are judged (one begins with each reset, restore and scenario): all or last
    #[arg(long, env = "ERPSATZ_WORLDS", default_value = "all", value_name = "all|last")]
    pub(crate) worlds: Which,
    /// Say what could be done better too
    #[arg(long, env = "ERPSATZ_ADVICE", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    pub(crate) advice: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// Of all sandboxes that there were, not of one
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,
    /// Write it as JUnit to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write it as Markdown to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
}

impl ServeArgs {
    /// The control API's port, when one is asked for.
    pub(crate) fn control_port(&self) -> Option<u16> {
        self.control_port
    }

    /// What the arguments mean.
    ///
    /// # Errors
    /// When they do not go together.
    pub(crate) fn config(&self) -> Result<Config, StartError> {
        let usual_control_port = if self.random_ports { 0 } else { CONTROL_PORT };
        Ok(Config {
            more: Vec::new(),
            scenario: self.scenario.clone(),
            only: self.only.iter().filter(|slug| !slug.is_empty()).cloned().collect(),
            host: self.host.clone(),
            control_port: self.control_port.unwrap_or(usual_control_port),
            ports: self.port.iter().cloned().collect(),
            random_ports: self.random_ports,
            control_token: self.control_token.clone().filter(|token| !token.is_empty()),
            control_hosts: self.control_host.iter().filter(|name| !name.is_empty()).cloned().collect(),
            peers: self.peers.iter().filter(|url| !url.is_empty()).cloned().collect(),
            no_tls: self.tls.no_tls,
            ca_dir: self.tls.ca_dir.clone(),
            intercept: self.intercept.wanted(self.random_ports)?,
            profiles: self.profile.iter().cloned().collect(),
            scenarios: self.scenarios.clone(),
            seed_data: self.seed_data.clone(),
            progress: Some(crate::progress::draw),
            options: Options {
                journal: Limits { entries: self.journal_entries, bytes: self.journal_bytes },
                data_dir: self.data_dir.clone(),
                max_body: self.max_body,
                client_timeout: ClientTimeout::of(self.client_timeout.real()),
                max_sandboxes: self.max_sandboxes,
                strict: self.strict,
                seed: self.seed,
                capsules: self.capsule.clone().map(|folder| Capsules::new(folder, FailOn::default())),
                reach: Reach { anywhere: self.allow_outbound, ..Reach::default() },
                require_sandbox: self.tls.require_sandbox,
                trusted_proxies: TrustedProxies(self.tls.trusted_proxy.iter().copied().collect()),
                ..Options::default()
            },
        })
    }
}

/// A name or an address as `Host` says it, without what else a URL has. Nothing is nothing, so that a variable can be
/// left empty.
fn host_name(text: &str) -> Result<String, String> {
    let bare = text.trim_matches(['[', ']']);
    if bare.parse::<std::net::IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    let is_name = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-._".contains(letter));
    if is_name { Ok(text.to_owned()) } else { Err("write a host name alone, such as `erpsatz`".to_owned()) }
}

/// A peer; nothing is nothing, so that a variable can be left empty.
fn peer_or_none(text: &str) -> Result<String, String> {
    if text.is_empty() { Ok(String::new()) } else { erpsatz::peer(text) }
}

fn pair<T: std::str::FromStr>(text: &str) -> Result<(String, T), String>
where
    T::Err: std::fmt::Display,
{
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    let value = value.parse().map_err(|error: T::Err| error.to_string())?;
    Ok((name.to_owned(), value))
}
