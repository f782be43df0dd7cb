//! The proxy that answers for the vendors' hosts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erpsatz::{Config, Intercept};
use serde_json::{Value, json};
use simhost::server::proxy::upstream::Upstream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{port, read, rest, root, rustls_config};
use crate::support::{App, send};

async fn intercepting(intercept: Intercept) -> App {
    App::with(Config { intercept: Some(intercept), ..Config::default() }).await
}

pub(super) async fn proxy(app: &App) -> TcpStream {
    let url = app.ready()["proxy"].as_str().expect("a proxy").to_owned();
    TcpStream::connect(url.trim_start_matches("http://")).await.expect("it is let in")
}

/// The header of a user; nothing for nobody.
fn credentials(user: &str) -> String {
    if user.is_empty() {
        return String::new();
    }
    format!("Proxy-Authorization: Basic {}\r\nProxy-Connection: keep-alive\r\n", STANDARD.encode(user))
}

/// What CONNECT is answered, and the connection.
async fn connect(app: &App, to: &str, user: &str) -> (String, TcpStream) {
    let mut stream = proxy(app).await;
    let head = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{}\r\n", credentials(user));
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap() == 0 {
            break;
        }
        answer.push(byte[0]);
    }
    (String::from_utf8(answer).unwrap(), stream)
}

/// An encrypted session with a vendor's host through the proxy.
pub(super) async fn tunnel(app: &App, host: &str, user: &str) -> TlsStream<TcpStream> {
    let (answer, stream) = connect(app, &format!("{host}:443"), user).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{host}: {answer}");
    let connector = TlsConnector::from(std::sync::Arc::new(rustls_config(&root(app).await, &[])));
    connector.connect(ServerName::try_from(host.to_owned()).unwrap(), stream).await.expect("a session")
}

