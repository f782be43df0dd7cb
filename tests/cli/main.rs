//! The binary as a user runs it: exit codes, stdout, stderr, signals.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, run on the wall clock and read what they wrote"
)]

mod ca;
mod calls;
mod capsule;
mod compare;
mod environment;
mod eof;
mod exec;
mod generate;
mod intercept;
mod journal;
mod misuse;
#[cfg(target_os = "linux")]
#[path = "../support/proc.rs"]
mod proc;
mod profile;
mod promises;
mod secrets;
#[cfg(unix)]
mod signals;
mod worlds;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

fn erpsatz(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erpsatz"));
    command.args(args).stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    erpsatz(args).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running `serve`, killed when the test ends.
struct Serving {
    child: Child,
    ready: Value,
}

impl Serving {
    fn start(args: &[&str]) -> Self {
        Self::of(erpsatz(&["serve", "--random-ports", "--json"]).args(args).stderr(Stdio::piped()))
    }

    /// Of a command that says ready as JSON.
    fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { child, ready }
    }

    fn control(&self) -> &str {
        self.ready["control"].as_str().expect("a URL")
    }

    /// What a plain request gets, head and body.
    fn ask(&self, slug: &str, head: &str) -> String {
        let url = self.ready["servers"][slug]["url"].as_str().unwrap_or_else(|| self.control());
        let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
        stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn help_teaches_and_names_the_version() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    for word in [
        "serve",
        "health",
        "journal",
        "clock",
        "reset",
        "generate",
        "completions",
        "nothing leaves this machine",
    ] {
        assert!(text(&help.stdout).contains(word), "{word}");
    }
    assert!(text(&run(&["--version"]).stdout).starts_with("erpsatz "));
}

#[test]
fn what_is_wrong_on_the_machine_is_1_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("onlineerp={}", taken.local_addr().unwrap().port());
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("bad.yaml");
    std::fs::write(&scenario, "name: bad\nservers:\n  onlineerp:\n    settings: { robbot: offline }\n")
        .unwrap();
    let torn = folder.path().join("torn.yaml");
    std::fs::write(&torn, "name: torn\nfrobnicate: 1\n").unwrap();
    let profile = folder.path().join("profile.yaml");
    std::fs::write(&profile, "entities:\n  Product:\n    feilds: {}\n").unwrap();
    let profile = format!("onlineerp={}", profile.display());
    let data = folder.path().join("data/weavy/unused");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("custmer.json"), "[]").unwrap();
    let data = folder.path().join("data").display().to_string();
    for (args, word) in [
        (&["--port", &port][..], "taken"),
        (&["--profile", &profile], "line 3, column 5"),
        (&["--scenario", "/nowhere/at/all.yaml"], "/nowhere/at/all.yaml"),
        (&["--scenario", scenario.to_str().unwrap()], "did you mean `robot`"),
        (&["--scenario", torn.to_str().unwrap()], "frobnicate"),
        (&["--data-dir", "/proc/nothing"], "/proc/nothing"),
        (&["--profile", "onlineerp=/nowhere.yaml"], "/nowhere.yaml"),
        (&["--seed-data", "/nowhere"], "/nowhere"),
        (&["--seed-data", &data], "custmer.json: unknown entity `custmer`, did you mean `customer`?"),
    ] {
        let refused = erpsatz(&["serve", "--random-ports"]).args(args).output().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{args:?}: {}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains(word), "{args:?}: {}", text(&refused.stderr));
        assert!(refused.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn ready_is_said_once_and_a_signal_stops() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready.json");
    let mut serving = Serving::start(&["--ready-file", file.to_str().unwrap(), "--only", "onlineerp"]);
    assert_eq!(serving.ready["servers"].as_object().unwrap().len(), 1);
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), serving.ready);
    assert!(run(&["health", "--control", serving.control()]).status.success());

    let pid = serving.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    serving.child.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "stdout is the ready line alone");
    let down = run(&["health", "--control", serving.control()]);
    assert_eq!(down.status.code(), Some(1));
}

