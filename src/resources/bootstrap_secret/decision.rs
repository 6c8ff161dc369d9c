//! What is to be written: sources beside the live Secret, key by key. Pure; contents are compared and never shown.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::{FIELD_MANAGER, Live};
use tazlab_redacted::SecretBytes;

use super::problem::Problem;
use super::provided::Provided;
use super::sources::{LARGEST, Source, Sources};

/// What happens with one key.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The live Secret has this content.
    Same,
    /// This content is to be written.
    Write,
    /// The source gives nothing and nothing must be written: the live content stays.
    Keep(Problem),
    /// The source gives nothing and something must be written.
    Broken(Problem),
}

/// What decides beside the contents.
#[derive(Debug, Default)]
pub(super) struct Circumstances<'a> {
    /// Keys whose argument has changed since the last apply.
    pub(super) changed: BTreeSet<String>,
    /// Nothing of ours is there yet: every key is written.
    pub(super) creates: bool,
    /// A missing source is always an error.
    pub(super) strict: bool,
    /// Arguments whose write-only values are written only where they must be.
    pub(super) resting: BTreeSet<&'static str>,
    /// Which argument gave the live content of each key, where that was recorded.
    pub(super) provided: Option<&'a Provided>,
}

impl Circumstances<'_> {
    /// Is the live content of this key the write-only value that was written last? The version alone does not say it where the
    /// key has another source, which may have given the live content.
    fn rests(&self, key: &str, source: &Source) -> bool {
        let argument = source.origin.argument();
        let is_its_own = match self.provided {
            Some(provided) => provided.get(key).is_some_and(|provider| provider == argument),
            None => !source.is_contested(),
        };
        is_its_own && self.resting.contains(argument)
    }
}

/// One key of the decision.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) argument: &'static str,
    pub(super) verdict: Verdict,
    /// What the Secret is to hold.
    content: Option<SecretBytes>,
}

/// What is to be done with the whole Secret.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) keys: BTreeMap<String, Key>,
    /// Keys that we wrote earlier and that have no source any more.
    pub(super) surplus: BTreeSet<String>,
}

/// Decides for every key.
pub(super) fn decide(sources: Sources, live: Option<&Live<Secret>>, circumstances: &Circumstances<'_>) -> Decision {
    let there = live.and_then(|live| live.object.data.as_ref());
    let surplus = live.map(ours).unwrap_or_default().into_iter().filter(|key| !sources.contains_key(key)).collect();
    let keys = sources
        .into_iter()
        .map(|(key, source)| {
            let decided = one(&key, source, there.and_then(|data| data.get(&key)), circumstances);
            (key, decided)
        })
        .collect();
    Decision { keys, surplus }
}

fn one(key: &str, source: Source, there: Option<&ByteString>, circumstances: &Circumstances<'_>) -> Key {
    let argument = source.origin.argument();
    let changed = circumstances.changed.contains(key);
    let must_write = circumstances.creates || changed || there.is_none();
    let rests = circumstances.rests(key, &source) && !must_write;
    let as_it_is = |there: Option<&ByteString>| there.map(|there| SecretBytes::new(there.0.clone()));
    let (verdict, content) = match source.content {
        _ if rests => (Verdict::Same, as_it_is(there)),
        Ok(content) if there.is_some_and(|there| content.is(&there.0)) => (Verdict::Same, Some(content)),
        Ok(content) => (Verdict::Write, Some(content)),
        Err(problem) if must_write || circumstances.strict => (Verdict::Broken(problem), None),
        Err(problem) => (Verdict::Keep(problem), as_it_is(there)),
    };
    Key { argument, verdict, content }
}

/// The keys that we own on the live Secret.
fn ours(live: &Live<Secret>) -> BTreeSet<String> {
    live.managers
        .iter()
        .filter(|manager| manager.applied && manager.name == FIELD_MANAGER)
        .flat_map(|manager| &manager.fields)
        .filter_map(|field| match field.as_slice() {
            [data, key] if data == "data" => Some(key.clone()),
            _ => None,
        })
        .collect()
}

impl Decision {
    /// The keys that would be written.
    pub(super) fn written(&self) -> BTreeSet<&str> {
        let writes = self.keys.iter().filter(|(_, key)| matches!(key.verdict, Verdict::Write));
        writes.map(|(name, _)| name.as_str()).collect()
    }

    /// Is there anything to do to the data?
    pub(super) fn changes_data(&self) -> bool {
        !self.written().is_empty() || !self.surplus.is_empty()
    }

    /// Is any key left as it is for want of a source?
    pub(super) fn keeps(&self) -> bool {
        self.keys.values().any(|key| matches!(key.verdict, Verdict::Keep(_)))
    }

    /// Which argument gives each content once this is written. What is kept stays what it was, also where nobody knows that.
    pub(super) fn provided(&self, earlier: Option<&Provided>) -> Provided {
        let of = |(name, key): (&String, &Key)| {
            let argument = match key.verdict {
                Verdict::Same | Verdict::Write => key.argument.to_owned(),
                Verdict::Keep(_) | Verdict::Broken(_) => earlier?.get(name)?.clone(),
            };
            Some((name.clone(), argument))
        };
        self.keys.iter().filter_map(of).collect()
    }

    /// Bytes of all contents together.
    pub(super) fn size(&self) -> usize {
        self.keys.values().filter_map(|key| key.content.as_ref()).map(|content| content.expose().len()).sum()
    }

    /// Is it more than a Secret can hold?
    pub(super) fn is_too_large(&self) -> bool {
        self.size() > LARGEST
    }

    /// What the Secret is to hold, for the request that writes it.
    pub(super) fn data(&self) -> BTreeMap<String, ByteString> {
        let contents = self.keys.iter().filter_map(|(name, key)| Some((name, key.content.as_ref()?)));
        contents.map(|(name, content)| (name.clone(), ByteString(content.expose().clone()))).collect()
    }
}
