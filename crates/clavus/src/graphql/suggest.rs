//! "Did you mean …?": the distance, threshold and order of graphql-js.

/// The names of `known` near to `name` as the end of a message, empty when there are none; `what` names their kind.
pub(super) fn did_you_mean<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let limit = name.encode_utf16().count() * 2 / 5 + 1;
    let mut near: Vec<(usize, &str)> =
        known.filter_map(|known| Some((distance(known, name, limit)?, known))).collect();
    near.sort_unstable();
    let near: Vec<String> = near.iter().take(5).map(|(_, known)| format!("\"{known}\"")).collect();
    let what = if what.is_empty() { String::new() } else { format!("{what} ") };
    match near.as_slice() {
        [] => String::new(),
        [one] => format!(" Did you mean {what}{one}?"),
        [one, other] => format!(" Did you mean {what}{one} or {other}?"),
        [first @ .., last] => format!(" Did you mean {what}{}, or {last}?", first.join(", ")),
    }
}

/// Insertions, deletions, replacements and swaps of neighbours, without regard to case; another case costs 1.
fn distance(known: &str, name: &str, limit: usize) -> Option<usize> {
    if known == name {
        return Some(0);
    }
    let left: Vec<char> = known.to_lowercase().chars().collect();
    let right: Vec<char> = name.to_lowercase().chars().collect();
    if left == right {
        return Some(1);
    }
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
}
