//! PostgreSQL's lexical structure, exactly as `src/backend/parser/scan.l` of PostgreSQL 16 to 18 has it (15 differs in two points: it
//! knows no `0x…`/`1_000` numbers and does not count VT as white space).
//!
//! Works on bytes in one pass: every byte of 0x80 and above is part of an identifier or of a quoted text, as in scan.l, so every range
//! lies on character boundaries. Nothing is decoded here; see [`value`](super::value).

use std::ops::Range;

use super::Error;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A name or key word without quotes.
    Word,
    /// `"…"`
    QuotedName,
    /// `U&"…"`
    UnicodeName,
    /// `'…'`
    String,
    /// `N'…'`
    NationalString,
    /// `E'…'`
    EscapeString,
    /// `U&'…'`
    UnicodeString,
    /// `B'…'`
    BitString,
    /// `X'…'`
    HexString,
    /// `$tag$…$tag$`
    DollarString,
    /// A number of digits only, perhaps with `_`, or `0x…`, `0o…`, `0b…`.
    Integer,
    /// A number with a point or an exponent.
    Decimal,
    /// `$1`
    Parameter,
    /// Every other operator, of one or more characters.
    Operator,
    /// `::`
    TypeCast,
    /// `:=`
    ColonEquals,
    /// `=>`
    EqualsGreater,
    /// `..`
    DotDot,
    /// `.`
    Dot,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `:`
    Colon,
    /// `(`
    LeftParenthesis,
    /// `)`
    RightParenthesis,
    /// `[`
    LeftBracket,
    /// `]`
    RightBracket,
    /// `-- …` up to the end of the line, without the newline.
    LineComment,
    /// `/* … */`, which may be nested.
    BlockComment,
    /// A character that begins no token, such as a backslash or a brace: always a syntax error.
    Unknown,
}

impl TokenKind {
    /// Whether the token is a comment.
    pub fn is_comment(self) -> bool {
        matches!(self, Self::LineComment | Self::BlockComment)
    }

    /// Whether the token is a string constant of any form.
    pub fn is_string(self) -> bool {
        matches!(
            self,
            Self::String | Self::NationalString | Self::EscapeString | Self::UnicodeString | Self::BitString | Self::HexString | Self::DollarString
        )
    }
}

/// A token: what it is and which bytes of the text it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    /// The string constant consists of several parts on different lines (`'a'` newline `'b'` is `'ab'`).
    pub continued: bool,
}

impl Token {
    /// The bytes that the token covers.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The token as it is written in `text`, the text that was read.
    pub fn text(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether the token is the key word `word` (in lower case), in any case and without quotes.
    pub fn is_word(self, text: &str, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text(text).eq_ignore_ascii_case(word)
    }
}

/// All tokens of a text, comments among them, and all lexical errors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lexed {
    /// In the order of the text; between them lies nothing but white space.
    pub tokens: Vec<Token>,
    /// A token with an error is among the tokens all the same.
    pub errors: Vec<Error>,
}

/// Reads a whole text. Never fails: what is wrong is in [`Lexed::errors`].
pub fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer { bytes: text.as_bytes(), position: 0, errors: Vec::new(), continued: false, signs_until: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_white_space();
        let start = lexer.position;
        let Some(byte) = lexer.peek(0) else { break };
        lexer.continued = false;
        let kind = lexer.token(byte);
        tokens.push(Token { kind, start, end: lexer.position, continued: lexer.continued });
    }
    Lexed { tokens, errors: lexer.errors }
}

/// The tokens of a text that holds no comment.
///
/// # Errors
/// The first lexical error or comment.
pub fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let lexed = lex(text);
    if let Some(error) = lexed.errors.into_iter().next() {
        return Err(error);
    }
    match lexed.tokens.iter().find(|token| token.kind.is_comment()) {
        Some(comment) => Err(Error::new(comment.range(), "a comment has no place here")),
        None => Ok(lexed.tokens),
    }
}

struct Lexer<'a> {
    bytes: &'a [u8],
    position: usize,
    errors: Vec<Error>,
    continued: bool,
    /// Up to here lie signs that were cut off an operator: each is an operator of its own, and reading them again as one would make
    /// `+-+-…` quadratic.
    signs_until: usize,
}

/// `ident_start` of scan.l.
fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// `ident_cont` of scan.l.
fn continues_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

/// `space` of scan.l.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}

