//! What a run says about the client: expectations judged, verdicts, the report.

pub mod report;
pub mod verdict;
