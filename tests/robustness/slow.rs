//! Slow clients delay no other, and are let go after `--client-timeout`.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use erpsatz::registry;

use crate::process::Process;
use crate::support::samples::Client;
use crate::support::send;

/// How many of each sort: more than the server has workers.
const EACH: usize = 16;

fn connect(process: &Process, slug: &str) -> TcpStream {
    let stream = TcpStream::connect(process.address(slug)).expect("it is let in");
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    stream
}

/// What comes until the server hangs up; a connection that is cut hangs up as well.
fn rest(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("it was not let go: {error}"),
        _ => String::from_utf8_lossy(&rest).into_owned(),
    }
}

async fn others_are_served(process: &Process) {
    let app = process.app();
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        assert_eq!(send(client.read()).await.status, 200, "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_end() {
    let process = Process::start(&["--client-timeout", "2s"]);
    for slug in registry::ALL.iter().map(|sim| sim.slug).chain(["control"]) {
        let mut slow: Vec<TcpStream> = (0..EACH).map(|_| connect(&process, slug)).collect();
        for stream in &mut slow {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: ").unwrap();
        }
        others_are_served(&process).await;
        for mut stream in slow {
            assert_eq!(rest(&mut stream), "", "{slug}: nobody is there to read an answer");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come() {
    let process = Process::start(&["--client-timeout", "1s"]);
    for slug in registry::ALL.iter().map(|sim| sim.slug).chain(["control"]) {
        let mut slow: Vec<TcpStream> = (0..EACH).map(|_| connect(&process, slug)).collect();
        let path = if slug == "control" { "/sandboxes" } else { "/" };
        let head = format!("POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{{");
        for stream in &mut slow {
            stream.write_all(head.as_bytes()).unwrap();
        }
        others_are_served(&process).await;
        for mut stream in slow {
            let answer = rest(&mut stream);
            assert!(answer.starts_with("HTTP/1.1 408 "), "{slug}: it is told so: {answer}");
        }
    }
}

/// A byte now and then is not enough: there is a pace below which it is let go.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_drips() {
    let process = Process::start(&["--client-timeout", "1s"]);
    let mut stream = connect(&process, "control");
    let head = b"POST /sandboxes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 30000000\r\n\r\n";
    stream.write_all(head).unwrap();
    let mut dripping = stream.try_clone().unwrap();
    let drip = std::thread::spawn(move || {
        while dripping.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    assert!(rest(&mut stream).starts_with("HTTP/1.1 408"));
    others_are_served(&process).await;
    drop(stream);
    drip.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads() {
    let process = Process::start(&["--client-timeout", "2s"]);
    let app = process.app();
    let client = Client::of(&app, "onlineerp").await;
    let credentials = crate::support::basic("DEMO-LICENCE", "demo-secret");
    for n in 0..50 {
        assert!(send(client.write(n)).await.status.is_success());
    }
    let ask = format!("GET /api/Entity/Product HTTP/1.1\r\nHost: x\r\nAuthorization: {credentials}\r\n\r\n");
    let mut slow: Vec<TcpStream> = (0..EACH).map(|_| connect(&process, "onlineerp")).collect();
    for stream in &mut slow {
        // Asked again and again, until neither the server's answers nor the questions fit into any buffer.
        stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        while stream.write_all(ask.repeat(100).as_bytes()).is_ok() {}
    }
    others_are_served(&process).await;
    let mut open = slow.len();
    while open > 0 {
        // Whoever is not let go is still written to here, for ever.
        slow.retain_mut(|stream| match stream.write(ask.as_bytes()) {
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            Ok(_) => true,
        });
        open = slow.len();
    }
    others_are_served(&process).await;
}
