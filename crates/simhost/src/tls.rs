//! What HTTPS needs: a root that is made when first needed, and certificates for the names that clients ask for.

pub mod authority;
pub mod names;
pub mod pem;
pub mod root;
