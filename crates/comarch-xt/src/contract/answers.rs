//! Refusals: statuses and bodies (fact sheet 3.5 and 7).

use indexmap::IndexSet;
use simcore::contract::{Answer, Member, Object, Scalar, Shape};
use simcore::entity::profile::{Evidence, FieldKind, Profile};

use crate::error;

/// What every call can be answered with. No 413 or 422: what is wrong in the content is 400.
pub(crate) fn refusals() -> Vec<Answer> {
    vec![
        Answer::refusal(400, "The content of the request is wrong.", Evidence::Seed),
        Answer::refusal(401, "No token, or one that is unknown or has expired.", Evidence::Seed)
            .header("WWW-Authenticate", "Bearer."),
        Answer::refusal(
            403,
            "The account is blocked, has expired, or has no access to the API.",
            Evidence::Seed,
        ),
        Answer::refusal(404, "There is no such resource or record.", Evidence::Seed),
        Answer::refusal(405, "The resource does not support this verb.", Evidence::Seed)
            .header("Allow", "The verbs that the path takes."),
        Answer::refusal(415, "The body is compressed.", Evidence::Assumed),
        Answer::refusal(429, "Too many requests: when a scenario limits them.", Evidence::Assumed)
            .may_have("Retry-After", "Seconds to wait."),
        Answer::refusal(431, "The headers are too large.", Evidence::Assumed),
        Answer::refusal(500, "An error of the server.", Evidence::Seed),
    ]
}

fn text(evidence: Evidence) -> Member {
    Member::always(Shape::kind(FieldKind::Text), evidence)
}

fn maybe(shape: Shape, evidence: Evidence) -> Member {
    Member { required: false, ..Member::always(shape, evidence) }
}

/// The codes of refusals as they stand in `Code`, each once.
fn codes(profile: &Profile, are_oauth: bool) -> Shape {
    let listed = profile.errors.iter().filter(|(name, _)| error::is_oauth(name) == are_oauth);
    let codes = listed.filter_map(|(_, refusal)| refusal.code.as_deref());
    let codes: IndexSet<String> =
        codes.map(|code| if are_oauth { error::own_code(code) } else { code.to_owned() }).collect();
    Shape::Value(Scalar::named(codes))
}

/// The body of a refusal (fact sheet 7.2).
pub(crate) fn error(profile: &Profile) -> Object {
    let about = "What is not there: EntityId and EntityName.";
    let data = maybe(Shape::Map(Box::new(Shape::kind(FieldKind::Text))), Evidence::Client).about(about);
    let code = maybe(codes(profile, false), Evidence::Client).about("The name of an exception class.");
    Object::of([("Message", text(Evidence::Client)), ("Data", data), ("Code", code)]).about("A refusal.")
}

/// The body of a refusal of the token endpoint: what OAuth 2.0 asks for beside the vendor's own (fact sheet 3.5).
pub(crate) fn token_error(profile: &Profile) -> Object {
    let errors = profile.errors.iter().filter(|(name, _)| error::is_oauth(name));
    let errors: IndexSet<&str> = errors.filter_map(|(_, refusal)| refusal.code.as_deref()).collect();
    let assumed = |shape| maybe(shape, Evidence::Assumed);
    let body = Object::of([
        ("error", assumed(Shape::Value(Scalar::named(errors)))),
        ("error_description", assumed(Shape::kind(FieldKind::Text))),
        ("Message", text(Evidence::Assumed)),
        ("Code", assumed(codes(profile, true))),
    ]);
    body.about("A refusal of the token endpoint.")
}
