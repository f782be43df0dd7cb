//! `erpsatz contract`.

use erpsatz::{Config, load_simulators};
use simcore::simulator::find;

use crate::Failure;
use crate::args::{CONTROL_PORT, ContractArgs};
use crate::commands::say;

/// The name of the control API among the servers.
const CONTROL: &str = "control";

pub(crate) fn run(args: &ContractArgs) -> Result<(), Failure> {
    let profiles = args.profile.iter().cloned().collect();
    let loaded = load_simulators(&Config { profiles, ..Config::default() })?;
    if args.slug == CONTROL && !args.postman {
        let url = args.url.clone().unwrap_or_else(|| format!("http://127.0.0.1:{CONTROL_PORT}"));
        say(&format!("{:#}", control::document(&url)));
        return Ok(());
    }
    let (_, server) = find(&loaded, &args.slug).map_err(Failure::Usage)?;
    let usual = || format!("http://127.0.0.1:{}", server.sim.port);
    let url = args.url.clone().unwrap_or_else(usual);
    let contract = server.usual_contract();
    if !args.postman {
        say(contract.document(server.sim.title, &url).1.trim_end());
        return Ok(());
    }
    if contract.text.is_some() {
        let why = format!(
            "{} has no REST API, so there is no collection; `erpsatz contract {0}` prints its schema",
            args.slug
        );
        return Err(Failure::Usage(why));
    }
    say(&format!("{:#}", contract.postman(server.sim.title, &url, server.sim.credentials)));
    Ok(())
}
