//! Tokens and sessions: rows of the sandbox, so that reset, snapshot and restart cover them.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

use crate::base::error::Result;
use crate::store::db::Db;
use crate::store::effects::{TokenNote, hash};

/// How many tokens a server keeps in a sandbox; those not used for longest go first, which are those that expired.
pub const MAX_TOKENS: u32 = 10_000;

/// A stored token, expired or not: how long one lives is the vendor's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Whose it is.
    pub holder: String,
    /// When it was issued, in simulated time.
    pub issued_at: Timestamp,
    /// When it was last used.
    pub used_at: Timestamp,
}

impl Db<'_> {
    /// Stores `token` for `holder`, issued now; the one not used for longest goes when there are more than
    /// [`MAX_TOKENS`].
    pub fn issue_token(&self, token: &str, holder: &str) -> Result<()> {
        let now = self.now.as_millisecond();
        let text = "INSERT OR REPLACE INTO _tokens VALUES (?, ?, ?, ?)";
        self.conn.prepare_cached(text)?.execute((token, holder, now, now))?;
        // In the order in which they were issued, where the clock stands still.
        let surplus = "DELETE FROM _tokens WHERE token IN (SELECT token FROM _tokens ORDER BY used_at, rowid \
            LIMIT max(0, (SELECT count(*) FROM _tokens) - ?))";
        self.conn.prepare_cached(surplus)?.execute([MAX_TOKENS])?;
        self.note_token(TokenNote::Issued(hash(token), holder.to_owned()));
        Ok(())
    }

    /// The stored token.
    pub fn token(&self, token: &str) -> Result<Option<Token>> {
        let instant = |millis: i64| Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MIN);
        let read = |row: &Row<'_>| {
            let (issued_at, used_at) = (instant(row.get(1)?), instant(row.get(2)?));
            Ok(Token { holder: row.get(0)?, issued_at, used_at })
        };
        self.note_token(TokenNote::Used(hash(token)));
        let text = "SELECT holder, issued_at, used_at FROM _tokens WHERE token = ?";
        Ok(self.conn.prepare_cached(text)?.query_row([token], read).optional()?)
    }

    /// Notes that `token` was used now.
    pub fn touch_token(&self, token: &str) -> Result<()> {
        let text = "UPDATE _tokens SET used_at = ? WHERE token = ?";
        self.conn.prepare_cached(text)?.execute((self.now.as_millisecond(), token))?;
        Ok(())
    }

    /// Ends one token; whether there was one.
    pub fn end_token(&self, token: &str) -> Result<bool> {
        self.note_token(TokenNote::Ended(hash(token)));
        Ok(self.conn.prepare_cached("DELETE FROM _tokens WHERE token = ?")?.execute([token])? > 0)
    }

    /// Ends every token of `holder`, or of everybody.
    pub fn end_tokens(&self, holder: Option<&str>) -> Result<()> {
        self.note_token(TokenNote::AllEnded(holder.map(str::to_owned)));
        self.conn
            .prepare_cached("DELETE FROM _tokens WHERE holder = coalesce(?, holder)")?
            .execute([holder])?;
        Ok(())
    }

    fn note_token(&self, note: TokenNote) {
        self.after.effects.borrow_mut().tokens.push(note);
    }
}
