//! Commands that cannot be understood: exit 2, and what was meant.

use serde_json::Value;

use super::{erpsatz, run, text};

#[test]
fn misuse_is_2_and_names_the_nearest() {
    for (args, near) in [
        (&["serve", "--only", "onlinerp"][..], "onlineerp"),
        (&["serve", "--port", "onlineer=1"], "onlineerp"),
        (&["serve", "--scenario", "defalt"], "default"),
        (&["serv"], "serve"),
        (&["serve", "--port", "onlineerp=x"], "invalid value"),
        (&["clock", "advance", "soon"], "duration"),
        (&["serve", "--control-host", "http://erpsatz:8080"], "host name alone"),
        (&["serve", "--peers", "erpsatz-1:8080"], "such as http://erpsatz-1:8080"),
        (&["serve", "--host", "0.0.0.0", "--peers", "http://erpsatz-1:8080"], "--control-token"),
    ] {
        let refused = run(args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}: {}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains(near), "{args:?}: {}", text(&refused.stderr));
        assert!(refused.stdout.is_empty());
    }
}

/// Where every line is to be JSON, what clap says is one too.
#[test]
fn misuse_is_said_in_json_where_that_was_asked_for() {
    for (args, variable) in [
        (&["serve", "--log-format", "json", "--no-such-option"][..], None),
        (&["serve", "--control-port", "x", "--log-format=json"], None),
        (&["exec", "--log-format", "json"], None),
        (&["exec", "--log-format", "json", "--scenari", "x", "--", "true"], None),
        (&["serve", "--log-format", "json", "--only", "onlinerp"], None),
        (&["serve", "--no-such-option"], Some("json")),
        (&["serve", "--log-format", "yaml"], Some("json")),
    ] {
        let mut command = erpsatz(args);
        command.envs(variable.map(|format| ("ERPSATZ_LOG_FORMAT", format)));
        let refused = command.output().unwrap();
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{args:?}: {said}");
        let is_json = args.contains(&"yaml") || {
            let lines: Vec<Value> =
                said.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
            !lines.is_empty()
                && lines.iter().all(|line| line["message"].as_str().is_some_and(|said| !said.is_empty()))
        };
        assert!(is_json && refused.stdout.is_empty(), "{args:?}: {said}");
    }
    let text_wanted = run(&["exec", "--nope", "--", "x", "--log-format", "json"]);
    assert!(text(&text_wanted.stderr).starts_with("error:"), "what stands behind -- is the command's");
    assert_eq!(run(&["serve", "--help", "--log-format", "json"]).status.code(), Some(0));
}

/// A token that no header can carry would lock everybody out, or nobody. It may be a good one misspelt: it is not shown.
#[test]
fn a_control_token_that_cannot_be_used_is_refused() {
    for token in [" ", "\t ", "s3cr\u{e9}t", "two s3cr3ts", "s3cr3t\u{a0}", "s3cr\n3t"] {
        for by_variable in [false, true] {
            // One that starts all the same ends at once.
            let mut command = erpsatz(&["serve", "--random-ports", "--until-eof"]);
            if by_variable {
                command.env("ERPSATZ_CONTROL_TOKEN", token);
            } else {
                command.args(["--control-token", token]);
            }
            let refused = command.output().unwrap();
            let said = text(&refused.stderr);
            assert_eq!(refused.status.code(), Some(2), "{token:?}: {said}");
            assert!(said.contains("visible ASCII") && !said.contains("s3cr"), "{token:?}: {said}");
            assert!(refused.stdout.is_empty(), "{token:?}");
        }
    }
}
