//! Databases as bytes: built, written into memory and files, read back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::map::IndexMap;
use jiff::Timestamp;
use pages::Database;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value;

use crate::base::error::{Error, Result};
use crate::entity::model::Model;
use crate::store::db::{After, Db, read_settings, write_settings};
use crate::store::totals::Totals;
use crate::store::{Image, functions};

/// Builds the image that sandboxes start from: the schema, the settings, the seed, and what `load` puts into it.
pub fn build_image(
    model: &Model,
    settings: &IndexMap<String, Value>,
    seed: u64,
    now: Timestamp,
    load: impl FnOnce(&Db<'_>) -> Result<(), String>,
) -> Result<Image, String> {
    let (mut conn, ()) = build(model, settings, now, |db| {
        load(db)?;
        // What was loaded is the same for every seed.
        write_seed(db.conn, seed).map_err(|error| error.to_string())
    })?;
    dump(&mut conn).map_err(|error| error.cause.unwrap_or_default())
}

/// Builds such a database and gives what `load` gives.
pub fn build<T>(
    model: &Model,
    settings: &IndexMap<String, Value>,
    now: Timestamp,
    load: impl FnOnce(&Db<'_>) -> Result<T, String>,
) -> Result<(Connection, T), String> {
    let failed = |error: rusqlite::Error| error.to_string();
    let conn = Connection::open_in_memory().map_err(failed)?;
    prepare(&conn).map_err(failed)?;
    let transaction = conn.unchecked_transaction().map_err(failed)?;
    conn.execute_batch(&model.ddl).map_err(failed)?;
    let stamp = model.stamp.cast_signed();
    conn.execute("INSERT INTO _meta VALUES ('stamp', ?)", [stamp]).map_err(failed)?;
    write_seed(&conn, 0).map_err(failed)?;
    write_settings(&conn, settings).map_err(failed)?;
    let settings = &Arc::new(read_settings(&conn, model).map_err(failed)?);
    let loaded = load(&Db {
        conn: &conn,
        model,
        now,
        settings,
        totals: &Totals::default(),
        after: &After::default(),
    })?;
    transaction.commit().map_err(failed)?;
    Ok((conn, loaded))
}

/// How a data file is written: many readers beside one writer, and a kill loses nothing that was committed.
pub(super) fn in_wal_mode(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "NORMAL")
}

pub(super) fn prepare(conn: &Connection) -> rusqlite::Result<()> {
    functions::register(conn)?;
    // Foreign keys are for those who read a data file; what a vendor refuses is its simulator's to say.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
    // Without it a statement is compiled anew whenever a bound `LIMIT` is bound again.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.pragma_update(None, "cache_size", -256)?;
    conn.pragma_update(None, "temp_store", "MEMORY")
}

pub(super) fn verify(conn: &Connection, model: &Model) -> Result<(), String> {
    let stamp = conn
        .query_row("SELECT value FROM _meta WHERE name = 'stamp'", [], |row| row.get::<_, i64>(0))
        .map_err(|error| error.to_string())?;
    if stamp != model.stamp.cast_signed() {
        return Err("its tables are those of another version or profile".to_owned());
    }
    let health: String =
        conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|error| error.to_string())?;
    if health == "ok" { Ok(()) } else { Err(health) }
}

/// The image as a sandbox with this `seed` starts with it.
pub(super) fn seeded(image: &Image, seed: u64) -> rusqlite::Result<Vec<u8>> {
    let database = Database::new(image.clone());
    write_seed(&database.connect()?, seed)?;
    Ok(database.image().to_bytes())
}

pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The bytes of a database. Those of one in WAL mode cannot be opened in memory: they are written as those of a plain
/// one.
pub(super) fn dump(conn: &mut Connection) -> Result<Image> {
    let mut bytes: Arc<[u8]> = Arc::from(&*conn.serialize("main")?);
    if let Some(bytes) = Arc::get_mut(&mut bytes) {
        set_wal_mode(bytes, false);
    }
    Image::new(bytes).map_err(Error::internal)
}

/// Says in the header of a database whether it is in WAL mode.
pub(super) fn set_wal_mode(bytes: &mut [u8], is_wal: bool) {
    const WRITE_VERSION: usize = 18;
    const READ_VERSION: usize = 19;
    if bytes.len() > READ_VERSION {
        bytes[WRITE_VERSION] = if is_wal { 2 } else { 1 };
        bytes[READ_VERSION] = bytes[WRITE_VERSION];
    }
}

/// Writes nothing where it is that already, as most sandboxes start with the seed of their image.
pub(super) fn write_seed(conn: &Connection, seed: u64) -> rusqlite::Result<()> {
    let known: Option<i64> =
        conn.query_row("SELECT value FROM _meta WHERE name = 'seed'", [], |row| row.get(0)).optional()?;
    if known == Some(seed.cast_signed()) {
        return Ok(());
    }
    conn.execute("INSERT OR REPLACE INTO _meta VALUES ('seed', ?)", [seed.cast_signed()]).map(drop)
}
