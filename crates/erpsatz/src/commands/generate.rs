//! `erpsatz generate`.

use std::io::{BufWriter, Write as _, stdout};

use erpsatz::{Config, load_library, load_simulators};
use simhost::scenario::{generate, generated};

use crate::Failure;
use crate::args::GenerateArgs;

/// Prints records of one server.
pub(crate) fn run(args: &GenerateArgs) -> Result<(), Failure> {
    let config = Config {
        only: vec![args.slug.clone()],
        profiles: args.profile.iter().cloned().collect(),
        seed_data: args.seed_data.clone(),
        progress: Some(crate::progress::draw),
        ..Config::default()
    };
    let library = load_library(&config).map_err(Failure::Failed)?;
    let loaded = load_simulators(&config)?;
    let Some(server) = loaded.first() else { return Ok(()) };
    let counts = args.set.iter().cloned().collect();
    generate::check(server, &counts).map_err(Failure::Usage)?;
    let mut out = BufWriter::new(stdout().lock());
    generated::print(server, &library, &counts, args.seed, &mut out).map_err(Failure::Failed)?;
    Ok(out.flush()?)
}
