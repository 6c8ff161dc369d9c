//! What the sources can say: each text in them as a pattern with gaps where values are put in. Nothing is compiled or run for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What is fixed in a pattern must be at least so long to be recognised in a detail, and in a summary.
const IN_DETAIL: usize = 16;
const IN_SUMMARY: usize = 10;

/// The functions whose first or second argument is the summary of a diagnostic.
const TELLING: &[&str] = &["error", "warning", "into_warning", "diagnostic", "tell", "tell_of", "because", "warn"];

/// A text of the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    text: String,
    /// What is between the gaps.
    pieces: Vec<String>,
    /// How long they are together, without the blanks around each.
    fixed: usize,
}

impl Pattern {
    fn of(text: &str) -> Self {
        let mut pieces = vec![String::new()];
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            let doubled = rest.peek() == Some(&character);
            match character {
                '{' | '}' if doubled => {
                    rest.next();
                    pieces.last_mut().unwrap().push(character);
                }
                '{' => {
                    rest.by_ref().find(|end| *end == '}');
                    pieces.push(String::new());
                }
                other => pieces.last_mut().unwrap().push(other),
            }
        }
        let fixed = pieces.iter().map(|piece| piece.trim().len()).sum();
        Self { text: text.to_owned(), pieces, fixed }
    }

    /// The rest of `told` behind all pieces, where they are in it in their order.
    fn after<'a>(&self, told: &'a str) -> Option<&'a str> {
        self.pieces.iter().try_fold(told, |rest, piece| rest.split_once(piece.as_str()).map(|(_, after)| after))
    }

    fn is_in(&self, told: &str) -> bool {
        self.fixed >= IN_DETAIL && self.fixed <= told.len() && self.after(told).is_some()
    }

    /// Is it all of `told`? An error's text becomes a sentence with a capital.
    fn is(&self, told: &str) -> bool {
        if self.fixed < IN_SUMMARY || self.fixed > told.len() {
            return false;
        }
        let lower = |text: &str| {
            let mut characters = text.chars();
            characters
                .next()
                .map(|first| first.to_lowercase().chain(characters).collect::<String>())
                .unwrap_or_default()
        };
        let (told, first, last) = (lower(told), lower(&self.pieces[0]), self.pieces.last().unwrap());
        let pieces = [std::slice::from_ref(&first), &self.pieces[1..]].concat();
        let begins = Self { text: String::new(), pieces, fixed: self.fixed };
        let ends = if self.pieces.len() == 1 { told == first } else { told.ends_with(last.as_str()) };
        told.starts_with(&first) && ends && begins.after(&told).is_some()
    }
}

/// The texts of the provider's sources.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    patterns: Vec<Pattern>,
    summaries: BTreeSet<String>,
}

