//! What grows with the data: the same work over a thousand, ten thousand and a hundred thousand records.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::process::Server;
use crate::{mebibytes, median, milliseconds, now, say};

/// How many records there are.
const SIZES: [u64; 3] = [1_000, 10_000, 100_000];

/// How often a request is sent for a figure.
const REPEATS: usize = 7;

/// How many snapshots are kept for a figure.
const SNAPSHOTS: u64 = 50;

/// What records are generated of.
const GENERATED: [(&str, &str); 3] =
    [("onlineerp", "Product"), ("comarch-xt", "products"), ("8sens", "article")];

/// Rows of the table: what was done, a figure for each of [`SIZES`], the aim.
#[derive(Default)]
struct Table(Vec<(String, Vec<String>, &'static str)>);

impl Table {
    fn add(&mut self, what: &str, figure: String, aim: &'static str) {
        match self.0.iter_mut().find(|(known, ..)| known == what) {
            Some((_, figures, _)) => figures.push(figure),
            None => self.0.push((what.to_owned(), vec![figure], aim)),
        }
    }

    fn milliseconds(&mut self, what: &str, time: f64, aim: &'static str) {
        self.add(what, format!("{time:.2} ms"), aim);
    }

    fn print(&self) -> Result<()> {
        say("| growth | 1,000 | 10,000 | 100,000 | aim |\n|---|---|---|---|---|")?;
        for (what, figures, aim) in &self.0 {
            say(&format!("| {what} | {} | {aim} |", figures.join(" | ")))?;
        }
        say("")
    }
}

/// Prints the table.
pub(crate) fn measure(erpsatz: &Path) -> Result<()> {
    let mut table = Table::default();
    for size in SIZES {
        for (slug, entity) in GENERATED {
            generated(&mut table, erpsatz, slug, entity, size)?;
        }
        products(&mut table, erpsatz, size)?;
        folders(&mut table, erpsatz, size)?;
        rows(&mut table, erpsatz, size)?;
    }
    table.print()
}

/// `erpsatz generate`, from its start to its end.
fn generated(table: &mut Table, erpsatz: &Path, slug: &str, entity: &str, size: u64) -> Result<()> {
    let begun = now();
    let set = format!("{entity}={size}");
    let ended = Command::new(erpsatz)
        .args(["generate", slug, "--set", &set])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    ensure!(ended.success(), "generate {slug} {set} failed");
    let what = format!("`generate {slug} --set {entity}=`");
    table.add(&what, rate(size, begun.elapsed().as_secs_f64()), "100000/s");
    Ok(())
}

/// A catalogue of OnlineERP: start, lists, and what worlds of it cost.
fn products(table: &mut Table, erpsatz: &Path, size: u64) -> Result<()> {
    let scenario = Scenario::new(&format!(
        "servers: {{ onlineerp: {{ data: none, generate: {{ Product: {size} }} }} }}\n"
    ))?;
    let begun = now();
    let server = Server::with(erpsatz, &["--scenario".as_ref(), scenario.0.as_os_str()])?;
    table.milliseconds("`serve` with so many products, ready", milliseconds(begun.elapsed()), "1 s");
    let vendor = Peer { address: server.url("onlineerp")?, headers: BASIC };
    let control = Peer { address: server.control()?, headers: "" };
    for (what, query) in [
        ("first page, filtered and ordered", "$top=20&$filter=PrixVente%20gt%2010&$orderby=Description"),
        ("first page in order of creation", "$top=20"),
        ("last page by `$skip`", &format!("$top=20&$skip={}", size - 20)),
    ] {
        vendor.get(&format!("/api/Entity/Product?{query}"))?;
        let mut times = Vec::with_capacity(REPEATS);
        for _ in 0..REPEATS {
            times.push(vendor.get(&format!("/api/Entity/Product?{query}"))?);
        }
        table.milliseconds(what, median(&mut times), "");
    }
    let mut times: [Vec<f64>; 4] = Default::default();
    let idle = server.resident()?;
    for number in 0..SNAPSHOTS {
        let path = format!("/~w{number}/api/Entity/Product");
        times[0].push(vendor.get(&format!("{path}?$top=1"))?);
        let body = format!(r#"{{"NoProduit":"G-{number}","Description":"growth"}}"#);
        vendor.ask("POST", &path, &body)?;
        let sandbox = format!("/sandboxes/w{number}");
        times[1].push(control.ask("PUT", &format!("{sandbox}/snapshots/one"), "")?);
        times[2].push(control.ask("POST", &format!("{sandbox}/snapshots/one/restore"), "")?);
        times[3].push(control.ask("POST", &format!("{sandbox}/reset"), "")?);
    }
    let taken = server.resident()?.saturating_sub(idle) / SNAPSHOTS;
    let steps = ["new sandbox, with its first answer", "snapshot", "restore", "reset"];
    for (what, times) in steps.iter().zip(&mut times) {
        table.milliseconds(what, median(times), "1 ms, flat");
    }
    let what = "memory of a sandbox with a write and a snapshot";
    table.add(what, format!("{:.2} MiB", mebibytes(taken)), "flat");
    Ok(())
}

/// Clavus searches folders.
fn folders(table: &mut Table, erpsatz: &Path, size: u64) -> Result<()> {
    let scenario = Scenario::new(&format!("servers: {{ clavus: {{ generate: {{ folders: {size} }} }} }}\n"))?;
    let server = Server::with(erpsatz, &["--scenario".as_ref(), scenario.0.as_os_str()])?;
    let clavus = Peer { address: server.url("clavus")?, headers: BEARER };
    for (what, search) in
        [("search of one word over folders", "martin"), ("search of two words", "martin toulouse")]
    {
        let query = format!(
            "{{ erpEnrAPI {{ getFolders(page: 1, itemParPage: 5, search: \"{search}\") {{ totalCount results {{ id }} }} }} }}"
        );
        let body = serde_json::json!({ "query": query }).to_string();
        let mut times = Vec::with_capacity(REPEATS);
        for _ in 0..REPEATS {
            times.push(clavus.ask("POST", "/api/external/graphql", &body)?);
        }
        table.milliseconds(what, median(&mut times), "20 ms at 10,000");
    }
    Ok(())
}

/// weavy imports rows and gives all of them, page by page.
fn rows(table: &mut Table, erpsatz: &Path, size: u64) -> Result<()> {
    const PAGE: u64 = 1_000;
    let server = Server::with::<&str>(erpsatz, &[])?;
    let address = server.url("weavy")?;
    let login = r#"{"scope":"API","projectCode":"DEMO","userName":"api","password":"api"}"#;
    let (_, answer) = Peer { address, headers: "" }.answer("POST", "/v1/Authenticate", login)?;
    let token = answer.split(r#""authToken":""#).nth(1).and_then(|rest| rest.split('"').next());
    let headers = format!("authorization: Bearer {}\r\n", token.context("no token")?);
    let weavy = Peer { address, headers: &headers };
    let mut body = r#"{"entityName":"customer","rows":["#.to_owned();
    for number in 0..size {
        let comma = if number == 0 { "" } else { "," };
        write!(body, r#"{comma}{{"customer_ID":"G{number}","name":"Growth {number}","city":"Toulouse"}}"#)?;
    }
    body.push_str("]}");
    let time = weavy.ask("POST", "/v1/Data/DEMO/BulkImport", &body)?;
    table.add("weavy `BulkImport`", rate(size, time / 1e3), "100000/s");
    let mut time = 0.0;
    for offset in (0..size).step_by(usize::try_from(PAGE)?) {
        let body = format!(
            r#"{{"entityName":"customer","limit":{PAGE},"offset":{offset},"filterFields":[{{"fieldName":"city","operator":"Equal","filterValues":["Toulouse"]}}]}}"#
        );
        time += weavy.ask("POST", "/v1/Data/DEMO/Select", &body)?;
    }
    table.add("weavy `Select` of all, 1,000 a page", rate(size, time / 1e3), "100000/s");
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn rate(size: u64, seconds: f64) -> String {
    format!("{:.0}/s", size as f64 / seconds)
}

const BASIC: &str = "authorization: Basic REVNTy1MSUNFTkNFOmRlbW8tc2VjcmV0\r\ncompany_id: 0\r\n";
const BEARER: &str = "authorization: Bearer demo-key\r\n";

/// A server and what a client of it sends with every request, each on a connection of its own.
struct Peer<'a> {
    address: SocketAddr,
    headers: &'a str,
}

impl Peer<'_> {
    fn get(&self, path: &str) -> Result<f64> {
        self.ask("GET", path, "")
    }

    /// The milliseconds until the whole answer is there, which is a success.
    fn ask(&self, method: &str, path: &str, body: &str) -> Result<f64> {
        self.answer(method, path, body).map(|(time, _)| time)
    }

    fn answer(&self, method: &str, path: &str, body: &str) -> Result<(f64, String)> {
        let headers = self.headers;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}content-type: application/json\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        let begun = now();
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let time = milliseconds(begun.elapsed());
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let shown: String = answer.chars().take(500).collect();
        ensure!(
            answer.starts_with("HTTP/1.1 2") && !answer.contains("\"errors\""),
            "{method} {path}: {shown}"
        );
        Ok((time, answer))
    }
}

/// A scenario file, removed when this is dropped.
struct Scenario(PathBuf);

impl Scenario {
    fn new(text: &str) -> Result<Self> {
        let file = std::env::temp_dir().join(format!("growth-{}.yaml", std::process::id()));
        std::fs::write(&file, text)?;
        Ok(Self(file))
    }
}

impl Drop for Scenario {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
