//! Which of the candidates are answered, and in what order (fact sheet 4.2 step 7, 4.5).

use std::collections::BTreeMap;

use super::Hit;
use super::candidates::{Occurrence, Occurrences};
use super::parse::Term;

/// Words further apart than this, or in different attributes, count as this far apart.
const FARTHEST: u32 = 8;

/// The rules in the order of the engine; smaller is better in each.
type Rules = (usize, u32, u32, u32, u32);

/// The folders that have every phrase and the first plain word, or with a phrase perhaps no plain word at all, ranked
/// by how many of the plain words they have from the left, then by typos, proximity, attribute and exactness.
pub(super) fn ranked(terms: &[Term], found: &[Occurrences]) -> Vec<Hit> {
    let phrases: Vec<&Occurrences> = terms
        .iter()
        .zip(found)
        .filter(|(term, _)| matches!(term, Term::Phrase(_)))
        .map(|(_, places)| places)
        .collect();
    let first = phrases.first().copied().or(found.first());
    let mut buckets: BTreeMap<Rules, Vec<(usize, i64)>> = BTreeMap::new();
    for folder in first.into_iter().flat_map(BTreeMap::keys) {
        if phrases.iter().all(|places| places.contains_key(folder)) {
            let (rules, inexact) = judged(terms, found, *folder);
            buckets.entry(rules).or_default().push((inexact, *folder));
        }
    }
    let ranked = buckets.into_values().enumerate();
    ranked
        .flat_map(|(rank, folders)| {
            folders.into_iter().map(move |(inexact, folder)| Hit { folder, rank, inexact })
        })
        .collect()
}

/// The rules of one folder, and how many of its terms are not there as typed.
fn judged(terms: &[Term], found: &[Occurrences], folder: i64) -> (Rules, usize) {
    let mut missing = 0;
    let mut matched: Vec<&[Occurrence]> = Vec::new();
    for (term, places) in terms.iter().zip(found) {
        match (term, places.get(&folder)) {
            (Term::Phrase(_), Some(places)) => matched.push(places),
            // Words are dropped from the right: what comes after a missing one does not count.
            (Term::Word { .. }, Some(places)) if missing == 0 => matched.push(places),
            (Term::Phrase(_), None) => {}
            (Term::Word { .. }, _) => missing += 1,
        }
    }
    let least = |of: &dyn Fn(&Occurrence) -> u32, places: &[Occurrence]| {
        places.iter().map(of).min().unwrap_or_default()
    };
    let typos = matched.iter().map(|places| least(&|place| place.typos, places)).sum();
    let proximity = matched.windows(2).map(|pair| nearest(pair[0], pair[1])).sum();
    let best =
        matched.iter().filter_map(|places| places.iter().map(|place| (place.attribute, place.begin)).min());
    let (attributes, positions) = best.fold((0, 0), |(attributes, positions), (attribute, position)| {
        (attributes + attribute, positions + position)
    });
    let inexact = matched.iter().filter(|places| !places.iter().any(|place| place.exact)).count();
    ((missing, typos, proximity, attributes, positions), inexact)
}

/// How near two terms come, in the order of the query; the other order costs 1 more.
fn nearest(left: &[Occurrence], right: &[Occurrence]) -> u32 {
    let mut nearest = FARTHEST;
    for one in left {
        for other in right.iter().filter(|other| other.attribute == one.attribute) {
            let apart = if other.begin > one.end {
                other.begin - one.end
            } else {
                one.begin.saturating_sub(other.end) + 1
            };
            nearest = nearest.min(apart);
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::super::candidates::{Occurrence, Occurrences};
    use super::super::parse::Term;
    use super::ranked;

    fn word() -> Term {
        Term::Word { text: String::new(), prefix: false }
    }

    fn at(folder: i64, places: &[(u32, u32, u32, bool)]) -> (i64, Vec<Occurrence>) {
        let place = |&(attribute, begin, typos, exact): &(u32, u32, u32, bool)| Occurrence {
            attribute,
            begin,
            end: begin,
            typos,
            exact,
        };
        (folder, places.iter().map(place).collect())
    }

    fn order(terms: &[Term], found: &[Occurrences]) -> Vec<i64> {
        let mut hits = ranked(terms, found);
        hits.sort_by_key(|hit| (hit.rank, hit.inexact, hit.folder));
        hits.into_iter().map(|hit| hit.folder).collect()
    }

    #[test]
    fn each_rule_decides_what_those_before_it_leave_open() {
        let terms = [word(), word()];
        let first = Occurrences::from([
            at(1, &[(0, 0, 0, true)]),
            at(2, &[(0, 0, 1, false)]),
            at(3, &[(0, 0, 0, true)]),
            at(4, &[(1, 0, 0, true)]),
            at(5, &[(0, 0, 0, true)]),
            at(6, &[(0, 0, 0, false)]),
        ]);
        let second = Occurrences::from([
            at(2, &[(0, 1, 0, true)]),
            at(3, &[(0, 5, 0, true)]),
            at(4, &[(1, 1, 0, true)]),
            at(5, &[(0, 1, 0, true)]),
            at(6, &[(0, 1, 0, true)]),
            at(7, &[(0, 0, 0, true)]),
        ]);
        // All words, no typo, side by side, in the name, as typed; then not as typed; then in a later attribute; then
        // apart; then with a typo; then the first word only. The second word alone finds nothing.
        assert_eq!(order(&terms, &[first, second]), [5, 6, 4, 3, 2, 1]);
    }
}
