//! Filters with what they lack: brackets, apostrophes.

use super::Asked;
use crate::contract::Violation;
use crate::entity::model::Table;
use crate::entity::profile::FieldKind;

/// The comparisons of OData.
const COMPARISONS: [&str; 6] = [" eq ", " ne ", " gt ", " ge ", " lt ", " le "];

impl Asked<'_> {
    /// The value of a parameter with what it lacks; nothing when it lacks nothing.
    pub(super) fn mended(&self, violation: &Violation) -> Option<String> {
        let value = self.parameter(&violation.position).filter(|_| violation.rule == "parameter")?;
        self.mended_filter(&value)
    }

    /// A filter with the apostrophes and brackets that it lacks.
    pub(super) fn mended_filter(&self, filter: &str) -> Option<String> {
        let entity = self.target().map(|(entity, _)| entity);
        let table = entity.and_then(|entity| self.server.model.table(&entity));
        let is_text = |field: &str| table.is_some_and(|table| is_text(table, field));
        let mended = closed(&quoted(filter, is_text));
        (mended != filter).then_some(mended)
    }
}

fn is_text(table: &Table, field: &str) -> bool {
    let fields = &table.entity.fields;
    let found = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
    found.is_some_and(|(_, field)| field.kind == FieldKind::Text)
}

/// The filter with the brackets and the apostrophe that it lacks at its end.
fn closed(filter: &str) -> String {
    let (mut open, mut is_text) = (0_usize, false);
    for letter in filter.chars() {
        match letter {
            '\'' => is_text = !is_text,
            '(' if !is_text => open += 1,
            ')' if !is_text => open = open.saturating_sub(1),
            _ => {}
        }
    }
    format!("{filter}{}{}", if is_text { "'" } else { "" }, ")".repeat(open))
}

/// The filter with texts in apostrophes that stand without: words that are no literals, and what a text field is compared
/// with.
fn quoted(filter: &str, is_text: impl Fn(&str) -> bool) -> String {
    let mut mended = String::with_capacity(filter.len() + 2);
    let mut rest = filter;
    while let Some((at, operator)) = first_of(rest, &COMPARISONS) {
        let (before, value) = (&rest[..at], &rest[at + operator.len()..]);
        mended.push_str(before);
        mended.push_str(operator);
        let field = before.rsplit([' ', '(', ')']).next().unwrap_or_default();
        let end = first_of(value, &[" and ", " or ", ")"]).map_or(value.len(), |(end, _)| end);
        let bare = value[..end].trim_end();
        let stands = bare.starts_with('\'')
            || bare.contains('(')
            || bare.is_empty()
            || before.matches('\'').count() % 2 == 1;
        if stands || is_literal(bare) && !(is_text(field) && bare != "null") {
            rest = value;
        } else {
            mended.push('\'');
            mended.push_str(&bare.trim_matches('"').replace('\'', "''"));
            mended.push('\'');
            rest = &value[bare.len()..];
        }
    }
    mended.push_str(rest);
    mended
}

/// The first of several words in a text, and where it begins.
fn first_of<'w>(text: &str, words: &[&'w str]) -> Option<(usize, &'w str)> {
    words.iter().filter_map(|word| Some((text.find(word)?, *word))).min()
}

/// Whether a word is a value by itself: a number, a date, true, false, null.
fn is_literal(word: &str) -> bool {
    matches!(word, "true" | "false" | "null")
        || word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-')
            && word.chars().all(|letter| letter.is_ascii_digit() || "-+:.TZ".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_gets_what_it_lacks() {
        let is_text = |field: &str| field == "NoProduit";
        for (filter, mended) in [
            ("NoProduit eq BOLT-M8", "NoProduit eq 'BOLT-M8'"),
            ("(NoProduit eq BOLT M8) and Prix gt 5", "(NoProduit eq 'BOLT M8') and Prix gt 5"),
            ("NoProduit eq 1001 or Prix ge 1.5", "NoProduit eq '1001' or Prix ge 1.5"),
            ("NoProduit eq \"it's\"", "NoProduit eq 'it''s'"),
            ("(NoProduit eq 'A'", "(NoProduit eq 'A')"),
            ("NoProduit eq 'A", "NoProduit eq 'A'"),
            ("NoProduit eq 'A eq B'", "NoProduit eq 'A eq B'"),
            (
                "Date ge 2026-03-02T08:00:00Z and NoProduit eq null",
                "Date ge 2026-03-02T08:00:00Z and NoProduit eq null",
            ),
            ("NoProduit eq tolower('A')", "NoProduit eq tolower('A')"),
            ("Actif eq true", "Actif eq true"),
        ] {
            assert_eq!(closed(&quoted(filter, is_text)), mended, "{filter}");
        }
    }
}
