//! Everything through the front door: the real servers on free ports, spoken to over HTTP.

mod contract;
mod control;
mod flows;
mod support;
mod tidy;
