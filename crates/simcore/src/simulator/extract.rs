//! Extractors whose refusals speak the vendor's dialect.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use serde::de::DeserializeOwned;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::urlencoded::pairs;

/// The variables of the path, percent-decoded. What cannot be decoded names nothing: 404.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| Error::new(StatusCode::NOT_FOUND, ErrorKind::Route))
    }
}

/// The decoded parameters of the query, in order, repeated ones too.
pub struct Query(pub Vec<(String, String)>);

impl Query {
    /// Those of this URL.
    pub fn new(uri: &Uri) -> Self {
        let pairs = pairs(uri.query().unwrap_or_default());
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The value of a parameter that counts: a whole number from 0.
    ///
    /// # Errors
    /// Why it is none.
    pub fn count(&self, name: &str) -> Result<Option<u64>, odata::Error> {
        self.get(name).map(odata::parse_count).transpose()
    }

    /// The last value of a parameter, whatever the case of its name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self::new(&parts.uri))
    }
}
