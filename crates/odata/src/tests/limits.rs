//! Nothing exhausts the stack, and nothing within the limits worries `SQLite`.

use super::database::{Shop, open, rows};
use super::{error, parse};
use crate::limits::MAX_HEIGHT;
use crate::{ErrorKind, Expr, MAX_CONDITIONS, MAX_DEPTH, MAX_LIST, MAX_VALUES};

const MEGABYTE: usize = 1 << 20;

fn too_many(what: &'static str, limit: usize) -> ErrorKind {
    ErrorKind::TooMany { what, limit }
}

#[test]
fn deep_texts_are_refused_at_once() {
    let too_deep = ErrorKind::TooDeep { limit: MAX_DEPTH };
    for (text, width) in [("(", 1), ("not ", 4), ("not(", 2), ("NOT ( ", 3)] {
        let error = error(&text.repeat(MEGABYTE));
        assert_eq!(error.kind, too_deep, "{text}");
        assert_eq!(error.position / width, MAX_DEPTH, "{text}");
    }
    let nested = |depth: usize| format!("{}A{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(parse(&nested(MAX_DEPTH)), parse("A"));
    assert_eq!(error(&nested(MAX_DEPTH + 1)).kind, too_deep);
    // Depth is nesting: groups side by side do not add up.
    assert!(Expr::parse(&vec!["(not A)"; 500].join(" and ")).is_ok());
}

#[test]
fn long_texts_are_refused() {
    for text in ["A and ", "A or ", "A and B or ", "true and "] {
        let kind = error(&(text.repeat(100_000) + "A")).kind;
        assert_eq!(kind, too_many("conditions", MAX_CONDITIONS));
    }
    for text in ["a", "a.", "'", "‘x", "1", "2024-01-20", "#", "datetime'", "é", " ", "A in ("] {
        assert!(Expr::parse(&(text.repeat(MEGABYTE) + "!")).is_err());
    }
    let chain = |count: usize| vec!["A eq 1"; count].join(" and ");
    assert!(Expr::parse(&chain(MAX_CONDITIONS)).is_ok());
    assert!(Expr::parse(&chain(MAX_CONDITIONS + 1)).is_err());
}

#[test]
fn long_lists_are_refused() {
    let list = |count: usize| format!("Qty in ({})", vec!["1"; count].join(","));
    assert!(Expr::parse(&list(MAX_LIST)).is_ok());
    assert_eq!(error(&list(MAX_LIST + 1)).kind, too_many("values in a list", MAX_LIST));
    let ten = vec![list(MAX_LIST); MAX_VALUES / MAX_LIST].join(" or ");
    assert!(Expr::parse(&ten).is_ok());
    assert_eq!(error(&format!("{ten} or Qty in (1)")).kind, too_many("values in lists", MAX_VALUES));
}

#[test]
fn long_trees_made_by_hand_do_not_overflow() {
    let hundred_thousand = || vec![parse("Qty eq 1"); 100_000];
    for tree in [
        Expr::All(hundred_thousand()),
        Expr::any(hundred_thousand()),
        Expr::All(vec![Expr::All(Vec::new()); 100_000]),
    ] {
        let kind = tree.to_sql(&Shop).unwrap_err().kind;
        assert_eq!(kind, too_many("conditions", MAX_CONDITIONS));
        assert!(tree.to_string().len() > 100_000);
        assert!(tree.conditions().count() % 100_000 == 0);
    }
    let path = |expr: Expr| match expr {
        Expr::Compare { path, value, .. } => (path, value),
        other => panic!("{other}"),
    };
    let (path, value) = path(parse("Qty eq 1"));
    let values = vec![value; MAX_LIST + 1];
    let kind = Expr::In { path, values }.to_sql(&Shop).unwrap_err().kind;
    assert_eq!(kind, too_many("values in a list", MAX_LIST));
}

#[test]
fn deep_trees_made_by_hand_are_refused() {
    let nested = |depth: usize| (1..depth).fold(parse("Qty eq 1"), |inner, _| Expr::Not(Box::new(inner)));
    assert!(nested(MAX_HEIGHT).to_sql(&Shop).is_ok());
    let kind = nested(MAX_HEIGHT + 1).to_sql(&Shop).unwrap_err().kind;
    assert_eq!(kind, ErrorKind::TooDeep { limit: MAX_DEPTH });
}

/// `leaf` as often as allowed, at the most levels, each as full as `fill` says
/// (the number of other parts in the `or` and in the `and` of each level).
fn worst(leaf: &str, fill: impl Fn(usize) -> usize, open: &str) -> String {
    let per_level = |level: usize| {
        let ors = format!("{leaf} or ").repeat(fill(2 * level));
        ors + &format!("{leaf} and ").repeat(fill(2 * level + 1))
    };
    let levels = MAX_DEPTH / open.matches(['(', 'n']).count();
    let start: String = (0..levels).map(|level| per_level(level) + open).collect();
    start + leaf + &")".repeat(levels)
}

#[test]
fn the_worst_nesting_is_fine_for_sqlite() {
    let db = open();
    for leaf in ["Qty eq 1", "endswith(Tags,'x')", "Tags in ('a',null)", "Doc.X eq null"] {
        // A balanced tree of n parts is log2(n) high: 5 and 9 are the worst.
        for text in [
            worst(leaf, |list| if list < 45 { 8 } else { 4 }, "("),
            worst(leaf, |list| if list < 24 { 16 } else { 8 }, "not ("),
            worst(leaf, |_| 1, "not("),
        ] {
            let expr = parse(&text);
            assert_eq!(parse(&expr.to_string()), expr);
            rows(&db, &expr).unwrap();
        }
    }
    let full = worst("Qty eq 1", |list| if list < 45 { 8 } else { 4 }, "(");
    assert!(parse(&full).conditions().count() > MAX_CONDITIONS * 9 / 10);
}

#[test]
fn the_longest_filters_are_fine_for_sqlite() {
    let db = open();
    for leaf in ["Qty eq 1", "Tags eq 'x'", "not endswith(Name,'x')"] {
        for operator in [" and ", " or "] {
            let text = vec![leaf; MAX_CONDITIONS].join(operator);
            rows(&db, &parse(&text)).unwrap();
        }
    }
    let list = format!("Qty in ({})", vec!["7"; MAX_LIST].join(","));
    let mut parts = vec![list; MAX_VALUES / MAX_LIST];
    parts.resize(MAX_CONDITIONS, "endswith(Name,'x')".to_owned());
    let expr = parse(&parts.join(" or "));
    assert_eq!(rows(&db, &expr), Ok(Vec::new()));
    assert!(expr.to_sql(&Shop).unwrap().binds.len() > MAX_VALUES + 1_900);
}

/// Without this the tests above would prove nothing.
#[test]
fn sqlite_does_refuse_what_we_avoid() {
    let db = open();
    let chain = vec!["qty IS 1"; MAX_CONDITIONS].join(" AND ");
    let error = db.prepare(&format!("SELECT 1 FROM shop WHERE {chain}"));
    assert!(error.unwrap_err().to_string().contains("maximum depth"));
    let marks = vec!["?"; 32_767].join(",");
    let error = db.prepare(&format!("SELECT 1 FROM shop WHERE qty IN ({marks})"));
    assert!(error.unwrap_err().to_string().contains("too many SQL variables"));
}
