//! Snippets: `(name) { … }`, kept for the imports of their name.

use super::super::diagnostic::Kind;
use super::super::environment::substitute;
use super::super::lexer::Token;
use super::super::source::Span;
use super::Parser;

impl Parser<'_> {
    pub(super) fn snippet(&mut self, name: &str, span: Span) {
        if self.snippets.contains_key(name) {
            let message = format!("the snippet ({name}) was already defined");
            self.error(Kind::Syntax, span, message, "give each snippet its own name");
        }
        if !self.at("{") {
            let message = format!("the snippet ({name}) has no block");
            self.error(Kind::Syntax, span, message, "write `{` after its name, on the same line");
            self.step_back();
            return;
        }
        let mut depth = 1usize;
        let mut tokens: Vec<Token> = Vec::new();
        while self.advance() {
            if self.at("}") {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            } else if self.at("{") {
                depth += 1;
            }
            tokens.extend(self.current().cloned());
        }
        if depth != 0 {
            let message = format!("the block of snippet ({name}) is never closed");
            self.error(Kind::Syntax, span, message, "add `}` on its own line");
            return;
        }
        for (index, pair) in tokens.windows(2).enumerate() {
            let [import, target] = pair else { continue };
            let begins = index == 0 || tokens.get(index - 1).is_some_and(|before| before.line != import.line);
            if import.is("import") && begins && *substitute(&target.text, self.variables).text == *name {
                let message = format!("the snippet ({name}) imports itself");
                self.error(Kind::Import, import.span, message, "remove this line");
                tokens.clear();
                break;
            }
        }
        self.snippets.insert(name.to_owned(), tokens);
    }
}
