//! The index of values and words, kept in step with the records (its tables and triggers are in `index.sql`).

use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::OptionalExtension;
use serde_json::Value;
use simcore::{Db, Result};

use crate::column::{self, Columns, Kind};
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
        columns: column::all(db)?,
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
    /// Texts that have come before: many folders have the same.
    known: HashMap<String, Rc<Text>>,
}

/// What the index keeps of a text.
struct Text {
    /// The numbers of its words, with their positions.
    words: Vec<(i64, u32)>,
    fold: String,
    number: Option<String>,
    moment: Option<i64>,
}

impl Indexer<'_> {
    fn folder(&mut self, folder: i64) -> Result<()> {
        for text in ["DELETE FROM _values WHERE folder = ?", "DELETE FROM _postings WHERE folder = ?"] {
            self.db.conn.prepare_cached(text)?.execute([folder])?;
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

    fn values(&mut self, folder: i64, column: i64, kind: Kind, texts: &[String]) -> Result<()> {
        let db = self.db;
        let mut insert = db.conn.prepare_cached("INSERT INTO _values VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
        for (element, text) in (0_i64..).zip(texts) {
            let text = text.trim();
            let read = self.read(text)?;
            let name = if kind == Kind::User { self.names.get(text) } else { None };
            insert.execute((column, folder, element, text, &read.number, read.moment, &read.fold, name))?;
        }
        Ok(())
    }

    /// The words of one attribute: 0 for the folder's name, else the column. Elements of a list are as far apart as
    /// a hard separator sets words, so that no phrase spans two.
    fn words(&mut self, folder: i64, attribute: i64, texts: &[String]) -> Result<()> {
        let db = self.db;
        let mut insert = db.conn.prepare_cached("INSERT OR IGNORE INTO _postings VALUES (?, ?, ?, ?)")?;
        let mut begin = 0;
        for text in texts {
            let read = self.read(text.trim())?;
            for (word, position) in &read.words {
                insert.execute((word, folder, attribute, begin + position))?;
            }
            begin += read.words.last().map_or(0, |(_, position)| *position) + HARD;
        }
        Ok(())
    }

    fn read(&mut self, text: &str) -> Result<Rc<Text>> {
        if let Some(known) = self.known.get(text) {
            return Ok(known.clone());
        }
        let sql =
            "INSERT INTO _vocabulary (word) VALUES (?) ON CONFLICT DO UPDATE SET word = word RETURNING id";
        let mut number = self.db.conn.prepare_cached(sql)?;
        let numbered = words(text, self.profile)
            .into_iter()
            .map(|Word { text, position, .. }| Ok((number.query_row([text], |row| row.get(0))?, position)));
        let read = Rc::new(Text {
            words: numbered.collect::<rusqlite::Result<_>>()?,
            fold: folded(text),
            number: value::as_number(text).map(|number| number.to_string()),
            moment: value::as_instant(text),
        });
        self.known.insert(text.to_owned(), read.clone());
        Ok(read)
    }
}
