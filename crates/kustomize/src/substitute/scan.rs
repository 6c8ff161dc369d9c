//! Reads `${…}` as Flux's scanner does, and fills in while it reads.

use super::functions::{apply, is_default};
use super::{DEEPEST, SubstitutionError, UNKNOWN, Value};
use crate::limits::LARGEST_VALUE;

pub(super) struct Scanner<'s, 'v> {
    text: &'s str,
    at: usize,
    depth: usize,
    lookup: &'s dyn Fn(&str) -> Value<'v>,
    missing: &'s mut Vec<String>,
}

impl<'s, 'v> Scanner<'s, 'v> {
    pub(super) fn new(text: &'s str, lookup: &'s dyn Fn(&str) -> Value<'v>, missing: &'s mut Vec<String>) -> Self {
        Self { text, at: 0, depth: 0, lookup, missing }
    }

    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    /// What is accepted from here on.
    fn take(&mut self, accept: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        let end = rest.find(|one| !accept(one)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    pub(super) fn all(mut self) -> Result<String, SubstitutionError> {
        let mut out = String::new();
        loop {
            let before = self.take(|one| one != '$');
            out.push_str(before);
            if self.skip("${") {
                let filled = self.function()?;
                if out.len() + filled.len() > LARGEST_VALUE {
                    return Err(SubstitutionError::TooLarge);
                }
                out.push_str(&filled);
            } else if self.skip("$$") {
                // The second one stands for itself, whatever follows.
                out.push('$');
            } else if self.skip("$") {
                out.push('$');
            } else {
                return Ok(out);
            }
        }
    }

    /// Behind `${`.
    fn function(&mut self) -> Result<String, SubstitutionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(SubstitutionError::TooDeep);
        }
        let filled = self.inner();
        self.depth -= 1;
        filled
    }

    fn inner(&mut self) -> Result<String, SubstitutionError> {
        if self.skip("#") {
            let name = self.name().ok_or(SubstitutionError::Bad)?;
            self.close(SubstitutionError::Bad)?;
            return Ok(self.value(name, "#", &[]));
        }
        let name = self.name().ok_or(SubstitutionError::Name)?;
        let mut arguments = Vec::new();
        let function = match self.peek() {
            Some(':') => match self.rest().get(1..2) {
                Some("=" | "-" | "?" | "+") => self.default(2, &mut arguments)?,
                _ => self.part(&mut arguments)?,
            },
            Some('=') => self.default(1, &mut arguments)?,
            Some(',' | '^') => {
                let function = self.operator(|_, one| matches!(one, ',' | '^'));
                self.close(SubstitutionError::Bad)?;
                function
            }
            Some('/') => self.replace(&mut arguments)?,
            Some('#') => self.remove('#', &mut arguments)?,
            Some('%') => self.remove('%', &mut arguments)?,
            _ => {
                self.close(SubstitutionError::MissingBrace)?;
                ""
            }
        };
        Ok(self.value(name, function, &arguments))
    }

    fn name(&mut self) -> Option<&'s str> {
        Some(self.take(|one| one.is_alphanumeric() || one == '_')).filter(|name| !name.is_empty())
    }

    fn close(&mut self, otherwise: SubstitutionError) -> Result<(), SubstitutionError> {
        if self.skip("}") { Ok(()) } else { Err(otherwise) }
    }

    /// One or two characters of a function's name.
    fn operator(&mut self, accept: impl Fn(usize, char) -> bool) -> &'s str {
        let rest = self.rest();
        let taken = rest.chars().take(2).enumerate().take_while(|(index, one)| accept(*index, *one)).count();
        self.at += taken;
        rest.get(..taken).unwrap_or_default()
    }

    fn default(&mut self, length: usize, arguments: &mut Vec<String>) -> Result<&'s str, SubstitutionError> {
        let function = self.rest().get(..length).ok_or(SubstitutionError::Default)?;
        self.at += length;
        let mut size = 0;
        while !self.skip("}") {
            let one = self.parameter(|one| one != '}')?;
            size += one.len();
            if size > LARGEST_VALUE {
                return Err(SubstitutionError::TooLarge);
            }
            arguments.push(one);
        }
        Ok(function)
    }

    fn part(&mut self, arguments: &mut Vec<String>) -> Result<&'s str, SubstitutionError> {
        let function = self.operator(|index, one| index == 0 && one == ':');
        arguments.push(self.parameter(|one| one != ':' && one != '}')?);
        if self.skip("}") {
            return Ok(function);
        }
        if self.take(|one| one == ':').is_empty() {
            return Err(SubstitutionError::Bad);
        }
        arguments.push(self.parameter(|one| one != '}')?);
        self.close(SubstitutionError::Bad)?;
        Ok(function)
    }

    fn remove(&mut self, sign: char, arguments: &mut Vec<String>) -> Result<&'s str, SubstitutionError> {
        let function = self.operator(|_, one| one == sign);
        arguments.push(self.parameter(|one| one != '}')?);
        self.close(SubstitutionError::Bad)?;
        Ok(function)
    }

    fn replace(&mut self, arguments: &mut Vec<String>) -> Result<&'s str, SubstitutionError> {
        let function = self.operator(|index, one| if index == 0 { one == '/' } else { matches!(one, '/' | '#' | '%') });
        arguments.push(self.escaped(|one| one != '/')?);
        if self.take(|one| one == '/').is_empty() {
            return Err(SubstitutionError::Bad);
        }
        if self.skip("}") {
            return Ok(function);
        }
        arguments.push(self.escaped(|one| one != '}')?);
        self.close(SubstitutionError::Bad)?;
        Ok(function)
    }

    /// One argument: a substitution, or text up to the next one.
    fn parameter(&mut self, accept: impl Fn(char) -> bool) -> Result<String, SubstitutionError> {
        if self.skip("${") {
            return self.function();
        }
        let mut found = String::new();
        while let Some(one) = self.peek().filter(|one| accept(*one)) {
            if self.rest().starts_with("${") {
                break;
            }
            found.push(one);
            self.at += one.len_utf8();
        }
        if found.is_empty() { Err(SubstitutionError::Parameter) } else { Ok(found) }
    }

    fn escaped(&mut self, accept: impl Fn(char) -> bool) -> Result<String, SubstitutionError> {
        if self.skip("${") {
            return self.function();
        }
        let mut found = String::new();
        while !self.rest().is_empty() && !self.rest().starts_with("${") {
            let escape = ["$$", "\\/", "\\\\"].iter().any(|escape| self.rest().starts_with(escape));
            if escape {
                self.at += 1;
            }
            match self.peek() {
                Some(one) if escape || accept(one) => {
                    found.push(one);
                    self.at += one.len_utf8();
                }
                _ => break,
            }
        }
        if found.is_empty() { Err(SubstitutionError::Parameter) } else { Ok(found) }
    }

    fn value(&mut self, name: &str, function: &str, arguments: &[String]) -> String {
        match (self.lookup)(name) {
            Value::Known(value) => apply(function, value, arguments),
            Value::Unknown => UNKNOWN.to_string(),
            Value::Absent => {
                if !is_default(function) {
                    self.missing.push(name.to_owned());
                }
                apply(function, "", arguments)
            }
        }
    }
}
