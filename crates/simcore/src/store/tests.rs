//! What a handler does with a database, over a small profile.

use serde_json::{Map, Value, json};

use super::numbers::Code;
use super::*;
use crate::entity::profile::Profile;
use crate::store::db::Select;
use crate::store::effects::{Change, Created, FieldChange, Row};
use crate::store::query::Fields;

const PROFILE: &str = "
entities:
  customer:
    about: A customer.
    evidence: assumed
    keys: [No, Name]
    unique: [[No]]
    fields:
      No: { kind: text, evidence: assumed, aliases: [Code] }
      Name: { kind: text, evidence: assumed }
      Number: { kind: integer, evidence: assumed }
      Limit: { kind: decimal, evidence: assumed }
  order:
    about: An order.
    evidence: assumed
    keys: [No]
    fields:
      No: { kind: text, evidence: assumed }
      Customer: { kind: text, references: customer, evidence: assumed }
      Lines: { kind: list, evidence: assumed, fields: {
        No: { kind: text, evidence: assumed }, Product: { kind: text, evidence: assumed } } }
      Notes: { kind: list, evidence: assumed }
";

/// Does that with a new database.
fn with(work: impl FnOnce(&Db<'_>) -> Result<()>) {
    let model = Model::new(Profile::load(PROFILE).unwrap(), "");
    build(&model, &IndexMap::default(), Timestamp::UNIX_EPOCH, |db| {
        work(db).map_err(|error| error.explain())
    })
    .unwrap();
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!() };
    object
}

fn numbers(db: &Db<'_>, select: &Select<'_>) -> Vec<i64> {
    let records = db.records(db.table("customer").unwrap(), select).unwrap();
    records.iter().map(|record| record.values["Number"].as_i64().unwrap()).collect()
}

#[test]
fn records_are_stored_found_changed_and_removed() {
    with(|db| {
        let table = db.table("customer")?;
        let given = object(json!({ "No": "a", "Number": 7, "Limit": 12.50, "Odd": { "x": 1 } }));
        let id = db.insert(table, "one", &given)?;
        let taken = db.insert(table, "one", &given).unwrap_err();
        assert_eq!((taken.status.as_u16(), taken.code.as_ref()), (409, "record_exists"));
        assert_eq!(db.tenant(table, id)?, "one");
        let other = db.insert(table, "two", &given)?;
        assert_eq!(db.find_id(table, "two", "No", "a")?, Some(other));
        assert_eq!(db.find_id(table, "one", "Number", "7")?, Some(id));
        assert_eq!(db.find_id(table, "one", "Number", "seven")?, None, "it cannot be one");
        assert_eq!(db.find_id(table, "one", "Code", "a")?, Some(id), "by an alias");
        assert_eq!(db.find_id(table, "one", "Nothing", "a")?, None);
        db.update(table, id, &object(json!({ "Name": "n", "More": true })))?;
        let record = db.load(table, id)?.values;
        assert_eq!(
            (&record["No"], &record["Name"], &record["Number"]),
            (&json!("a"), &json!("n"), &json!(7))
        );
        assert_eq!((&record["Odd"], &record["More"]), (&json!({ "x": 1 }), &json!(true)));
        for key in ["a", "n"] {
            assert_eq!(db.find_key_id(table, "one", key)?, Some(id));
            assert!(db.find_key(table, "one", key)?.is_some() && db.find_key(table, "three", key)?.is_none());
        }
        for (amount, is_kept) in [(999_999_999_999_i64, true), (1_000_000_000_000, false)] {
            assert_eq!(db.update(table, id, &object(json!({ "Limit": amount }))).is_ok(), is_kept);
        }
        db.delete(table, id)?;
        assert!(db.load(table, id).is_err() && db.load(table, other).is_ok());
        Ok(())
    });
}

