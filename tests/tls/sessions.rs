//! Sessions: who gets one under which name, and what is said of those that do not.

use erpsatz::Config;
use reqwest::Method;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::{Encrypted, port, ports, root, session};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn every_port_speaks_both() {
    let app = App::start().await;
    let encrypted = Encrypted::of(&app).await;
    for (slug, port) in ports(&app) {
        let path = if slug == "control" { "/healthz" } else { "/no/such/route" };
        for host in ["localhost", "127.0.0.1"] {
            let plain = send(app.at(Method::GET, &format!("http://{host}:{port}{path}"))).await;
            let answer = encrypted.ask("GET", host, port, path, &[]).await;
            assert_eq!(answer.status, plain.status, "{slug} {host}");
            assert_eq!(answer.header("content-type"), plain.header("content-type"), "{slug} {host}");
        }
    }
    let ready = app.ready();
    assert_eq!(ready["ca"], format!("{}/ca.pem", app.control_url()));
    for (slug, server) in ready["servers"].as_object().unwrap() {
        let url = server["https_url"].as_str().unwrap_or_else(|| panic!("{slug} has no https_url"));
        assert_eq!(url, server["url"].as_str().unwrap().replace("http://", "https://"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_made_for_names_of_ours_alone() {
    let more = ["erp.ci.example".to_owned(), "fd00::7".to_owned()];
    let app = App::with(Config { control_hosts: more.into(), ..Config::default() }).await;
    let (root, port) = (root(&app).await, port(&app, "weavy"));
    for (name, admitted) in [
        ("localhost", true),
        ("t42.localhost", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("fd00::7", true),
        ("erp.ci.example", true),
        ("t42.erp.ci.example", true),
        ("app.erpxt.de", true),
        ("acme.onlineerp.solution.quebec", true),
        ("v4.api.onlineerp.solution.quebec", true),
        ("onlineerp.solution.quebec", false),
        ("bank.example", false),
        ("192.0.2.1", false),
    ] {
        let made = session(port, name, &root, &[]).await;
        assert_eq!(made.is_ok(), admitted, "{name}: {:?}", made.err());
    }
    let said = noted(&app, 3).await;
    let refused: Vec<&str> = said.iter().filter_map(|entry| entry["unreadable"].as_str()).collect();
    assert!(
        refused.iter().any(|why| why.contains("`bank.example`") && why.contains("--control-host")),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_is_noted_in_words() {
    let app = App::start().await;
    let (root, port) = (root(&app).await, port(&app, "clavus"));
    let other = super::root(&App::start().await).await;
    assert!(session(port, "localhost", &other, &[]).await.is_err(), "it does not trust us");
    assert!(session(port, "localhost", &root, &[b"h2".to_vec()]).await.is_err(), "it speaks HTTP/2 alone");
    let mut broken = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    broken.write_all(b"\x16\x03\x01\x00\x05hello").await.unwrap();
    assert!(read(&mut broken).await.is_ok_and(|said| !said.starts_with(b"HTTP")));
    drop(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    let entries = noted(&app, 3).await;
    for said in ["erpsatz ca", "HTTP/2", "cannot be read"] {
        let entry =
            entries.iter().find(|entry| entry["unreadable"].as_str().is_some_and(|why| why.contains(said)));
        let entry = entry.unwrap_or_else(|| panic!("{said}: {entries:#?}"));
        assert_eq!((&entry["method"], &entry["status"]), (&"".into(), &serde_json::Value::Null), "{entry}");
    }
    assert_eq!(entries.len(), 3, "a connection without a byte is nothing: {entries:#?}");
    let report = send(app.control(Method::GET, "/sandboxes/default/report")).await.json();
    assert_eq!(report["violations"], serde_json::json!([]), "{report}");
}

/// The journal once it has so many entries: a client is gone before it is said why.
async fn noted(app: &App, count: usize) -> Vec<serde_json::Value> {
    loop {
        let entries = app.journal("default").await;
        if entries.len() >= count {
            return entries;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

async fn read(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    use tokio::io::AsyncReadExt as _;
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.map(|_| all)
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_1_is_agreed_on() {
    let app = App::start().await;
    let root = root(&app).await;
    let offered = [b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = session(port(&app, "8sens"), "localhost", &root, &offered).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tls_a_hello_is_refused_as_no_request() {
    let app = App::with(Config { no_tls: true, ..Config::default() }).await;
    let ready = app.ready();
    assert!(ready.get("ca").is_none() && ready["servers"]["weavy"].get("https_url").is_none(), "{ready}");
    assert_eq!(send(app.control(Method::GET, "/ca.pem")).await.status, 404);
    let servers = send(app.control(Method::GET, "/servers")).await.json();
    assert!(servers["items"][0].get("https_url").is_none(), "{servers}");
    let mut hello = TcpStream::connect(("127.0.0.1", port(&app, "weavy"))).await.unwrap();
    hello.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello").await.unwrap();
    hello.shutdown().await.unwrap();
    assert!(read(&mut hello).await.unwrap().starts_with(b"HTTP/1.1 400 "));
    let entry = app.journal("default").await.pop().expect("an entry");
    assert!(entry["unreadable"].as_str().is_some_and(|why| why.contains("TLS hello")), "{entry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_keeps_the_root_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let config = |ca: bool| {
        let mut config = Config::default();
        let path = Some(folder.path().to_owned());
        if ca {
            config.ca_dir = path;
        } else {
            config.options.data_dir = path;
        }
        config
    };
    let app = App::with(config(false)).await;
    assert!(!folder.path().join("ca.key").exists(), "it is made when it is needed");
    let first = root(&app).await;
    app.stop().await;
    for is_ca in [false, true] {
        let app = App::with(config(is_ca)).await;
        assert_eq!(root(&app).await, first);
        assert!(session(port(&app, "weavy"), "localhost", &first, &[]).await.is_ok());
        app.stop().await;
    }
    std::fs::write(folder.path().join("ca.key"), "mine").unwrap();
    let refused = erpsatz::Erpsatz::start_with(config(true)).await.err().expect("a refusal").to_string();
    assert!(refused.contains("ca.key") && refused.lines().count() == 1, "{refused}");
}

/// What comes and is no HTTP/1.1 is answered, and why stands in the journal.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_1_1_is_told_so() {
    let app = App::start().await;
    for (sent, said) in [
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2"),
        ("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello", "Content-Length is no number"),
        ("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "twice"),
        ("CONNECT [ HTTP/1.1\r\nHost: x\r\n\r\n", "HOST:PORT"),
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", port(&app, "weavy"))).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = String::from_utf8(read(&mut stream).await.unwrap()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{sent:?}: {answer}");
        let entry = app.journal("default").await.pop().expect("an entry");
        assert!(entry["unreadable"].as_str().is_some_and(|why| why.contains(said)), "{sent:?}: {entry}");
    }
}

/// A certificate is made for several labels; a sandbox is named by one.
#[tokio::test(flavor = "multi_thread")]
async fn labels_that_name_no_sandbox_are_refused_in_words() {
    let app = App::start().await;
    let encrypted = Encrypted::of(&app).await;
    for (host, said) in [("a.b.localhost", "`a.b` is no name of a sandbox"), ("t_42.localhost", "`t_42`")] {
        let answer = encrypted.ask("GET", host, port(&app, "8sens"), "/v1/x", &[]).await;
        assert!(answer.status == 400 && answer.body.contains(said), "{host}: {answer:?}");
        assert!(answer.body.contains("host"), "{answer:?}");
    }
    encrypted.ask("GET", "T42.localhost", port(&app, "8sens"), "/v1/x", &[]).await;
    assert_eq!(app.journal("t42").await.len(), 1, "names of hosts have no case");
    let answer = encrypted.ask("GET", "t42.localhost", port(&app, "control"), "/servers", &[]).await;
    assert!(answer.status == 403 && answer.body.contains("in the path"), "{answer:?}");
}