#[test]
fn a_request_in_flight_is_answered_before_the_stop() {
    let mut serving = Serving::start(&[]);
    let fault = r#"{ "server": "onlineerp", "then": { "delay": "700ms" } }"#;
    let head = "POST /sandboxes/default/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ";
    let url = serving.control().trim_start_matches("http://").to_owned();
    let mut control = TcpStream::connect(url).unwrap();
    control.write_all(format!("{head}{}\r\n\r\n{fault}", fault.len()).as_bytes()).unwrap();
    let mut status = [0; 12];
    control.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 201");
    let url = serving.ready["servers"]["onlineerp"]["url"].as_str().unwrap().to_owned();
    let mut slow = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    slow.write_all(b"GET /api/Entity/Product HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    let pid = serving.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    slow.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 401", "it is answered after the signal");
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_table_begins_with_ready() {
    let mut child = erpsatz(&["serve", "--random-ports"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.starts_with("erpsatz ready"), "{first}");
    let table: Vec<String> = lines.by_ref().take(5).map(Result::unwrap).collect();
    assert!(table.join("\n").contains("onlineerp"), "{table:?}");
    assert!(table.join("\n").contains("DEMO-LICENCE"), "{table:?}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn clock_reset_and_journal_from_the_shell() {
    let serving = Serving::start(&[]);
    let call = |args: &[&str]| {
        let done = erpsatz(args).args(["--control", serving.control()]).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", text(&done.stderr));
        text(&done.stdout)
    };
    serving.ask("onlineerp", "GET /api/Entity/Product?x=1 HTTP/1.1\r\nHost: x");
    let journal = call(&["journal"]);
    assert!(journal.contains("onlineerp 401 GET    /api/Entity/Product?x=1"), "{journal}");
    let entry: Value = serde_json::from_str(&call(&["journal", "--json"])).unwrap();
    assert_eq!(entry["status"], 401);
    assert!(journal.starts_with("#1 "), "{journal}");
    let why = call(&["why", "1", "--sandbox", "default"]);
    let refused = why.lines().find(|line| line.contains("refused")).expect("what refused it");
    assert!(refused.contains("credentials") && why.contains("nearest: Authorization"), "{why}");
    assert!(why.trim_end().ends_with("cause: client"), "{why}");
    let told: Value = serde_json::from_str(&call(&["why", "1", "--json"])).unwrap();
    assert_eq!((&told["cause"], &told["answer"]["status"]), (&"client".into(), &401.into()));
    assert!(call(&["clock", "freeze"]).contains("\"frozen\":true"));
    let set: Value = serde_json::from_str(&call(&["clock", "set", "2100-01-01T00:00:00Z"])).unwrap();
    assert_eq!(set["now"], "2100-01-01T00:00:00Z");
    let advanced: Value = serde_json::from_str(&call(&["clock", "advance", "15m"])).unwrap();
    assert_eq!(advanced["now"], "2100-01-01T00:15:00Z");
    call(&["reset"]);
    assert_eq!(call(&["journal"]), "");
    assert!(call(&["clock"]).contains("\"frozen\":false"));
    let unknown =
        erpsatz(&["reset", "--sandbox", "nothing", "--control", serving.control()]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown.stderr).contains("nothing"));
}

/// Data that does not add up is a warning, and an error when asked.
#[test]
fn warnings_can_be_errors() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("barcode.yaml");
    let product = "{ product_ID: X, description: x, barcode: '2000000000001' }";
    let data = format!("servers: {{ weavy: {{ records: {{ product: [{product}] }} }} }}");
    std::fs::write(&file, format!("name: barcode\n{data}\n")).unwrap();
    let check = |more: &[&str]| run(&[&["scenario", "check", file.to_str().unwrap()], more].concat());
    let warned = check(&[]);
    assert!(warned.status.success(), "{}", text(&warned.stderr));
    let refused = check(&["--warnings-as-errors"]);
    let said = text(&warned.stdout) + &text(&warned.stderr);
    assert!(said.contains("check digit") && !refused.status.success(), "{said}");
}

/// A folder of scenarios of one's own, with data of one's own.
#[test]
fn own_scenarios_are_listed_shown_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (own, data) = (folder.path().join("own"), folder.path().join("data"));
    std::fs::create_dir_all(&own).unwrap();
    std::fs::create_dir_all(data.join("onlineerp/mine")).unwrap();
    let scenario = "name: mine\ndescription: One product.\nservers: { onlineerp: { data: mine } }\n";
    std::fs::write(own.join("mine.yaml"), scenario).unwrap();
    std::fs::write(data.join("onlineerp/mine/Product.json"), r#"[{ "NoProduit": "MINE" }]"#).unwrap();
    let with = |args: &[&str]| {
        let folders = ["--scenarios", own.to_str().unwrap(), "--seed-data", data.to_str().unwrap()];
        run(&[args, &folders].concat())
    };
    let list = text(&with(&["scenario", "list"]).stdout);
    assert!(list.lines().any(|line| line.contains("mine") && line.contains("One product.")), "{list}");
    assert!(text(&with(&["scenario", "show", "mine"]).stdout).contains("description: One product."));
    let file = own.join("mine.yaml").display().to_string();
    let checked = with(&["scenario", "check", &file]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    let unknown = run(&["scenario", "check", &file]);
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("`mine`"), "without the data");
    std::fs::write(
        data.join("onlineerp/mine/Product.json"),
        r#"[{ "NoProduit": "MINE", "PrixVente": "beaucoup" }]"#,
    )
    .unwrap();
    let refused = with(&["scenario", "check", &file]);
    let said = text(&refused.stderr);
    assert!(!refused.status.success() && said.contains("PrixVente") && said.contains("decimal"), "{said}");
}

/// What is known of a vendor, as documents and tables, with a corrected profile and another address.
#[test]
fn documents_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("profile.yaml");
    std::fs::write(&profile, "settings: { robot: { default: offline } }").unwrap();
    let profile = format!("onlineerp={}", profile.display());
    let print = |args: &[&str]| {
        let done = run(args);
        assert!(done.status.success(), "{args:?}: {}", text(&done.stderr));
        text(&done.stdout)
    };
    let contract: Value = serde_json::from_str(&print(&[
        "contract",
        "onlineerp",
        "--url",
        "http://erp:1",
        "--profile",
        &profile,
    ]))
    .unwrap();
    assert_eq!(contract["servers"][0]["url"], "http://erp:1");
    let collection = print(&["contract", "onlineerp", "--postman", "--url", "http://erp:1"]);
    assert!(collection.contains("getpostman.com") && collection.contains("http://erp:1"));
    assert!(print(&["servers", "--env"]).contains("ERPSATZ_ONLINEERP_URL"));
    let servers: Value = serde_json::from_str(&print(&["servers", "--json"])).unwrap();
    assert!(servers.to_string().contains("DEMO-LICENCE"), "{servers}");
    let tested = folder.path().join("tested.txt");
    std::fs::write(&tested, "onlineerp operation GET /api/Entity/Product\n").unwrap();
    let tested = tested.to_str().unwrap();
    let facts = print(&["coverage", "onlineerp", "--facts", "--tested", tested]);
    assert!(facts.lines().any(|line| line.contains("Product")), "{facts}");
    assert_ne!(print(&["coverage", "onlineerp", "--tested", tested]), facts);
}

