//! Lists of rows: their order, and how many come at a time.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};
use simcore::Loaded;
use simcore::base::urlencoded::pairs;
use simcore::contract::{Contract, Holds, Parameter};

use crate::answers::Comparer;
use crate::difference::{Difference, Kind};
use crate::ids::text;
use crate::recording::Exchange;
use crate::rows::{Finder, Found, Rows};

/// What a setting may have to be.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    pub(crate) numbers: BTreeSet<i64>,
    pub(crate) names: BTreeSet<String>,
}

/// From how many rows on an order that nobody asked for is one.
pub(crate) const ROWS: usize = 5;

/// What is known of the rows of a recording.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// Rows that are shown by a page that is not the first, by entity and key.
    later_pages: HashSet<(String, String)>,
    /// Rows that were shown up to now.
    before: HashSet<(String, String)>,
}

/// What the parameters of a request ask for.
#[derive(Debug, Default)]
struct Asks {
    limit: Option<i64>,
    goes_on: bool,
    order: Option<String>,
    filters: bool,
}

impl Asks {
    fn of(entry: &Exchange, contract: &Contract, server: &Loaded) -> Self {
        let found = contract.find(entry.method.as_str(), &entry.path);
        let operation = found.operation.and_then(|place| contract.operations.get(place));
        let is_write = server.sim.habits.is_write(&entry.method, &entry.path, &entry.body);
        let mut asks = Self { filters: is_write, ..Self::default() };
        if !is_write {
            asks.in_body(entry, server);
        }
        for (name, value) in pairs(&entry.query) {
            let same = |known: &str| known.eq_ignore_ascii_case(&name);
            let parameter: Option<&Parameter> =
                operation.and_then(|operation| operation.parameters.iter().find(|one| same(&one.name)));
            if server.sim.paging.iter().any(|(limit, _)| same(limit)) {
                asks.limit = value.parse().ok();
            } else if server.sim.paging.iter().any(|(_, offset)| same(offset)) {
                asks.goes_on |= !matches!(value.as_ref(), "0" | "1");
                asks.goes_on |= value == "1" && !name.to_ascii_lowercase().contains("page");
            } else if parameter.is_some_and(|one| matches!(one.holds, Holds::Order(_))) || is_order(&name) {
                asks.order = Some(value.into_owned());
            } else if !parameter.is_some_and(|one| matches!(one.holds, Holds::Paths | Holds::Selection)) {
                asks.filters = true;
            }
        }
        asks
    }
}

impl Asks {
    /// What a body asks for that only reads: by its members, or by the arguments of a document in it.
    fn in_body(&mut self, entry: &Exchange, server: &Loaded) {
        let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(&entry.body) else { return };
        for (name, value) in &members {
            if server.sim.documents_in.contains(&name.as_str()) {
                let document = value.as_str().unwrap_or_default();
                for (argument, value) in arguments(document, &members) {
                    self.member(argument, &value, server);
                }
            } else {
                self.member(name, value, server);
            }
        }
    }

    fn member(&mut self, name: &str, value: &Value, server: &Loaded) {
        let same = |known: &str| known.eq_ignore_ascii_case(name);
        let is_empty = value.is_null() || *value == "" || value.as_array().is_some_and(Vec::is_empty);
        let word = name.to_ascii_lowercase();
        if server.sim.paging.iter().any(|(limit, _)| same(limit)) {
            self.limit = text(value).parse().ok();
        } else if server.sim.paging.iter().any(|(_, offset)| same(offset)) {
            let first = if word.contains("page") { "1" } else { "0" };
            self.goes_on |= text(value) != first;
        } else if is_order(name) && !is_empty {
            self.order = Some(text(value));
        } else if FILTERS.iter().any(|known| word.contains(known)) && !is_empty {
            self.filters = true;
        }
    }
}

/// Parts of names of members that say which rows are meant.
const FILTERS: [&str; 5] = ["filter", "search", "where", "ids", "srv"];

