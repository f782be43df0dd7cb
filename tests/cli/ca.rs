//! The root of HTTPS as commands and variables give it.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};

use super::{Serving, erpsatz, run, text};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

fn printed(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn the_root_is_printed_of_a_folder_or_of_what_runs() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("ca").to_str().unwrap().to_owned();
    let made = printed(&["ca", "--ca-dir", &place]);
    assert!(made.starts_with(BEGIN) && made.matches(BEGIN).count() == 1, "{made}");
    assert_eq!(printed(&["ca", "--data-dir", &place]), made, "it is made once");
    let serving = Serving::start(&["--ca-dir", &place]);
    let control = serving.ready["control"].as_str().unwrap().to_owned();
    assert_eq!(printed(&["ca", "--control", &control]), made);
    let bundle = printed(&["ca", "--control", &control, "--bundle"]);
    assert!(bundle.starts_with(made.trim_end()), "{bundle}");
    let store = folder.path().join("ca.p12").to_str().unwrap().to_owned();
    assert_eq!(printed(&["ca", "--ca-dir", &place, "--pkcs12", &store, "--password", "other1"]), "");
    assert!(std::fs::read(&store).unwrap().len() > 500);
    let nobody = run(&["ca", "--control", "http://127.0.0.1:9"]);
    assert_eq!((nobody.status.code(), text(&nobody.stderr).lines().count()), (Some(1), 1));
    std::fs::write(folder.path().join("ca/ca.pem"), "mine").unwrap();
    for args in [&["ca", "--ca-dir", &place][..], &["serve", "--random-ports", "--ca-dir", &place]] {
        let refused = run(args);
        let said = text(&refused.stderr);
        assert_eq!((refused.status.code(), said.lines().count()), (Some(1), 1), "{said}");
        assert!(said.contains("ca.pem"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_command_gets_the_root_and_trusts_it_where_that_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let other = printed(&["ca", "--ca-dir", &path("other")]);
    std::fs::write(path("theirs.pem"), &other).unwrap();
    let exec = |options: &[&str], script: &str| {
        let mut command = erpsatz(&["exec"]);
        command.args(options).args(["--", "sh", "-c", script]);
        command.env("NODE_EXTRA_CA_CERTS", path("theirs.pem")).env("REQUESTS_CA_BUNDLE", path("theirs.pem"));
        command.env_remove("SSL_CERT_FILE").env_remove("CURL_CA_BUNDLE");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let said = exec(
        &[],
        "echo $ERPSATZ_CA; cat $ERPSATZ_CA; echo $ERPSATZ_COMARCH_XT_HTTPS_URL; echo +$SSL_CERT_FILE",
    );
    let (file, rest) = said.split_once('\n').unwrap();
    assert!(
        rest.starts_with(BEGIN) && rest.contains("\nhttps://127.0.0.1:") && rest.ends_with("+\n"),
        "{rest}"
    );
    assert!(!std::path::Path::new(file).exists(), "the file goes with exec");
    let all = exec(
        &["--trust"],
        "[ $SSL_CERT_FILE = $REQUESTS_CA_BUNDLE ] && [ $SSL_CERT_FILE = $CURL_CA_BUNDLE ] && cat $ERPSATZ_CA \
         $SSL_CERT_FILE $NODE_EXTRA_CA_CERTS",
    );
    let ours = all.split("-----END CERTIFICATE-----").next().unwrap();
    assert_eq!((all.matches(ours).count(), all.matches(other.trim_end()).count()), (3, 2), "{all}");
    assert_eq!(
        all.matches(BEGIN).count(),
        5,
        "what the variable named takes the place of the system's roots"
    );
    assert_eq!(exec(&["--no-tls"], "echo $ERPSATZ_CA$ERPSATZ_WEAVY_HTTPS_URL"), "\n");
}

/// Where `TMPDIR` names no folder, another is found.
#[cfg(unix)]
#[test]
fn a_machine_without_its_temporary_folder() {
    let mut command = erpsatz(&[
        "exec",
        "--trust",
        "--",
        "sh",
        "-c",
        "[ -f $ERPSATZ_CA ] && [ -f $SSL_CERT_FILE ] && echo there",
    ]);
    let output = command.env("TMPDIR", "/nonexistent").output().unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stdout).as_str()),
        (Some(0), "there\n"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn how_requests_come_here_is_set_by_options() {
    let serving = Serving::start(&["--require-sandbox", "--trusted-proxy", "10.0.0.0/8,192.0.2.7"]);
    let answer = serving.ask("weavy", "GET /v1/x HTTP/1.1\r\nHost: x");
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("names no sandbox"), "{answer}");
    let named = serving.ask("weavy", "GET /~default/v1/x HTTP/1.1\r\nHost: x");
    assert!(!named.contains("names no sandbox"), "{named}");
    let refused = run(&["serve", "--random-ports", "--trusted-proxy", "everybody"]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
}

/// Nothing of anybody's is written over, and folders of others are left alone.
#[test]
fn what_is_not_ours_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (ca, notes, store) = (path("ca"), path("notes.txt"), path("ca.p12"));
    std::fs::write(&notes, "notes of mine").unwrap();
    let refused = run(&["ca", "--ca-dir", &ca, "--pkcs12", &notes]);
    let said = text(&refused.stderr);
    assert_eq!((refused.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "notes of mine");
    for _ in 0..2 {
        assert_eq!(
            printed(&["ca", "--ca-dir", &ca, "--pkcs12", &store]),
            "",
            "one of its own is written again"
        );
    }
    let secret = run(&["ca", "--ca-dir", &ca, "--pkcs12", &store, "--password", "pässwort"]);
    assert_eq!(secret.status.code(), Some(2), "{}", text(&secret.stderr));
    let foreign = path("foreign");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(folder.path().join("foreign/letter.txt"), "hello").unwrap();
    let refused = run(&["ca", "--data-dir", &foreign]);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
    assert_eq!(std::fs::read_dir(&foreign).unwrap().count(), 1);
    let both = run(&["ca", "--ca-dir", &ca, "--data-dir", &foreign]);
    assert!(
        both.status.success() && text(&both.stderr).contains("not of --data-dir"),
        "{}",
        text(&both.stderr)
    );
    let json: serde_json::Value = serde_json::from_str(&printed(&["ca", "--ca-dir", &ca, "--json"])).unwrap();
    assert_eq!(json["pem"], printed(&["ca", "--ca-dir", &ca]));
}

/// Of several that start at once on one folder, all give out the root that is kept.
#[test]
fn whoever_starts_at_once_gets_one_root() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("ca").to_str().unwrap().to_owned();
    let starting: Vec<_> = (0..6)
        .map(|_| erpsatz(&["ca", "--ca-dir", &place]).stdout(std::process::Stdio::piped()).spawn().unwrap())
        .collect();
    let roots: Vec<String> =
        starting.into_iter().map(|child| text(&child.wait_with_output().unwrap().stdout)).collect();
    assert!(roots[0].starts_with(BEGIN) && roots.iter().all(|root| *root == roots[0]), "{roots:?}");
}

/// What answers by http that it knows no root, and passes the rest on to `port`.
fn without_root(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut first = [0];
            if client.peek(&mut first).is_err() || first != [0x16] {
                let _ = client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                continue;
            }
            let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let (mut answers, mut reader) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let mut server = server;
            std::thread::spawn(move || std::io::copy(&mut answers, &mut client));
            std::thread::spawn(move || std::io::copy(&mut reader, &mut server));
        }
    });
    own
}

