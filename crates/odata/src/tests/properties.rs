//! Properties that hold for any tree and any text.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;

use super::database::{FIELDS, open, rows};
use crate::{Expr, Function, Literal, Op, Path, parse_count, parse_orderby, parse_paths};

fn path() -> impl Strategy<Value = Path> {
    let known = prop::sample::select(&FIELDS[..]).prop_map(ToOwned::to_owned);
    let any = "[$_A-Zéß名][A-Z_0-9éÀ]{0,4}Z(\\.[$_a-zÉ][a-z0-9]{0,3}){0,2}";
    prop_oneof![4 => known, 1 => any]
        .prop_map(|text| Path { segments: text.split('.').map(ToOwned::to_owned).collect(), position: 0 })
}

fn text() -> impl Strategy<Value = String> {
    let date = "20[0-9]{2}-0[1-9]-[0-2][1-8]([T ]1[0-9]:[0-5][0-9](:00)?)?";
    prop_oneof!["[a-zéÀ'‘’\"\\\\ %_?0-9]{0,8}", ".{0,6}", date, "-?[0-9]{1,5}"]
}

fn literal() -> impl Strategy<Value = Literal> {
    let number = (any::<i64>(), 0..=28u32);
    let date = "20[0-9]{2}-0[1-9]-[0-2][1-8](T1[0-9]:[0-5][0-9](:00(\\.[0-9]{1,3})?)?(Z|\\+02:00)?)?";
    prop_oneof![
        any::<bool>().prop_map(Literal::Bool),
        number.prop_map(|(number, scale)| Literal::Number(Decimal::new(number, scale))),
        (-9i64..9).prop_map(|number| Literal::Number(number.into())),
        text().prop_map(Literal::Text),
        date.prop_map(Literal::Date),
    ]
}

fn maybe_null() -> impl Strategy<Value = Literal> {
    prop_oneof![5 => literal(), 1 => Just(Literal::Null)]
}

fn leaf() -> impl Strategy<Value = Expr> {
    let op = prop::sample::select(&Op::EVERY[..]);
    let equality = prop::sample::select(&[Op::Eq, Op::Ne][..]);
    let function = prop::sample::select(&Function::EVERY[..]);
    prop_oneof![
        4 => (path(), op, literal()).prop_map(|(path, op, value)| Expr::Compare { path, op, value }),
        1 => (path(), equality).prop_map(|(path, op)| {
            Expr::Compare { path, op, value: Literal::Null }
        }),
        2 => (path(), vec(maybe_null(), 1..5)).prop_map(|(path, values)| Expr::In { path, values }),
        2 => (function, path(), text()).prop_map(|(function, path, text)| {
            Expr::Call { function, path, text }
        }),
        1 => any::<bool>().prop_map(|all| {
            if all { Expr::All(Vec::new()) } else { Expr::Any(Vec::new()) }
        }),
    ]
}

fn tree() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..6).prop_map(Expr::all),
            vec(inner.clone(), 2..6).prop_map(Expr::any),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

/// Words of the grammar in any order: often nearly right.
fn soup() -> impl Strategy<Value = String> {
    let words = [
        "and",
        "or",
        "not",
        "(",
        ")",
        ",",
        "eq",
        "ne",
        "gt",
        "ge",
        "lt",
        "le",
        "in",
        "IN",
        "null",
        "true",
        "false",
        "contains",
        "endswith(",
        "'",
        "''",
        "'x'",
        "‘",
        "’",
        "-",
        "1",
        "-2.5",
        "2024-01-20",
        "datetime",
        "datetime'",
        "T10:00",
        ".",
        "/",
        "$",
        "é",
        "#",
        "in (1,2)",
        "Name",
        "Qty",
        "Price eq 1",
        "Tags",
        "Doc.X",
        "Active",
        "Day ge 2024-01-20",
        "contains(Name,'x')",
        "and Active",
        "or not",
        "asc",
        "desc",
    ];
    let word = prop::sample::select(words.to_vec());
    let space = prop::sample::select(&[" ", " ", " ", "", "\n"][..]);
    vec((word, space), 0..14).prop_map(|parts| {
        let words = parts.iter().flat_map(|(word, space)| [*word, *space]);
        words.collect()
    })
}

/// Reads the text as everything, and runs it when it is a filter.
fn try_all(db: &rusqlite::Connection, text: &str) {
    let _ = parse_orderby(text).map_err(|error| error.to_string());
    let _ = parse_paths(text).map_err(|error| error.to_string());
    let _ = parse_count(text).map_err(|error| error.to_string());
    match Expr::parse(text) {
        Ok(expr) => {
            assert_eq!(Expr::parse(&expr.to_string()), Ok(expr.clone()));
            try_run(db, &expr);
        }
        Err(error) => {
            assert!(error.position <= text.chars().count());
            assert!(!error.to_string().is_empty());
        }
    }
}

/// The rows of a filter, unless its fields refuse it. `SQLite` never does.
fn try_run(db: &rusqlite::Connection, expr: &Expr) -> Option<Vec<i64>> {
    match rows(db, expr) {
        Ok(rows) => Some(rows),
        Err(error) => {
            assert!(!error.starts_with("SQL"), "{error}");
            None
        }
    }
}

/// Runs a test over one database: opening it costs more than a case.
fn for_all<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(&rusqlite::Connection, S::Value))
where
    S::Value: std::fmt::Debug,
{
    let db = open();
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(strategy, |value| {
        test(&db, value);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_printed_tree_reads_as_itself() {
    for_all(1000, &tree(), |_, tree| {
        let text = tree.to_string();
        assert_eq!(Expr::parse(&text), Ok(tree), "{text}");
    });
}

#[test]
fn a_row_meets_a_filter_or_its_negation() {
    let ran = Cell::new(0);
    for_all(1000, &vec(leaf(), 1..4), |db, parts| {
        let expr = Expr::any(parts);
        if let Some(mut all) = try_run(db, &expr) {
            all.extend(try_run(db, &Expr::Not(Box::new(expr))).unwrap());
            all.sort_unstable();
            assert_eq!(all, [1, 2, 3, 4, 5]);
            ran.set(ran.get() + 1);
        }
    });
    assert!(ran.get() > 100, "too few filters: {}", ran.get());
}

#[test]
fn any_tree_runs() {
    let ran = Cell::new(0);
    for_all(2000, &tree(), |db, tree| {
        ran.set(ran.get() + usize::from(try_run(db, &tree).is_some()));
    });
    assert!(ran.get() > 200, "too few filters: {}", ran.get());
}

#[test]
fn any_text_is_read_or_refused() {
    for_all(2000, &".*", |db, text| try_all(db, &text));
}

#[test]
fn any_soup_is_read_or_refused() {
    let read = Cell::new(0);
    for_all(8000, &soup(), |db, text| {
        read.set(read.get() + usize::from(Expr::parse(&text).is_ok()));
        try_all(db, &text);
    });
    assert!(read.get() > 200, "too few filters: {}", read.get());
}
