//! `erpsatz scenario`.

use std::path::PathBuf;

use control::text::counted;
use erpsatz::{Config, load_library, load_simulators};
use simhost::scenario::{Library, Ready, Scenario, warnings};

use crate::Failure;
use crate::args::{ScenarioArgs, ScenarioLook};
use crate::commands::{complain, say};

pub(crate) fn run(args: &ScenarioArgs) -> Result<(), Failure> {
    let config =
        Config { scenarios: args.scenarios.clone(), seed_data: args.seed_data.clone(), ..Config::default() };
    let library = load_library(&config).map_err(Failure::Failed)?;
    match &args.look {
        ScenarioLook::List => {
            for (name, text) in &library.scenarios {
                let scenario = Scenario::parse(text, &library)
                    .map_err(|why| Failure::Failed(why.told(Some(name), text, None)))?;
                say(&format!("{name:<32} {}", scenario.description));
            }
            Ok(())
        }
        ScenarioLook::Show { name } => {
            say(library.scenario(name).map_err(Failure::Usage)?.trim_end());
            Ok(())
        }
        ScenarioLook::Schema => {
            let schema = simhost::scenario::schema::scenario(&load_simulators(&config)?, &library);
            say(&format!("{schema:#}"));
            Ok(())
        }
        ScenarioLook::Check { files, warnings_as_errors } => {
            check(files, *warnings_as_errors, &config, &library)
        }
    }
}

/// Checks each file: its mistakes, or what does not add up in its data.
fn check(files: &[PathBuf], strictly: bool, config: &Config, library: &Library) -> Result<(), Failure> {
    let loaded = load_simulators(config)?;
    let (mut wrong, mut warned) = (Vec::new(), 0);
    for file in files {
        let name = file.display().to_string();
        let checked = erpsatz::library::read(file).and_then(|text| {
            let ready = Ready::read(&text, Some(&name), &loaded, library)?;
            let mut found =
                warnings::warnings(&ready, &loaded, library).map_err(|why| format!("{name}: {why}"))?;
            found.extend(ready.scenario.warnings(&loaded));
            Ok(warnings::told(&found, &name, &text, library))
        });
        match checked {
            Ok(found) => {
                for warning in &found {
                    complain(&format!("warning: {warning}"));
                }
                warned += found.len();
                say(&format!("{name}: {}", if found.is_empty() { "fine" } else { "fine, with warnings" }));
            }
            Err(why) => wrong.push(why),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::Failed(wrong.join("\n")));
    }
    if strictly && warned > 0 {
        Err(Failure::Failed(counted(u64::try_from(warned).unwrap_or(u64::MAX), "warning", "warnings")))
    } else {
        Ok(())
    }
}
