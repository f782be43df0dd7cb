//! The proxy as a command finds it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use super::{Serving, erpsatz, run, text};

/// `exec --intercept` of a script, whose environment names no proxy unless `environment` does.
fn exec(options: &[&str], environment: &[(&str, &str)], script: &str) -> (String, String) {
    let mut command = erpsatz(&["exec", "--intercept"]);
    command.args(options).args(["--", "bash", "-c", script]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = command.envs(environment.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

/// Sends `$1` to the proxy and prints what comes.
const SPEAK: &str = "speak() { address=${ERPSATZ_PROXY_URL#http://}; exec 3<>/dev/tcp/${address%:*}/${address#*:}; \
                     printf \"$1\" >&3; cat <&3; }; ";

#[cfg(unix)]
#[test]
fn a_command_finds_the_proxy_and_trusts_it() {
    let script = "echo $ERPSATZ_PROXY_URL; echo $HTTP_PROXY $https_proxy $HTTPS_PROXY; echo $NO_PROXY $no_proxy; echo \
                  $NODE_USE_ENV_PROXY; [ -f $SSL_CERT_FILE ] && [ -f $NODE_EXTRA_CA_CERTS ] && echo trusts";
    let (said, beside) = exec(
        &["--intercept-host", "erp.customer.example=8sens"],
        &[("NO_PROXY", "*,.erpxt.de,customer.example,intranet")],
        script,
    );
    let lines: Vec<&str> = said.lines().collect();
    let url = lines[0];
    assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":8079"), "{said}");
    assert_eq!(lines[1], format!("{url} {url} {url}"));
    assert_eq!(lines[2], "localhost,127.0.0.1,::1,intranet localhost,127.0.0.1,::1,intranet");
    assert_eq!(lines[3..], ["1", "trusts"]);
    assert!(beside.contains("nothing came through the proxy"), "{beside}");
    let script = format!("{SPEAK} speak 'GET http://app.erpxt.de/x HTTP/1.0\\r\\n\\r\\n'");
    let (said, beside) = exec(&[], &[], &script);
    assert!(said.starts_with("HTTP/1.") && !beside.contains("nothing came"), "{said}{beside}");
    let script = format!(
        "{SPEAK} speak 'CONNECT other.example:443 HTTP/1.0\\r\\n\\r\\n'; speak 'CONNECT other.example:443 HTTP/1.0\\r\\n\\r\\n'"
    );
    let (said, beside) = exec(&[], &[], &script);
    assert_eq!(said.matches(" 403 erpsatz: other.example ").count(), 2, "{said}");
    assert_eq!(beside.matches("other.example").count(), 1, "once a host: {beside}");
}

/// Other hosts are reached by the proxy that the variables named before.
#[cfg(unix)]
#[test]
fn others_go_on_by_the_proxy_that_was_there() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let before = format!("http://u:p@{}", listener.local_addr().unwrap());
    let theirs = thread::spawn(move || {
        let mut heads = Vec::new();
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            if head.starts_with(b"CONNECT") {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                // In a tunnel it is the client that begins.
                let mut asked = [0; 4];
                stream.read_exact(&mut asked).unwrap();
                assert_eq!(&asked, b"ping");
                stream.write_all(b"there").unwrap();
            } else {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhttp").unwrap();
            }
            heads.push(String::from_utf8(head).unwrap().to_lowercase());
        }
        heads
    });
    let script = format!(
        "{SPEAK} speak 'CONNECT other.test:443 HTTP/1.1\\r\\nHost: other.test:443\\r\\n\\r\\nping'; echo; speak 'GET \
         http://other.test/a?b=c HTTP/1.1\\r\\nHost: other.test\\r\\nConnection: close\\r\\nProxy-Authorization: Basic \
         dDQyOng=\\r\\n\\r\\n'"
    );
    let (said, _) = exec(
        &["--intercept-others", "pass"],
        &[("HTTPS_PROXY", &before), ("HTTP_PROXY", &before), ("http_proxy", &before)],
        &script,
    );
    assert!(said.contains("there") && said.ends_with("http"), "{said}");
    let heads = theirs.join().unwrap();
    assert!(heads[0].starts_with("connect other.test:443 http/1.1\r\n"), "{heads:?}");
    assert!(heads[1].starts_with("get http://other.test/a?b=c http/1.1\r\n"), "{heads:?}");
    for head in &heads {
        assert!(
            head.contains("proxy-authorization: basic dtpw\r\n"),
            "the proxy's own credentials alone: {head}"
        );
    }
}

