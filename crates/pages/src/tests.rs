//! Databases over shared pages, against SQLite's own in memory.

use proptest::prelude::*;
use rusqlite::Connection;

use crate::{Database, Image, PAGE};

fn rows(connection: &Connection) -> Vec<(i64, String)> {
    let mut statement = connection.prepare_cached("SELECT rowid, text FROM list ORDER BY rowid").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn filled(entries: usize) -> Image {
    let database = Database::new(Image::empty());
    let connection = database.connect().unwrap();
    connection.execute_batch("CREATE TABLE list (text TEXT); CREATE INDEX by_text ON list (text)").unwrap();
    let mut insert = connection.prepare("INSERT INTO list VALUES (?)").unwrap();
    for entry in 0..entries {
        insert.execute([format!("{entry} {}", "x".repeat(100))]).unwrap();
    }
    let bytes = database.image().to_bytes();
    Image::new(bytes).unwrap()
}

#[test]
fn a_new_database_owns_nothing() {
    let image = filled(1000);
    let database = Database::new(image.clone());
    assert_eq!(rows(&database.connect().unwrap()).len(), 1000);
    assert_eq!(database.image().own_bytes(), 0);
    assert!(image.len() > 100_000);
}

#[test]
fn what_is_written_is_nobody_elses() {
    let image = filled(1000);
    let [one, other] = [(); 2].map(|()| Database::new(image.clone()));
    let (first, second) = (one.connect().unwrap(), other.connect().unwrap());
    first.execute("UPDATE list SET text = 'changed' WHERE rowid = 500", []).unwrap();
    assert_eq!(rows(&first)[499].1, "changed");
    assert!(rows(&second)[499].1.starts_with("499 "));
    assert!(one.image().own_bytes() < 50_000, "{:?}", one.image());
    assert_eq!(other.image().own_bytes(), 0);
}

#[test]
fn a_connection_sees_the_image_that_took_the_place() {
    let database = Database::new(filled(10));
    let connection = database.connect().unwrap();
    let kept = database.image();
    let before = rows(&connection);
    connection.execute("DELETE FROM list", []).unwrap();
    assert_eq!(rows(&connection), []);
    let empty = database.image();
    database.replace(kept);
    assert_eq!(rows(&connection), before);
    database.replace(empty);
    assert_eq!(rows(&connection), []);
    // Another schema too.
    database.replace(Image::empty());
    assert!(connection.execute("INSERT INTO list VALUES ('nowhere')", []).is_err());
    connection.execute_batch("CREATE TABLE list (text TEXT)").unwrap();
    assert_eq!(rows(&connection), []);
}

#[test]
fn it_stays_without_a_connection_and_has_one_at_most() {
    let database = Database::new(filled(1));
    let connection = database.connect().unwrap();
    assert!(database.connect().is_err());
    connection.execute("INSERT INTO list VALUES ('kept')", []).unwrap();
    connection.execute_batch("BEGIN; INSERT INTO list VALUES ('not kept')").unwrap();
    drop(connection);
    let again = database.connect().unwrap();
    assert_eq!(rows(&again).into_iter().map(|row| row.1).skip(1).collect::<Vec<_>>(), ["kept"]);
}

#[test]
fn a_transaction_larger_than_the_cache_is_undone_whole() {
    let database = Database::new(filled(10));
    let connection = database.connect().unwrap();
    connection.pragma_update(None, "cache_size", 4).unwrap();
    let before = rows(&connection);
    connection.execute_batch("BEGIN").unwrap();
    let mut insert = connection.prepare("INSERT INTO list VALUES (?)").unwrap();
    for entry in 0..2000 {
        insert.execute([format!("{entry} {}", "y".repeat(200))]).unwrap();
    }
    drop(insert);
    connection.execute_batch("ROLLBACK").unwrap();
    assert_eq!(rows(&connection), before);
    assert_eq!(check(&connection), "ok");
}

#[test]
fn what_is_no_database_is_refused() {
    assert!(Image::new(vec![0; 100]).is_err());
    assert!(Image::new(vec![0; 4096]).is_err(), "a header that says nothing of its pages");
    let mut torn = filled(100).to_bytes();
    torn[..16].fill(b'?');
    let database = Database::new(Image::new(torn).unwrap());
    assert!(
        database.connect().and_then(|connection| connection.prepare("SELECT * FROM list").map(drop)).is_err()
    );
}

/// An image of so many pages, each of them full of its number.
fn numbered(pages: u8) -> Image {
    let mut image = Image::empty();
    (0..pages).for_each(|number| image.write(&[number; PAGE], usize::from(number) * PAGE));
    image
}

#[test]
fn images_are_equal_by_their_pages() {
    let image = numbered(3);
    assert!(image == numbered(3) && image != numbered(2) && numbered(2) != image);
    let mut bytes = image.to_bytes();
    bytes[16..18].copy_from_slice(&[0x10, 0]);
    let (mut fresh, mut written) = (Image::new(bytes.clone()).unwrap(), image);
    assert!(fresh != written, "the first page differs");
    written.write(&[0x10, 0], 16);
    assert!(fresh == written, "shared or not");
    fresh.write(&[9], 2 * PAGE + 5);
    assert!(fresh != written, "the last page differs");
}

#[test]
fn an_image_has_its_number_until_a_page_is_written_or_cut_off() {
    let kept = [filled(1), filled(1), filled(1)].map(|image| (image.untouched(), Database::new(image)));
    let numbers: std::collections::BTreeSet<_> = kept.iter().filter_map(|(number, _)| *number).collect();
    assert_eq!(numbers.len(), 3, "each has one of its own");
    for (number, database) in &kept {
        assert_eq!((database.untouched(), database.image().untouched()), (*number, *number));
    }
    let (number, database) = &kept[0];
    let mut cut = database.image();
    cut.truncate(PAGE);
    assert!(cut.untouched() != *number && cut.untouched().is_some(), "another image, of which all is shared");
    database.connect().unwrap().execute("INSERT INTO list VALUES ('more')", []).unwrap();
    assert_eq!(database.untouched(), None);
}

#[test]
fn what_an_image_has_of_its_own_is_counted_in_bytes() {
    let image = numbered(2);
    assert_eq!((image.len(), image.own_bytes(), image.is_empty()), (2 * PAGE, 2 * PAGE, false));
    assert!(Image::empty().is_empty());
}

fn check(connection: &Connection) -> String {
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

#[derive(Clone, Debug)]
enum Act {
    Insert(usize),
    Delete(i64),
    Shrink,
    Keep(usize),
    Restore(usize),
    Reopen,
    Undo(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0..5000usize).prop_map(Act::Insert),
        2 => (1..60i64).prop_map(Act::Delete),
        1 => Just(Act::Shrink),
        1 => (0..3usize).prop_map(Act::Keep),
        1 => (0..3usize).prop_map(Act::Restore),
        1 => Just(Act::Reopen),
        1 => (0..9000usize).prop_map(Act::Undo),
    ];
    proptest::collection::vec(act, 1..40)
}

proptest! {
    /// Whatever is done, it is what SQLite's own database in memory is, and so are its bytes when written out.
    #[test]
    fn it_is_what_sqlite_s_own_is(acts in acts()) {
        let start = filled(20);
        let database = Database::new(start.clone());
        let mut connection = Some(database.connect().unwrap());
        let mut model = rows(connection.as_ref().unwrap());
        let mut kept = vec![(start, model.clone()); 3];
        for act in acts {
            let open = connection.get_or_insert_with(|| database.connect().unwrap());
            match act {
                Act::Insert(length) => {
                    let text = "z".repeat(length);
                    open.execute("INSERT INTO list VALUES (?)", [&text]).unwrap();
                    model.push((open.last_insert_rowid(), text));
                }
                Act::Delete(row) => {
                    open.execute("DELETE FROM list WHERE rowid = ?", [row]).unwrap();
                    model.retain(|(id, _)| *id != row);
                }
                Act::Shrink => open.execute_batch("VACUUM").unwrap(),
                Act::Keep(place) => kept[place] = (database.image(), model.clone()),
                Act::Restore(place) => {
                    database.replace(kept[place].0.clone());
                    model.clone_from(&kept[place].1);
                }
                Act::Reopen => connection = None,
                Act::Undo(length) => {
                    open.execute_batch("BEGIN").unwrap();
                    open.execute("INSERT INTO list VALUES (?)", ["u".repeat(length)]).unwrap();
                    open.execute_batch("ROLLBACK").unwrap();
                }
            }
        }
        let open = connection.unwrap_or_else(|| database.connect().unwrap());
        prop_assert_eq!(rows(&open), model.clone());
        prop_assert_eq!(check(&open), "ok");
        let bytes = database.image().to_bytes();
        let mut own = Connection::open_in_memory().unwrap();
        own.deserialize_read_exact("main", &bytes[..], bytes.len(), true).unwrap();
        prop_assert_eq!(rows(&own), model);
    }

    /// Whatever is written, cut and read, an image holds what a file would, in whole pages; its copies stay as they were.
    #[test]
    fn an_image_is_a_file(
        start in 0..4usize,
        acts in proptest::collection::vec((0..3u8, 0..5 * PAGE, 0..2 * PAGE + 9, any::<u8>()), 1..20),
    ) {
        let mut file = vec![7; start * PAGE];
        if start > 0 {
            file[16..18].copy_from_slice(&[0x10, 0]);
        }
        let mut image = Image::new(file.clone()).unwrap();
        let whole = |size: usize| size.div_ceil(PAGE) * PAGE;
        for (act, offset, length, byte) in acts {
            let (copy, before) = (image.clone(), file.clone());
            match act {
                0 if length > 0 => {
                    file.resize(file.len().max(whole(offset + length)), 0);
                    file[offset..offset + length].fill(byte);
                    image.write(&vec![byte; length], offset);
                }
                1 => {
                    file.truncate(whole(offset));
                    image.truncate(offset);
                }
                _ => {
                    let mut read = vec![byte; length];
                    let there = image.read(&mut read, offset);
                    let end = file.len().min(offset + length);
                    prop_assert_eq!(&read[..there], file.get(offset..end).unwrap_or_default());
                    prop_assert!(read[there..].iter().all(|left| *left == byte));
                }
            }
            prop_assert!(image.to_bytes() == file);
            prop_assert!(copy.to_bytes() == before);
        }
    }
}
