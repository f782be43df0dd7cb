//! What the judge remembers, bounded: what was not asked for longest goes first. Most keys are hashes already:
//! hashing them again may be quick, where the standard library's is made for keys that somebody chooses to collide.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A map of at most twice `MOST` entries. It has two halves: when the younger one is full it becomes the older one, and
/// what was in that is forgotten; what is asked for moves back into the younger one.
#[derive(Clone, Debug)]
pub(crate) struct Memory<K, V, const MOST: usize = 4096> {
    young: HashMap<K, V, RandomState>,
    old: HashMap<K, V, RandomState>,
    was_cut: bool,
}

impl<K, V, const MOST: usize> Default for Memory<K, V, MOST> {
    fn default() -> Self {
        Self { young: HashMap::default(), old: HashMap::default(), was_cut: false }
    }
}

impl<K: Eq + Hash + Clone, V, const MOST: usize> Memory<K, V, MOST> {
    /// What is remembered of `key`.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// The same, to change.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        if let Some(value) = self.old.remove(key) {
            self.insert(key.clone(), value);
        }
        self.young.get_mut(key)
    }

    /// What is remembered of `key`, or else what `new` makes.
    pub(crate) fn at(&mut self, key: K, new: impl FnOnce() -> V) -> &mut V {
        let known = self.old.remove(&key);
        self.make_room(&key);
        self.young.entry(key).or_insert_with(|| known.unwrap_or_else(new))
    }

    /// Remembers `value` of `key`.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.old.remove(&key);
        self.make_room(&key);
        self.young.insert(key, value);
    }

    fn make_room(&mut self, key: &K) {
        if self.young.len() >= MOST && !self.young.contains_key(key) {
            self.was_cut |= !self.old.is_empty();
            self.old = std::mem::take(&mut self.young);
        }
    }

    /// Forgets `key`; what was remembered of it.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    /// All that is remembered, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.young.iter().chain(&self.old)
    }

    /// All values, to change.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.young.values_mut().chain(self.old.values_mut())
    }

    /// Whether nothing is remembered.
    pub(crate) fn is_empty(&self) -> bool {
        self.young.is_empty() && self.old.is_empty()
    }

    /// Whether anything was forgotten for want of room.
    pub(crate) fn was_cut(&self) -> bool {
        self.was_cut
    }
}

/// How a map is kept: its keys are no texts.
type Pairs<K, V> = Vec<(K, V)>;

impl<K: Serialize, V: Serialize, const MOST: usize> Serialize for Memory<K, V, MOST> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let young: Vec<_> = self.young.iter().collect();
        let old: Vec<_> = self.old.iter().collect();
        (young, old, self.was_cut).serialize(serializer)
    }
}

impl<'de, K, V, const MOST: usize> Deserialize<'de> for Memory<K, V, MOST>
where
    K: Deserialize<'de> + Eq + Hash,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (young, old, was_cut): (Pairs<K, V>, Pairs<K, V>, bool) = Deserialize::deserialize(deserializer)?;
        Ok(Self { young: young.into_iter().collect(), old: old.into_iter().collect(), was_cut })
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut memory: Memory<u32, u32, 4> = Memory::default();
        for number in 0..100 {
            memory.insert(number, number);
            assert_eq!(memory.get_mut(&0), Some(&mut 0));
        }
        assert!(memory.iter().count() <= 8 && memory.was_cut());
        assert!(memory.get(&50).is_none() && memory.get(&99).is_some());
    }

    #[test]
    fn it_comes_back_as_it_was_kept() {
        let mut memory: Memory<(u32, String), u32, 2> = Memory::default();
        (0..5).for_each(|number| memory.insert((number, "x".into()), number));
        let kept = serde_json::to_string(&memory).unwrap();
        let back: Memory<(u32, String), u32, 2> = serde_json::from_str(&kept).unwrap();
        assert!(back.was_cut() && back.iter().count() == memory.iter().count());
    }
}