/// The arguments of a document, by name: numbers, texts, and whatever else as it is written; variables with their values.
fn arguments<'d>(document: &'d str, members: &Map<String, Value>) -> Vec<(&'d str, Value)> {
    let mut found = Vec::new();
    for (at, _) in document.match_indices(':') {
        let before = document[..at].trim_end();
        let begins = before
            .rfind(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '$'))
            .map_or(0, |at| at + 1);
        let name = &before[begins..];
        if name.is_empty() || name.starts_with('$') {
            continue;
        }
        let rest = document[at + 1..].trim_start();
        let value = match rest.strip_prefix('$') {
            Some(variable) => {
                let end = variable.find(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
                members["variables"][&variable[..end.unwrap_or(variable.len())]].clone()
            }
            None if rest.starts_with('[') => rest[..rest.find(']').unwrap_or(rest.len())].into(),
            None => {
                let end = rest.find([',', ')', '}', ']', ' ', '\n']).unwrap_or(rest.len());
                rest[..end].trim_matches('"').into()
            }
        };
        found.push((name, value));
    }
    found
}

fn is_order(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("order") || name.contains("sort")
}

impl Lists {
    pub(crate) fn new(finder: &Finder<'_>, entries: &[Exchange]) -> Self {
        let mut lists = Self::default();
        for entry in entries.iter().filter(|entry| entry.is_success()) {
            let goes_on = Asks::of(entry, finder.contract, finder.server).goes_on;
            let Some(json) = entry.json.as_ref().filter(|_| goes_on) else { continue };
            for (entity, found) in finder.lists(finder.subject(entry).as_deref(), json) {
                let keys = found.rows.iter().filter_map(|row| finder.key(&entity, row));
                lists.later_pages.extend(keys.map(|key| (entity.clone(), key)));
            }
        }
        lists
    }

    /// The rows that an entry shows are known from now on.
    pub(crate) fn note(&mut self, entry: &Exchange, rows: &Rows) {
        if !entry.is_success() {
            return;
        }
        let Some(json) = &entry.json else { return };
        let mut leaves = HashSet::new();
        keys(json, &mut leaves);
        let shown = rows.seen.keys().filter(|(_, _, key)| leaves.contains(key));
        self.before.extend(shown.map(|(entity, _, key)| (entity.clone(), key.clone())));
    }

    /// A page size that was asked for and answered otherwise.
    pub(crate) fn hint(entry: &Exchange, contract: &Contract, server: &Loaded, hints: &mut Hints) {
        hints.numbers.extend(Asks::of(entry, contract, server).limit);
    }

