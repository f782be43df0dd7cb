//! `$orderby`, `$select`, `$expand`, `$top`, `$skip`.

use super::database::Shop;
use crate::{Error, ErrorKind, orderby_sql, parse_count, parse_orderby, parse_paths};

fn orders(text: &str) -> Vec<(String, bool)> {
    let orders = parse_orderby(text).unwrap();
    orders.iter().map(|order| (order.path.to_string(), order.descending)).collect()
}

fn is_unexpected<T: std::fmt::Debug>(result: Result<T, Error>, position: usize) -> bool {
    let error = result.unwrap_err();
    matches!(error.kind, ErrorKind::Unexpected { .. }) && error.position == position
}

#[test]
fn orderby() {
    assert_eq!(
        orders("  A asc, B.C desc ,É DESC,D,desc desc  "),
        [
            ("A".to_owned(), false),
            ("B.C".to_owned(), true),
            ("É".to_owned(), true),
            ("D".to_owned(), false),
            ("desc".to_owned(), true),
        ]
    );
    for text in ["", "   "] {
        assert_eq!(parse_orderby(text).unwrap_err().kind, ErrorKind::Empty);
    }
    assert!(is_unexpected(parse_orderby("A up"), 2));
    assert!(is_unexpected(parse_orderby("A,"), 2));
    assert!(is_unexpected(parse_orderby(",A"), 0));
    assert!(is_unexpected(parse_orderby("A desc asc"), 7));
    assert!(is_unexpected(parse_orderby("A desc; DROP TABLE x"), 6));
    assert!(is_unexpected(parse_orderby("1"), 0));
}

#[test]
fn orderby_is_sql() {
    let sql = |text: &str| orderby_sql(&parse_orderby(text).unwrap(), &Shop);
    assert_eq!(sql("Name, Price desc").unwrap(), "name ASC, price DESC");
    assert_eq!(orderby_sql(&[], &Shop).unwrap(), "");
    let unknown = sql("Name,Nope").unwrap_err();
    assert_eq!(unknown.kind, ErrorKind::UnknownField("Nope".to_owned()));
    assert_eq!(unknown.position, 5);
    let many = sql("Tags").unwrap_err().kind;
    assert!(matches!(many, ErrorKind::TypeMismatch { .. }));
}

#[test]
fn paths() {
    let paths = |text: &str| -> Vec<String> {
        let paths = parse_paths(text).unwrap();
        paths.iter().map(ToString::to_string).collect()
    };
    assert_eq!(paths(" A , B/C,,D.E.F, and ,"), ["A", "B.C", "D.E.F", "and"]);
    assert_eq!(paths(""), Vec::<String>::new());
    assert_eq!(paths(" ,, "), Vec::<String>::new());
    assert_eq!(parse_paths("A, B").unwrap()[1].position(), 3);
    assert!(is_unexpected(parse_paths("A B"), 2));
    assert!(is_unexpected(parse_paths("A,*"), 2));
    assert!(is_unexpected(parse_paths("'A'"), 0));
    assert!(is_unexpected(parse_paths("A(B)"), 1));
}

#[test]
fn too_many_fields() {
    let list = |count: usize| vec!["A"; count].join(",");
    assert!(parse_paths(&list(1000)).is_ok());
    assert!(parse_orderby(&list(1000)).is_ok());
    let expected = ErrorKind::TooMany { what: "fields", limit: 1000 };
    assert_eq!(parse_paths(&list(1001)).unwrap_err().kind, expected);
    assert_eq!(parse_orderby(&list(1001)).unwrap_err().kind, expected);
}

#[test]
fn counts() {
    assert_eq!(parse_count("0"), Ok(0));
    assert_eq!(parse_count(" 25 "), Ok(25));
    assert_eq!(parse_count("9223372036854775807"), Ok(9_223_372_036_854_775_807));
    for text in ["-1", "+1", "1.0", "x", "1 2", "9223372036854775808", "1e3", "١"] {
        let error = parse_count(&format!(" {text}")).unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadCount(text.to_owned()));
        assert_eq!(error.position, 1);
    }
    assert_eq!(parse_count("  ").unwrap_err().kind, ErrorKind::Empty);
    assert_eq!(parse_count("-1").unwrap_err().to_string(), "invalid count \"-1\" at position 1");
}