fn is_operator(byte: u8) -> bool {
    matches!(byte, b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'=')
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.position + ahead).copied()
    }

    fn advance_while(&mut self, test: fn(u8) -> bool) {
        while self.peek(0).is_some_and(test) {
            self.position += 1;
        }
    }

    fn skip_white_space(&mut self) {
        self.advance_while(is_space);
    }

    fn fail(&mut self, start: usize, message: &str) {
        self.errors.push(Error::new(start..self.position, message));
    }

    fn token(&mut self, byte: u8) -> TokenKind {
        let one = |lexer: &mut Self, kind| {
            lexer.position += 1;
            kind
        };
        let two = |lexer: &mut Self, kind| {
            lexer.position += 2;
            kind
        };
        match (byte, self.peek(1)) {
            (b'-', Some(b'-')) => {
                self.advance_while(|byte| !matches!(byte, b'\n' | b'\r'));
                TokenKind::LineComment
            }
            (b'/', Some(b'*')) => self.block_comment(),
            (b'\'', _) => self.quoted(0, TokenKind::String),
            (b'n' | b'N', Some(b'\'')) => self.quoted(1, TokenKind::NationalString),
            (b'e' | b'E', Some(b'\'')) => self.quoted(1, TokenKind::EscapeString),
            (b'b' | b'B', Some(b'\'')) => self.quoted(1, TokenKind::BitString),
            (b'x' | b'X', Some(b'\'')) => self.quoted(1, TokenKind::HexString),
            (b'u' | b'U', Some(b'&')) if self.peek(2) == Some(b'\'') => self.quoted(2, TokenKind::UnicodeString),
            (b'u' | b'U', Some(b'&')) if self.peek(2) == Some(b'"') => self.quoted_name(2, TokenKind::UnicodeName),
            (b'"', _) => self.quoted_name(0, TokenKind::QuotedName),
            (b'$', _) => self.dollar(),
            (b'.', Some(b'.')) => two(self, TokenKind::DotDot),
            (b'.', Some(b'0'..=b'9')) => self.number(),
            (b'.', _) => one(self, TokenKind::Dot),
            (b'0'..=b'9', _) => self.number(),
            (b':', Some(b':')) => two(self, TokenKind::TypeCast),
            (b':', Some(b'=')) => two(self, TokenKind::ColonEquals),
            (b':', _) => one(self, TokenKind::Colon),
            (b',', _) => one(self, TokenKind::Comma),
            (b';', _) => one(self, TokenKind::Semicolon),
            (b'(', _) => one(self, TokenKind::LeftParenthesis),
            (b')', _) => one(self, TokenKind::RightParenthesis),
            (b'[', _) => one(self, TokenKind::LeftBracket),
            (b']', _) => one(self, TokenKind::RightBracket),
            _ if starts_word(byte) => {
                self.advance_while(continues_word);
                TokenKind::Word
            }
            _ if is_operator(byte) => self.operator(),
            _ => one(self, TokenKind::Unknown),
        }
    }

    fn block_comment(&mut self) -> TokenKind {
        let start = self.position;
        self.position += 2;
        let mut depth = 1_usize;
        while depth > 0 {
            match (self.peek(0), self.peek(1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    self.position += 2;
                }
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    self.position += 2;
                }
                (Some(_), _) => self.position += 1,
                (None, _) => {
                    self.fail(start, "this comment is not closed");
                    break;
                }
            }
        }
        TokenKind::BlockComment
    }

    /// A string constant: `prefix` bytes, then a quote. Two constants with a newline between them are one.
    fn quoted(&mut self, prefix: usize, kind: TokenKind) -> TokenKind {
        let start = self.position;
        self.position += prefix + 1;
        loop {
            match self.peek(0) {
                None => {
                    self.fail(start, "this string is not closed");
                    return kind;
                }
                Some(b'\'') if self.peek(1) == Some(b'\'') => self.position += 2,
                Some(b'\'') => {
                    self.position += 1;
                    match self.continuation() {
                        Some(next) => {
                            self.position = next;
                            self.continued = true;
                        }
                        None => return kind,
                    }
                }
                // A backslash keeps the next byte from closing the string.
                Some(b'\\') if kind == TokenKind::EscapeString && self.peek(1).is_some() => self.position += 2,
                Some(_) => self.position += 1,
            }
        }
    }

    /// `quotecontinue` of scan.l: white space and line comments with at least one newline, then a quote. Returns the position
    /// behind that quote.
    fn continuation(&self) -> Option<usize> {
        let mut position = self.position;
        let mut newline = false;
        loop {
            match (self.bytes.get(position).copied(), self.bytes.get(position + 1).copied()) {
                (Some(b'\n' | b'\r'), _) => {
                    newline = true;
                    position += 1;
                }
                (Some(byte), _) if is_space(byte) => position += 1,
                (Some(b'-'), Some(b'-')) => {
                    while self.bytes.get(position).is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
                        position += 1;
                    }
                }
                (Some(b'\''), _) if newline => return Some(position + 1),
                _ => return None,
            }
        }
    }

    fn quoted_name(&mut self, prefix: usize, kind: TokenKind) -> TokenKind {
        let start = self.position;
        self.position += prefix + 1;
        loop {
            match (self.peek(0), self.peek(1)) {
                (None, _) => {
                    self.fail(start, "this quoted name is not closed");
                    return kind;
                }
                (Some(b'"'), Some(b'"')) => self.position += 2,
                (Some(b'"'), _) => {
                    self.position += 1;
                    if self.position - start == prefix + 2 {
                        self.fail(start, "this quoted name is empty");
                    }
                    return kind;
                }
                _ => self.position += 1,
            }
        }
    }

    /// `$1`, `$tag$…$tag$`, or a lone `$`.
    fn dollar(&mut self) -> TokenKind {
        let start = self.position;
        self.position += 1;
        if self.peek(0).is_some_and(|byte| byte.is_ascii_digit()) {
            self.advance_while(|byte| byte.is_ascii_digit());
            self.refuse_junk(start, "there is text right behind this parameter");
            return TokenKind::Parameter;
        }
        if self.peek(0).is_some_and(starts_word) {
            self.advance_while(|byte| continues_word(byte) && byte != b'$');
        }
        if self.peek(0) != Some(b'$') {
            self.position = start + 1;
            return TokenKind::Unknown;
        }
        self.position += 1;
        let delimiter = self.bytes.get(start..self.position).unwrap_or_default();
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        match find(rest, delimiter) {
            Some(length) => self.position += length + delimiter.len(),
            None => {
                self.position = self.bytes.len();
                self.fail(start, "this dollar-quoted string is not closed");
            }
        }
        TokenKind::DollarString
    }

    fn refuse_junk(&mut self, start: usize, message: &str) {
        if self.peek(0).is_some_and(starts_word) {
            self.advance_while(continues_word);
            self.fail(start, message);
        }
    }

    fn number(&mut self) -> TokenKind {
        let start = self.position;
        let mut kind = TokenKind::Integer;
        let digits: Option<fn(u8) -> bool> = match (self.peek(0), self.peek(1)) {
            (Some(b'0'), Some(b'x' | b'X')) => Some(|byte| byte.is_ascii_hexdigit()),
            (Some(b'0'), Some(b'o' | b'O')) => Some(|byte| matches!(byte, b'0'..=b'7')),
            (Some(b'0'), Some(b'b' | b'B')) => Some(|byte| matches!(byte, b'0' | b'1')),
            _ => None,
        };
        if let Some(digit) = digits {
            self.position += 2;
            if !self.digits(digit) {
                self.position = start + 1;
            }
            // A digit of another base is junk too: `0b12`.
            if self.peek(0).is_some_and(continues_word) {
                self.advance_while(continues_word);
                self.fail(start, "there is text right behind this number");
            }
            return kind;
        }
        self.digits(|byte| byte.is_ascii_digit());
        // `1..10` is `1`, `..`, `10`.
        if self.peek(0) == Some(b'.') && self.peek(1) != Some(b'.') {
            kind = TokenKind::Decimal;
            self.position += 1;
            if self.peek(0).is_some_and(|byte| byte.is_ascii_digit()) {
                self.digits(|byte| byte.is_ascii_digit());
            }
        }
        if matches!(self.peek(0), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.peek(1), Some(b'+' | b'-')));
            if self.peek(1 + sign).is_some_and(|byte| byte.is_ascii_digit()) {
                kind = TokenKind::Decimal;
                self.position += 1 + sign;
                self.digits(|byte| byte.is_ascii_digit());
            } else if sign == 1 {
                self.position += 2;
                self.fail(start, "the exponent of this number has no digits");
                return TokenKind::Decimal;
            }
        }
        self.refuse_junk(start, "there is text right behind this number");
        kind
    }

    /// `_?digit` again and again; says whether there was one.
    fn digits(&mut self, digit: fn(u8) -> bool) -> bool {
        let start = self.position;
        loop {
            // A number does not begin with `_`, except behind `0x`; the callers see to the difference.
            let underscore = usize::from(self.peek(0) == Some(b'_'));
            if !self.peek(underscore).is_some_and(digit) {
                return self.position > start;
            }
            self.position += underscore + 1;
        }
    }

    fn operator(&mut self) -> TokenKind {
        let start = self.position;
        if start < self.signs_until {
            self.position += 1;
            return TokenKind::Operator;
        }
        while let Some(byte) = self.peek(0) {
            let comment = matches!((byte, self.peek(1)), (b'-', Some(b'-')) | (b'/', Some(b'*')));
            if !is_operator(byte) || comment {
                break;
            }
            self.position += 1;
        }
        let special = |byte: &u8| matches!(byte, b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'%');
        let operator = self.bytes.get(start..self.position).unwrap_or_default();
        // For SQL's sake, an operator of several characters ends in + or - only when it also holds one that SQL's own do not use.
        if !operator.iter().any(special) {
            let tail = operator.iter().skip(1).rev().take_while(|byte| matches!(byte, b'+' | b'-')).count();
            self.signs_until = self.position;
            self.position -= tail;
        }
        match self.bytes.get(start..self.position) {
            Some(b"=>") => TokenKind::EqualsGreater,
            _ => TokenKind::Operator,
        }
    }
}

/// The first position of `needle`, which begins and ends with `$`, in time linear in `haystack`.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let mut position = 0;
    while let Some(offset) = haystack.get(position..)?.iter().position(|byte| *byte == b'$') {
        position += offset;
        if haystack.get(position..)?.starts_with(needle) {
            return Some(position);
        }
        position += 1;
    }
    None
}

#[cfg(test)]
#[path = "lexer_tests.rs"]
mod tests;