    /// Where the lists of an answer are in another order, or have more or fewer rows.
    pub(crate) fn differences(
        &self,
        comparer: &Comparer<'_>,
        subject: Option<&str>,
        entry: &Exchange,
        (recorded, ours): (&Value, &Value),
    ) -> Vec<Difference> {
        let finder = Finder { server: comparer.server, contract: comparer.contract };
        let asks = Asks::of(entry, comparer.contract, comparer.server);
        let here = finder.lists(subject, ours);
        let mut found = Vec::new();
        for (entity, there) in finder.lists(subject, recorded) {
            let same = |(of, list): &&(String, Found<'_>)| *of == entity && list.path == there.path;
            if let Some((_, here)) = here.iter().find(same).filter(|_| there.path.ends_with("[]")) {
                found.extend(self.of_list(comparer, &entity, &asks, (&there, here)));
            }
        }
        found
    }

    fn of_list(
        &self,
        comparer: &Comparer<'_>,
        entity: &str,
        asks: &Asks,
        (there, here): (&Found<'_>, &Found<'_>),
    ) -> Vec<Difference> {
        let finder = Finder { server: comparer.server, contract: comparer.contract };
        let key = |row: &Map<String, Value>| finder.key(entity, row).unwrap_or_default();
        let mut found = Vec::new();
        let (count, count_here) = (there.rows.len(), here.rows.len());
        let shown: HashSet<String> = there.rows.iter().map(|row| key(row)).collect();
        let is_known = |row: &&&Map<String, Value>| {
            let row = (entity.to_owned(), key(row));
            self.before.contains(&row) || self.later_pages.contains(&row)
        };
        let more = here.rows.iter().filter(|row| !shown.contains(&key(row))).filter(is_known).count();
        let settings = comparer.server.model.profile.settings.values();
        let is_page = |size: &Value| size.as_u64() == u64::try_from(count_here).ok();
        let is_full =
            asks.limit == i64::try_from(count_here).ok() || settings.map(|one| &one.default).any(is_page);
        let is_cut_here = count_here < count && !asks.goes_on && is_full;
        if !asks.filters && (count_here > count && more > 0 || is_cut_here) {
            let told = |count: usize| format!("{count} rows");
            found.push(comparer.of_operation(Kind::Limit, "", told(count), told(count_here)));
        }
        let fields = ordered_by(comparer, entity, asks, &there.rows);
        let both: HashMap<String, &Map<String, Value>> =
            here.rows.iter().filter(|row| shown.contains(&key(row))).map(|row| (key(row), *row)).collect();
        if let Some(field) = fields {
            // Values are those of the recording on both sides: what is compared is the order of the same rows.
            let values: HashMap<String, &Value> =
                there.rows.iter().filter_map(|row| Some((key(row), held(row, &field)?))).collect();
            let sequence = |rows: &[&Map<String, Value>]| {
                let keys = rows.iter().map(|row| key(row)).filter(|key| both.contains_key(key));
                keys.filter_map(|key| values.get(&key).copied()).collect::<Vec<_>>()
            };
            let (recorded, ours) = (direction(&sequence(&there.rows)), direction(&sequence(&here.rows)));
            if let Some(recorded) = recorded.filter(|recorded| ours != Some(*recorded)) {
                let told = |direction: Option<Ordering>| match direction {
                    Some(Ordering::Less) => "ascending",
                    Some(_) => "descending",
                    None => "neither",
                };
                let place = comparer.told_path(&format!("{}.{field}", there.path));
                let told = comparer.of_operation(Kind::Order, &place, told(Some(recorded)), told(ours));
                found.push(if asks.order.is_some() {
                    told
                } else {
                    comparer.of_order(entity, &field, recorded, told)
                });
            }
        }
        found
    }
}

/// The field whose order counts: the one that was asked for, or the key where nobody asked.
fn ordered_by(
    comparer: &Comparer<'_>,
    entity: &str,
    asks: &Asks,
    rows: &[&Map<String, Value>],
) -> Option<String> {
    let Some(order) = &asks.order else {
        let known = comparer.server.model.profile.entities.get(entity)?;
        return known.keys.first().filter(|_| rows.len() >= ROWS && !asks.filters).cloned();
    };
    let words: HashSet<&str> =
        order.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).collect();
    let first = rows.first()?;
    let named = first.keys().find(|name| words.contains(name.as_str())).cloned();
    named.or_else(|| {
        let mut names = pairs_in(first).flat_map(|pair| NAMES.iter().filter_map(|name| pair[*name].as_str()));
        names.find(|name| order.contains(name)).map(str::to_owned)
    })
}

/// By which members objects say what value they hold, in rows that are lists of such objects.
const NAMES: [&str; 3] = ["name", "id", "label"];

fn pairs_in(row: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let lists = row.values().filter_map(Value::as_array);
    lists.flatten().filter(|pair| pair.get("value").is_some())
}

/// What a row holds under a name: as a member, or in a list of names and values.
fn held<'r>(row: &'r Map<String, Value>, field: &str) -> Option<&'r Value> {
    let is_it = |pair: &&Value| NAMES.iter().any(|name| pair[*name] == field);
    row.get(field).or_else(|| pairs_in(row).find(is_it)?.get("value"))
}

/// Whether values only rise, or only fall; nothing where they do neither, or are all the same.
fn direction(values: &[&Value]) -> Option<Ordering> {
    let mut direction = None;
    for pair in values.windows(2) {
        let order = compared(pair[0], pair[1]);
        match direction {
            _ if order == Ordering::Equal => {}
            None => direction = Some(order),
            Some(known) if known == order => {}
            Some(_) => return None,
        }
    }
    direction
}

fn compared(one: &Value, other: &Value) -> Ordering {
    let number = |value: &Value| text(value).parse::<f64>().ok();
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.partial_cmp(&other).unwrap_or(Ordering::Equal),
        _ => text(one).to_lowercase().cmp(&text(other).to_lowercase()),
    }
}

fn keys(value: &Value, leaves: &mut HashSet<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| keys(value, leaves)),
        Value::Array(items) => items.iter().for_each(|value| keys(value, leaves)),
        Value::Null | Value::Bool(_) => {}
        value => drop(leaves.insert(text(value))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn directions_are_seen() {
        let of = |values: Value| direction(&values.as_array().unwrap().iter().collect::<Vec<_>>());
        assert_eq!(of(json!([1, 2, 10])), Some(Ordering::Less));
        assert_eq!(of(json!(["10", "9", "9"])), Some(Ordering::Greater));
        assert_eq!(of(json!(["a", "C", "b"])), None);
        assert_eq!(of(json!([1, 1])), None);
    }
}
