//! What two sets of public keys have apart from each other. Order and repetition mean nothing.

use std::collections::BTreeSet;

use super::key::PublicKey;

/// How one set of keys differs from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference<'a> {
    /// Keys that only the new set has, in its order.
    pub comes: Vec<&'a PublicKey>,
    /// Keys that only the old set has, in its order.
    pub goes: Vec<&'a PublicKey>,
}

impl Difference<'_> {
    /// Do both sets hold the same keys?
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.comes.is_empty() && self.goes.is_empty()
    }
}

/// Compares two sets of keys.
#[must_use]
pub fn differ<'a>(
    old: impl IntoIterator<Item = &'a PublicKey> + Clone,
    new: impl IntoIterator<Item = &'a PublicKey> + Clone,
) -> Difference<'a> {
    let (had, has): (BTreeSet<_>, BTreeSet<_>) = (old.clone().into_iter().collect(), new.clone().into_iter().collect());
    Difference { comes: only(new, &had), goes: only(old, &has) }
}

/// The keys that the other set lacks, each once.
fn only<'a>(keys: impl IntoIterator<Item = &'a PublicKey>, other: &BTreeSet<&PublicKey>) -> Vec<&'a PublicKey> {
    let mut seen = BTreeSet::new();
    keys.into_iter().filter(|key| !other.contains(key) && seen.insert(*key)).collect()
}
