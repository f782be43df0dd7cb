//! "Did you mean …?": the distance, threshold and order of graphql-js.

use std::cmp::Ordering;

/// The names of `known` near to `name` as the end of a message, empty when there are none; `what` names their kind.
pub(crate) fn did_you_mean<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let limit = name.encode_utf16().count() * 2 / 5 + 1;
    let mut near: Vec<(usize, &str)> =
        known.filter_map(|known| Some((distance(known, name, limit)?, known))).collect();
    near.sort_by(|(left, one), (right, other)| left.cmp(right).then_with(|| natural(one, other)));
    near.dedup();
    let near: Vec<String> = near.iter().take(5).map(|(_, known)| format!("\"{known}\"")).collect();
    let what = if what.is_empty() { String::new() } else { format!("{what} ") };
    match near.as_slice() {
        [] => String::new(),
        [one] => format!(" Did you mean {what}{one}?"),
        [one, other] => format!(" Did you mean {what}{one} or {other}?"),
        [first @ .., last] => format!(" Did you mean {what}{}, or {last}?", first.join(", ")),
    }
}

/// Names with numbers in them by the number, not by its digits.
fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one.as_bytes(), other.as_bytes());
    while let ([l, ..], [r, ..]) = (left, right) {
        if l.is_ascii_digit() && r.is_ascii_digit() {
            let (number, rest) = leading(left);
            let (compared, others) = leading(right);
            match number.cmp(&compared) {
                Ordering::Equal => (left, right) = (rest, others),
                unequal => return unequal,
            }
        } else {
            match l.cmp(r) {
                Ordering::Equal => (left, right) = (&left[1..], &right[1..]),
                unequal => return unequal,
            }
        }
    }
    one.len().cmp(&other.len())
}

/// The number at the beginning and what follows; a zero ends it.
fn leading(mut text: &[u8]) -> (u128, &[u8]) {
    let mut number: u128 = 0;
    while let [digit @ b'0'..=b'9', rest @ ..] = text {
        number = number.saturating_mul(10).saturating_add((digit - b'0').into());
        text = rest;
        if number == 0 {
            break;
        }
    }
    (number, text)
}

/// Insertions, deletions, replacements and swaps of neighbours, without regard to case; another case costs 1.
fn distance(known: &str, name: &str, limit: usize) -> Option<usize> {
    if known == name {
        return Some(0);
    }
    let (known, name) = (known.to_lowercase(), name.to_lowercase());
    if known == name {
        return Some(1);
    }
    let left: Vec<u16> = known.encode_utf16().collect();
    let right: Vec<u16> = name.encode_utf16().collect();
    if left.len().abs_diff(right.len()) > limit {
        return None;
    }
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    rows[0] = (0..=right.len()).collect();
    for i in 1..=left.len() {
        rows[i][0] = i;
        for j in 1..=right.len() {
            let cost = usize::from(left[i - 1] != right[j - 1]);
            let mut least = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    Some(rows[left.len()][right.len()]).filter(|found| *found <= limit)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn the_nearest_come_first() {
        let fields = ["id", "firstName", "lastName", "email"];
        let text = did_you_mean("", "firstname", fields.into_iter());
        assert_eq!(text, " Did you mean \"firstName\" or \"lastName\"?");
        assert_eq!(did_you_mean("", "zzz", fields.into_iter()), "");
        let text = did_you_mean("the enum value", "MORALE", ["MORAL", "PHYSIQUE"].into_iter());
        assert_eq!(text, " Did you mean the enum value \"MORAL\"?");
    }

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let text = did_you_mean("", "col3", ["col10", "col2", "col1"].into_iter());
        assert_eq!(text, " Did you mean \"col1\", \"col2\", or \"col10\"?");
    }
}
