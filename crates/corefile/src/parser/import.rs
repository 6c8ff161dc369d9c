//! Puts what `import` names in its place: snippets of the same file, or files that the caller brings. Grouping words
//! into blocks is the parser's.

use super::Parser;
use crate::diagnostic::{Finding, Kind, Requirement};
use crate::environment::Found;
use crate::lexer::{self, Token};
use crate::nearest;
use crate::source::Span;

/// `CoreDNS`'s own bound on snippet imports in one file.
const MOST_SNIPPET_IMPORTS: usize = 10_000;
/// Our bound on words that imports may bring, so that nested snippets cannot eat the memory.
const MOST_IMPORTED_WORDS: usize = 500_000;

impl Parser<'_> {
    /// Replaces `import X`, whose first word is the current one, by what it brings. Afterwards the current word is the
    /// one before it. False if what it brings could not be read.
    pub(super) fn import(&mut self) -> bool {
        let Some(word) = self.behind.pop() else { return false };
        let Some(target) = self.ahead.last().filter(|next| word.same_line(next)).cloned() else {
            self.error(
                Kind::Import,
                word.span,
                "`import` names no file",
                "write the name of a snippet or file after it",
            );
            return false;
        };
        self.ahead.pop();
        let word = self.expand(&target);
        let pattern = word.text;
        let mut extra = target.clone();
        let mut clean = true;
        while let Some(next) = self.ahead.last().filter(|next| extra.same_line(next)).cloned() {
            if clean {
                self.error(Kind::Import, next.span, "`import` takes one name", "write one `import` a line");
            }
            clean = false;
            self.ahead.pop();
            extra = next;
        }
        if pattern.is_empty() {
            self.error(Kind::Import, target.span, "`import` of an empty name", "write the name of a snippet or file");
            return false;
        }
        if word.unknown {
            self.unknown_file(&pattern);
            return clean;
        }
        let Some(tokens) = self.imported(&pattern, target.span) else { return false };
        self.imported_words += tokens.len();
        if self.imported_words > MOST_IMPORTED_WORDS {
            let message = format!("the imports of this file bring more than {MOST_IMPORTED_WORDS} words");
            self.error(Kind::Import, target.span, message, "remove snippets that import each other");
            return false;
        }
        self.ahead.extend(tokens.into_iter().rev());
        clean
    }

    /// Nothing is known of what this brings.
    fn unknown_file(&mut self, pattern: &str) {
        self.unknown_import = true;
        self.parsed.requirements.push(Requirement::File { plugin: "import".into(), path: pattern.into() });
    }

    fn imported(&mut self, pattern: &str, span: Span) -> Option<Vec<Token>> {
        if let Some(snippet) = self.snippets.get(pattern) {
            if self.snippet_imports >= MOST_SNIPPET_IMPORTS {
                let message = format!("more than {MOST_SNIPPET_IMPORTS} snippet imports");
                self.error(Kind::Import, span, message, "remove snippets that import each other");
                // The rest could only repeat this.
                self.ahead.clear();
                return None;
            }
            self.snippet_imports += 1;
            return Some(snippet.clone());
        }
        let wildcards = |c: char| pattern.matches(c).count();
        if wildcards('*') > 1 || wildcards('?') > 1 || pattern.contains('[') {
            let fix = "write several imports with one `*` each";
            self.error(Kind::Import, span, "a pattern may have one `*` and no `[`", fix);
            return None;
        }
        match self.imports.find(pattern) {
            Found::Unknown => {
                self.unknown_file(pattern);
                Some(Vec::new())
            }
            Found::Missing => {
                let message = format!("the snippet or file `{pattern}` does not exist");
                let known = nearest::of(pattern, self.snippets.keys().map(String::as_str));
                let fix = known.map_or_else(
                    || "define the snippet above its first use, or add the file".to_owned(),
                    |name| format!("did you mean `{name}`?"),
                );
                self.error(Kind::Import, span, message, &fix);
                None
            }
            Found::Files(files) => {
                if files.is_empty() {
                    let message = format!("no file matches `{pattern}`");
                    self.parsed.findings.push(Finding::warning(Kind::Import, span, message));
                }
                let mut tokens = Vec::new();
                for (name, text) in files {
                    let Some(file) = self.sources.add(&name, &text) else {
                        self.error(Kind::Import, span, "too many imported files", "import fewer files");
                        return None;
                    };
                    let mut words = lexer::read_as(file, &text, self.reading);
                    self.note(&mut words);
                    tokens.append(&mut words.tokens);
                }
                Some(tokens)
            }
        }
    }
}
