//! Literals: how they are read, and how a column binds them.

use rust_decimal::Decimal;

use super::{error, parse};
use crate::coerce::bind;
use crate::{Bind, ErrorKind, Expr, Literal, ValueKind, date};

fn value(text: &str) -> Literal {
    match parse(&format!("A eq {text}")) {
        Expr::Compare { value, .. } => value,
        other => panic!("{other:?}"),
    }
}

fn bound(text: &str, kind: ValueKind) -> Result<Bind, &'static str> {
    bind(&value(text), Some(kind))
}

fn text(text: &str) -> Bind {
    Bind::Text(text.to_owned())
}

#[test]
fn numbers() {
    for (written, mantissa, scale) in [
        ("0", 0, 0),
        ("12", 12, 0),
        ("-3.50", -350, 2),
        ("007", 7, 0),
        ("12345678901234567.89", 1_234_567_890_123_456_789, 2),
    ] {
        let expected = Decimal::from_i128_with_scale(mantissa, scale);
        assert_eq!(value(written), Literal::Number(expected));
    }
    for written in [
        "1e5",
        "1_000",
        "1.",
        "1.2.3",
        "-",
        "--1",
        "12x",
        "0x10",
        "1-2",
        "5.",
        "99999999999999999999999999999999",
        "0.00000000000000000000000000000000001",
    ] {
        let kind = error(&format!("A eq {written}")).kind;
        assert_eq!(kind, ErrorKind::BadNumber(written.to_owned()));
    }
}

#[test]
fn dates_are_read_with_and_without_quotes() {
    for written in [
        "2026-01-31",
        "2024-02-29",
        "2026-01-31T08:30:00",
        "2026-01-31T08:30",
        "2026-01-31T08:30:00.123",
        "2026-01-31T08:30:00Z",
        "2026-01-31T08:30:00.5+01:00",
        "2026-01-31T23:59:59-11:30",
    ] {
        let date = Literal::Date(written.to_owned());
        assert_eq!(value(written), date);
        assert_eq!(value(&format!("datetime'{written}'")), date);
        assert_eq!(value(&format!("DateTime’{written}’")), date);
        assert_eq!(value(&date.to_string()), date);
    }
}

#[test]
fn wrong_dates_are_refused() {
    for written in [
        "2023-02-29",
        "1900-02-29",
        "2024-00-10",
        "2024-13-10",
        "2024-01-00",
        "2024-04-31",
        "2024-1-20",
        "2024-01-2",
        "2024-01-20T",
        "2024-01-20T24:00:00",
        "2024-01-20T10:60:00",
        "2024-01-20T10:00:60",
        "2024-01-20T10:00:00.",
        "2024-01-20T10:00:00+1",
        "2024-01-20x",
        "2024-01-20T10:00:00+25:00",
        "2024-01-20T10:00:00+01:00Z",
        "2024-01-200",
        "2024-01-20T+1:00",
    ] {
        let bare = error(&format!("A eq {written}")).kind;
        assert_eq!(bare, ErrorKind::BadDate(written.to_owned()), "{written}");
        let wrapped = error(&format!("A eq datetime'{written}'")).kind;
        assert_eq!(wrapped, ErrorKind::BadDate(written.to_owned()), "{written}");
    }
    assert_eq!(date::date("20240-1-20"), None);
    assert_eq!(date::date("2024-01-20\u{e9}"), None);
    assert_eq!(date::date("2000-02-29"), Some("2000-02-29".to_owned()));
}

#[test]
fn text_columns_take_the_text_of_anything_but_flags() {
    assert_eq!(bound("'x'", ValueKind::Text), Ok(text("x")));
    assert_eq!(bound("12.50", ValueKind::Text), Ok(text("12.50")));
    assert_eq!(bound("true", ValueKind::Text), Err("text"));
    assert_eq!(bound("2024-01-20T10:00:00", ValueKind::Text), Ok(text("2024-01-20T10:00:00")));
}

#[test]
fn number_columns_take_numbers() {
    assert_eq!(bound("12", ValueKind::Number), Ok(Bind::Integer(12)));
    assert_eq!(bound("-12.0", ValueKind::Number), Ok(Bind::Integer(-12)));
    assert_eq!(bound("1.25", ValueKind::Number), Ok(Bind::Real(1.25)));
    assert_eq!(bound("'12'", ValueKind::Number), Ok(Bind::Integer(12)));
    assert_eq!(bound("9223372036854775807", ValueKind::Number), Ok(Bind::Integer(i64::MAX)));
    assert_eq!(bound("9223372036854775808", ValueKind::Number), Ok(Bind::Real(9_223_372_036_854_775_808.0)));
    for written in ["'x'", "''", "'1e5'", "true", "2024-01-20"] {
        assert_eq!(bound(written, ValueKind::Number), Err("a number"), "{written}");
        assert_eq!(bound(written, ValueKind::Decimal), Err("a number"), "{written}");
    }
}

#[test]
fn decimal_columns_take_canonical_text() {
    assert_eq!(bound("12.50", ValueKind::Decimal), Ok(text("12.5")));
    assert_eq!(bound("1200", ValueKind::Decimal), Ok(text("1200")));
    assert_eq!(bound("-0.00", ValueKind::Decimal), Ok(text("0")));
    assert_eq!(bound("'0012.0'", ValueKind::Decimal), Ok(text("12")));
    assert_eq!(
        bound("0.0000000000000000000000000001", ValueKind::Decimal),
        Ok(text("0.0000000000000000000000000001"))
    );
}

#[test]
fn bool_columns_take_booleans() {
    assert_eq!(bound("true", ValueKind::Bool), Ok(Bind::Integer(1)));
    assert_eq!(bound("'false'", ValueKind::Bool), Ok(Bind::Integer(0)));
    for written in ["1", "'oui'", "2024-01-20"] {
        assert_eq!(bound(written, ValueKind::Bool), Err("true or false"));
    }
}

#[test]
fn date_columns_take_normalised_dates() {
    for (written, day, moment) in [
        ("2024-01-20", "2024-01-20", "2024-01-20T00:00:00"),
        ("'2024-01-20'", "2024-01-20", "2024-01-20T00:00:00"),
        ("2024-01-20T10:05", "2024-01-20", "2024-01-20T10:05:00"),
        ("'2024-01-20 10:05:06'", "2024-01-20", "2024-01-20T10:05:06"),
        ("2024-01-20T10:05:06.789+02:00", "2024-01-20", "2024-01-20T10:05:06"),
        ("2024-01-20T10:05:06Z", "2024-01-20", "2024-01-20T10:05:06"),
    ] {
        assert_eq!(bound(written, ValueKind::Date), Ok(text(day)));
        assert_eq!(bound(written, ValueKind::DateTime), Ok(text(moment)));
    }
    for written in ["'2024-02-30'", "'x'", "20240120", "true"] {
        assert_eq!(bound(written, ValueKind::Date), Err("a date"), "{written}");
        assert_eq!(bound(written, ValueKind::DateTime), Err("a date"), "{written}");
    }
}

#[test]
fn unknown_columns_take_the_type_of_the_literal() {
    let untyped = |text: &str| bind(&value(text), None);
    assert_eq!(untyped("12"), Ok(Bind::Integer(12)));
    assert_eq!(untyped("12.5"), Ok(Bind::Real(12.5)));
    assert_eq!(untyped("true"), Ok(Bind::Integer(1)));
    assert_eq!(untyped("'12'"), Ok(text("12")));
    assert_eq!(untyped("2024-01-20"), Ok(text("2024-01-20")));
}
