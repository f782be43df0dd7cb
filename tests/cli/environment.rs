//! Every option of `serve` has a variable, and the variable does what the option does: a service container is set by
//! nothing else.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use super::{erpsatz, run, text};

/// A port that nothing listens on at this moment.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A `serve` that is set by variables alone, and its ready file once it is ready.
fn serve(variables: &[(&str, String)], ready_file: &Path) -> (Child, Value) {
    let mut command = erpsatz(&["serve"]);
    command.envs(variables.iter().map(|(name, value)| (format!("ERPSATZ_{name}"), value)));
    command.env("ERPSATZ_READY_FILE", ready_file).env("RUST_LOG", "info");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let ready = loop {
        match std::fs::read_to_string(ready_file) {
            Ok(ready) => break serde_json::from_str(&ready).unwrap(),
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    };
    (child, ready)
}

/// What a stopped server has said on stdout and stderr.
fn stopped(mut child: Child) -> (String, String) {
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    (text(&output.stdout), text(&output.stderr))
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

#[test]
fn every_option_names_its_variable() {
    for command in ["serve", "exec"] {
        let help = text(&run(&[command, "--help"]).stdout);
        let is_option = |line: &str| line.trim_start().starts_with("--");
        let lines: Vec<&str> = help.lines().filter(|line| !line.contains("--help")).collect();
        let options: Vec<usize> = (0..lines.len()).filter(|place| is_option(lines[*place])).collect();
        assert!(options.len() >= 20, "{help}");
        for (nth, place) in options.iter().enumerate() {
            let end = options.get(nth + 1).copied().unwrap_or(lines.len());
            let option = lines[*place].trim_start_matches([' ', '-']).split([' ', '=']).next().unwrap();
            let variable = format!("[env: ERPSATZ_{}", option.to_uppercase().replace('-', "_"));
            let about = lines[*place..end].join("\n");
            let named = ["=", "]"].iter().any(|end| about.contains(&format!("{variable}{end}")));
            assert!(named, "{command} --{option} has no variable");
        }
    }
}

/// Variables that set everything that shows at once, with the files in `folder` that they name.
fn everything(folder: &Path, control_port: u16, port: u16) -> Vec<(&'static str, String)> {
    let at = |name: &str| folder.join(name).display().to_string();
    let (own, products) = (folder.join("scenarios"), folder.join("data/onlineerp/mine"));
    std::fs::create_dir_all(&own).unwrap();
    std::fs::create_dir_all(&products).unwrap();
    std::fs::write(own.join("mine.yaml"), "name: mine\nservers: { onlineerp: { data: mine } }").unwrap();
    std::fs::write(products.join("Product.json"), r#"[{ "NoProduit": "MINE" }]"#).unwrap();
    std::fs::write(at("profile.yaml"), "settings: { robot: { default: offline } }").unwrap();
    vec![
        ("CONTROL_HOST", "erpsatz,other".to_owned()),
        ("CONTROL_PORT", control_port.to_string()),
        ("CONTROL_TOKEN", "given-token".to_owned()),
        ("DATA_DIR", at("kept")),
        ("HOST", "127.0.0.2".to_owned()),
        ("JOURNAL_ENTRIES", "3".to_owned()),
        ("JSON", "true".to_owned()),
        ("MAX_BODY", "64".to_owned()),
        ("MAX_SANDBOXES", "2".to_owned()),
        ("ONLY", "onlineerp,clavus".to_owned()),
        ("PORT", format!("onlineerp={port}")),
        ("PROFILE", format!("onlineerp={}", at("profile.yaml"))),
        ("RANDOM_PORTS", "true".to_owned()),
        ("SCENARIO", "mine".to_owned()),
        ("SCENARIOS", at("scenarios")),
        ("SEED", "77".to_owned()),
        ("SEED_DATA", at("data")),
        ("STRICT", "true".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_set_by_its_environment() {
    let folder = tempfile::tempdir().unwrap();
    let (control_port, port) = (free_port(), free_port());
    let variables = everything(folder.path(), control_port, port);
    let (child, ready) = serve(&variables, &folder.path().join("ready.json"));
    assert_eq!(ready["control"], format!("http://127.0.0.2:{control_port}"), "HOST, CONTROL_PORT");
    assert_eq!(ready["servers"].as_object().unwrap().len(), 2, "ONLY: {ready}");
    assert_eq!(ready["servers"]["onlineerp"]["url"], format!("http://127.0.0.2:{port}"), "PORT");
    assert_ne!(ready["servers"]["clavus"]["url"], "http://127.0.0.2:8085", "RANDOM_PORTS");

    let client = Client::new();
    let control = |path: &str| client.get(format!("http://127.0.0.2:{control_port}{path}"));
    let signed = |path: &str| control(path).bearer_auth("given-token");
    assert_eq!(answer(control("/sandboxes")).await.0, 401, "CONTROL_TOKEN");
    for (host, status) in [("erpsatz", 401), ("OTHER:8080", 401), ("third", 403)] {
        assert_eq!(answer(control("/servers").header("host", host)).await.0, status, "CONTROL_HOST {host}");
    }
    let (_, sandbox) = answer(signed("/sandboxes/default")).await;
    assert_eq!(
        (&sandbox["scenario"], &sandbox["seed"], &sandbox["strict"]),
        (&json!("mine"), &json!(77), &json!(true)),
        "SCENARIO, SCENARIOS, SEED, STRICT"
    );
    let products = answer(signed("/sandboxes/default/data/onlineerp/Product")).await.1;
    assert_eq!(
        (&products["total"], &products["items"][0]["NoProduit"]),
        (&json!(1), &json!("MINE")),
        "SEED_DATA"
    );
    let product = |method: Method, prefix: &str| {
        let url = format!("http://127.0.0.2:{port}{prefix}/api/Entity/Product");
        client.request(method, url).basic_auth("DEMO-LICENCE", Some("demo-secret"))
    };
    for name in ["/~a", "/~b", "/~c", "", "", "", ""] {
        assert_eq!(answer(product(Method::GET, name)).await.0, 503, "PROFILE: the robot is offline");
    }
    assert_eq!(answer(product(Method::POST, "").body("x".repeat(65))).await.0, 413, "MAX_BODY");
    let (_, journal) = answer(signed("/sandboxes/default/journal")).await;
    assert_eq!((&journal["total"], &journal["dropped"]), (&json!(3), &json!(2)), "JOURNAL_ENTRIES");
    assert_eq!(answer(signed("/sandboxes")).await.1["total"], 3, "MAX_SANDBOXES, besides `default`");
    assert!(folder.path().join("kept/default/onlineerp.sqlite").exists(), "DATA_DIR");
    let (stdout, stderr) = stopped(child);
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap(), ready, "JSON, READY_FILE");
    assert!(
        !stdout.contains("given-token") && !stderr.contains("given-token"),
        "a given token is never shown"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_logs_and_bytes_are_set_by_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = TcpListener::bind("0.0.0.0:0").unwrap();
    // An address that leads to this machine and is not loopback's.
    let hook = format!("http://0.0.0.0:{}/hook", receiver.local_addr().unwrap().port());
    let received = std::thread::spawn(move || {
        let (mut stream, _) = receiver.accept().unwrap();
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        String::from_utf8_lossy(&piece[..count]).into_owned()
    });
    let variables = [
        ("ALLOW_OUTBOUND", "true".to_owned()),
        ("JOURNAL_BYTES", "1".to_owned()),
        ("LOG_FORMAT", "json".to_owned()),
        ("LOG_LEVEL", "info".to_owned()),
        ("ONLY", "weavy".to_owned()),
        ("RANDOM_PORTS", "true".to_owned()),
    ];
    let (mut child, ready) = serve(&variables, &folder.path().join("ready.json"));
    let client = Client::new();
    let weavy =
        |path: &str| client.post(format!("{}/v1/{path}", ready["servers"]["weavy"]["url"].as_str().unwrap()));
    let login = json!({ "projectCode": "DEMO", "userName": "api", "password": "api" });
    let token = answer(weavy("Authenticate").json(&login)).await.1["authToken"].as_str().unwrap().to_owned();
    let subscribe = weavy("entrypoints/DEMO/process/?c=EPT_WebhookSubscribe").bearer_auth(&token);
    assert_eq!(answer(subscribe.json(&json!({ "event": "NewCustomer", "hookUrl": hook }))).await.0, 200);
    let customer = weavy("Data/DEMO/customer").bearer_auth(&token).json(&json!({ "customer_ID": "H1" }));
    assert_eq!(answer(customer).await.0, 200);
    assert!(received.join().unwrap().starts_with("POST /hook"), "ALLOW_OUTBOUND");
    let journal = client.get(format!("{}/sandboxes/default/journal", ready["control"].as_str().unwrap()));
    let (_, journal) = answer(journal).await;
    assert_eq!((&journal["total"], &journal["dropped"]), (&json!(0), &json!(3)), "JOURNAL_BYTES");
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let is_delivery = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        line["message"] == "a hook was delivered"
    };
    assert!(log.any(|line| is_delivery(&line.unwrap())), "LOG_FORMAT");
    assert!(stopped(child).0.starts_with("erpsatz ready"), "no JSON unless asked");
}

#[test]
fn health_finds_the_port_that_the_environment_says() {
    let port = free_port().to_string();
    let mut command = erpsatz(&["serve", "--random-ports", "--json", "--only", "clavus"]);
    let mut child = command.env("ERPSATZ_CONTROL_PORT", &port).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    let health = |port: &str| erpsatz(&["health"]).env("ERPSATZ_CONTROL_PORT", port).output().unwrap();
    assert_eq!(health(&port).status.code(), Some(0));
    assert_eq!(health(&free_port().to_string()).status.code(), Some(1));
    child.kill().unwrap();
    child.wait().unwrap();
}
