//! In what a request is not the one that was meant.

use std::borrow::Cow;

/// Which part of a request, in the order in which parts are compared: a later one means a nearer request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The verb.
    Method,
    /// The path.
    Path,
    /// A header.
    Header,
    /// A parameter of the query.
    Query,
    /// The body as a text.
    Body,
    /// A field of the body.
    Field,
    /// When it came.
    Time,
    /// What the client saw.
    Status,
}

/// The first part of a request that is not as described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which part.
    pub part: Part,
    /// The name of a header, parameter or field; empty for other parts.
    pub name: String,
    /// What was expected, in words.
    pub wanted: String,
    /// What was there; none when nothing was.
    pub found: Option<String>,
}

/// How much of a text is told.
const LONGEST: usize = 200;

impl Difference {
    /// One of a part that has no name.
    pub fn of(part: Part, wanted: impl Into<String>, found: Option<String>) -> Self {
        Self { part, name: String::new(), wanted: wanted.into(), found }
    }

    /// It, in a sentence without secrets: `mask` gives what may be told of a value of that part and name.
    pub fn tell(&self, mask: impl Fn(Part, &str, &str) -> String) -> String {
        let Self { part, name, wanted, .. } = self;
        let found = self.found.as_deref().map(|found| mask(*part, name, found));
        let found = found.as_deref().map(shortened);
        // What was expected repeats what a user wrote.
        let wanted = mask(*part, name, wanted);
        let wanted = shortened(&wanted);
        let named = |what: &str| match &found {
            Some(found) => format!("{what} {name} is `{found}`, not {wanted}"),
            None => format!("{what} {name} is missing, not {wanted}"),
        };
        let found = || found.as_deref().unwrap_or("nothing");
        match part {
            Part::Method => format!("method is {}, not {wanted}", found()),
            Part::Path => format!("path is {}, not {wanted}", found()),
            Part::Header => named("header"),
            Part::Query => named("query parameter"),
            Part::Field => named("body field"),
            Part::Body => format!("body does not contain `{wanted}`, it is `{}`", found()),
            Part::Time => format!("time is {}, not {wanted}", found()),
            Part::Status => format!("status is {}, not {wanted}", found()),
        }
    }
}

fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => Cow::Owned(format!("{}…", &text[..at])),
        None => Cow::Borrowed(text),
    }
}
