//! What is known of a vendor's API and what is assumed, and how much of either the tests have seen.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::base::map::IndexMap;

use super::Contract;
use super::corrections::ORDER;
use super::facts::Fact;
use crate::entity::profile::{Evidence, Profile};

/// The kinds of fact, in the order of tables.
const KINDS: [(&str, &str); 7] = [
    ("operation", "operations"),
    ("parameter", "parameters"),
    ("status", "statuses"),
    ("field", "fields"),
    (ORDER, "orders of lists"),
    ("refusal", "refusals"),
    ("setting", "settings"),
];

/// One fact in a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is known; beside the kinds of a contract also `setting`.
    pub fact: Fact,
    /// Whether a test has used it.
    pub tested: bool,
}

/// All facts of one simulator.
#[derive(Debug)]
pub struct Coverage {
    /// One after the other.
    pub rows: Vec<Row>,
}

impl Coverage {
    /// The facts of a contract and of the profile behind it; `tested` names those that tests have used, as
    /// [`Fact::line`] writes them.
    pub fn new(contract: &Contract, profile: &Profile, tested: &BTreeSet<&str>) -> Self {
        let facts = contract.facts().iter().map(|(fact, _)| fact.clone());
        let settings = profile.settings.iter().map(|(name, setting)| Fact {
            kind: "setting",
            name: name.clone(),
            evidence: setting.evidence,
            about: setting.about.clone(),
        });
        let row = |fact: Fact| {
            let tested = tested.contains(fact.line().as_str());
            Row { fact, tested }
        };
        Self { rows: facts.chain(settings).map(row).collect() }
    }

    /// The table as Markdown: a row a kind, then a row an operation; `with_tested` shows what tests have seen, too.
    pub fn markdown(&self, with_tested: bool) -> String {
        // The last column says what tests have seen.
        let last = |cell: String| if with_tested { format!(" {cell} |") } else { String::new() };
        let mut text = format!(
            "| | in all | seed | doc | client | recorded | assumed |{}\n|---|---|---|---|---|---|---|{}\n",
            last("tested".to_owned()),
            if with_tested { "---|" } else { "" },
        );
        for (kind, heading) in KINDS {
            let of: Vec<&Row> = self.rows.iter().filter(|row| row.fact.kind == kind).collect();
            if of.is_empty() {
                continue;
            }
            let count = |evidence| of.iter().filter(|row| row.fact.evidence == evidence).count();
            let _ = writeln!(
                text,
                "| {heading} | {} | {} | {} | {} | {} | {} |{}",
                of.len(),
                count(Evidence::Seed),
                count(Evidence::Doc),
                count(Evidence::Client),
                count(Evidence::Recorded),
                count(Evidence::Assumed),
                last(of.iter().filter(|row| row.tested).count().to_string()),
            );
        }
        let (head, rule) =
            (last("statuses that tests have seen".to_owned()), if with_tested { "---|" } else { "" });
        let _ = writeln!(text, "\n| operation | evidence |{head}\n|---|---|{rule}");
        for (operation, evidence, statuses) in self.operations() {
            let _ = writeln!(text, "| `{operation}` | {} |{}", evidence.name(), last(statuses.join(" ")));
        }
        text
    }

    /// Every operation with its evidence and the statuses that tests have seen.
    fn operations(&self) -> impl Iterator<Item = (&str, Evidence, Vec<&str>)> {
        let mut seen: IndexMap<&str, Vec<&str>> = IndexMap::default();
        for row in self.rows.iter().filter(|row| row.fact.kind == "status" && row.tested) {
            if let Some((operation, status)) = row.fact.name.rsplit_once(' ') {
                seen.entry(operation).or_default().push(status);
            }
        }
        self.rows.iter().filter(|row| row.fact.kind == "operation").map(move |row| {
            let mut statuses = seen.swap_remove(row.fact.name.as_str()).unwrap_or_default();
            statuses.sort_unstable();
            (row.fact.name.as_str(), row.fact.evidence, statuses)
        })
    }
}
