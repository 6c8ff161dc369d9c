//! One text, read in every way in which it can be decoded, with the place in the text that each decoded byte comes from.
//! What is searched for in it is not decided here.

use std::ops::Range;

use zeroize::Zeroizing;

use super::escapes::{Unit, doubled, entities, escapes, form, percent};

/// How many encodings inside each other are unwrapped.
const DEPTH: usize = 4;

/// How many bytes all views of a text may have together.
const TOGETHER: usize = 2 << 20;

/// The shortest base64 that is decoded: four bytes. Hexadecimal has two digits more.
const SHORTEST: usize = 6;

/// A reading of the text.
pub(super) struct View {
    bytes: Zeroizing<Vec<u8>>,
    /// Where in the text each byte comes from: begin and end.
    from: Vec<(usize, usize)>,
    /// Where a decoded part ends, the whole included.
    ends: Vec<usize>,
    /// It is a text, and not what base64 happens to give for one.
    text: bool,
}

/// Every reading of `text`; `None` where they are too many, or nested too deep.
pub(super) fn views(text: &str) -> Option<Vec<View>> {
    let mut raw = View::empty(true);
    text.bytes().enumerate().for_each(|(at, byte)| raw.push(byte, (at, at + 1)));
    raw.end();
    let mut all = vec![raw];
    let (mut begin, mut size) = (0, 0);
    for _ in 0..DEPTH {
        let decoded: Vec<View> = all.get(begin..).into_iter().flatten().flat_map(View::decoded).collect();
        begin = all.len();
        for view in decoded {
            if all.iter().any(|other| other.bytes == view.bytes && other.from == view.from) {
                continue;
            }
            size += view.bytes.len();
            if size > TOGETHER {
                return None;
            }
            all.push(view);
        }
    }
    let deeper = all.get(begin..).into_iter().flatten().any(|view| view.text && view.is_escaped());
    (!deeper).then_some(all)
}

impl View {
    fn empty(text: bool) -> Self {
        Self { bytes: Zeroizing::default(), from: Vec::new(), ends: Vec::new(), text }
    }

    fn push(&mut self, byte: u8, from: (usize, usize)) {
        self.bytes.push(byte);
        self.from.push(from);
    }

    fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn ends(&self) -> &[usize] {
        &self.ends
    }

    /// Where in the text these bytes come from.
    pub(super) fn span(&self, at: Range<usize>) -> Range<usize> {
        let parts = self.from.get(at).unwrap_or_default();
        let begin = parts.iter().map(|(begin, _)| *begin).min().unwrap_or_default();
        begin..parts.iter().map(|(_, end)| *end).max().unwrap_or_default()
    }

    /// Where `part` begins.
    pub(super) fn find(&self, part: &[u8]) -> impl Iterator<Item = usize> {
        self.bytes.windows(part.len().max(1)).enumerate().filter_map(move |(at, here)| (here == part).then_some(at))
    }

    /// Is it there as a word, plain or in base64, outside of what is hidden?
    pub(super) fn has_word(&self, word: &[u8], hidden: &[bool]) -> bool {
        use base64::Engine;
        use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
        let is_hidden = |at: usize| {
            let span = self.span(at..at + 1);
            hidden.get(span).is_some_and(|bytes| bytes.contains(&true))
        };
        let joins = |at: Option<usize>| {
            at.is_some_and(|at| self.bytes.get(at).is_some_and(|byte| is_of_word(*byte)) && !is_hidden(at))
        };
        let is_word = |word: &[u8]| {
            let (begins, ends) =
                (word.first().copied().is_some_and(is_of_word), word.last().copied().is_some_and(is_of_word));
            self.find(word).any(|at| {
                let covered = (at..at + word.len()).all(is_hidden);
                let longer = begins && joins(at.checked_sub(1)) || ends && joins(Some(at + word.len()));
                !(covered || longer)
            })
        };
        let coded = [STANDARD_NO_PAD.encode(word), URL_SAFE_NO_PAD.encode(word)];
        self.text && (is_word(word) || coded.iter().any(|word| is_word(word.as_bytes())))
    }

