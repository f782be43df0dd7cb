//! The servers that are loaded in turns: the floor, Erpsatz, an older Erpsatz, and what people mock with where it is there.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::process::Server;

/// A server that can be started.
pub(crate) struct Contestant {
    /// What tables call it.
    pub(crate) name: String,
    /// Whether it has to reach the aim.
    pub(crate) is_measured: bool,
    how: How,
}

enum How {
    Floor,
    Erpsatz(PathBuf),
    /// A program that says where it listens, as the floor does.
    Httpmock(PathBuf),
    WireMock(PathBuf),
    JsonServer(PathBuf),
}

impl Contestant {
    /// A build of Erpsatz.
    pub(crate) fn erpsatz(name: &str, program: &Path, is_measured: bool) -> Self {
        Self { name: name.to_owned(), is_measured, how: How::Erpsatz(program.to_owned()) }
    }

    /// What axum and SQLite cost.
    pub(crate) fn floor() -> Self {
        Self::peer("floor", How::Floor)
    }

    fn peer(name: &str, how: How) -> Self {
        Self { name: name.to_owned(), is_measured: false, how }
    }

    /// What there is in `folder`, where npm has installed it (`npm install wiremock@3 json-server@0.17`), and the
    /// example of this crate that serves by httpmock, where it is built.
    pub(crate) fn peers(folder: Option<&Path>) -> Result<Vec<Self>> {
        let here = std::env::current_exe()?;
        let httpmock = here.with_file_name("examples").join("httpmock");
        let mut found = vec![Self::peer("httpmock", How::Httpmock(httpmock))];
        if let Some(modules) = folder.map(|folder| folder.join("node_modules")) {
            let jars = modules.join("wiremock/build").read_dir().ok().into_iter().flatten();
            let mut jars = jars.filter_map(|file| Some(file.ok()?.path()));
            let jar = jars.find(|file| file.extension().is_some_and(|end| end == "jar"));
            found.extend(jar.map(|jar| Self::peer("WireMock", How::WireMock(jar))));
            let json_server = modules.join(".bin/json-server");
            found.push(Self::peer("json-server", How::JsonServer(json_server)));
        }
        let is_there = |peer: &Self| match &peer.how {
            How::Httpmock(file) | How::WireMock(file) | How::JsonServer(file) => file.exists(),
            How::Floor | How::Erpsatz(_) => true,
        };
        Ok(found.into_iter().filter(is_there).collect())
    }

    /// It, ready for requests.
    pub(crate) fn start(&self) -> Result<Server> {
        match &self.how {
            How::Floor => Server::floor(),
            How::Erpsatz(program) => Server::erpsatz(program),
            How::Httpmock(program) => Server::start(&mut Command::new(program)),
            How::WireMock(jar) => wiremock(jar),
            How::JsonServer(program) => json_server(program),
        }
    }
}

/// The first products of OnlineERP's own data, as its API shows them.
pub(crate) fn products() -> Result<Vec<Value>> {
    let all: Vec<Value> = serde_json::from_str(include_str!("../../seed-data/onlineerp/small/Product.json"))?;
    Ok(all.into_iter().filter(|product| product["_company"] == "0").take(20).collect())
}

/// Stubs for the three requests, without its own journal of them.
fn wiremock(jar: &Path) -> Result<Server> {
    let folder = tempfile::tempdir()?;
    let mappings = folder.path().join("mappings");
    std::fs::create_dir(&mappings)?;
    let products = products()?;
    let one = products.first().context("no product")?;
    let stub = |method: &str, path: &str, status: u16, body: &Value| {
        json!({
            "request": { "method": method, "urlPath": path },
            "response": {
                "status": status,
                "headers": { "Content-Type": "application/json; charset=utf-8" },
                "body": body.to_string(),
            },
        })
    };
    let stubs = [
        stub("GET", "/api/Entity/Product", 200, &json!(products)),
        stub("GET", "/api/Entity/Product/1007", 200, one),
        stub("POST", "/api/Entity/Product", 201, one),
    ];
    for (place, stub) in stubs.iter().enumerate() {
        std::fs::write(mappings.join(format!("{place}.json")), stub.to_string())?;
    }
    let mut command = Command::new("java");
    command.arg("-jar").arg(jar).args(["--no-request-journal", "--disable-banner", "--root-dir"]);
    command.arg(folder.path());
    Server::on_port(&mut command, "--port", folder)
}

fn json_server(program: &Path) -> Result<Server> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data.json");
    std::fs::write(&data, json!({ "Product": products()? }).to_string())?;
    let routes = folder.path().join("routes.json");
    let short = json!({
        "/api/Entity/Product?*": "/Product",
        "/api/Entity/Product/:id": "/Product/:id",
        "/api/Entity/Product": "/Product",
    });
    std::fs::write(&routes, short.to_string())?;
    let mut command = Command::new(program);
    command.args(["--quiet", "--id", "NoUniqueSystemeSource", "--routes"]).arg(routes).arg(data);
    Server::on_port(&mut command, "--port", folder)
}
