//! What can be wrong with a query option, and where.

/// Why a query option was refused, and where.
///
/// Displays as an English sentence with the position counted from 1, such as
/// `unexpected "foo" at position 12, expected a value`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at position {}{}", .position + 1, .kind.hint())]
pub struct Error {
    /// Character (not byte) offset in the text, counted from 0.
    pub position: usize,
    /// What is wrong.
    pub kind: ErrorKind,
}

/// What is wrong with a query option.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing but spaces where something is required.
    #[error("nothing to read")]
    Empty,
    /// Something else was expected here.
    #[error("unexpected {}", .found.as_ref().map_or("end of text".to_owned(), |found| format!("{found:?}")))]
    Unexpected {
        /// What is there (shortened when long); `None` at the end of the text.
        found: Option<String>,
        /// What could have been there, in English.
        expected: &'static str,
    },
    /// A string is not closed; the position is that of its opening quote.
    #[error("string without a closing quote")]
    UnterminatedString,
    /// Not a plain decimal number, or one that does not fit 28 digits.
    #[error("invalid or out of range number {0:?}")]
    BadNumber(String),
    /// Not an ISO date, or a day that is not in the calendar.
    #[error("invalid date {0:?}")]
    BadDate(String),
    /// Not a whole number from 0 to the largest 64-bit signed integer.
    #[error("invalid count {0:?}")]
    BadCount(String),
    /// More nested parentheses and `not` than the limit.
    #[error("more than {limit} nested levels")]
    TooDeep {
        /// The limit that was passed.
        limit: usize,
    },
    /// More items than the limit.
    #[error("more than {limit} {what}")]
    TooMany {
        /// What there is too much of, in English.
        what: &'static str,
        /// The limit that was passed.
        limit: usize,
    },
    /// The caller knows no such field.
    #[error("unknown field {0:?}")]
    UnknownField(String),
    /// The field cannot be used with this value, function or order.
    #[error("wrong type for field {field:?}")]
    TypeMismatch {
        /// The field, as printed by its path.
        field: String,
        /// What it would have taken, in English.
        expected: &'static str,
    },
}

impl ErrorKind {
    /// The end of the sentence, after the position.
    fn hint(&self) -> String {
        match self {
            Self::Unexpected { expected, .. } | Self::TypeMismatch { expected, .. } => {
                format!(", expected {expected}")
            }
            _ => String::new(),
        }
    }

    pub(crate) fn at(self, position: usize) -> Error {
        Error { position, kind: self }
    }
}

/// A text of the request, cut so that an error message stays readable.
pub(crate) fn shorten(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
