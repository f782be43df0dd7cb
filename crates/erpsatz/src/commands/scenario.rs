//! `erpsatz scenario`.

use erpsatz::{Config, load_library, load_simulators};
use simhost::scenario::Scenario;

use crate::Failure;
use crate::args::{ScenarioArgs, ScenarioLook};
use crate::commands::say;

pub(crate) fn run(args: &ScenarioArgs) -> Result<(), Failure> {
    let config =
        Config { scenarios: args.scenarios.clone(), seed_data: args.seed_data.clone(), ..Config::default() };
    let library = load_library(&config).map_err(Failure::Failed)?;
    match &args.look {
        ScenarioLook::List => {
            for (name, text) in &library.scenarios {
                let scenario = Scenario::parse(text, &library).map_err(Failure::Failed)?;
                say(&format!("{name:<32} {}", scenario.description));
            }
            Ok(())
        }
        ScenarioLook::Show { name } => {
            say(library.scenario(name).map_err(Failure::Usage)?.trim_end());
            Ok(())
        }
        ScenarioLook::Schema => {
            let schema = simhost::scenario::schema::scenario(&load_simulators(&config)?);
            say(&format!("{schema:#}"));
            Ok(())
        }
        ScenarioLook::Check { files } => {
            let loaded = load_simulators(&config)?;
            let mut wrong = Vec::new();
            for file in files {
                let checked = erpsatz::library::read(file).and_then(|text| {
                    erpsatz::ready(&text, &library, &loaded)
                        .map_err(|why| format!("{}: {why}", file.display()))
                });
                match checked {
                    Ok(_) => say(&format!("{}: fine", file.display())),
                    Err(why) => wrong.push(why),
                }
            }
            if wrong.is_empty() { Ok(()) } else { Err(Failure::Failed(wrong.join("\n"))) }
        }
    }
}