/// What the proxy asks for is in what the command is given, and who is turned away is not told that nobody came.
#[cfg(unix)]
#[test]
fn a_command_gets_the_credentials_that_the_proxy_asks_for() {
    let script = format!(
        "{SPEAK} echo $HTTPS_PROXY $ERPSATZ_PROXY_URL $ERPSATZ_CONTROL_TOKEN; \
         ERPSATZ_PROXY_URL=http://${{HTTPS_PROXY#*@}}; speak 'CONNECT app.erpxt.de:443 HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n'"
    );
    let (said, beside) = exec(&["--intercept-bind", "0.0.0.0"], &[], &script);
    let first = said.lines().next().unwrap();
    let words: Vec<&str> = first.split(' ').collect();
    assert!(words[0].starts_with(&format!("http://default:{}@127.0.0.1:", words[2])), "{first}");
    assert_eq!(words[0], words[1]);
    assert!(said.contains(" 407 erpsatz: ") && said.contains("control token"), "{said}");
    assert!(beside.contains("1 request came to the proxy") && !beside.contains("nothing came"), "{beside}");
    let (said, _) = exec(&["--intercept-auth"], &[], "echo $HTTPS_PROXY");
    assert!(said.starts_with("http://default:x@127.0.0.1:"), "{said}");
}

#[test]
fn options_of_a_proxy_that_is_not_there_are_misuse() {
    for options in [
        &["--intercept-port", "8079"][..],
        &["--intercept-host", "a.example=8sens"],
        &["--intercept-auth"],
        &["--intercept-bind", "0.0.0.0"],
        &["--intercept-others", "pass"],
    ] {
        let refused = run(&[&["serve", "--random-ports"], options].concat());
        let said = text(&refused.stderr);
        assert_eq!((refused.status.code(), said.lines().count()), (Some(2), 1), "{options:?}: {said}");
        assert!(said.contains(options[0]) && said.contains("--intercept"), "{said}");
    }
    for host in [
        "https://a.b/=8sens",
        "a.b:8443=8sens",
        "=8sens",
        "a b=8sens",
        "127.0.0.1=",
        "*=8sens",
        "localhost=8sens",
    ] {
        let refused = run(&["serve", "--random-ports", "--intercept", "--intercept-host", host]);
        assert_eq!(refused.status.code(), Some(2), "{host}: {}", text(&refused.stderr));
    }
    let mut left_empty = erpsatz(&["serve", "--random-ports", "--json"]);
    drop(Serving::of(left_empty.env("ERPSATZ_INTERCEPT_BIND", "")));
    for options in [&["--trust", "--no-tls"][..], &["--intercept", "--no-tls"]] {
        let refused = run(&[&["exec"], options, &["--", "true"]].concat());
        assert_eq!(refused.status.code(), Some(2), "{options:?}: {}", text(&refused.stderr));
    }
}

#[test]
fn the_proxy_is_set_by_options() {
    let serving = Serving::start(&["--intercept", "--intercept-auth"]);
    let proxy = serving.ready["proxy"].as_str().unwrap().to_owned();
    assert!(proxy.starts_with("http://127.0.0.1:"), "{proxy}");
    drop(serving);
    let port = proxy.rsplit(':').next().unwrap();
    let serving = Serving::start(&["--intercept", "--intercept-port", port, "--intercept-bind", "127.0.0.1"]);
    assert_eq!(serving.ready["proxy"], proxy.as_str());
    assert!(serving.ready["control_token"].is_string(), "a token is made: {}", serving.ready);
    for options in
        [&["--no-tls"][..], &["--intercept-host", "a.example=nobody"], &["--intercept-others", "perhaps"]]
    {
        let refused = run(&[&["serve", "--random-ports", "--intercept"], options].concat());
        assert_eq!(refused.status.code(), Some(2), "{options:?}: {}", text(&refused.stderr));
    }
}
