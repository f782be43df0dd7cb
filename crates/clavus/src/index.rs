//! The index of values and words, kept in step with the records (its tables and triggers are in `index.sql`).

use std::collections::HashMap;

use rusqlite::OptionalExtension;
use serde_json::Value;
use simcore::{Db, Result};

use crate::columns::{self, Columns, Kind};
use crate::search::token::{HARD, Profile, Word, folded, words};
use crate::{users, value};

/// Indexes every folder that was changed since the last time; all of them when the separators are others.
pub(crate) fn refresh(db: &Db<'_>) -> Result<()> {
    let settings = db.settings();
    let separators = settings.text("separators");
    let indexed: Option<String> = db
        .conn
        .prepare_cached("SELECT separators FROM _index")?
        .query_row([], |row| row.get(0))
        .optional()?;
    if indexed.as_deref() != Some(separators) {
        db.conn.execute("DELETE FROM _index", [])?;
        db.conn.execute("INSERT INTO _index VALUES (?)", [separators])?;
        db.conn.execute("INSERT OR IGNORE INTO _stale SELECT _id FROM folders", [])?;
    }
    if !db.conn.prepare_cached("SELECT 1 FROM _stale")?.exists([])? {
        return Ok(());
    }
    let mut statement = db.conn.prepare_cached("SELECT folder FROM _stale ORDER BY folder")?;
    let stale: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut indexer = Indexer {
        db,
        columns: columns::all(db)?,
        names: users::names(db)?,
        profile: Profile::named(separators),
        known: HashMap::new(),
    };
    for folder in stale {
        indexer.folder(folder)?;
    }
    db.conn.execute("DELETE FROM _stale", [])?;
    Ok(())
}

struct Indexer<'a> {
    db: &'a Db<'a>,
    columns: Columns,
    /// First names by user id.
    names: HashMap<String, String>,
    profile: Profile,
    /// Numbers of words that have come before.
    known: HashMap<String, i64>,
}

impl Indexer<'_> {
    fn folder(&mut self, folder: i64) -> Result<()> {
        for table in ["_values", "_postings"] {
            self.db
                .conn
                .prepare_cached(&format!("DELETE FROM {table} WHERE folder = ?"))?
                .execute([folder])?;
        }
        let record = self.db.load(self.db.table("folders")?, folder)?;
        self.words(folder, 0, &[record.text("name").to_owned()])?;
        let Some(stored) = record.values.get("values").and_then(Value::as_object) else { return Ok(()) };
        for place in 0..self.columns.0.len() {
            let column = &self.columns.0[place];
            let (row, kind) = (column.row, column.kind);
            let Some(held) = stored.get(&column.slug) else { continue };
            let texts = value::elements(kind, held);
            self.values(folder, row, kind, &texts)?;
            if kind != Kind::File {
                let names =
                    texts.iter().filter(|_| kind == Kind::User).filter_map(|text| self.names.get(text));
                let names: Vec<String> = names.cloned().collect();
                self.words(folder, row, &[texts, names].concat())?;
            }
        }
        Ok(())
    }

    fn values(&self, folder: i64, column: i64, kind: Kind, texts: &[String]) -> Result<()> {
        let text = "INSERT INTO _values VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let mut insert = self.db.conn.prepare_cached(text)?;
        for (element, text) in texts.iter().enumerate() {
            let text = text.trim();
            let number = value::as_number(text).map(|number| number.to_string());
            let name = if kind == Kind::User { self.names.get(text) } else { None };
            let element = i64::try_from(element).unwrap_or(i64::MAX);
            let row = (column, folder, element, text, number, value::as_instant(text), folded(text), name);
            insert.execute(row)?;
        }
        Ok(())
    }

    /// The words of one attribute: 0 for the folder's name, else the column. Elements of a list are as far apart as
    /// a hard separator sets words, so that no phrase spans two.
    fn words(&mut self, folder: i64, attribute: i64, texts: &[String]) -> Result<()> {
        let mut begin = 0;
        for text in texts {
            let mut last = begin;
            for Word { text, position, .. } in words(text, self.profile) {
                let word = self.number(text)?;
                last = begin + position;
                let text = "INSERT OR IGNORE INTO _postings VALUES (?, ?, ?, ?)";
                self.db.conn.prepare_cached(text)?.execute((word, folder, attribute, last))?;
            }
            begin = last + HARD;
        }
        Ok(())
    }

    fn number(&mut self, word: String) -> Result<i64> {
        if let Some(number) = self.known.get(&word) {
            return Ok(*number);
        }
        let text =
            "INSERT INTO _vocabulary (word) VALUES (?) ON CONFLICT DO UPDATE SET word = word RETURNING id";
        let number = self.db.conn.prepare_cached(text)?.query_row([&word], |row| row.get(0))?;
        self.known.insert(word, number);
        Ok(number)
    }
}
