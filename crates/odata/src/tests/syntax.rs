//! Filter text to tree and back.

use super::{error, is_unexpected, parse, refused};
use crate::{ErrorKind, Expr, Literal, Path};

/// The canonical text of a text.
fn printed(text: &str) -> String {
    parse(text).to_string()
}

fn text_value(text: &str) -> String {
    match parse(text) {
        Expr::Compare { value: Literal::Text(value), .. } => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn operators_print_as_read() {
    for op in ["eq", "ne", "gt", "ge", "lt", "le"] {
        let text = format!("A {op} 1");
        assert_eq!(printed(&text), text);
        assert_eq!(printed(&format!("A {} 1", op.to_uppercase())), text);
    }
    assert_eq!(printed("NOT A eq 1 AND B IN (1) OR TRUE eq C"), { "not A eq 1 and B in (1) or C eq true" });
}

#[test]
fn precedence() {
    let Expr::Any(parts) = parse("A eq 1 or B eq 2 and not C eq 3 and D eq 4") else { panic!() };
    assert_eq!(parts.len(), 2);
    let Expr::All(parts) = &parts[1] else { panic!() };
    assert_eq!(parts.len(), 3);
    assert_eq!(parts[1], Expr::Not(Box::new(parse("C eq 3"))));

    let Expr::All(parts) = parse("(A eq 1 or B eq 2) and C eq 3") else { panic!() };
    assert_eq!(parts[0], parse("A eq 1 or B eq 2"));

    assert_eq!(parse("not(A eq 1 and B eq 2)"), Expr::Not(Box::new(parse("A eq 1 and B eq 2"))));
}

#[test]
fn lists_are_flat_whatever_the_parentheses() {
    let flat = parse("A and B and C and D");
    assert!(matches!(&flat, Expr::All(parts) if parts.len() == 4));
    assert_eq!(parse("((A and B) and (C and (D)))"), flat);
    let flat = parse("A or B or C and D");
    assert!(matches!(&flat, Expr::Any(parts) if parts.len() == 3));
    assert_eq!(parse("A or (B or (C and D))"), flat);
}

#[test]
fn printing_has_no_useless_parentheses() {
    assert_eq!(printed("((A eq 1) or ((B eq 2) and (not ((C eq 3)))))"), "A eq 1 or B eq 2 and not C eq 3");
    assert_eq!(
        printed("not (A or B) and (C or D)"),
        "not (A eq true or B eq true) and (C eq true or D eq true)"
    );
}

#[test]
fn lists_of_one_or_none_made_by_hand_print_and_read() {
    let pair = parse("A or B");
    let hidden = Expr::All(vec![Expr::All(vec![pair.clone()]), parse("C")]);
    assert_eq!(parse(&hidden.to_string()), parse("(A or B) and C"));
    assert_eq!(parse(&Expr::Any(vec![pair.clone()]).to_string()), pair);
    // Parentheses count as nesting: there are as few as keep lists apart.
    let both = Expr::All(vec![parse("A"), parse("B")]);
    for (list, shown) in [
        (Expr::Any(vec![pair.clone()]), "A eq true or B eq true"),
        (Expr::Any(vec![pair, parse("C")]), "(A eq true or B eq true) or C eq true"),
        (Expr::All(vec![both.clone()]), "A eq true and B eq true"),
        (Expr::All(vec![both, parse("C")]), "(A eq true and B eq true) and C eq true"),
    ] {
        assert_eq!(list.to_string(), shown);
    }
    for text in ["true", "false", "not true", "A eq 1 and false"] {
        assert_eq!(printed(text), text);
    }
    assert_eq!(parse("true"), Expr::All(Vec::new()));
    assert_eq!(parse("false"), Expr::Any(Vec::new()));
}

#[test]
fn a_literal_on_the_left_mirrors_the_operator() {
    for (text, same) in [
        ("1 eq A", "A eq 1"),
        ("1 ne A", "A ne 1"),
        ("1 gt A", "A lt 1"),
        ("1 ge A", "A le 1"),
        ("1 lt A", "A gt 1"),
        ("1 le A", "A ge 1"),
        ("null eq A", "A eq null"),
        ("'x' eq A", "A eq 'x'"),
    ] {
        assert_eq!(parse(text), parse(same));
    }
    for text in ["1 eq 1", "1 eq null", "'' ne TRUE", "null eq false"] {
        assert!(is_unexpected(text), "{text}");
    }
    assert!(is_unexpected("1"));
    assert!(is_unexpected("'x' and A"));
    assert!(is_unexpected("A eq B"));
}

#[test]
fn a_path_alone_is_true() {
    assert_eq!(parse("EstActif"), parse("EstActif eq true"));
    assert_eq!(parse("not A.B and C"), parse("not A.B eq true and C eq true"));
}

#[test]
fn paths() {
    let Expr::Compare { path, .. } = parse("  Côté/Été2._x.$y eq 1") else { panic!() };
    assert_eq!(path.segments(), ["Côté", "Été2", "_x", "$y"]);
    assert_eq!(path.to_string(), "Côté.Été2._x.$y");
    assert_eq!(path.position(), 2);
    let elsewhere = Path { segments: path.segments.clone(), position: 40 };
    assert_eq!(path, elsewhere);
    assert_eq!(printed("Cafe\u{301} eq 1"), "Cafe\u{301} eq 1");
    // Mixed case is a field, and a keyword is one inside a path.
    assert_eq!(printed("Or eq 1 or and.or eq 2"), "Or eq 1 or and.or eq 2");
    for text in ["A. eq 1", "A..B eq 1", ".A eq 1", "A.1 eq 1", "A eq 1 and and B"] {
        assert!(is_unexpected(text), "{text}");
    }
}

#[test]
fn a_leaf_has_a_field() {
    let tree = parse("A eq 1 and (B in (1,2) or not startswith(C,'x'))");
    assert_eq!(tree.path(), None);
    let fields: Vec<_> = tree.conditions().filter_map(Expr::path).map(Path::to_string).collect();
    assert_eq!(fields, ["A", "B", "C"]);
}

#[test]
fn quotes() {
    assert_eq!(text_value("A eq 'l''Or'"), "l'Or");
    assert_eq!(text_value("A eq ''"), "");
    assert_eq!(text_value("A eq ''''"), "'");
    assert_eq!(text_value("A eq ‘x’"), "x");
    assert_eq!(text_value("A eq ’x’"), "x");
    assert_eq!(text_value("A eq ‘x‘"), "x");
    assert_eq!(text_value("A eq ‘’"), "");
    assert_eq!(text_value("A eq ‘l’’Or’"), "l’Or");
    assert_eq!(text_value("A eq ‘l'Or’"), "l'Or");
    assert_eq!(text_value("A eq 'l’Or ‘x'"), "l’Or ‘x");
    assert_eq!(text_value(r"A eq 'a\'"), r"a\");
    assert_eq!(printed("A eq ‘l'Or’"), "A eq 'l''Or'");
    for text in ["A eq 'x", "A eq ‘x'", "A eq 'x''", "A eq '"] {
        let error = error(text);
        assert_eq!(error.kind, ErrorKind::UnterminatedString, "{text}");
        assert_eq!(error.position, 5, "{text}");
    }
}

#[test]
fn functions() {
    for text in ["contains(A.B,'x')", "startswith(A,'')", "endswith(A,'''')"] {
        assert_eq!(printed(text), text);
    }
    assert_eq!(printed("StartsWith ( A/B , ‘x’ )"), "startswith(A.B,'x')");
    for text in [
        "contains(A)",
        "contains(A,1)",
        "contains(A,B)",
        "contains('x',A)",
        "contains(A,'x','y')",
        "contains(A,'x'",
        "contains(,'x')",
    ] {
        assert!(is_unexpected(text), "{text}");
    }
    // Without a parenthesis it is a field.
    assert_eq!(printed("contains eq 1"), "contains eq 1");
    assert_eq!(
        refused("A and substringof(B,'x')"),
        (6, {
            "unexpected \"substringof\" at position 7, \
             expected contains, startswith or endswith"
                .to_owned()
        })
    );
}

#[test]
fn lists() {
    assert_eq!(
        printed("Id in ( 12 , -1.5,'x',null, TRUE,2024-01-20 )"),
        "Id in (12,-1.5,'x',null,true,datetime'2024-01-20')"
    );
    for text in ["A in ()", "A in 1", "A in (1", "A in (1,)", "A in (1 2)", "A in (B)"] {
        assert!(is_unexpected(text), "{text}");
    }
}

#[test]
fn null_has_no_order() {
    assert_eq!(printed("A eq null or A ne NULL"), "A eq null or A ne null");
    for text in ["A gt null", "A ge null", "A lt null", "A le null"] {
        assert!(is_unexpected(text), "{text}");
        assert_eq!(error(text).position, 5);
    }
    assert_eq!(refused("null lt A").0, 0);
}

#[test]
fn errors_say_where() {
    for (text, position, sentence) in [
        ("Nom foo 1", 4, "unexpected \"foo\" at position 5, expected an operator or the end of the text"),
        ("été eq", 6, "unexpected end of text at position 7, expected a value"),
        ("é eq 'é' #", 9, "unexpected \"#\" at position 10, expected a field name"),
        ("(A eq 1", 7, "unexpected end of text at position 8, expected an operator or \")\""),
        ("A eq 1)", 6, "unexpected \")\" at position 7, expected an operator or the end of the text"),
        ("A eq eq", 5, "unexpected \"eq\" at position 6, expected a value"),
        ("A eq 'é' and", 12, "unexpected end of text at position 13, expected a field"),
        ("A eq 1e5", 5, "invalid or out of range number \"1e5\" at position 6"),
        ("A eq 2023-02-29", 5, "invalid date \"2023-02-29\" at position 6"),
        (" 'x", 1, "string without a closing quote at position 2"),
    ] {
        assert_eq!(refused(text), (position, sentence.to_owned()), "{text}");
    }
    assert_eq!(error("").kind, ErrorKind::Empty);
    assert_eq!(error(" \n ").kind, ErrorKind::Empty);
    let long = refused(&"x".repeat(1000).replace("xx", "x ")).1;
    assert!(long.len() < 200, "{long}");
}

#[test]
fn conditions_come_in_order() {
    let expr = parse("A eq 1 and not (B in (2) or contains(C,'x')) and (D or E)");
    let found: Vec<String> = expr.conditions().map(ToString::to_string).collect();
    assert_eq!(found, ["A eq 1", "B in (2)", "contains(C,'x')", "D eq true", "E eq true"]);
    assert_eq!(parse("true").conditions().count(), 0);
}

#[test]
fn from_str_is_parse() {
    assert_eq!("A eq 1".parse(), Ok(parse("A eq 1")));
}

#[test]
fn trees_are_the_same_by_what_they_say_and_not_where() {
    assert_eq!(parse("A eq 1"), parse("   A  eq 1"));
    assert_ne!(parse("A eq 1"), parse("B eq 1"));
    assert_ne!(parse("A.B eq 1"), parse("A.C eq 1"));
}
