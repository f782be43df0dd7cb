//! What a run says about the client: expectations judged, verdicts, the report.

pub mod expectations;
pub mod report;
pub mod results;
pub mod verdict;
