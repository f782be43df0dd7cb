//! A sentence of a profile: its name, and what is put into it. The words come in later, when it is known whose they are.

use std::borrow::Cow;

/// A sentence by its name, with what its placeholders hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What the profile calls it.
    pub name: Cow<'static, str>,
    /// What stands in the place of `{placeholder}`.
    pub with: Vec<(&'static str, Part)>,
    /// Whether its words stand where it belongs: what is left is the name.
    pub is_worded: bool,
}

/// What is put into a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A text as it is.
    Text(String),
    /// More sentences, with this between them.
    Said(Vec<Said>, &'static str),
}

impl Said {
    /// The sentence of that name.
    pub const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), with: Vec::new(), is_worded: false }
    }

    /// The same with `part` in the place of `{placeholder}`.
    #[must_use]
    pub fn with(mut self, placeholder: &'static str, part: impl Into<Part>) -> Self {
        self.with.push((placeholder, part.into()));
        self
    }
}

/// `said!(UNKNOWN_RECORD, entity = name, code = key)`: a sentence of the vendor's profile with its placeholders.
#[macro_export]
macro_rules! said {
    ($name:ident $(, $placeholder:ident = $part:expr)* $(,)?) => {
        $crate::base::said::Said::new(stringify!($name))$(.with(stringify!($placeholder), $part))*
    };
}

impl From<Said> for Part {
    fn from(said: Said) -> Self {
        Self::Said(vec![said], " ")
    }
}

impl From<Vec<Said>> for Part {
    fn from(all: Vec<Said>) -> Self {
        Self::Said(all, " ")
    }
}

macro_rules! texts {
    ($($kind:ty),*) => {
        $(impl From<$kind> for Part {
            fn from(text: $kind) -> Self {
                Self::Text(text.to_string())
            }
        })*
    };
}

texts!(&str, &String, String, Cow<'_, str>, i64, u64, usize, serde_json::Number, rust_decimal::Decimal);
