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
    ("contract", "erpsatz contract comarch-xt > comarch-xt.json"),
    ("coverage", "erpsatz coverage onlineerp --facts | grep assumed"),
    ("generate", "erpsatz generate comarch-xt --set products=20 customers=5 --seed 42"),
    ("report", "erpsatz report --all --fail-on errors --junit report.xml"),
    ("health", "erpsatz health --control http://127.0.0.1:8080"),
    ("reset", "erpsatz reset --sandbox t42"),
    ("journal", "erpsatz journal --follow --server onlineerp"),
    ("clock", "erpsatz clock advance 15m"),
    ("clock show", "erpsatz clock show --sandbox t42"),
    ("clock advance", "erpsatz clock advance 15m"),
    ("clock set", "erpsatz clock set 2026-03-01T08:00:00Z"),
    ("clock freeze", "erpsatz clock freeze"),
    ("clock resume", "erpsatz clock resume"),
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
            let read = command.clone().try_get_matches_from(line.split_whitespace());
            assert!(
                name.is_empty() || read.is_ok(),
                "{example}: {:?}",
                read.err().map(|error| error.to_string())
            );
        }
    }
}
