//! The ways in which a text writes one byte or character with several: percent, form, backslash, entity, doubled quote.

/// What the beginning of a text stands for in an encoding: how many bytes of the text, and what they give.
type Decoded = Option<(usize, Vec<u8>)>;

/// One encoding.
pub(super) type Unit = fn(&[u8]) -> Decoded;

/// `%2F`
pub(super) fn percent(rest: &[u8]) -> Decoded {
    let digits = rest.strip_prefix(b"%")?.get(..2)?;
    Some((3, vec![u8::try_from(number(digits, 16)?).ok()?]))
}

/// The same, with a space as `+`.
pub(super) fn form(rest: &[u8]) -> Decoded {
    if rest.starts_with(b"+") { Some((1, vec![b' '])) } else { percent(rest) }
}

/// `\n`, `\"`, `\u003c`, `\x3c`
pub(super) fn escapes(rest: &[u8]) -> Decoded {
    let escaped = rest.strip_prefix(b"\\")?;
    let byte = match escaped.first()? {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'a' => 7,
        b'b' => 8,
        b'v' => 11,
        b'f' => 12,
        b'e' => 27,
        b'0' => 0,
        b'x' => return Some((4, vec![u8::try_from(number(escaped.get(1..3)?, 16)?).ok()?])),
        b'u' => return unicode(escaped, 4),
        b'U' => return unicode(escaped, 8),
        other => *other,
    };
    Some((2, vec![byte]))
}

fn unicode(escaped: &[u8], digits: usize) -> Decoded {
    let first = number(escaped.get(1..=digits)?, 16)?;
    let taken = digits + 2;
    if let Some(one) = char::from_u32(first) {
        return Some((taken, one.to_string().into_bytes()));
    }
    let second = number(escaped.get(taken - 1..)?.strip_prefix(b"\\u")?.get(..4)?, 16)?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    Some((taken + 6, String::from_utf16(&pair).ok()?.into_bytes()))
}

/// `''`, as a quoted text of YAML has a quote
pub(super) fn doubled(rest: &[u8]) -> Decoded {
    rest.starts_with(b"''").then(|| (2, vec![b'\'']))
}

/// `&quot;`, `&#39;`, `&#x27;`
pub(super) fn entities(rest: &[u8]) -> Decoded {
    let name = rest.strip_prefix(b"&")?;
    let length = name.iter().take(10).position(|byte| *byte == b';')?;
    let one = match name.get(..length)? {
        b"quot" => '"',
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, 16)?)?,
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?)?,
        _ => return None,
    };
    Some((length + 2, one.to_string().into_bytes()))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let all_digits = !digits.is_empty() && digits.iter().all(|digit| char::from(*digit).is_digit(radix));
    u32::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| all_digits)?, radix).ok()
}
