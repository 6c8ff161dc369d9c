//! What a reading of a Corefile as it is meant changes. How each is made and told is in `meant`.

/// Where the two readings part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repair {
    /// A word and the `{` behind it, without a blank.
    BeforeBrace,
    /// A `{` and the word behind it, without a blank.
    AfterBrace,
    /// Typographic, single or slanted quotes around words.
    Quotes,
    /// A quote that is not closed on its line.
    OpenQuote,
    /// Characters that nobody sees.
    Invisible,
    /// Characters that look like those of ASCII.
    Lookalike,
    /// A comma between arguments.
    Comma,
    /// A semicolon at the end of a line.
    Semicolon,
    /// A colon behind the first word of a line.
    Colon,
    /// An equals sign between a name and its value.
    Equals,
    /// A comment as in other languages.
    Comment,
    /// Lines that end with a carriage return alone.
    LineEnd,
}

impl Repair {
    pub(crate) const ALL: [Self; 12] = [
        Self::BeforeBrace,
        Self::AfterBrace,
        Self::Quotes,
        Self::OpenQuote,
        Self::Invisible,
        Self::Lookalike,
        Self::Comma,
        Self::Semicolon,
        Self::Colon,
        Self::Equals,
        Self::Comment,
        Self::LineEnd,
    ];
}

/// The repairs that a reading makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repairs(u16);

impl Repairs {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(u16::MAX);

    pub(crate) fn has(self, repair: Repair) -> bool {
        self.0 & (1 << repair as u16) != 0
    }

    pub(crate) fn without(self, repair: Repair) -> Self {
        Self(self.0 & !(1 << repair as u16))
    }
}
