//! What the SQL finds in a real `SQLite`.

use super::database::{FIELDS, Shop, open, rows};
use super::parse;
use crate::{Bind, ErrorKind, Expr, Literal, Op};

/// Checks the rows that each filter finds, by the digits of their identifiers.
fn check(cases: &[(&str, &str)]) {
    let db = open();
    for (filter, expected) in cases {
        let found = rows(&db, &parse(filter)).unwrap();
        let found: String = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, *expected, "{filter}");
    }
}

fn mismatch(filter: &str) -> (usize, String, &'static str) {
    match parse(filter).to_sql(&Shop) {
        Err(error) => match error.kind {
            ErrorKind::TypeMismatch { field, expected } => (error.position, field, expected),
            other => panic!("{filter}: {other:?}"),
        },
        Ok(sql) => panic!("{filter}: {sql:?}"),
    }
}

#[test]
fn texts() {
    check(&[
        ("Name eq 'café'", "2"),
        ("Name eq 'Café de l''Or'", "1"),
        ("Name ne 'café'", "1345"),
        ("Name gt 'T'", "23"),
        ("Name eq ''", "4"),
        ("Name in ('café','')", "24"),
        ("Name in ('café',null)", "25"),
        ("Name in (null)", "5"),
        ("not Name in ('café')", "1345"),
        ("Loose eq 'CAFé'", "2"),
    ]);
}

#[test]
fn text_functions_mind_case_and_nothing_else() {
    check(&[
        ("contains(Name,'afé')", "12"),
        ("contains(Name,'Café')", "1"),
        ("contains(Name,'%_\\')", "3"),
        ("contains(Name,'')", "1234"),
        ("not contains(Name,'afé')", "345"),
        ("startswith(Name,'Ca')", "1"),
        ("startswith(Name,'afé')", ""),
        ("startswith(Name,'')", "1234"),
        ("endswith(Name,'é')", "2"),
        ("endswith(Name,'fé')", "2"),
        ("endswith(Name,'xcafé')", ""),
        ("endswith(Name,'')", "1234"),
        ("endswith(Name,'l''Or')", "1"),
        ("endswith(Loose,'FÉ') or startswith(Loose,'CA') or contains(Loose,'CA')", ""),
        ("endswith(Loose,'CAFé')", ""),
        ("startswith(Day,'2024-')", "12"),
        ("contains(Moment,'T10')", "1"),
        ("contains(Doc.X,'u')", "2"),
    ]);
}

#[test]
fn numbers_and_booleans() {
    check(&[
        ("Qty eq 10", "1"),
        ("Qty eq '10'", "1"),
        ("Qty lt 0.5", "34"),
        ("Qty gt -3", "124"),
        ("2 le Qty", "12"),
        ("Qty lt 99999999999999999999", "1234"),
        ("Qty in (2,10.0)", "12"),
        ("Active", "13"),
        ("not Active", "245"),
        ("Active eq false", "24"),
        ("Active ne true", "245"),
        ("true and Active", "13"),
        ("false or not true", ""),
        ("true", "12345"),
    ]);
}

#[test]
fn decimals_beyond_f64() {
    check(&[
        ("Price eq 12345678901234567.89", "1"),
        ("Price eq 12345678901234567.890", "1"),
        ("Price gt 12345678901234567.88", "1"),
        ("Price lt 12345678901234567.89", "234"),
        ("Price lt 100", "3"),
        ("Price ge '9.50'", "1234"),
        ("Price in (100.00,9.5)", "34"),
    ]);
}

#[test]
fn dates() {
    check(&[
        ("Day eq 2024-01-20", "1"),
        ("Day eq datetime'2024-01-20T18:00:00'", "1"),
        ("Day ge '2024-01-20'", "124"),
        ("Day lt 2024-01-20", "3"),
        ("Moment eq 2024-02-29", "2"),
        ("Moment gt 2024-01-20T09:59:59", "124"),
        ("Moment le datetime'2024-01-20 10:00:00'", "13"),
        ("Moment eq 2023-12-31T23:59:59.999Z", "3"),
    ]);
}

#[test]
fn nulls() {
    check(&[
        ("Qty eq null", "5"),
        ("Qty ne null", "1234"),
        ("not Qty eq null", "1234"),
        ("Qty ne 10", "2345"),
        ("Qty gt 1", "12"),
        ("not Qty gt 1", "345"),
        ("not (Qty gt 1 and Name eq null)", "12345"),
        ("not not Qty gt 1", "12"),
        ("not (Qty gt 1 or Active)", "45"),
        ("Doc.X eq null", "45"),
    ]);
}

