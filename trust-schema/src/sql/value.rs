//! What quoted tokens stand for.

use super::Error;
use super::identifier;
use super::lexer::TokenKind;

/// The name that a token stands for: folded when it has no quotes, decoded otherwise. `None` when the token is no name.
///
/// # Errors
/// A Unicode escape is wrong; the range counts bytes of `text`, the token as it is written.
pub fn identifier(kind: TokenKind, text: &str) -> Option<Result<String, Error>> {
    match kind {
        TokenKind::Word => Some(Ok(identifier::fold(text).into_owned())),
        TokenKind::QuotedName => Some(Ok(inner(text, 1).replace("\"\"", "\""))),
        TokenKind::UnicodeName => Some(unicode(&inner(text, 3).replace("\"\"", "\""), 3)),
        _ => None,
    }
}

/// The text that a string constant stands for. `None` when the token is no string constant, and for bit strings.
///
/// # Errors
/// An escape is wrong; the range counts bytes of `text`, the token as it is written.
pub fn string(kind: TokenKind, text: &str) -> Option<Result<String, Error>> {
    match kind {
        TokenKind::String => Some(Ok(join(text, 0, false))),
        TokenKind::NationalString => Some(Ok(join(text, 1, false))),
        TokenKind::UnicodeString => Some(unicode(&join(text, 2, false), 0)),
        TokenKind::EscapeString => Some(escapes(&join(text, 1, true))),
        TokenKind::DollarString => {
            let tag = text.bytes().skip(1).position(|byte| byte == b'$').map_or(0, |position| position + 2);
            Some(Ok(text.get(tag..text.len().saturating_sub(tag)).unwrap_or_default().to_owned()))
        }
        _ => None,
    }
}

/// `text` without its first `prefix` bytes and its last byte.
fn inner(text: &str, prefix: usize) -> &str {
    text.get(prefix..text.len().saturating_sub(1)).unwrap_or_default()
}

/// The contents of all parts of a string constant: without prefix, quotes and what lies between the parts, `''` as `'`.
fn join(text: &str, prefix: usize, backslash: bool) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text.get(prefix..).unwrap_or_default().chars().peekable();
    let mut inside = false;
    let mut comment = false;
    while let Some(character) = rest.next() {
        match character {
            '\n' | '\r' if comment => comment = false,
            _ if comment => {}
            '\'' if !inside => inside = true,
            '-' if !inside => comment = true,
            _ if !inside => {}
            '\'' if rest.peek() == Some(&'\'') => {
                rest.next();
                joined.push('\'');
            }
            '\'' => inside = false,
            '\\' if backslash => {
                joined.push('\\');
                joined.extend(rest.next());
            }
            _ => joined.push(character),
        }
    }
    joined
}

/// `\XXXX`, `\+XXXXXX` and `\\` of `U&'…'` and `U&"…"`.
fn unicode(text: &str, offset: usize) -> Result<String, Error> {
    let mut decoder = Decoder::new(text, offset);
    while let Some((position, character)) = decoder.next() {
        if character != '\\' {
            decoder.push(position, character)?;
        } else if decoder.take_if('\\') {
            decoder.push(position, '\\')?;
        } else {
            let digits = if decoder.take_if('+') { 6 } else { 4 };
            decoder.push_code(position, digits)?;
        }
    }
    decoder.finish()
}

/// The backslash escapes of `E'…'`.
fn escapes(text: &str) -> Result<String, Error> {
    let mut decoder = Decoder::new(text, 0);
    while let Some((position, character)) = decoder.next() {
        if character != '\\' {
            decoder.push(position, character)?;
            continue;
        }
        match decoder.next().map(|(_, escaped)| escaped) {
            Some('b') => decoder.push(position, '\u{8}')?,
            Some('f') => decoder.push(position, '\u{C}')?,
            Some('n') => decoder.push(position, '\n')?,
            Some('r') => decoder.push(position, '\r')?,
            Some('t') => decoder.push(position, '\t')?,
            Some('v') => decoder.push(position, '\u{B}')?,
            Some('u') => decoder.push_code(position, 4)?,
            Some('U') => decoder.push_code(position, 8)?,
            Some('x') if decoder.digit(16).is_some() => decoder.push_byte(position, 0, 16, 2)?,
            Some(first @ '0'..='7') => decoder.push_byte(position, first.to_digit(8).unwrap_or(0), 8, 2)?,
            Some(other) => decoder.push(position, other)?,
            None => {}
        }
    }
    decoder.finish()
}

struct Decoder<'a> {
    rest: std::iter::Peekable<std::str::CharIndices<'a>>,
    decoded: String,
    high_surrogate: Option<u32>,
    offset: usize,
}

