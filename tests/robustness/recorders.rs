//! `--record` in a process of its own, with a twin of ours as the real service: what a stop or a kill half way leaves, and
//! what is said meanwhile.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use simhost::journal::har;

use crate::process::{Process, serve};

/// The options of a recorder to `file` whose real service is `twin`.
fn recording(file: &Path, twin: &Process) -> Vec<String> {
    let address = format!("app.erpxt.de={}", twin.address("comarch-xt"));
    let file = file.display().to_string();
    let options =
        ["--intercept-port", "0", "--record", &file, "--allow-outbound", "--record-address", &address];
    options.map(str::to_owned).to_vec()
}

/// Asks the real service through the proxy; whether a whole answer came.
fn ask(proxy: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(proxy) else { return false };
    let head = "GET http://app.erpxt.de/api2/public/products HTTP/1.1\r\nHost: app.erpxt.de\r\n\
                Authorization: Bearer canary-of-a-recording\r\nConnection: close\r\n\r\n";
    let mut answer = Vec::new();
    stream.write_all(head.as_bytes()).is_ok()
        && stream.read_to_end(&mut answer).is_ok()
        && answer.starts_with(b"HTTP/1.1 401")
        && answer.ends_with(b"}")
}

fn proxy_of(process: &Process) -> String {
    process.proxy().to_owned()
}

/// Lets clients ask until the recorder is gone, and ends it by `end` once some have been answered; how many were.
fn under_load(recorder: Process, end: impl FnOnce(Process)) -> usize {
    let (answered, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let proxy = proxy_of(&recorder);
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (proxy, answered, over) = (proxy.clone(), answered.clone(), over.clone());
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) && ask(&proxy) {
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    while answered.load(Ordering::Relaxed) < 12 && clients.iter().any(|client| !client.is_finished()) {
        thread::yield_now();
    }
    end(recorder);
    over.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().expect("it ends");
    }
    answered.load(Ordering::Relaxed)
}

/// What is in the file: as many entries as answers that came whole, or more, and no secret.
fn holds(file: &Path, answered: usize) {
    let bytes = std::fs::read(file).expect("a file");
    let recording = har::read(&bytes).expect("an archive");
    assert!(
        answered >= 12 && recording.entries.len() >= answered,
        "{} of {answered}",
        recording.entries.len()
    );
    assert!(recording.entries.iter().all(|entry| entry.url.ends_with("/api2/public/products")));
    assert!(!String::from_utf8_lossy(&bytes).contains("canary-of-a-recording"));
    // Whoever compares is told when the last one is left out, and nothing else.
    let compared = Command::new(env!("CARGO_BIN_EXE_erpsatz"));
    let compared = { compared }.arg("compare").arg(file).output().expect("it runs");
    let said = String::from_utf8_lossy(&compared.stderr).into_owned();
    assert!(matches!(compared.status.code(), Some(0 | 3)), "{said}");
    assert_eq!(said.contains("which is left out"), recording.is_cut, "{said}");
}

#[test]
fn a_recorder_that_is_killed_leaves_what_was_answered() {
    let (twin, folder) = (Process::start::<&str>(&[]), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("mine.har");
    let answered = under_load(Process::start(&recording(&file, &twin)), Process::kill);
    holds(&file, answered);
}

#[cfg(unix)]
#[test]
fn a_recorder_that_is_interrupted_leaves_a_whole_archive() {
    let (twin, folder) = (Process::start::<&str>(&[]), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("mine.har");
    let mut ended = None;
    let answered = under_load(Process::start(&recording(&file, &twin)), |recorder| {
        let pid = recorder.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("it runs").success());
        ended = Some(recorder.output());
    });
    let (code, said) = ended.expect("it ended");
    assert_eq!(code, Some(0), "{said}");
    serde_json::from_slice::<serde_json::Value>(&std::fs::read(&file).expect("a file"))
        .expect("a whole archive");
    holds(&file, answered);
    assert!(said.contains("requests recorded in") && said.contains("0 refused that might write"), "{said}");
    assert!(!said.contains('\r'), "no line is drawn where nobody sees it: {said}");
}

/// On a terminal a line counts along.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_sees_how_many_requests_are_recorded() {
    if Command::new("script").arg("--version").output().is_err() {
        crate::say("SKIPPED: there is no `script` to make a terminal with");
        return;
    }
    let (twin, folder) = (Process::start::<&str>(&[]), tempfile::tempdir().expect("a folder"));
    let (file, ready) = (folder.path().join("mine.har"), folder.path().join("ready.json"));
    let plain = serve(&recording(&file, &twin));
    let words: Vec<String> = plain.get_args().map(|word| format!("'{}'", word.to_string_lossy())).collect();
    let command = format!(
        "exec '{}' {} --ready-file '{}'",
        env!("CARGO_BIN_EXE_erpsatz"),
        words.join(" "),
        ready.display()
    );
    let mut terminal = Command::new("script")
        .args(["-q", "-e", "-c", &command, "/dev/null"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let told = loop {
        if let Ok(text) = std::fs::read_to_string(&ready)
            && let Ok(told) = serde_json::from_str::<serde_json::Value>(&text)
        {
            break told;
        }
        assert!(terminal.try_wait().expect("it runs").is_none(), "it ended");
        thread::yield_now();
    };
    let proxy = told["proxy"].as_str().expect("a URL").trim_start_matches("http://").to_owned();
    assert!(ask(&proxy) && ask(&proxy), "{told}");
    // The line is drawn before the answer goes out.
    let children = crate::proc::read(terminal.id(), &format!("task/{}/children", terminal.id()));
    let ended = Command::new("kill").arg("-INT").args(children.split_whitespace()).status();
    assert!(ended.expect("it runs").success(), "{children}");
    let mut said = String::new();
    terminal.stdout.take().expect("stdout").read_to_string(&mut said).expect("text");
    assert!(terminal.wait().expect("it ends").success(), "{said}");
    assert!(said.contains("\r\u{1b}[2Krecorded 2, refused 0"), "{said:?}");
}