#[test]
fn lists_are_those_of_a_company_in_order_and_in_parts() {
    with(|db| {
        let table = db.table("customer")?;
        for (no, tenant, number) in
            [("a", "one", 3), ("b", "one", 1), ("c", "two", 9), ("d", "one", 2), ("e", "one", 2)]
        {
            db.insert(table, tenant, &object(json!({ "No": no, "Number": number })))?;
        }
        let filter =
            || odata::Sql { text: "\"Number\" < ?".to_owned(), binds: vec![odata::Bind::Integer(3)] };
        let all = || Select { tenant: Some("one"), ..Select::default() };
        assert_eq!(numbers(db, &Select::default()), [3, 1, 9, 2, 2]);
        assert_eq!(numbers(db, &all()), [3, 1, 2, 2]);
        assert_eq!(numbers(db, &Select { order: "\"Number\" DESC".to_owned(), ..all() }), [3, 2, 2, 1]);
        assert_eq!(numbers(db, &Select { limit: Some(2), offset: 1, ..all() }), [1, 2]);
        let few = Select { filters: vec![filter(), filter()], limit: Some(1), ..all() };
        assert_eq!((numbers(db, &few), db.count(table, &few)?), (vec![1], 3));
        let lists = [all(), few, Select::default(), Select { order: "_id".to_owned(), ..all() }];
        let known: std::collections::BTreeSet<u64> = lists.iter().map(|list| list.identity(table)).collect();
        assert_eq!(known.len(), lists.len(), "each is another list");
        assert_eq!(all().identity(table), Select { limit: Some(1), offset: 3, ..all() }.identity(table));
        Ok(())
    });
}

#[test]
fn no_number_comes_twice() {
    for in_memory in [false, true] {
        with(|db| {
            let table = db.table("customer")?;
            for (no, number) in [("C-002", 41), ("C-004", 12)] {
                db.insert(table, "one", &object(json!({ "No": no, "Number": number })))?;
            }
            if in_memory {
                db.count_in_memory();
            }
            let number = |tenant, first| db.next_number(table, tenant, "Number", first);
            assert_eq!((number("one", 5)?, number("one", 5)?, number("two", 5)?), (42, 43, 5));
            assert_eq!((number("one", 100)?, number("one", 5)?), (100, 101));
            let code =
                |digits| db.next_code(table, "one", "No", Code { prefix: "C-", digits, ..Code::default() });
            assert_eq!([code(3)?, code(3)?, code(0)?, code(0)?], ["C-001", "C-003", "C-4", "C-5"]);
            let first = Code { prefix: "D", digits: 1, first: 8 };
            assert_eq!(db.next_code(table, "one", "No", first)?, "D8");
            assert_eq!(
                [db.advance("s", 5)?, db.advance("s", 3)?, db.next("s", 1)?, db.next("t", 0)?],
                [5, 5, 6, 0]
            );
            assert_eq!(db.advance("far", i64::MAX)?, 1 << 53);
            if in_memory {
                db.write_counters()?;
                assert_eq!((number("one", 5)?, db.next("s", 1)?, code(3)?), (102, 7, "C-006".to_owned()));
            }
            db.insert(table, "three", &object(json!({ "No": "x", "Number": 5 })))?;
            assert_eq!(number("three", 1)?, 6);
            db.insert(table, "three", &object(json!({ "No": "y", "Number": 7 })))?;
            assert_eq!(
                (number("three", 1)?, number("three", 1)?),
                (8, 9),
                "those that are taken are passed over"
            );
            Ok(())
        });
    }
}

#[test]
fn draws_of_randomness_differ() {
    with(|db| {
        let draws: std::collections::BTreeSet<[u8; 8]> =
            (0..10).map(|_| db.random()).collect::<Result<_>>()?;
        assert_eq!(draws.len(), 10);
        Ok(())
    });
}

#[test]
fn a_data_file_has_lines_as_tables_and_says_what_refers_to_what() {
    with(|db| {
        let (customers, orders) = (db.table("customer")?, db.table("ORDER")?);
        db.insert(customers, "one", &object(json!({ "No": "a" })))?;
        let lines = json!([{ "No": "1", "Product": "p" }, { "No": "2", "Product": "q" }]);
        db.insert(
            orders,
            "one",
            &object(json!({ "No": "o", "Customer": "a", "Lines": lines, "Notes": ["n"] })),
        )?;
        let rows = |text: &str| -> Vec<String> {
            let mut statement = db.conn.prepare(text).unwrap();
            let rows = statement.query_map([], |row| row.get(0)).unwrap();
            rows.map(rusqlite::Result::unwrap).collect()
        };
        assert_eq!(
            rows("SELECT _record || _tenant || _place || \"No\" || \"Product\" FROM order_Lines"),
            ["1one01p", "1one12q"]
        );
        assert_eq!(rows("SELECT name FROM sqlite_schema WHERE type = 'view'"), ["order_Lines"]);
        let keys =
            "SELECT \"table\" || '.' || \"to\" || ' ' || \"from\" FROM pragma_foreign_key_list('order')";
        assert_eq!(rows(keys), ["customer.No Customer", "customer._tenant _tenant"]);
        assert_eq!(rows("SELECT * FROM pragma_foreign_key_list('customer')"), [""; 0]);
        assert_eq!(customers.field("code").map(|(place, name, _)| (place, name)), Some((0, "No")));
        let collated = |place: usize, any_case| customers.columns[place].collated("x", any_case);
        assert_eq!((collated(0, true), collated(0, false)), ("x COLLATE FOLD".to_owned(), "x".to_owned()));
        assert_eq!((collated(2, true), collated(3, true)), ("x".to_owned(), "x COLLATE DECIMAL".to_owned()));
        Ok(())
    });
}

