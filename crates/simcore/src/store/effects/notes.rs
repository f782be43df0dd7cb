//! What only the judge needs to know of a request: users are not shown it.

use crate::store::effects::Row;

/// Elements that a list in a record has now and had not before; or, without a fingerprint, a list that has become shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The record.
    pub row: Row,
    /// The field that holds the list.
    pub field: String,
    /// What of the new elements the client said, as [`Sent::fingerprint`](crate::store::effects::Sent::fingerprint) sums up a record.
    pub fingerprint: Option<u64>,
}

/// A row that the client says it has read as it was at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated {
    /// Which.
    pub row: Row,
    /// The hash of the stamp that the client names.
    pub stamp: u64,
}

/// Something that happened to a token; tokens are named by their hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenNote {
    /// It was issued for a holder.
    Issued(u64, String),
    /// It was looked up.
    Used(u64),
    /// It was ended.
    Ended(u64),
    /// All of a holder were ended, or all there are.
    AllEnded(Option<String>),
}

/// Something that happened to the licence of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LicenceNote {
    /// The account of that name has taken one.
    Taken(String),
    /// It has given its one back.
    GivenBack(String),
    /// There was none left for it.
    NoneLeft(String),
}
