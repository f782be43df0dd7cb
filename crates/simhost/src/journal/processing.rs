//! How far a request came, and what refused it there: noted as it happens, told when somebody asks.

use crate::base::diagnostics::short;
use crate::base::error::{Error, ErrorKind};

/// The last check that a request came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It came to none: a fault answered, or nothing could be read.
    #[default]
    Arrival,
    /// Whether it may come in at all.
    Quota,
    /// Whether its headers are too large.
    Headers,
    /// Who is asking.
    Credentials,
    /// Whether its body came whole, and can be read.
    Body,
    /// Whether there is such a path with such a verb.
    Route,
    /// Whether it is documented, where strict mode asks.
    Contract,
    /// The vendor's own code.
    Handler,
}

/// How far a request came.
#[derive(Clone, Debug, Default)]
pub struct Processing {
    /// The last check that it came to.
    pub stage: Stage,
    /// What refused it, where a simulator did.
    pub refusal: Option<Box<Refusal>>,
}

/// What a simulator said no with.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What sort it is.
    pub kind: ErrorKind,
    /// Its name in the profile.
    pub name: Option<String>,
    /// The vendor's sentence.
    pub message: String,
    /// The first fields that are wrong, each with the vendor's sentence.
    pub details: Vec<(String, String)>,
    /// Whether time did it.
    pub by_clock: bool,
    /// Whether it may pass by itself.
    pub is_temporary: bool,
    /// Which of several credentials it refuses.
    pub about: Option<&'static str>,
    /// What would have passed, where it says so.
    pub nearest: Option<String>,
}

/// How many bytes are kept of what would have passed.
const MAX_NEAREST: usize = 400;

/// How many wrong fields are kept of a refusal.
const MAX_DETAILS: usize = 10;

impl Refusal {
    /// What is kept of an error in the vendor's words.
    pub fn of(error: &Error) -> Self {
        let error = error.bounded();
        let details = error.details.iter().take(MAX_DETAILS);
        let hint = error.hint.as_deref();
        let nearest = hint.and_then(|hint| hint.nearest.as_deref());
        Self {
            kind: error.kind,
            name: error.refusal().map(str::to_owned),
            message: error.message.clone(),
            details: details.map(|detail| (detail.field.clone(), detail.message.clone())).collect(),
            by_clock: error.by_clock,
            is_temporary: error.is_temporary,
            about: hint.and_then(|hint| hint.about),
            nearest: nearest.map(|nearest| short(nearest, MAX_NEAREST).into_owned()),
        }
    }

    fn size(&self) -> usize {
        let details = self.details.iter().map(|(field, message)| field.len() + message.len());
        let nearest = self.nearest.as_ref().map_or(0, String::len);
        size_of::<Self>() + nearest + self.message.len() + details.sum::<usize>()
    }
}

impl Processing {
    /// How many bytes it takes beside itself.
    pub(crate) fn size(&self) -> usize {
        self.refusal.as_ref().map_or(0, |refusal| refusal.size())
    }
}