#[test]
fn what_a_filter_names_is_described_or_stored() {
    with(|db| {
        let table = db.table("order")?;
        let lines = json!([{ "No": "1", "Odd": "x" }]);
        db.insert(table, "one", &object(json!({ "No": "o", "Lines": lines })))?;
        let known = |tenant, path: &str| {
            let path = odata::parse_paths(path).unwrap().remove(0);
            odata::Columns::column(&Fields { db: *db, table, tenant, any_case: false }, &path).is_some()
        };
        for (path, is_known) in [
            ("no", true),
            ("Lines.Product", true),
            ("Lines.Odd", true),
            ("Lines.Nothing", false),
            ("_id", false),
        ] {
            assert_eq!(known("one", path), is_known, "{path}");
        }
        assert!(!known("two", "Lines.Odd"), "no record of that company has it");
        Ok(())
    });
}

#[test]
fn amounts_compare_as_numbers() {
    with(|db| {
        let table = db.table("customer")?;
        for (number, limit) in
            [(1, json!(10)), (2, json!(9)), (3, json!(1.50)), (4, json!(-2)), (5, json!(1.5))]
        {
            db.insert(
                table,
                "one",
                &object(json!({ "No": number.to_string(), "Number": number, "Limit": limit })),
            )?;
        }
        let order = "\"Limit\" COLLATE DECIMAL".to_owned();
        assert_eq!(numbers(db, &Select { order, ..Select::default() }), [4, 3, 5, 2, 1]);
        let text = "\"Limit\" COLLATE DECIMAL = ?".to_owned();
        let filter = odata::Sql { text, binds: vec![odata::Bind::Text("1.500".to_owned())] };
        assert_eq!(numbers(db, &Select { filters: vec![filter], ..Select::default() }), [3, 5]);
        Ok(())
    });
}

#[test]
fn a_row_is_written_as_json_without_what_is_not_the_clients() {
    with(|db| {
        let table = db.table("customer")?;
        let given = object(json!({
            "No": "a\"b\\c\u{1}d", "Name": "é", "Limit": 1.50, "More": [2], "_own": 1, "Odd": null
        }));
        let id = db.insert(table, "one", &given)?;
        let shape = rows::ColumnSelection::given(table);
        let mut line = Vec::new();
        db.row(table, id, |row| rows::write(table, &shape, row, &mut line))?;
        let text = r#"{"No":"a\"b\\c\u0001d","Name":"é","Limit":1.5,"More":[2]}"#;
        assert_eq!(String::from_utf8(line).unwrap(), text);
        Ok(())
    });
}

#[test]
fn what_was_changed_is_told_from_what_was_only_read() {
    let row = || Row { entity: "e".into(), key: "k".into(), ..Row::default() };
    let changed = |names: &[&str]| {
        let field =
            |name: &&str| FieldChange { name: (*name).into(), before: 1, after: 2, is_emptied: false };
        Change { row: row(), fields: names.iter().map(field).collect(), stamp: 0 }
    };
    assert_eq!(changed(&["lines.no", "name", "lines.price"]).names(), ["lines", "name"]);
    let nothing = Effects::default;
    assert!(nothing().is_empty() && !nothing().has_changed_anything());
    for (effects, is_change) in [
        (Effects { created: vec![Created { row: row(), fingerprint: None, stamp: 0 }], ..nothing() }, true),
        (Effects { changed: vec![changed(&["name"])], ..nothing() }, true),
        (Effects { deleted: vec![row()], ..nothing() }, true),
        (Effects { switched: true, ..nothing() }, true),
        (Effects { unchanged: vec![row()], ..nothing() }, false),
        (Effects { more: 1, ..nothing() }, false),
    ] {
        assert_eq!((effects.has_changed_anything(), effects.is_empty()), (is_change, false), "{effects:?}");
    }
}
