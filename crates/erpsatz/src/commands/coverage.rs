//! `erpsatz coverage`.

use std::collections::BTreeSet;

use erpsatz::{Config, load_simulators};
use simcore::contract::Coverage;

use crate::Failure;
use crate::args::CoverageArgs;
use crate::commands::say;

pub(crate) fn run(args: &CoverageArgs) -> Result<(), Failure> {
    for slug in &args.slugs {
        erpsatz::registry::find(slug).map_err(Failure::Usage)?;
    }
    let tested = args.tested.as_deref().map(erpsatz::library::read).transpose().map_err(Failure::Failed)?;
    let all = tested.as_deref();
    let loaded = load_simulators(&Config {
        only: args.slugs.clone(),
        profiles: args.profile.iter().cloned().collect(),
        ..Config::default()
    })?;
    for server in &loaded {
        let slug = server.sim.slug;
        let tested: BTreeSet<&str> = all
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.strip_prefix(slug)?.strip_prefix(' '))
            .collect();
        let coverage = Coverage::new(&server.usual_contract(), &server.model.profile, &tested);
        if args.facts {
            for row in &coverage.rows {
                let fact = &row.fact;
                let tested = all.map_or("", |_| if row.tested { "\ttested" } else { "\tuntested" });
                say(&format!("{slug}\t{}\t{}\t{}{tested}", fact.kind, fact.name, fact.evidence.name()));
            }
        } else {
            say(&format!("## {slug}\n\n{}", coverage.markdown(all.is_some())));
        }
    }
    Ok(())
}
