//! Groups words into server blocks and directives as `caddyfile/parse.go` of github.com/coredns/caddy does, with
//! snippets, imports and substitution. Knows no plugin's grammar.
//!
//! `CoreDNS` stops at the first error; this goes on where it can, so that one run shows them all. A directive that was
//! hit by an error of shape is marked broken, and nobody judges its contents.

mod blocks;
mod import;
mod place;
mod snippet;

pub(crate) use blocks::{Directive, ServerBlock};

use std::collections::HashMap;
use std::rc::Rc;

use super::diagnostic::{Finding, Kind, Requirement};
use super::environment::{Imports, Variables, substitute};
use super::lexer::{self, Reading, Token};
use super::repairs::Repair;
use super::source::{Sources, Span};

/// What parsing yields.
#[derive(Default)]
pub(crate) struct Parsed {
    pub(crate) blocks: Vec<ServerBlock>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) requirements: Vec<Requirement>,
    /// Names that stand where a plugin is expected and that `is_plugin` refused, and whether each opens a block.
    pub(crate) unknown: Vec<(Token, bool)>,
    /// What was read otherwise than CoreDNS reads it.
    pub(crate) repairs: Vec<(Repair, Token)>,
}

/// Parses the text that `sources` holds as number 0.
pub(crate) fn parse(
    sources: &mut Sources,
    variables: Variables,
    imports: &dyn Imports,
    is_plugin: &dyn Fn(&str) -> bool,
    reading: Reading,
) -> Parsed {
    let text = sources.text(0);
    let mut parser = Parser {
        sources,
        variables,
        imports,
        is_plugin,
        reading,
        unknown_import: false,
        ahead: Vec::new(),
        behind: Vec::new(),
        snippets: HashMap::new(),
        snippet_imports: 0,
        imported_words: 0,
        parsed: Parsed::default(),
    };
    let mut words = lexer::read_as(0, &text, reading);
    parser.note(&mut words);
    words.tokens.reverse();
    parser.ahead = words.tokens;
    while parser.advance() {
        parser.server_block();
    }
    parser.parsed
}

struct Parser<'a> {
    sources: &'a mut Sources,
    variables: Variables<'a>,
    imports: &'a dyn Imports,
    is_plugin: &'a dyn Fn(&str) -> bool,
    reading: Reading,
    /// An import of which nothing is known was met.
    unknown_import: bool,
    /// Words to come, the next one last.
    ahead: Vec<Token>,
    /// Words that were read, the current one last.
    behind: Vec<Token>,
    snippets: HashMap<String, Vec<Token>>,
    snippet_imports: usize,
    imported_words: usize,
    parsed: Parsed,
}

