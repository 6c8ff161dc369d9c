//! What a Corefile is made of: server blocks, and the directives in them. How they are read is the parser's.

use std::rc::Rc;

use crate::lexer::Token;
use crate::source::Span;

/// One server block: keys and directives.
#[derive(Debug, Default)]
pub(crate) struct ServerBlock {
    pub(crate) keys: Vec<Token>,
    /// In the order of their first appearance; repeated directives are joined, as `CoreDNS` does it.
    pub(crate) directives: Vec<Directive>,
    /// Whether more may stand in it: an import, or a variable, of which nothing is known.
    pub(crate) open: bool,
    /// The same of its keys.
    pub(crate) open_keys: bool,
}

/// All words of one plugin in one server block, the name included, once for each time it stands there.
#[derive(Debug)]
pub(crate) struct Directive {
    pub(crate) name: Rc<str>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) broken: bool,
    /// Whether more may stand in its block, from an import of which nothing is known.
    pub(crate) open: bool,
}

impl Directive {
    /// Whether something of it is not known.
    pub(crate) fn is_partly_unknown(&self) -> bool {
        self.open || self.tokens.iter().any(|token| token.unknown)
    }
}

impl ServerBlock {
    /// Whether all its zones are known.
    pub(crate) fn knows_zones(&self) -> bool {
        !self.open_keys && !self.keys.iter().any(|key| key.unknown)
    }

    /// Whether a plugin is certainly not in it.
    pub(crate) fn lacks(&self, name: &str) -> bool {
        !self.open && self.directive(name).is_none()
    }

    pub(crate) fn directive(&self, name: &str) -> Option<&Directive> {
        self.directives.iter().find(|directive| &*directive.name == name)
    }

    /// The span that stands for the whole block: its first key.
    pub(crate) fn span(&self) -> Span {
        self.keys.first().map_or(Span { file: 0, start: 0, end: 0 }, |key| key.span)
    }
}
