//! An example for each command, at the end of its help, and what completion knows.

use clap::Command;

use super::known::with_values;

/// The command, with those above it, and what one would type.
const EXAMPLES: &[(&str, &str)] = &[
    ("", "erpsatz serve"),
    ("serve", "erpsatz serve --only onlineerp --port onlineerp=9001 --data-dir ./erp-data"),
    ("exec", "erpsatz exec --scenario shop.yaml -- npm test"),
    ("scenario", "erpsatz scenario show robot-offline > mine.yaml"),
    ("scenario list", "erpsatz scenario list"),
    ("scenario show", "erpsatz scenario show robot-offline > mine.yaml"),
    ("scenario schema", "erpsatz scenario schema > schema.json"),
    ("scenario check", "erpsatz scenario check --seed-data data scenarios/*.yaml"),
    ("servers", "erpsatz servers --json"),
    ("profile check", "erpsatz profile check onlineerp=tenant.yaml"),
    ("profile show", "erpsatz profile show onlineerp --profile onlineerp=tenant.yaml"),
    ("profile schema", "erpsatz profile schema onlineerp > profile.schema.json"),
    ("compare", "erpsatz compare recording.har --learn mine.yaml"),
    ("contract", "erpsatz contract comarch-xt > comarch-xt.json"),
    ("coverage", "erpsatz coverage onlineerp --facts | grep assumed"),
    ("generate", "erpsatz generate comarch-xt --set products=20 customers=5 --seed 42"),
    ("report", "erpsatz report --all --fail-on errors --junit report.xml"),
    ("ca", "erpsatz ca > ca.pem && curl --cacert ca.pem https://127.0.0.1:8083/"),
    ("ca", "erpsatz ca > ca.pem"),
    ("health", "erpsatz health --control http://127.0.0.1:8080"),
    ("reset", "erpsatz reset --sandbox t42"),
    ("journal", "erpsatz journal --server onlineerp --status 422 --bodies"),
    ("why", "erpsatz why 17 --sandbox t42"),
    ("capsule", "erpsatz capsule save run.capsule --sandbox t42"),
    ("capsule save", "erpsatz capsule save run.capsule --sandbox t42"),
    ("capsule replay", "erpsatz capsule replay run.capsule"),
    ("capsule show", "erpsatz capsule show run.capsule"),
    ("capsule to-scenario", "erpsatz capsule to-scenario run.capsule --script run.sh > smallest.yaml"),
    ("clock", "erpsatz clock advance 15m"),
    ("clock show", "erpsatz clock show --sandbox t42"),
    ("clock advance", "erpsatz clock advance 15m"),
    ("clock set", "erpsatz clock set 2030-03-01T08:00:00Z"),
    ("clock freeze", "erpsatz clock freeze"),
    ("clock resume", "erpsatz clock resume"),
    (
        "fault",
        "erpsatz fault add '{ server: comarch-xt, when: { method: GET, nth: 1 }, then: { status: 503 } }'",
    ),
    (
        "fault add",
        "erpsatz fault add '{ server: comarch-xt, when: { method: GET, nth: 1 }, then: { status: 503 } }'",
    ),
    ("fault list", "erpsatz fault list --sandbox t42"),
    ("fault rm", "erpsatz fault rm --all"),
    ("data", "erpsatz data list comarch-xt customers --limit 3"),
    ("data list", "erpsatz data list comarch-xt customers --limit 3"),
    ("data get", "erpsatz data get onlineerp Product POUTRE-W6 --company 0"),
    ("data put", "erpsatz data put onlineerp Product POUTRE-W6 '{ QteEnMain: 0 }'"),
    ("data rm", "erpsatz data rm onlineerp Product POUTRE-W6"),
    ("action", "erpsatz action onlineerp lock-record entity=Product id=1001"),
    ("snapshot", "erpsatz snapshot take before"),
    ("snapshot take", "erpsatz snapshot take before"),
    ("snapshot restore", "erpsatz snapshot restore before"),
    ("snapshot list", "erpsatz snapshot list"),
    ("snapshot rm", "erpsatz snapshot rm before"),
    ("load", "erpsatz load robot-offline --sandbox t42"),
    ("sandbox", "erpsatz sandbox new t42 --scenario robot-offline"),
    ("sandbox list", "erpsatz sandbox list"),
    ("sandbox new", "erpsatz sandbox new t42 --scenario robot-offline"),
    ("sandbox rm", "erpsatz sandbox rm t42"),
    ("sandbox export", "erpsatz sandbox export t42 kept"),
    ("settings", "erpsatz settings comarch-xt token_lifetime=60"),
    (
        "expect",
        "erpsatz expect '{ request: { server: weavy, method: POST, path: /v1/Authenticate }, times: { exactly: 1 } }'",
    ),
    ("verify", "erpsatz verify '{ no_violations: true }'"),
    ("completions", "erpsatz completions bash > ~/.local/share/bash-completion/completions/erpsatz"),
];

/// A command and those under it, with their examples; `path` is its name with those above it, nothing for the whole.
pub(super) fn told(command: Command, path: &str) -> Command {
    let command = command.mut_args(|arg| with_values(arg, path)).mut_subcommands(|sub| {
        let path = format!("{path} {}", sub.get_name());
        told(sub, path.trim_start())
    });
    let Some((_, example)) = EXAMPLES.iter().find(|(name, _)| *name == path) else { return command };
    let before = command.get_after_help().map(|help| format!("{help}\n\n")).unwrap_or_default();
    command.after_help(format!("{before}Example: {example}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Cli;

    /// The words of a command line; what stands between quotes is one.
    fn words(line: &str) -> Vec<&str> {
        let parts = line.split('\'').enumerate();
        parts
            .flat_map(|(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() })
            .collect()
    }

    /// The commands whose help has no example.
    fn without(command: &Command, path: &str, found: &mut Vec<String>) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        if !help.contains("Example: erpsatz ") {
            found.push(path.to_owned());
        }
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
            without(sub, format!("{path} {}", sub.get_name()).trim_start(), found);
        }
    }

    #[test]
    fn every_command_has_one_that_can_be_read() {
        let command = told(Cli::command(), "");
        let mut found = Vec::new();
        without(&command, "", &mut found);
        assert!(found.is_empty(), "no example: {found:?}");
        for (name, example) in EXAMPLES {
            let line = example.split(['>', '|']).next().unwrap_or_default();
            let read = command.clone().try_get_matches_from(words(line));
            assert!(
                name.is_empty() || read.is_ok(),
                "{example}: {:?}",
                read.err().map(|error| error.to_string())
            );
        }
    }
}
