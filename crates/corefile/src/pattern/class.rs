//! Character classes and escapes of a pattern.

use super::{Parser, PatternError};

/// Names that `\p{…}` takes: general categories, their long names and scripts of Unicode as in Go 1.26.
const UNICODE: &str = "ASCII Adlam Ahom Anatolian_Hieroglyphs Any Arabic Armenian Assigned Avestan Balinese Bamum Bassa_Vah \
    Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid C Canadian_Aboriginal Carian \
    Cased_Letter Caucasian_Albanian Cc Cf Chakma Cham Cherokee Chorasmian Close_Punctuation Cn Co \
    Combining_Mark Common Connector_Punctuation Control Coptic Cs Cuneiform Currency_Symbol Cypriot \
    Cypro_Minoan Cyrillic Dash_Punctuation Decimal_Number Deseret Devanagari Dives_Akuru Dogra Duployan \
    Egyptian_Hieroglyphs Elbasan Elymaic Enclosing_Mark Ethiopic Final_Punctuation Format Georgian \
    Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo \
    Hatran Hebrew Hiragana Imperial_Aramaic Inherited Initial_Punctuation Inscriptional_Pahlavi \
    Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script \
    Khmer Khojki Khudawadi L LC Lao Latin Lc Lepcha Letter Letter_Number Limbu Line_Separator Linear_A \
    Linear_B Lisu Ll Lm Lo Lowercase_Letter Lt Lu Lycian Lydian M Mahajani Makasar Malayalam Mandaic \
    Manichaean Marchen Mark Masaram_Gondi Math_Symbol Mc Me Medefaidrin Meetei_Mayek Mende_Kikakui \
    Meroitic_Cursive Meroitic_Hieroglyphs Miao Mn Modi Modifier_Letter Modifier_Symbol Mongolian Mro \
    Multani Myanmar N Nabataean Nag_Mundari Nandinagari Nd New_Tai_Lue Newa Nko Nl No Nonspacing_Mark \
    Number Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian \
    Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Open_Punctuation Oriya \
    Osage Osmanya Other Other_Letter Other_Number Other_Punctuation Other_Symbol P Pahawh_Hmong \
    Palmyrene Paragraph_Separator Pau_Cin_Hau Pc Pd Pe Pf Phags_Pa Phoenician Pi Po Private_Use Ps \
    Psalter_Pahlavi Punctuation Rejang Runic S Samaritan Saurashtra Sc Separator Sharada Shavian Siddham \
    SignWriting Sinhala Sk Sm So Sogdian Sora_Sompeng Soyombo Space_Separator Spacing_Mark Sundanese \
    Surrogate Syloti_Nagri Symbol Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa \
    Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Titlecase_Letter Toto Ugaritic Unassigned \
    Uppercase_Letter Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Z Zanabazar_Square Zl Zp Zs cntrl digit \
    punct";

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

impl Parser<'_> {
    /// Reads `[…]`; true if it contains the dot.
    pub(super) fn class(&mut self) -> Result<bool, PatternError> {
        self.next();
        let negated = self.eat("^");
        let mut dot = false;
        let mut first = true;
        loop {
            match self.peek() {
                None => return Err(PatternError::OpenClass),
                Some(']') if !first => break,
                _ => {}
            }
            first = false;
            if self.rest.starts_with("[:") && self.posix()? {
                continue;
            }
            let mut ahead = self.rest.chars();
            if let (Some('\\'), Some(c)) = (ahead.next(), ahead.next()) {
                if matches!(c, 'p' | 'P') {
                    self.unicode_class()?;
                    dot = true;
                    continue;
                }
                if matches!(c, 'd' | 's' | 'w' | 'D' | 'S' | 'W') {
                    self.next();
                    self.next();
                    dot |= c.is_ascii_uppercase();
                    continue;
                }
            }
            let low = self.class_character()?;
            let mut high = low;
            if self.rest.len() >= 2 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.next();
                high = self.class_character()?;
                if high < low {
                    return Err(PatternError::Class(format!("{low}-{high}")));
                }
            }
            dot |= (low..=high).contains(&'.');
        }
        self.next();
        Ok(dot != negated)
    }

    fn class_character(&mut self) -> Result<char, PatternError> {
        if self.peek() == Some('\\') {
            return self.escape();
        }
        self.next().ok_or(PatternError::OpenClass)
    }

    /// Reads `[:name:]`; false if it is not of that form.
    fn posix(&mut self) -> Result<bool, PatternError> {
        let Some((name, rest)) = self.rest.get(2..).and_then(|tail| tail.split_once(":]")) else { return Ok(false) };
        if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(PatternError::Class(format!("[:{name}:]")));
        }
        self.rest = rest;
        Ok(true)
    }

    /// Reads `\pX` or `\p{Name}`.
    pub(super) fn unicode_class(&mut self) -> Result<(), PatternError> {
        self.next();
        self.next();
        let tail = self.rest;
        let (name, rest) = if let Some(inner) = tail.strip_prefix('{') {
            inner.split_once('}').ok_or_else(|| PatternError::Class(format!("\\p{tail}")))?
        } else {
            let length = tail.chars().next().map_or(0, char::len_utf8);
            tail.split_at_checked(length).unwrap_or((tail, ""))
        };
        let wanted = name.strip_prefix('^').unwrap_or(name);
        if !UNICODE.split(' ').any(|known| same_name(known, wanted)) {
            return Err(PatternError::Class(format!("\\p{{{name}}}")));
        }
        self.rest = rest;
        Ok(())
    }

    /// Reads an escape that stands for one character.
    pub(super) fn escape(&mut self) -> Result<char, PatternError> {
        self.next();
        let refused = |c: Option<char>| PatternError::Escape(c.map_or_else(|| "\\".to_owned(), |c| format!("\\{c}")));
        let c = self.next().ok_or_else(|| refused(None))?;
        let octal = |c: Option<char>| c.and_then(|c| c.to_digit(8));
        match c {
            '1'..='7' if octal(self.peek()).is_none() => Err(refused(Some(c))),
            '0'..='7' => {
                let mut number = octal(Some(c)).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = octal(self.peek()) else { break };
                    number = number * 8 + digit;
                    self.next();
                }
                char::from_u32(number).ok_or_else(|| refused(Some(c)))
            }
            'x' => self.hexadecimal().ok_or_else(|| refused(Some(c))),
            'a' => Ok('\x07'),
            'f' => Ok('\x0c'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\x0b'),
            _ if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(c),
            _ => Err(refused(Some(c))),
        }
    }

    fn hexadecimal(&mut self) -> Option<char> {
        let first = self.next()?;
        if first != '{' {
            let number = first.to_digit(16)? * 16 + self.next()?.to_digit(16)?;
            return char::from_u32(number);
        }
        let (digits, rest) = self.rest.split_once('}')?;
        let number = digits.chars().try_fold(0u32, |number, c| {
            let next = number.checked_mul(16)?.checked_add(c.to_digit(16)?)?;
            (next <= 0x0010_FFFF).then_some(next)
        })?;
        self.rest = rest;
        // A surrogate is a number that Go takes and that is no character.
        (!digits.is_empty()).then(|| char::from_u32(number).unwrap_or('\u{fffd}'))
    }
}

/// Go compares these names without case, blanks, `-` and `_`.
fn same_name(known: &str, wanted: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
    };
    known == wanted || plain(known) == plain(wanted)
}
