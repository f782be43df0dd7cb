//! One folder or file a vendor: what its clients do, and what its sheet says happens then.

mod clavus;
mod comarch_xt;
mod eightsens;
mod onlineerp;
mod weavy;
