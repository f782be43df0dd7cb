//! What a run says about the client: expectations judged, verdicts, the report.

mod expectations;
pub mod report;
pub mod verdict;
