//! What clients of other APIs write, and what it is called here.

/// What the same thing is called in other APIs, without case and signs.
const SYNONYMS: [&[&str]; 5] = [
    &["limit", "top", "take", "size", "count", "max", "perpage", "pagesize", "itemsperpage"],
    &["skip", "offset", "start", "from"],
    &["page", "pagenumber", "pageindex"],
    &["filter", "where", "query", "q"],
    &["orderby", "order", "sort", "sortby"],
];

/// The name among `known` that other APIs' `name` stands for.
pub(super) fn synonym<'a>(name: &str, mut known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    let same = SYNONYMS.iter().find(|same| same.contains(&letters(name).as_str()))?;
    known.find(|known| same.contains(&letters(known).as_str()))
}

/// What OData calls the operators that other languages write with signs.
const SIGNS: [(&str, &str); 10] = [
    ("==", "eq"),
    ("!=", "ne"),
    ("<>", "ne"),
    (">=", "ge"),
    ("<=", "le"),
    ("&&", "and"),
    ("||", "or"),
    ("=", "eq"),
    (">", "gt"),
    ("<", "lt"),
];

/// Where an option cannot be read (from 1), why, and what was probably meant.
pub(super) fn refusal(text: &str, error: &odata::Error) -> (usize, String, Option<String>) {
    let rest: String = text.chars().skip(error.position).collect();
    let meant = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)).map(|(_, word)| (*word).to_owned());
    (error.position + 1, error.to_string(), meant)
}
