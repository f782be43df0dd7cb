//! The simulators there are: one line each.

use simcore::Simulator;

/// All of them, in the order of their ports.
pub const ALL: &[&Simulator] = &[
    &onlineerp::SIMULATOR,
    &eightsens::SIMULATOR,
    &comarch_xt::SIMULATOR,
    &weavy::SIMULATOR,
    &clavus::SIMULATOR,
];

/// The simulator of that slug.
///
/// # Errors
/// A sentence that names the nearest one.
pub fn find(slug: &str) -> Result<&'static Simulator, String> {
    let found = ALL.iter().find(|sim| sim.slug == slug).copied();
    found.ok_or_else(|| simcore::base::diagnostics::unknown("server", slug, ALL.iter().map(|sim| sim.slug)))
}
