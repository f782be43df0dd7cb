//! How far a word is from what was typed (fact sheet 4.4).

/// How many typos a word of this many letters may have.
pub(super) fn allowed(letters: usize) -> u32 {
    match letters {
        0..=4 => 0,
        5..=8 => 1,
        _ => 2,
    }
}

/// Insertions, deletions, replacements and swaps of neighbours between `typed` and `word`, or the beginning of `word`
/// when `prefix`; one on the first letter counts 2. Nothing when there are more than `most`.
pub(super) fn typos(typed: &[char], word: &[char], prefix: bool, most: u32) -> Option<u32> {
    let longest = usize::try_from(most).unwrap_or_default();
    if typed.len() > word.len() + longest || (!prefix && word.len() > typed.len() + longest) {
        return None;
    }
    // What comes after cannot be part of a prefix of the typed length.
    let word = &word[..word.len().min(typed.len() + longest)];
    let mut rows: Vec<Vec<u32>> = Vec::with_capacity(typed.len() + 1);
    rows.push((0..).take(word.len() + 1).collect());
    for i in 1..=typed.len() {
        let mut row = vec![rows[i - 1][0] + 1; word.len() + 1];
        for j in 1..=word.len() {
            let replaced = rows[i - 1][j - 1] + u32::from(typed[i - 1] != word[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && typed[i - 1] == word[j - 2] && typed[i - 2] == word[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row[j] = least;
        }
        rows.push(row);
    }
    let ends = &rows[typed.len()];
    let found = if prefix { ends.iter().min() } else { ends.last() }.copied()?;
    let first = u32::from(found > 0 && typed.first() != word.first());
    (found + first <= most).then_some(found + first)
}

#[cfg(test)]
mod tests {
    use super::{allowed, typos};

    fn count(typed: &str, word: &str, prefix: bool) -> Option<u32> {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        typos(&letters(typed), &letters(word), prefix, allowed(typed.chars().count()))
    }

    #[test]
    fn typos_are_counted_and_bounded() {
        for (typed, word, prefix, expected) in [
            ("jean", "jeen", false, None),
            ("jean", "jean", false, Some(0)),
            ("dupont", "dupond", false, Some(1)),
            ("dupont", "dupnot", false, Some(1)),
            ("dupont", "dupnod", false, None),
            ("dupont", "rupont", false, None),
            ("toulouses", "toulouse", false, Some(1)),
            ("tououlses", "toulouses", false, Some(2)),
            ("marseillai", "barseillai", false, Some(2)),
            ("toulo", "toulouse", true, Some(0)),
            ("tuolo", "toulouse", true, Some(1)),
            ("tou", "toulouse", true, Some(0)),
            ("tuo", "toulouse", true, None),
            ("toulo", "toulouse", false, None),
        ] {
            assert_eq!(count(typed, word, prefix), expected, "{typed} {word} {prefix}");
        }
    }
}
