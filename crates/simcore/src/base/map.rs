//! Maps by names that are ours.

/// A map in the order of insertion. Names of fields, entities and switches are looked up some fifty times a request, and the
/// standard hash, which is safe against clients that choose what is inserted, takes most of that: here nobody from outside
/// does.
pub type IndexMap<K, V> = indexmap::IndexMap<K, V, foldhash::fast::FixedState>;
