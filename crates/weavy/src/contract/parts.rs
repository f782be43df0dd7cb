//! Options and answers that several calls have in common.

use simcore::contract::{Answer, Holds, Member, Parameter, Scalar, Shape};
use simcore::entity::profile::{Evidence, FieldKind};

/// The options of a simple fetch (fact sheet 6.1).
pub(super) fn paging() -> [Parameter; 5] {
    let number = |name: &'static str, holds| Parameter::query(name, holds, Evidence::Doc);
    [
        number("limit", Holds::at_least(1)).about("Most records, 1000 at most.").example(20),
        number("offset", Holds::at_least(0)).about("Index of the first record.").example(0),
        number("srvAttrib", Holds::kind(FieldKind::Integer))
            .about("Only records with this value; 0 without.")
            .example(0),
        number("serverExport", Holds::kind(FieldKind::Integer))
            .about("Only records with this value of srvExport.")
            .aliases(&["srvExport"])
            .example(1),
        company(),
    ]
}

pub(super) fn company() -> Parameter {
    company_of(Evidence::Assumed)
}

pub(super) fn company_of(evidence: Evidence) -> Parameter {
    let company = Parameter::query("companyCode", Holds::kind(FieldKind::Text), evidence);
    company.about("Company; that of the user without.").example("C01")
}

pub(super) fn export_option(evidence: Evidence) -> Parameter {
    let flag = Scalar { values: vec![0.into(), 1.into()], ..Scalar::of(FieldKind::Integer) };
    let option = Parameter::query("serverExport", Holds::Value(flag), evidence);
    option.about("Value written to srvExport.").aliases(&["srvExport"]).example(1)
}

pub(super) fn delete_modes(values: &[&str]) -> Holds {
    Holds::Value(Scalar::named(values.iter().copied()))
}

/// Counters of rows and the statistics of a batch.
pub(super) fn counted(counters: &[&'static str], evidence: Evidence) -> Answer {
    let statistics = ("statistics", Member::always(Shape::named("Statistics"), evidence));
    let counter = |name: &&'static str| (*name, Member::always(Shape::kind(FieldKind::Integer), evidence));
    let members = counters.iter().map(counter).chain([statistics]);
    Answer::json(200, "How many rows.", Shape::object(members), evidence)
}
