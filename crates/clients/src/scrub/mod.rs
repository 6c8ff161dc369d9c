//! Removes secrets from text that others wrote: what a server answers, what a credential plugin prints to standard error.
//!
//! A [`Scrubber`] is made of the secret values that one call holds in memory. It decodes the text instead of encoding the
//! values, so that a secret is found in whatever it is wrapped in, and twice: base64 (standard and URL, at every alignment),
//! percent-encoding, escapes of JSON and of Go's `%q`, HTML entities, hexadecimal. Which values are secret is the caller's
//! to know. Nothing here prints or logs.

mod escapes;
#[cfg(test)]
mod tests;
mod view;

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use tazlab_redacted::SecretBytes;
use view::{View, views};

/// What stands where a secret was.
const MARK: &str = "(redacted)";

/// What stands for a text that repeats a value of up to [`SHORT`] bytes: cut out of a text that is easy to guess, such a
/// value would be shown by its gaps.
const WITHHELD: &str = "(withheld: it repeats a secret value that is too short to be removed)";

/// What stands for a text in which encodings are nested deeper than is searched.
const UNSEARCHABLE: &str = "(withheld: it cannot be searched for secret values)";

/// So many bytes in a row of a longer secret count as the secret: whoever quotes it may cut it anywhere.
const RUN: usize = 9;

/// Values up to this length are found as whole words only, and withhold the text.
const SHORT: usize = 3;

/// How many bytes of a text are searched; what follows is left out.
const LONGEST: usize = 8 * 1024;

/// The secret values of one call.
#[derive(Clone, Default)]
pub(super) struct Scrubber {
    secrets: Vec<SecretBytes>,
    short: Vec<SecretBytes>,
}

impl Scrubber {
    /// Of these values. Empty ones are ignored, and so is white space around a value.
    pub(super) fn new<S: AsRef<[u8]>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let mut scrubber = Self::default();
        secrets.into_iter().for_each(|secret| scrubber.add(secret.as_ref()));
        scrubber
    }

    /// One value more. A text of several lines is secret in each of them, a JSON object in each of its texts.
    pub(super) fn add(&mut self, secret: &[u8]) {
        self.add_one(secret);
        // YAML indents the lines of a text, and a policy engine quotes what it found inside a document.
        if secret.trim_ascii().contains(&b'\n') {
            let lines = secret.split(|byte| *byte == b'\n').filter(|line| line.trim_ascii().len() > SHORT);
            lines.for_each(|line| self.add_one(line));
        }
        // Where YAML folds a text, its words are on other lines: they are found where all white space is left out.
        let bare = SecretBytes::new(secret.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect());
        if bare.expose().len() > SHORT && bare.expose().len() < secret.trim_ascii().len() {
            self.add_one(bare.expose());
        }
        if secret.trim_ascii_start().starts_with(b"{")
            && let Ok(document) = serde_json::from_slice(secret)
        {
            self.add_texts(&document);
        }
    }

    fn add_one(&mut self, secret: &[u8]) {
        let secret = secret.trim_ascii();
        match secret.len() {
            0 => {}
            1..=SHORT => self.short.push(SecretBytes::new(secret.to_vec())),
            _ => self.secrets.push(SecretBytes::new(secret.to_vec())),
        }
    }

    fn add_texts(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) if text.trim().len() > SHORT => self.add_one(text.as_bytes()),
            serde_json::Value::Array(all) => all.iter().for_each(|one| self.add_texts(one)),
            serde_json::Value::Object(all) => all.values().for_each(|one| self.add_texts(one)),
            _ => {}
        }
    }

    /// The beginning of the text (8 KiB) without the secrets, and without control characters other than line breaks.
    #[must_use]
    pub(super) fn scrub(&self, text: &str) -> String {
        let searched = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default();
        let more = if searched.len() < text.len() { "…" } else { "" };
        if self.secrets.is_empty() && self.short.is_empty() {
            return printable(searched) + more;
        }
        let Some(views) = views(searched) else { return UNSEARCHABLE.to_owned() };
        let mut hidden = vec![false; searched.len()];
        let mut hide = |span: Range<usize>| {
            if let Some(part) = hidden.get_mut(span) {
                part.fill(true);
            }
        };
        for view in &views {
            self.in_view(view, &mut hide);
        }
        if self.short.iter().any(|secret| views.iter().any(|view| view.has_word(secret.expose(), &hidden))) {
            return WITHHELD.to_owned();
        }
        printable(&without(searched, &hidden)) + more
    }

    fn in_view(&self, view: &View, hide: &mut impl FnMut(Range<usize>)) {
        let mut runs: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for (at, run) in view.bytes().windows(RUN).enumerate() {
            runs.entry(run).or_default().push(at);
        }
        for secret in self.secrets.iter().map(|secret| secret.expose().as_slice()) {
            if secret.len() < RUN {
                view.find(secret).for_each(|at| hide(view.span(at..at + secret.len())));
            }
            for at in secret.windows(RUN).filter_map(|run| runs.get(run)).flatten() {
                hide(view.span(*at..at + RUN));
            }
            // A quotation that was cut off ends with the beginning of a secret.
            for end in view.ends() {
                let lengths = (SHORT + 1..RUN.min(secret.len())).rev();
                let before = view.bytes().get(..*end).unwrap_or_default();
                let cut_off = |length: &usize| secret.get(..*length).is_some_and(|part| before.ends_with(part));
                if let Some(length) = lengths.into_iter().find(cut_off) {
                    hide(view.span(end - length..*end));
                }
            }
        }
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubber").finish_non_exhaustive()
    }
}

/// Escape sequences of a terminal are nobody's words.
fn printable(text: &str) -> String {
    text.chars().map(|one| if one.is_control() && !matches!(one, '\n' | '\t') { ' ' } else { one }).collect()
}

fn without(text: &str, hidden: &[bool]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut inside = false;
    for (at, one) in text.char_indices() {
        let hides = hidden.get(at..at + one.len_utf8()).is_none_or(|bytes| bytes.contains(&true));
        match (hides, inside) {
            (true, false) => clean.push_str(MARK),
            (true, true) => {}
            (false, _) => clean.push(one),
        }
        inside = hides;
    }
    clean
}
