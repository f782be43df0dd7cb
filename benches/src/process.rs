//! The servers under load, each in a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::now;

/// A running server; it ends when this is dropped.
pub(crate) struct Server {
    process: Child,
    /// The line that said it is ready.
    ready: Value,
    /// What it reads.
    _folder: Option<TempDir>,
}

/// How long a server that does not say so may take to be ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// The release binary beside this one, built first when cargo runs this.
pub(crate) fn erpsatz() -> Result<PathBuf> {
    let folder = std::env::current_exe()?.parent().context("a program lies in a folder")?.to_owned();
    if let (Some(cargo), Some(target)) = (std::env::var_os("CARGO"), folder.parent()) {
        for what in [&["--package", "erpsatz"][..], &["--package", "benchmarks", "--example", "httpmock"]] {
            let mut build = Command::new(&cargo);
            build.args(["build", "--release"]).args(what).arg("--target-dir").arg(target);
            let built = build.status()?;
            ensure!(built.success(), "{what:?} does not build");
        }
    }
    Ok(folder.join("erpsatz"))
}

impl Server {
    /// Starts Erpsatz with all its servers on free ports and waits until it is ready.
    pub(crate) fn erpsatz(program: &Path) -> Result<Self> {
        Self::with::<&str>(program, &[])
    }

    /// The same with these options.
    pub(crate) fn with<S: AsRef<OsStr>>(program: &Path, options: &[S]) -> Result<Self> {
        Self::start(Command::new(program).args(["serve", "--random-ports", "--json"]).args(options))
    }

    /// Starts the floor and waits until it is ready.
    pub(crate) fn floor() -> Result<Self> {
        Self::start(Command::new(std::env::current_exe()?).arg(crate::floor::COMMAND))
    }

    /// Starts a server that does not say when it is ready, with a free port behind `option`, and waits until it listens.
    /// Its data are in `folder`.
    pub(crate) fn on_port(command: &mut Command, option: &str, folder: TempDir) -> Result<Self> {
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        command.arg(option).arg(address.port().to_string()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().with_context(|| format!("{command:?}"))?;
        let ready = json!({ "servers": { "onlineerp": { "url": format!("http://{address}") } } });
        let server = Self { process, ready, _folder: Some(folder) };
        let begun = now();
        while TcpStream::connect(address).is_err() {
            ensure!(begun.elapsed() < PATIENCE, "{command:?} does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Starts a server that says in its first line where it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut process = command.stdout(Stdio::piped()).spawn().with_context(|| format!("{command:?}"))?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("stdout is a pipe")?).read_line(&mut line)?;
        let ready = serde_json::from_str(&line).context("the line that says ready")?;
        Ok(Self { process, ready, _folder: None })
    }

    /// Where the server of this slug listens.
    pub(crate) fn url(&self, slug: &str) -> Result<SocketAddr> {
        address(&self.ready["servers"][slug]["url"])
    }

    /// Where the control API listens.
    pub(crate) fn control(&self) -> Result<SocketAddr> {
        address(&self.ready["control"])
    }

    /// The bytes of memory that the process has.
    pub(crate) fn resident(&self) -> Result<u64> {
        let status = read(&format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes << 10)
    }

    /// The seconds of processor time that the process has had.
    pub(crate) fn processor_time(&self) -> Result<f64> {
        const TICKS_PER_SECOND: f64 = 100.0;
        let stat = read(&format!("/proc/{}/stat", self.process.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("no name")?;
        let ticks: Vec<f64> =
            fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        Ok(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What this machine computes with.
pub(crate) fn processor() -> String {
    let known = read("/proc/cpuinfo").ok();
    let name =
        known.as_deref().and_then(|text| text.lines().find_map(|line| line.strip_prefix("model name")));
    name.map_or("unknown processor", |name| name.trim_start_matches([' ', '\t', ':'])).to_owned()
}

fn address(url: &Value) -> Result<SocketAddr> {
    let url = url.as_str().and_then(|url| url.strip_prefix("http://")).context("no such server")?;
    Ok(url.parse()?)
}

fn read(file: &str) -> Result<String> {
    std::fs::read_to_string(file).context(file.to_owned())
}
