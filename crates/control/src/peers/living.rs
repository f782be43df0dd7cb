//! The sandboxes of several replicas as one list.

use std::collections::BTreeMap;

use serde_json::Value;
use simhost::sandbox::names::DEFAULT;

/// A sandbox of which there is a younger life elsewhere.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Older {
    /// The URL of the peer that has it; nothing when it is here.
    pub(crate) peer: Option<String>,
    pub(crate) name: String,
    pub(crate) id: String,
}

/// Sandboxes that count, by name, and those that do not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Living {
    pub(crate) items: Vec<Value>,
    pub(crate) surplus: Vec<Older>,
}

/// Of those of one name the younger life counts. Each replica has a `default`; the one here stands for all.
pub(crate) fn living(own: Vec<Value>, peers: Vec<(String, Value)>) -> Living {
    let mut found: BTreeMap<String, (Option<String>, Value)> = BTreeMap::new();
    let mut surplus = Vec::new();
    let of_peers = peers.into_iter().flat_map(|(peer, mut list)| {
        let items = list["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
        items.into_iter().filter(|item| item["name"] != DEFAULT).map(move |item| (Some(peer.clone()), item))
    });
    for (peer, item) in own.into_iter().map(|item| (None, item)).chain(of_peers) {
        let name = item["name"].as_str().unwrap_or_default().to_owned();
        let older = match found.get(&name) {
            // Ids sort as they were made. One that is met twice has two addresses.
            Some((_, known)) if known["id"] == item["id"] => continue,
            Some((_, known)) if known["id"].as_str() > item["id"].as_str() => Some((peer, item)),
            _ => found.insert(name.clone(), (peer, item)),
        };
        surplus.extend(older.map(|(peer, item)| {
            let id = item["id"].as_str().unwrap_or_default().to_owned();
            Older { peer, name, id }
        }));
    }
    Living { items: found.into_values().map(|(_, item)| item).collect(), surplus }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item(name: &str, id: &str) -> Value {
        json!({ "name": name, "id": id })
    }

    #[test]
    fn the_younger_life_counts_wherever_it_is() {
        let own = vec![item("a", "2"), item("b", "1"), item("default", "1")];
        let list = |items: Value| json!({ "items": items, "total": 0 });
        let peers = vec![
            (
                "p".to_owned(),
                list(json!([item("a", "1"), item("b", "2"), item("default", "9"), item("c", "1")])),
            ),
            ("q".to_owned(), list(json!([item("b", "3"), item("c", "1")]))),
        ];
        let Living { items, surplus } = living(own, peers);
        assert_eq!(items, [item("a", "2"), item("b", "3"), item("c", "1"), item("default", "1")]);
        let older = |peer: Option<&str>, name: &str, id: &str| Older {
            peer: peer.map(str::to_owned),
            name: name.to_owned(),
            id: id.to_owned(),
        };
        assert_eq!(surplus, [older(Some("p"), "a", "1"), older(None, "b", "1"), older(Some("p"), "b", "2")]);
    }
}
