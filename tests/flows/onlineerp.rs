//! OnlineERP.
