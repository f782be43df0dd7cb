//! Many connections at once.

use std::sync::Arc;

use erpsatz::registry;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Barrier;

use crate::process::{Process, serve};

/// As many as the limit of open files of this process allows, which is raised as far as it may be.
fn connections(wanted: usize) -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    let possible =
        limit.maximum.map_or(usize::MAX, |most| usize::try_from(most).unwrap().saturating_sub(200));
    if possible < wanted {
        crate::say(&format!("SKIPPED in part: only {possible} of {wanted} connections, see `ulimit -Hn`"));
    }
    wanted.min(possible)
}

/// Each connects, all of them are open at once, then each asks twice.
#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_connections_at_once() {
    let count = connections(2000);
    let process = Process::start::<&str>(&[]);
    let addresses: Vec<String> = registry::ALL.iter().map(|sim| process.address(sim.slug)).collect();
    let all_open = Arc::new(Barrier::new(count));
    let asks = (0..count).map(|n| {
        let (address, all_open) = (addresses[n % addresses.len()].clone(), all_open.clone());
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("it is let in");
            all_open.wait().await;
            for last in [false, true] {
                let close = if last { "Connection: close\r\n" } else { "" };
                let head = format!("GET /no/such/route HTTP/1.1\r\nHost: x\r\n{close}\r\n");
                stream.write_all(head.as_bytes()).await.expect("it is read");
                if !last {
                    let mut status = [0; 12];
                    stream.read_exact(&mut status).await.expect("it is answered");
                    assert!(status.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&status));
                }
            }
            let mut rest = String::new();
            stream.read_to_string(&mut rest).await.expect("it is answered again");
            assert!(rest.contains("HTTP/1.1 4"), "{rest}");
        })
    });
    for ask in asks.collect::<Vec<_>>() {
        ask.await.expect("an answer");
    }
}

/// Shells hand out few open files; the server takes what it may have.
#[test]
fn the_limit_of_open_files_is_raised() {
    use std::process::{Command, Stdio};
    let plain = serve::<&str>(&[]);
    let mut command = Command::new("sh");
    command
        .args(["-c", r#"ulimit -Sn 300; exec "$0" "$@""#])
        .arg(plain.get_program())
        .args(plain.get_args())
        .stdin(Stdio::null());
    let hard = Command::new("sh").args(["-c", "ulimit -Hn"]).output().unwrap();
    let process = Process::spawn(&mut command);
    assert_eq!(process.open_files(), String::from_utf8_lossy(&hard.stdout).trim());
}
