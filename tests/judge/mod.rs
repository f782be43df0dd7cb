//! Clients that do wrong and their clean twins, and clients that only look as if they did: what the judge says of each.

mod corpus;
mod player;
mod world;