#[test]
fn untyped_values() {
    check(&[
        ("Doc.X eq 1", "1"),
        ("Doc.X eq '1'", ""),
        ("Doc.X eq 'un'", "2"),
        ("Doc.X eq 1.5", "3"),
        ("Doc.X eq true", "1"),
    ]);
}

#[test]
fn any_of_many_values() {
    check(&[
        ("Tags eq 'pro'", "12"),
        ("Tags ne 'pro'", "14"),
        ("not Tags eq 'pro'", "345"),
        ("Tags eq 'vip' and Tags eq 'pro'", "1"),
        ("Tags in ('vip','x')", "1"),
        ("Tags in ('vip',null)", "1345"),
        ("Tags eq null", "345"),
        ("Tags ne null", "12"),
        ("contains(Tags,'ip')", "1"),
        ("startswith(Tags,'v') or endswith(Tags,'x')", "1"),
        ("endswith(Tags,'')", "12"),
        ("Lots gt 4", "12"),
        ("Lots lt 4", "1"),
        ("not Lots lt 4", "2345"),
        ("Mixed eq 'a'", "1"),
        ("Mixed eq true", "12"),
    ]);
}

#[test]
fn wrong_types_are_refused() {
    assert_eq!(mismatch("Name eq 'x' and Qty eq 'x'"), (16, "Qty".to_owned(), "a number"));
    assert_eq!(mismatch("Active eq 1").2, "true or false");
    assert_eq!(mismatch("Price in (1,'x')").2, "a number");
    assert_eq!(mismatch("Day eq 12").2, "a date");
    assert_eq!(mismatch("Qty").2, "a number");
    assert_eq!(mismatch("Lots eq 'x'").2, "a number");
    for field in ["Qty", "Price", "Active", "Lots"] {
        let filter = format!("contains({field},'1')");
        assert_eq!(mismatch(&filter).2, "a field that holds text");
    }
    let error = parse("Qty eq 'x'").to_sql(&Shop).unwrap_err();
    assert_eq!(error.to_string(), "wrong type for field \"Qty\" at position 1, expected a number");
}

#[test]
fn unknown_fields_are_refused() {
    for filter in ["Qty eq 1 or No.Pe eq 1", "Qty eq 1 or No.Pe in (1)", "Qty eq 1 or No.Pe ne null"] {
        let error = parse(filter).to_sql(&Shop).unwrap_err();
        assert_eq!(error.kind, ErrorKind::UnknownField("No.Pe".to_owned()));
        assert_eq!(error.position, 12);
    }
    assert!(parse("contains(Nope,'x')").to_sql(&Shop).is_err());
}

#[test]
fn trees_made_by_hand() {
    let Expr::Compare { path, .. } = parse("Qty") else { panic!() };
    let ordered_null = Expr::Compare { path: path.clone(), op: Op::Gt, value: Literal::Null };
    assert!(ordered_null.to_sql(&Shop).is_err());
    let empty = Expr::In { path, values: Vec::new() };
    assert_eq!(rows(&open(), &empty), Ok(Vec::new()));
}

#[test]
fn sql_text() {
    let sql = parse("Name eq 'x' and (Qty gt 1 or not Tags in ('a',null)) and endswith(Name,'é')")
        .to_sql(&Shop)
        .unwrap();
    assert_eq!(
        sql.text,
        "(name IS ? AND ((qty > ? OR NOT COALESCE(((EXISTS (SELECT 1 FROM \
         json_each(doc, '$.tags') WHERE value IN (?)) OR NOT EXISTS (SELECT 1 FROM \
         json_each(doc, '$.tags') WHERE value IS NOT NULL))), 0)) AND \
         substr(name, ?) COLLATE BINARY = ?))"
    );
    let text = |text: &str| Bind::Text(text.to_owned());
    assert_eq!(sql.binds, [text("x"), Bind::Integer(1), text("a"), Bind::Integer(-1), text("é")]);
}

#[test]
fn indexes_are_used() {
    let db = open();
    db.execute_batch("CREATE INDEX by_name ON shop (name)").unwrap();
    for (filter, indexed) in [("Name eq 'x'", true), ("Name in ('x')", true), ("Qty eq 1", false)] {
        let sql = parse(filter).to_sql(&Shop).unwrap().text;
        let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM shop WHERE {sql}");
        let plan: String = db.query_row(&sql, ["x"], |row| row.get(3)).unwrap();
        assert_eq!(plan.contains("by_name"), indexed, "{plan}");
    }
}

#[test]
fn every_field_is_known() {
    for field in FIELDS {
        assert!(parse(&format!("{field} ne null")).to_sql(&Shop).is_ok());
    }
}