    fn is_escaped(&self) -> bool {
        [percent, escapes, entities, doubled].iter().any(|unit| self.unescaped(*unit).is_some())
    }

    /// What it gives when one encoding is taken off.
    fn decoded(&self) -> Vec<Self> {
        let mut all: Vec<Self> =
            [percent, form, escapes, entities, doubled].iter().filter_map(|unit| self.unescaped(*unit)).collect();
        all.extend(self.joined());
        all.extend((0..4).filter_map(|offset| self.base64(offset)));
        all.extend((0..2).filter_map(|offset| self.hexadecimal(offset)));
        all
    }

    /// The text without white space: long values are wrapped.
    fn joined(&self) -> Option<Self> {
        let mut view = Self::empty(false);
        for (byte, from) in self.bytes.iter().zip(&self.from).filter(|(byte, _)| !byte.is_ascii_whitespace()) {
            view.push(*byte, *from);
        }
        view.end();
        (self.text && view.bytes.len() < self.bytes.len()).then_some(view)
    }

    fn unescaped(&self, unit: Unit) -> Option<Self> {
        let mut view = Self::empty(self.text);
        let (mut at, mut changed) = (0, false);
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let (taken, gives) = match unit(rest) {
                Some(found) => found,
                None => (1, rest.get(..1).unwrap_or_default().to_vec()),
            };
            changed |= taken > 1 || rest.first() != gives.first();
            let from = self.span(at..at + taken);
            for byte in gives {
                view.push(byte, (from.start, from.end));
            }
            if self.ends.binary_search(&(at + taken)).is_ok() {
                view.end();
            }
            at += taken;
        }
        changed.then_some(view)
    }

    fn base64(&self, offset: usize) -> Option<Self> {
        let digit = |byte: &u8| {
            Some(match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                _ => return None,
            })
        };
        self.runs(SHORTEST, offset, digit, |digits, view, from| {
            for (at, pair) in digits.windows(2).enumerate() {
                let [high, low] = pair else { continue };
                let (high, low) = (u32::from(*high), u32::from(*low));
                let byte = match at % 4 {
                    0 => high << 2 | low >> 4,
                    1 => high << 4 | low >> 2,
                    2 => high << 6 | low,
                    _ => continue,
                };
                view.push(byte.to_le_bytes()[0], from(at, at + 2));
            }
        })
    }

    fn hexadecimal(&self, offset: usize) -> Option<Self> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        self.runs(SHORTEST + 2, offset, digit, |digits, view, from| {
            for (at, pair) in digits.chunks_exact(2).enumerate() {
                let [high, low] = pair else { continue };
                view.push(high << 4 | low, from(2 * at, 2 * at + 2));
            }
        })
    }

    /// Decodes each run of digits from `offset` on.
    fn runs(
        &self,
        shortest: usize,
        offset: usize,
        digit: impl Fn(&u8) -> Option<u8>,
        decode: impl Fn(&[u8], &mut Self, &dyn Fn(usize, usize) -> (usize, usize)),
    ) -> Option<Self> {
        let mut view = Self::empty(false);
        let mut at = 0;
        while at < self.bytes.len() {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let digits: Zeroizing<Vec<u8>> = Zeroizing::new(rest.iter().map_while(&digit).collect());
            if let Some(digits) = digits.get(offset..).filter(|digits| digits.len() >= shortest) {
                let from = |begin: usize, end: usize| {
                    let span = self.span(at + offset + begin..at + offset + end);
                    (span.start, span.end)
                };
                decode(digits, &mut view, &from);
                view.end();
                let padding = rest.iter().skip(offset + digits.len()).take_while(|byte| **byte == b'=').count();
                let end = self.span(at..at + offset + digits.len() + padding).end;
                view.from.last_mut().into_iter().for_each(|last| last.1 = last.1.max(end));
                // No secret goes from one run into the next.
                view.push(0, (0, 0));
            }
            at += digits.len() + 1;
        }
        (!view.bytes.is_empty()).then_some(view)
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}