impl Sources {
    /// Those of the provider and of every crate that it is built from, without their tests.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn of_repository() -> Self {
        let mut files = Vec::new();
        collect(&super::root().join("src"), &mut files);
        for member in fs::read_dir(super::root().join("crates")).unwrap().flatten() {
            collect(&member.path().join("src"), &mut files);
        }
        assert!(files.len() > 300, "the sources were not found");
        Self::of(&files)
    }

    /// Those of these files.
    ///
    /// # Panics
    /// When one of them is not Rust.
    #[must_use]
    pub fn of(files: &[impl AsRef<str>]) -> Self {
        let mut sources = Self::default();
        for file in files {
            let mut tokens = Vec::new();
            flatten(TokenStream::from_str(file.as_ref()).expect("a source is Rust"), &mut tokens);
            sources.read(&tokens);
        }
        sources.patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.fixed));
        sources.patterns.dedup();
        sources
    }

    fn read(&mut self, tokens: &[Token]) {
        for (index, token) in tokens.iter().enumerate() {
            let Token::Text(text) = token else { continue };
            self.patterns.push(Pattern::of(text));
            // `warning("…"` and `tell(context, "…"`.
            let before = &tokens[index.saturating_sub(4)..index];
            let is_called = |name: &Token| matches!(name, Token::Word(name) if TELLING.contains(&name.as_str()));
            let is_summary = match before {
                [.., name, Token::Open] if is_called(name) => true,
                [name, Token::Open, Token::Word(_), Token::Comma] => is_called(name),
                _ => false,
            };
            if is_summary && text.starts_with(char::is_uppercase) && !text.ends_with('.') && !text.contains('{') {
                self.summaries.insert(text.clone());
            }
        }
    }

    /// The pattern of a summary; `None` where nothing here says it.
    #[must_use]
    pub fn pattern_of(&self, summary: &str) -> Option<&str> {
        self.patterns.iter().find(|pattern| pattern.is(summary)).map(|pattern| pattern.text.as_str())
    }

    /// The longest pattern that is in the detail.
    #[must_use]
    pub fn pattern_in(&self, detail: &str) -> Option<&str> {
        self.patterns.iter().find(|pattern| pattern.is_in(detail)).map(|pattern| pattern.text.as_str())
    }

    /// The constant summaries of errors and warnings.
    pub fn summaries(&self) -> impl Iterator<Item = &str> {
        self.summaries.iter().map(String::as_str)
    }
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is_test = path.file_stem().is_some_and(|name| name == "tests");
        if path.is_dir() && !is_test && !path.ends_with("wire") {
            collect(&path, found);
        } else if !is_test && path.extension().is_some_and(|extension| extension == "rs") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

enum Token {
    Word(String),
    Text(String),
    Open,
    Comma,
    Other,
}

/// The tokens in their order, without `mod tests { … }` and without comments, which are attributes by now.
fn flatten(stream: TokenStream, found: &mut Vec<Token>) {
    let mut hash = false;
    for tree in stream {
        match tree {
            TokenTree::Group(group) => {
                let in_tests = matches!(&found[..], [.., Token::Word(mark), Token::Word(name)] if mark == "mod" && name == "tests");
                let is_attribute = hash && group.delimiter() == Delimiter::Bracket;
                let is_comment = is_attribute && group.stream().to_string().starts_with("doc");
                if !(is_comment || in_tests && group.delimiter() == Delimiter::Brace) {
                    found.push(Token::Open);
                    flatten(group.stream(), found);
                }
                hash = false;
            }
            TokenTree::Ident(word) => found.push(Token::Word(word.to_string())),
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|text| text.value());
                found.push(text.map_or(Token::Other, Token::Text));
            }
            TokenTree::Punct(sign) => {
                // `#!` begins one, too.
                hash = sign.as_char() == '#' || hash && sign.as_char() == '!';
                found.push(if sign.as_char() == ',' { Token::Comma } else { Token::Other });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_recognised_whatever_is_put_in() {
        let sources = Sources::of(&[
            r#"#[error("cannot read {title}: {failure}")] struct A; fn f() { g(Diagnostic::error("Cannot read it all", "a"), h(context, "No summary")) }"#,
            "/// A comment says \"Nothing of this\".\nfn f() { findings.tell(context, \"The nameserver has problems\"); }\nmod tests { const A: &str = \"A text of a test\"; }",
        ]);
        assert_eq!(sources.pattern_of("Cannot read Secret a/b: late"), Some("cannot read {title}: {failure}"));
        assert_eq!(sources.pattern_of("Cannot read it all"), Some("Cannot read it all"));
        assert_eq!(sources.pattern_of("Cannot read it all now"), None);
        assert_eq!(sources.pattern_of("A text of a test"), None);
        assert_eq!(sources.summaries().collect::<Vec<_>>(), ["Cannot read it all", "The nameserver has problems"]);
        assert_eq!(
            sources.pattern_in("It says: The nameserver has problems today"),
            Some("The nameserver has problems")
        );
        assert_eq!(sources.pattern_in("It is late"), None);
    }

    #[test]
    fn a_pattern_has_gaps_and_braces() {
        assert_eq!(Pattern::of("a {b:?} c {{d}} {}").pieces, ["a ", " c {d} ", ""]);
    }
}