impl<'a> Decoder<'a> {
    fn new(text: &'a str, offset: usize) -> Self {
        Self { rest: text.char_indices().peekable(), decoded: String::with_capacity(text.len()), high_surrogate: None, offset }
    }

    fn next(&mut self) -> Option<(usize, char)> {
        self.rest.next()
    }

    fn take_if(&mut self, expected: char) -> bool {
        self.rest.next_if(|(_, character)| *character == expected).is_some()
    }

    fn digit(&mut self, radix: u32) -> Option<u32> {
        self.rest.peek().and_then(|(_, character)| character.to_digit(radix))
    }

    /// The range is a point: the decoded text and the written one have different positions behind a doubled quote.
    fn error(&self, position: usize, message: &str) -> Error {
        Error::new(position + self.offset..position + self.offset, message)
    }

    fn push(&mut self, position: usize, character: char) -> Result<(), Error> {
        if self.high_surrogate.is_some() {
            return Err(self.error(position, "the first half of a surrogate pair stands alone"));
        }
        if character == '\0' {
            return Err(self.error(position, "the text holds a NUL character"));
        }
        self.decoded.push(character);
        Ok(())
    }

    fn push_code(&mut self, position: usize, digits: usize) -> Result<(), Error> {
        let mut code = 0_u32;
        for _ in 0..digits {
            let Some(digit) = self.digit(16) else {
                return Err(self.error(position, "a Unicode escape has too few digits"));
            };
            self.rest.next();
            code = code.wrapping_mul(16).wrapping_add(digit);
        }
        match (self.high_surrogate.take(), code) {
            (None, 0xD800..=0xDBFF) => {
                self.high_surrogate = Some(code);
                Ok(())
            }
            (Some(high), 0xDC00..=0xDFFF) => self.push_scalar(position, 0x1_0000 + ((high - 0xD800) << 10) + (code - 0xDC00)),
            (None, code) => self.push_scalar(position, code),
            (Some(_), _) => Err(self.error(position, "the first half of a surrogate pair stands alone")),
        }
    }

    fn push_scalar(&mut self, position: usize, code: u32) -> Result<(), Error> {
        match char::from_u32(code) {
            Some(character) => self.push(position, character),
            None => Err(self.error(position, "a Unicode escape names no character")),
        }
    }

    /// `\123` and `\x1f` name a byte. Only ASCII ones are read: others would have to make up UTF-8 together.
    fn push_byte(&mut self, position: usize, first: u32, radix: u32, more: usize) -> Result<(), Error> {
        let mut byte = first;
        for _ in 0..more {
            let Some(digit) = self.digit(radix) else { break };
            self.rest.next();
            byte = byte * radix + digit;
        }
        match u8::try_from(byte & 0xFF) {
            Ok(byte) if byte.is_ascii() => self.push(position, char::from(byte)),
            _ => Err(self.error(position, "a byte escape outside ASCII; write the character itself")),
        }
    }

    fn finish(self) -> Result<String, Error> {
        if self.high_surrogate.is_some() {
            return Err(self.error(0, "the first half of a surrogate pair stands alone"));
        }
        Ok(self.decoded)
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexer;
    use super::*;

    fn read(text: &str) -> Option<Result<String, String>> {
        let lexed = lexer::lex(text);
        let token = lexed.tokens.first()?;
        string(token.kind, token.text(text)).map(|value| value.map_err(|error| error.message))
    }

    #[test]
    fn strings_are_decoded() {
        for (text, value) in [
            ("'it''s'", "it's"),
            ("'a\\n'", "a\\n"),
            ("N'a'", "a"),
            ("'a' -- it's\n  'b'", "ab"),
            ("E'a\\n\\'\\\\\\x41\\101\\u00e9\\U0001F600\\q'", "a\n'\\AA\u{e9}\u{1F600}q"),
            ("E'\\uD83D\\uDE00'", "\u{1F600}"),
            ("U&'\\0061\\+01F600\\\\'", "a\u{1F600}\\"),
            ("$$a'b$$", "a'b"),
            ("$t$a$$b$t$", "a$$b"),
            ("''", ""),
        ] {
            assert_eq!(read(text), Some(Ok(value.to_owned())), "{text}");
        }
        for text in ["E'\\u00'", "E'\\uD83D'", "E'\\uD83Dx'", "E'\\xFF'", "E'\\000'", "U&'\\00'", "U&'\\DC00'"] {
            assert!(matches!(read(text), Some(Err(_))), "{text}");
        }
        assert_eq!(read("B'01'"), None);
    }
}
