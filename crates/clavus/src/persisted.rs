//! Apollo's automatic persisted queries: a client sends the hash of a document alone, and its text only when the server
//! does not know it (DECISIONS; fact sheet 10.3).

use std::fmt::Write;

use axum::http::header::CACHE_CONTROL;
use rusqlite::OptionalExtension;
use serde_json::Value;
use sha2::{Digest, Sha256};
use simcore::{Ctx, Error, Result, said};

/// How many documents a sandbox remembers; beyond that the oldest is forgotten.
const MOST: i64 = 1000;

/// What a request says of its document: the text, the hash, or both.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) text: Option<String>,
    /// `extensions.persistedQuery`, when it is there.
    pub(crate) persisted: Option<Value>,
}

/// A document's text, and the hash to remember it by when it turns out to be valid.
pub(crate) struct Found {
    pub(crate) text: String,
    pub(crate) hash: Option<String>,
}

impl Document {
    /// The text: sent, or remembered.
    ///
    /// # Errors
    /// 400 without either, 200 `PersistedQueryNotFound` for a hash that is not known.
    pub(crate) async fn find(self, ctx: &Ctx) -> Result<Found> {
        let Some(persisted) = self.persisted else {
            let text = self.text.filter(|text| !text.is_empty()).ok_or_else(|| said!(QUERY_MISSING))?;
            return Ok(Found { text, hash: None });
        };
        if persisted["version"].as_f64() != Some(1.0) {
            return Err(said!(PERSISTED_VERSION).into());
        }
        let hash = persisted["sha256Hash"].as_str().unwrap_or_default();
        match self.text {
            // The hash is of what was sent, where names are others on the wire.
            Some(text) if hash_of(&ctx.model.profile.renames().words_outside_quotes(&text)) == hash => {
                Ok(Found { text, hash: Some(hash.to_owned()) })
            }
            Some(_) => Err(said!(PERSISTED_HASH).into()),
            None => match remembered(ctx, hash).await? {
                Some(text) => Ok(Found { text, hash: None }),
                None => {
                    let error = Error::from(said!(PERSISTED_UNKNOWN));
                    Err(error.header(CACHE_CONTROL, "private, no-cache, must-revalidate"))
                }
            },
        }
    }
}

fn hash_of(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().fold(String::with_capacity(64), |mut hash, byte| {
        // Writing to a text does not fail.
        write!(hash, "{byte:02x}").ok();
        hash
    })
}

async fn remembered(ctx: &Ctx, hash: &str) -> Result<Option<String>> {
    let text = "SELECT text FROM _documents WHERE hash = ?";
    ctx.read(|db| Ok(db.conn.prepare_cached(text)?.query_row([hash], |row| row.get(0)).optional()?)).await
}

/// Remembers a valid document.
pub(crate) async fn remember(ctx: &Ctx, hash: &str, text: &str) -> Result<()> {
    ctx.write(|db| {
        let insert = "INSERT OR IGNORE INTO _documents (hash, text) VALUES (?, ?)";
        db.conn.prepare_cached(insert)?.execute([hash, text])?;
        let forget = "DELETE FROM _documents WHERE id <= (SELECT max(id) FROM _documents) - ?";
        db.conn.prepare_cached(forget)?.execute([MOST])?;
        Ok(())
    })
    .await
}