#[test]
fn commands_call_the_control_api_by_https_and_verify_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("ca").to_str().unwrap().to_owned();
    let serving = Serving::start(&["--only", "weavy", "--ca-dir", &place]);
    let port: u16 = serving.control().rsplit(':').next().unwrap().parse().unwrap();
    let url = format!("https://127.0.0.1:{port}");
    assert!(printed(&["sandbox", "new", "t1", "--control", &url]).contains("t1"));
    assert!(
        printed(&["fault", "add", "{ server: weavy, then: { status: 503 } }", "--control", &url]).len() > 1
    );
    assert_eq!(printed(&["journal", "--sandbox", "t1", "--control", &url]), "");
    let unknown = format!("https://127.0.0.1:{}", without_root(port));
    let refused = run(&["clock", "--control", &unknown]);
    let said = text(&refused.stderr);
    assert_eq!((refused.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("ERPSATZ_CA"), "{said}");
    let plain = Serving::start(&["--only", "weavy", "--no-tls"]);
    let refused = run(&["clock", "--control", &plain.control().replace("http://", "https://")]);
    let said = text(&refused.stderr);
    assert!(refused.status.code() == Some(1) && said.contains("write http://"), "{said}");
    let root = format!("{place}/ca.pem");
    for (name, value) in [("ERPSATZ_CA", root.as_str()), ("ERPSATZ_CA_DIR", place.as_str())] {
        let told = erpsatz(&["clock", "--control", &unknown]).env(name, value).output().unwrap();
        assert_eq!(told.status.code(), Some(0), "{name}: {}", text(&told.stderr));
    }
}