impl Parser<'_> {
    fn error(&mut self, kind: Kind, span: Span, message: impl Into<String>, fix: &str) {
        self.parsed.findings.push(Finding::error(kind, span, message).fix(fix));
    }

    /// Substitutes variables in a word and warns of those that are not set.
    fn expand(&mut self, token: &Token) -> Token {
        let substituted = substitute(&token.text, self.variables);
        for name in &substituted.unset {
            let message = format!("the variable {name} is not set for CoreDNS: it becomes nothing");
            self.parsed.findings.push(Finding::warning(Kind::Variable, token.span, message));
        }
        let text = if *substituted.text == *token.text { Rc::clone(&token.text) } else { Rc::from(&*substituted.text) };
        Token { text, unknown: token.unknown || substituted.unknown, ..token.clone() }
    }

    fn server_block(&mut self) {
        let mut block = ServerBlock::default();
        let ended = self.keys(&mut block);
        if ended {
            self.keep(block);
            return;
        }
        if let [key] = block.keys.as_slice()
            && let Some(name) = key.text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'))
        {
            let (name, span) = (name.to_owned(), key.span);
            self.snippet(&name, span);
            return;
        }
        let open = self.current().cloned().filter(|token| token.is("{"));
        if open.is_none() {
            self.step_back();
        }
        let closed = self.directives(&mut block);
        if let Some(open) = open
            && !closed
        {
            // CoreDNS looks at the last word of the file only: the brace of the last plugin's block passes for it.
            if self.at("}") {
                let message = "this server block is not closed; CoreDNS takes the brace of its last plugin for it";
                self.parsed.findings.push(Finding::warning(Kind::Syntax, open.span, message).fix("add `}` at the end"));
            } else {
                let message = "this `{` is never closed";
                self.error(Kind::Syntax, open.span, message, "add `}` on its own line after the last plugin");
            }
        }
        self.keep(block);
    }

    fn keep(&mut self, block: ServerBlock) {
        if !block.keys.is_empty() {
            self.parsed.blocks.push(block);
        }
    }

    /// Reads the head of a block; true when the file ends with it.
    fn keys(&mut self, block: &mut ServerBlock) -> bool {
        let mut more = false;
        loop {
            let Some(token) = self.current().cloned() else { return true };
            let word = self.expand(&token);
            let text = Rc::clone(&word.text);
            if &*text == "import" && self.begins_line() {
                self.import();
                block.open_keys |= std::mem::take(&mut self.unknown_import);
                if !self.advance() {
                    return true;
                }
                continue;
            }
            if &*text == "{" {
                if more {
                    let message = "another zone was expected after the comma";
                    self.error(Kind::Address, token.span, message, "remove the comma, or write one more zone after it");
                }
                return false;
            }
            if !text.is_empty() {
                more = text.ends_with(',');
                let key = text.strip_suffix(',').map_or_else(|| Rc::clone(&text), Rc::from);
                block.keys.push(Token { text: key, ..word });
            }
            if !self.advance() {
                if more {
                    self.error(
                        Kind::Address,
                        token.span,
                        "the file ends after a comma",
                        "write the zone and its block",
                    );
                }
                return true;
            }
            if !more && self.begins_line() {
                return false;
            }
        }
    }

    /// Reads directives up to the closing brace (true) or the end of the file (false).
    fn directives(&mut self, block: &mut ServerBlock) -> bool {
        while self.advance() {
            if self.at("}") {
                return true;
            }
            if self.at("import") {
                self.import();
                block.open |= std::mem::take(&mut self.unknown_import);
                continue;
            }
            self.directive(block);
        }
        false
    }

    fn directive(&mut self, block: &mut ServerBlock) {
        let Some(head) = self.current().cloned() else { return };
        let word = self.expand(&head);
        let name = Rc::clone(&word.text);
        let known = !word.unknown && (self.is_plugin)(&name);
        // A brace on a line of its own is no plugin: what it holds is passed over with it.
        let mut opened: Vec<Span> = if name.as_ref() == "{" { vec![head.span] } else { Vec::new() };
        let mut opens = false;
        let mut open = false;
        block.open |= word.unknown;
        let mut tokens = vec![head];
        let mut broken = !known;
        while self.advance() {
            if self.at("{") {
                opens = true;
                opened.push(self.span());
            } else if self.begins_line() && opened.is_empty() {
                self.step_back();
                break;
            } else if self.at("}") {
                if opened.pop().is_none() {
                    let span = self.span();
                    let message = "this `}` closes the server block, and must be on its own line";
                    self.error(Kind::Syntax, span, message, "put `}` on a line of its own");
                    broken = true;
                    self.step_back();
                    break;
                }
            } else if self.at("import") && self.begins_line() {
                broken |= !self.import();
                open |= std::mem::take(&mut self.unknown_import);
                continue;
            }
            if let Some(token) = self.behind.pop() {
                let token = self.expand(&token);
                tokens.push(token.clone());
                self.behind.push(token);
            }
        }
        if !known && !word.unknown {
            self.parsed.unknown.push((word, opens));
        }
        if let Some(span) = opened.first() {
            let message = format!("the block of {name} is never closed");
            self.parsed.findings.push(
                Finding::error(Kind::Syntax, *span, message)
                    .plugin(&name)
                    .fix("add `}` on its own line after its last option"),
            );
            broken = true;
        }
        match block.directives.iter_mut().find(|directive| directive.name == name) {
            Some(directive) => {
                directive.tokens.append(&mut tokens);
                directive.broken |= broken;
                directive.open |= open;
            }
            None => block.directives.push(Directive { name, tokens, broken, open }),
        }
    }

    fn note(&mut self, words: &mut lexer::Words) {
        self.parsed.repairs.append(&mut words.repairs);
        if let Some(span) = words.unclosed_quote {
            let message = "this quote is never closed: the rest of the file is one word";
            self.parsed.findings.push(Finding::warning(Kind::Syntax, span, message).fix("close it with `\"`"));
        }
        for span in &words.glued_comments {
            let message = "a `#` inside a word cuts it off, and after the next blank CoreDNS reads words again";
            let fix = "put the word in quotes, or a blank before `#`";
            self.parsed.findings.push(Finding::warning(Kind::Syntax, *span, message).fix(fix));
        }
    }
}