/// What one plain request to the proxy is answered, to the end of the connection.
async fn absolute(app: &App, url: &str, user: &str) -> crate::support::Answer {
    let mut stream = proxy(app).await;
    let head =
        format!("GET {url} HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n{}\r\n", credentials(user));
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    read(&answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_vendors_host_is_answered_for() {
    let hosts = vec![("erp.customer.example".to_owned(), "8sens".to_owned())];
    let app = intercepting(Intercept { hosts, ..Intercept::default() }).await;
    for (host, slug) in [
        ("app.erpxt.de", "comarch-xt"),
        ("app.erpxt.pl", "comarch-xt"),
        ("api.weavy.divalto.com", "weavy"),
        ("swing-ca.swingmobility.com", "weavy"),
        ("api-v2.clavus.io", "clavus"),
        ("acme.onlineerp.solution.quebec", "onlineerp"),
        ("v4.api.onlineerp.solution.quebec", "onlineerp"),
        ("erp.customer.example", "8sens"),
    ] {
        for user in ["t42:x", ""] {
            let sandbox = if user.is_empty() { "default" } else { "t42" };
            let mut session = tunnel(&app, host, user).await;
            let head = format!("GET /by/tunnel HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            session.write_all(head.as_bytes()).await.unwrap();
            let (answer, ended) = rest(&mut session).await;
            assert!(ended.is_ok() && answer.starts_with(b"HTTP/1.1 4"), "{host}: {ended:?}");
            let entry = app.journal(sandbox).await.pop().expect("an entry");
            assert_eq!((&entry["server"], &entry["path"]), (&slug.into(), &"/by/tunnel".into()), "{host}");
            assert!(!entry["headers"].to_string().to_lowercase().contains("proxy-"), "{entry}");
            let answer = absolute(&app, &format!("http://{host}/absolute"), user).await;
            assert!(answer.status.is_client_error(), "{host}: {answer:?}");
            let entry = app.journal(sandbox).await.pop().expect("an entry");
            assert_eq!((&entry["server"], &entry["path"]), (&slug.into(), &"/absolute".into()), "{host}");
            assert!(!entry["headers"].to_string().to_lowercase().contains("proxy-"), "{entry}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_lead_back_to_the_vendors_host() {
    let app = intercepting(Intercept::default()).await;
    let files = send(app.control(reqwest::Method::GET, "/sandboxes/default/data/clavus/files")).await.json();
    let file = files["items"][0]["id"].as_str().expect("a file").to_owned();
    let body = json!({ "fileId": file }).to_string();
    let mut session = tunnel(&app, "api-v2.clavus.io", "default:x").await;
    let head = format!(
        "POST /api/downloadFile HTTP/1.1\r\nHost: api-v2.clavus.io\r\nAuthorization: Bearer demo-key\r\nContent-Type: \
         application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    session.write_all(head.as_bytes()).await.unwrap();
    let answer = read(&rest(&mut session).await.0);
    let url = answer.json()["data"]["s3Url"].as_str().unwrap_or_default().to_owned();
    assert!(url.starts_with("https://api-v2.clavus.io/__s3/"), "{answer:?}");
}

/// Faults reach through the tunnel to the client's own socket.
#[tokio::test(flavor = "multi_thread")]
async fn faults_reach_through_the_tunnel() {
    let app = intercepting(Intercept::default()).await;
    for (effect, kind) in
        [("reset", std::io::ErrorKind::ConnectionReset), ("lose_response", std::io::ErrorKind::UnexpectedEof)]
    {
        app.fault(json!({ "server": "weavy", "when": { "times": 1 }, "then": { effect: true } })).await;
        let mut session = tunnel(&app, "api.weavy.divalto.com", "").await;
        session.write_all(b"GET /x HTTP/1.1\r\nHost: api.weavy.divalto.com\r\n\r\n").await.unwrap();
        let (answer, ended) = rest(&mut session).await;
        assert_eq!((answer.len(), ended.map_err(|error| error.kind())), (0, Err(kind)), "{effect}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_hosts_are_refused_in_words() {
    let app = App::with(Config {
        only: vec!["weavy".to_owned()],
        intercept: Some(Intercept { others: Some(Upstream::of_environment()), ..Intercept::default() }),
        ..Config::default()
    })
    .await;
    let (answer, _) = connect(&app, "app.erpxt.de:443", "").await;
    assert!(
        answer.starts_with("HTTP/1.1 403 erpsatz: app.erpxt.de") && answer.contains("--only"),
        "{answer}"
    );
    let app = intercepting(Intercept::default()).await;
    for host in ["api.github.com", "192.0.2.1", "localhost.evil.example"] {
        let (answer, _) = connect(&app, &format!("{host}:443"), "t42:x").await;
        let reason = answer.lines().next().unwrap();
        assert!(reason.starts_with(&format!("HTTP/1.1 403 erpsatz: {host} ")), "{answer}");
        assert!(reason.contains("--intercept-others") && reason.contains("NO_PROXY"), "{answer}");
        let answer = absolute(&app, &format!("http://{host}/x"), "").await;
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains(host), "{}", answer.body);
    }
    for user in ["No_Name:x", "a b:x"] {
        let (answer, _) = connect(&app, "app.erpxt.de:443", user).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("no name of a sandbox"), "{answer}");
    }
    let direct = absolute(&app, "/v1/x", "").await;
    assert!(direct.status == 400 && direct.body.contains("HTTP proxy"), "{direct:?}");
    let (answer, _) = connect(&app, "app.erpxt.de:443", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "clients that send nothing are `default`");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_asked_for_where_that_is_asked() {
    let app = intercepting(Intercept { asks: true, ..Intercept::default() }).await;
    let (answer, _) = connect(&app, "app.erpxt.de:443", "").await;
    assert!(
        answer.starts_with("HTTP/1.1 407 ") && answer.to_lowercase().contains("proxy-authenticate: basic"),
        "{answer}"
    );
    let (answer, _) = connect(&app, "app.erpxt.de:443", "t42:whatever").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

/// The app under test, on this machine: what it was asked.
async fn app_under_test() -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, asked) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                assert_eq!(stream.read(&mut byte).await.unwrap(), 1);
                head.push(byte[0]);
            }
            let _ = sender.send(String::from_utf8(head).unwrap());
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello")
                .await
                .unwrap();
        }
    });
    (port, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_reached_but_not_the_control_api() {
    let app = intercepting(Intercept::default()).await;
    let (near, mut asked) = app_under_test().await;
    let answer = absolute(&app, &format!("http://localhost:{near}/a?b=c"), "t42:x").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "hello"));
    let head = asked.recv().await.unwrap().to_lowercase();
    assert!(
        head.starts_with("get /a?b=c http/1.1\r\n") && head.contains(&format!("host: localhost:{near}\r\n")),
        "{head}"
    );
    assert!(!head.contains("proxy-"), "{head}");
    let (answer, mut stream) = connect(&app, &format!("127.0.0.1:{near}"), "t42:x").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    stream.write_all(b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    assert!(all.ends_with(b"hello"));
    let own = app.ready()["proxy"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    for port in [port(&app, "control").to_string(), own] {
        for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"] {
            let (answer, _) = connect(&app, &format!("{host}:{port}"), "").await;
            assert!(!answer.starts_with("HTTP/1.1 200 "), "{host}: {answer}");
            assert!(
                !absolute(&app, &format!("http://{host}:{port}/healthz"), "").await.status.is_success(),
                "{host}"
            );
        }
    }
    let (answer, _) = connect(&app, &format!("127.0.0.1:{}", port(&app, "weavy")), "").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "the servers are reached: {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_loopback_the_proxy_wants_the_token_and_leads_nowhere_near() {
    let intercept = Intercept {
        bind: Some("0.0.0.0".to_owned()),
        others: Some(Upstream::of_environment()),
        ..Intercept::default()
    };
    let app = intercepting(intercept).await;
    let token = app.ready()["control_token"].as_str().expect("a token is made").to_owned();
    for user in ["", "t42:x", "t42:"] {
        let (answer, _) = connect(&app, "app.erpxt.de:443", user).await;
        assert!(answer.starts_with("HTTP/1.1 407 "), "{user}: {answer}");
    }
    let user = format!("t42:{token}");
    let (answer, _) = connect(&app, "app.erpxt.de:443", &user).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let (near, _asked) = app_under_test().await;
    for host in ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "192.168.1.1", "[fd00::1]", "[::1]"]
    {
        let (answer, _) = connect(&app, &format!("{host}:{near}"), &user).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{host}: {answer}");
        assert_eq!(absolute(&app, &format!("http://{host}:{near}/"), &user).await.status, 403, "{host}");
    }
}

/// A request that says these things to the proxy by itself.
async fn said(app: &App, head: &str) -> String {
    let mut stream = proxy(app).await;
    stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    // A tunnel in which nothing is said ends.
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_cannot_be_read_are_nobodys_sandbox() {
    let app = intercepting(Intercept::default()).await;
    let [one, other, no_colon] = ["t1:x", "t2:x", "t42"].map(|text| STANDARD.encode(text));
    for (headers, status) in [
        ("Proxy-Authorization: Basic !!!".to_owned(), 400),
        (format!("Proxy-Authorization: Basic {no_colon}"), 400),
        (format!("Proxy-Authorization: Basic {one}\r\nProxy-Authorization: Basic {other}"), 400),
        ("Proxy-Authorization: Bearer abc".to_owned(), 407),
        ("Proxy-Authorization: Digest username=\"t42\"".to_owned(), 407),
        (format!("Proxy-Authorization: Basic {one}\r\nProxy-Authorization: Basic {one}"), 200),
    ] {
        let answer = said(&app, &format!("CONNECT app.erpxt.de:443 HTTP/1.1\r\n{headers}")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{headers}: {answer}");
    }
    assert_eq!(app.journal("default").await.len(), 0, "none of it is a request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_a_host_and_a_port() {
    let app = intercepting(Intercept::default()).await;
    for target in
        ["app.erpxt.de:99999", "app.erpxt.de:0", "app.erpxt.de", "app.erpxt.de:", "u:p@app.erpxt.de:443"]
    {
        let answer = said(&app, &format!("CONNECT {target} HTTP/1.1\r\nHost: x")).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && !answer.contains("u:p"), "{target}: {answer}");
    }
    assert_eq!(absolute(&app, "http://app.erpxt.de:/x", "").await.status, 400);
    for url in ["http://app.erpxt.de:0/x", "http://u:p@app.erpxt.de/x"] {
        let answer = absolute(&app, url, "").await;
        assert!(answer.status == 400 && answer.body.contains("is no place"), "{url}: {answer:?}");
    }
    let answer = absolute(&app, "http://app.erpxt.de:8080/x", "").await;
    assert!(!answer.body.contains("is no place"), "{answer:?}");
}

/// The user is the sandbox on loopback too, where the base URL is that of Erpsatz itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_user_counts_for_the_servers_own_addresses() {
    let mut config = Config { intercept: Some(Intercept::default()), ..Config::default() };
    config.options.require_sandbox = true;
    let app = App::with(config).await;
    let weavy = port(&app, "weavy");
    for host in ["127.0.0.1", "localhost"] {
        absolute(&app, &format!("http://{host}:{weavy}/absolute"), "t42:x").await;
        let (answer, mut stream) = connect(&app, &format!("{host}:{weavy}"), "t42:x").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let inside = format!(
            "GET /tunnel HTTP/1.1\r\nHost: {host}:{weavy}\r\nProxy-Connection: close\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(inside.as_bytes()).await.unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
    }
    let entries = app.journal("t42").await;
    let paths: Vec<&str> = entries.iter().filter_map(|entry| entry["path"].as_str()).collect();
    assert_eq!(paths, ["/absolute", "/tunnel", "/absolute", "/tunnel"]);
    assert!(!format!("{entries:?}").to_lowercase().contains("proxy-"), "also inside a tunnel: {entries:?}");
    let unnamed = absolute(&app, &format!("http://127.0.0.1:{weavy}/x"), "").await;
    assert!(unnamed.status == 400 && unnamed.body.contains("user of the proxy"), "{unnamed:?}");
}

/// Names of this machine need no resolver.
#[tokio::test(flavor = "multi_thread")]
async fn every_name_of_this_machine_is_reached() {
    let app = intercepting(Intercept::default()).await;
    let (near, _asked) = app_under_test().await;
    for host in ["app.localhost", "a.b.localhost", "localhost.", "LOCALHOST"] {
        let answer = absolute(&app, &format!("http://{host}:{near}/"), "").await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "hello"), "{host}");
    }
}

/// What is refused is told what would help there, and nothing that is set already.
#[tokio::test(flavor = "multi_thread")]
async fn advice_is_about_what_is_not_set_yet() {
    let (near, _asked) = app_under_test().await;
    let app =
        intercepting(Intercept { others: Some(Upstream::of_environment()), ..Intercept::default() }).await;
    let control = port(&app, "control");
    let (answer, _) = connect(&app, &format!("127.0.0.1:{control}"), "").await;
    assert!(answer.contains("control API") && answer.contains("NO_PROXY"), "{answer}");
    assert!(!answer.contains("--intercept-others"), "{answer}");
    let bound = Intercept {
        bind: Some("0.0.0.0".to_owned()),
        others: Some(Upstream::of_environment()),
        ..Intercept::default()
    };
    let app = intercepting(bound).await;
    let (answer, _) = connect(&app, "app.erpxt.de:443", "t42:x").await;
    assert!(answer.starts_with("HTTP/1.1 407 ") && answer.contains("control token"), "{answer}");
    let user = format!("t42:{}", app.ready()["control_token"].as_str().expect("a token"));
    for host in ["127.0.0.1", "10.0.0.1", "198.18.0.1", "[::127.0.0.1]"] {
        let (answer, _) = connect(&app, &format!("{host}:{near}"), &user).await;
        assert!(
            answer.starts_with("HTTP/1.1 403 ") && answer.contains("--intercept-bind"),
            "{host}: {answer}"
        );
        assert!(!answer.contains("--intercept-others"), "{answer}");
    }
}

/// Hosts of vendors that stand in a network have addresses for names.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_can_be_a_vendors_host() {
    let hosts = vec![("192.0.2.7".to_owned(), "8sens".to_owned())];
    let app = intercepting(Intercept { hosts, ..Intercept::default() }).await;
    let mut session = tunnel(&app, "192.0.2.7", "t42:x").await;
    session.write_all(b"GET /v1/x HTTP/1.1\r\nHost: 192.0.2.7\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut session).await.0.starts_with(b"HTTP/1.1 4"));
    assert_eq!(app.journal("t42").await[0]["server"], "8sens");
}

/// Broken sessions in a tunnel are the user's.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_in_a_tunnel_is_in_its_sandbox() {
    let app = intercepting(Intercept::default()).await;
    let (_, mut stream) = connect(&app, "app.erpxt.de:443", "t42:x").await;
    stream.write_all(b"\x16\x03\x01\x00\x05hello").await.unwrap();
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all).await;
    let entry: Value = loop {
        let known = send(app.control(reqwest::Method::GET, "/sandboxes/t42/journal")).await;
        if let Some(entry) =
            (known.status == 200).then(|| known.json()["entries"][0].clone()).filter(Value::is_object)
        {
            break entry;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert_eq!(
        (&entry["method"], &entry["status"], &entry["server"]),
        (&"".into(), &Value::Null, &"comarch-xt".into())
    );
    assert_eq!(app.journal("default").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_intercepted_is_misuse() {
    for (config, said) in [
        (Config { no_tls: true, intercept: Some(Intercept::default()), ..Config::default() }, "--no-tls"),
        (
            Config {
                intercept: Some(Intercept {
                    hosts: vec![("a.example".to_owned(), "wevy".to_owned())],
                    ..Intercept::default()
                }),
                ..Config::default()
            },
            "weavy",
        ),
        (
            Config {
                intercept: Some(Intercept {
                    hosts: vec![("https://a.example/".to_owned(), "weavy".to_owned())],
                    ..Intercept::default()
                }),
                ..Config::default()
            },
            "without scheme",
        ),
        (
            Config {
                only: vec!["weavy".to_owned()],
                intercept: Some(Intercept {
                    hosts: vec![("a.example".to_owned(), "8sens".to_owned())],
                    ..Intercept::default()
                }),
                ..Config::default()
            },
            "--only",
        ),
    ] {
        let refused = erpsatz::Erpsatz::start_with(config).await.err().expect("a refusal");
        assert!(matches!(refused, erpsatz::StartError::Misused(_)), "{refused}");
        assert!(refused.to_string().contains(said), "{refused}");
    }
}