#[test]
fn beyond_loopback_a_token_is_made_and_asked_for() {
    let serving = Serving::start(&["--host", "0.0.0.0"]);
    let token = serving.ready["control_token"].as_str().expect("a token").to_owned();
    let ask = |path: &str, more: &str| {
        serving.ask("control", &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1{more}"))
    };
    assert!(ask("/healthz", "").starts_with("HTTP/1.1 200"));
    assert!(ask("/sandboxes", "").starts_with("HTTP/1.1 401"));
    assert!(ask("/sandboxes", "\r\nAuthorization: Bearer wrong").starts_with("HTTP/1.1 401"));
    assert!(ask("/sandboxes", &format!("\r\nAuthorization: Bearer {token}")).starts_with("HTTP/1.1 200"));
}

/// Whatever speaks to a running Erpsatz gives it the token.
#[test]
fn every_command_gives_its_token() {
    let serving = Serving::start(&["--control-token", "sesame"]);
    serving.ask("onlineerp", "GET / HTTP/1.1\r\nHost: x");
    for command in [
        &["health"][..],
        &["report"],
        &["journal"],
        &["why", "1"],
        &["clock"],
        &["clock", "show"],
        &["clock", "freeze"],
        &["clock", "set", "2100-01-01T00:00:00Z"],
        &["clock", "advance", "15m"],
        &["clock", "resume"],
        &["reset"],
        &["ca"],
        &["contract", "weavy"],
    ] {
        let with = |token: &[&str]| {
            erpsatz(command).args(["--control", serving.control()]).args(token).output().unwrap()
        };
        let known = with(&["--control-token", "sesame"]);
        assert!(known.status.success(), "{command:?}: {}", text(&known.stderr));
        // Whether it is there is told to everybody, and whom its clients are to trust.
        assert_eq!(
            with(&["--control-token", "open"]).status.success(),
            ["health", "ca"].contains(&command[0]),
            "{command:?}"
        );
    }
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let printed = run(&["completions", shell]);
        assert!(printed.status.success() && text(&printed.stdout).contains("erpsatz"), "{shell}");
    }
}

#[test]
fn every_option_of_serve_is_in_the_reference() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/command-line.md"))
            .unwrap();
    let help = text(&run(&["serve", "--help"]).stdout);
    let options: Vec<&str> = help
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--"))
        .filter_map(|rest| rest.split([' ', '=']).next())
        .collect();
    assert!(options.len() > 20, "{options:?}");
    for option in options.iter().filter(|option| **option != "help") {
        assert!(page.contains(&format!("--{option}")), "docs/reference/command-line.md has no --{option}");
    }
    let table = page.split("## Options of `serve`").nth(1).and_then(|rest| rest.split("##").next()).unwrap();
    for named in table.lines().filter_map(|line| line.strip_prefix("| `--")) {
        let named = named.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap();
        assert!(options.contains(&named), "serve has no --{named}");
    }
}
