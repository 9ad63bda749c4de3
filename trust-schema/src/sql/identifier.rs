//! Names: which are allowed, how they are written, how a reference is read.

use std::borrow::Cow;
use std::fmt;

use super::Error;
use super::keyword::{self, Category};
use super::lexer::{self, TokenKind};
use super::value;

/// The longest name in bytes that PostgreSQL keeps; it silently cuts longer ones (`NAMEDATALEN` - 1).
pub const MAXIMUM_LENGTH: usize = 63;

/// A name with something behind it, of which PostgreSQL keeps all: the name is cut where both are too long.
pub fn with_suffix(name: &str, suffix: &str) -> String {
    let room = name.len().min(MAXIMUM_LENGTH.saturating_sub(suffix.len()));
    let kept = (0..=room).rev().find_map(|end| name.get(..end)).unwrap_or_default();
    format!("{kept}{suffix}")
}

/// A name that PostgreSQL keeps as it is and that looks like what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Takes `text` as a name, as it is: no case folding, no quotes.
    ///
    /// # Errors
    /// The name is empty, longer than [`MAXIMUM_LENGTH`], or holds a character of [`forbidden`].
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        check(&text)?;
        Ok(Self(text))
    }

    /// The name without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name itself, without quotes.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Name {
    /// Writes the name as SQL, quoted where needed.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&quote(&self.0))
    }
}

/// Says whether `text` is a name; ranges count bytes of `text`.
///
/// # Errors
/// See [`Name::new`].
pub fn check(text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::new(0..0, "the name is empty"));
    }
    if let Some((position, character, what)) = find_forbidden(text, |_| false) {
        let range = position..position + character.len_utf8();
        return Err(Error::new(range, format!("the name holds {what} (U+{:04X})", u32::from(character))));
    }
    if text.len() > MAXIMUM_LENGTH {
        let message = format!("the name has {} bytes, PostgreSQL keeps {MAXIMUM_LENGTH}", text.len());
        return Err(Error::new(0..text.len(), message));
    }
    Ok(())
}

/// What a character that is refused in names and in SQL texts is, `None` for every other character.
///
/// Control characters have no place in a name. The bidirectional ones let a text look like another one ("Trojan Source",
/// CVE-2021-42574; the list is that of Unicode's `Bidi_Control` property).
pub fn forbidden(character: char) -> Option<&'static str> {
    match character {
        '\0' => Some("a NUL character"),
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}' => Some("a bidirectional control character"),
        _ if character.is_control() => Some("a control character"),
        _ => None,
    }
}

/// The first forbidden character of `text` that is not `allowed`: its position, itself, and what it is.
pub(super) fn find_forbidden(text: &str, allowed: fn(char) -> bool) -> Option<(usize, char, &'static str)> {
    text.char_indices()
        .filter(|&(_, character)| !allowed(character))
        .find_map(|(position, character)| forbidden(character).map(|what| (position, character, what)))
}

/// Writes a name as SQL, as `quote_ident` does: in quotes unless it consists of small letters, digits and `_`, starts with no digit, and
/// is no key word other than an unreserved one.
pub fn quote(name: &str) -> Cow<'_, str> {
    if is_plain(name) && keyword::find(name).is_none_or(|keyword| keyword.category == Category::Unreserved) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
}

/// Whether the letters of a name need no quotes. `$` is left out although the lexer takes it: `quote_ident` quotes it too.
pub fn is_plain(name: &str) -> bool {
    name.bytes().next().is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A name in a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualifiedName {
    /// The schema, without quotes.
    pub schema: String,
    /// The name in it, without quotes.
    pub name: String,
}

impl QualifiedName {
    /// A name in a schema, both as they are.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }
}

impl fmt::Display for QualifiedName {
    /// Writes `schema.name` as SQL, each part quoted where needed.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", quote(&self.schema), quote(&self.name))
    }
}

/// Folds an unquoted name as PostgreSQL does in a UTF-8 database: ASCII letters only.
pub fn fold(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) }
}

/// Reads `name`, `schema.name` or their quoted forms; unquoted parts are folded to lower case. Key words are taken as names.
///
/// # Errors
/// The text is no such reference, or a part of it is no name; the range is that of the part.
pub fn parse_reference(text: &str) -> Result<(Option<String>, String), Error> {
    let tokens = lexer::tokens(text)?;
    let part = |position: usize| -> Result<String, Error> {
        let Some(token) = tokens.get(position) else {
            return Err(Error::new(text.len()..text.len(), "a name is missing"));
        };
        let Some(name) = value::identifier(token.kind, token.text(text)) else {
            return Err(Error::new(token.range(), format!("`{}` is not a name", token.text(text)))
                .with_help("write `name` or `schema.name`, in double quotes when it holds anything but letters, digits and `_`"));
        };
        let name = name.map_err(|error| error.moved_by(token.start))?;
        check(&name).map_err(|error| Error { range: token.range(), ..error })?;
        Ok(name)
    };
    let first = part(0)?;
    match tokens.get(1) {
        None => Ok((None, first)),
        Some(dot) if dot.kind == TokenKind::Dot => {
            let second = part(2)?;
            match tokens.get(3) {
                None => Ok((Some(first), second)),
                Some(rest) => Err(Error::new(rest.start..text.len(), "a reference has at most two parts")),
            }
        }
        Some(rest) => Err(Error::new(rest.start..text.len(), "unexpected text after the name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert!(check("tenants").is_ok());
        assert!(check("Ünïcode name").is_ok());
        assert!(check(&"x".repeat(63)).is_ok());
        assert!(check(&"é".repeat(32)).is_err_and(|error| error.message.contains("64 bytes")));
        assert!(check("").is_err_and(|error| error.message == "the name is empty"));
        assert!(check("a\0b").is_err_and(|error| error.message.contains("NUL")));
        assert!(check("a\nb").is_err_and(|error| error.message.contains("control character (U+000A)")));
        assert!(check("a\u{85}b").is_err_and(|error| error.range == (1..3)));
        for character in ['\u{202A}', '\u{202E}', '\u{2066}', '\u{2069}', '\u{200E}', '\u{200F}', '\u{061C}'] {
            let error = check(&format!("a{character}")).expect_err("bidirectional characters are refused");
            assert!(error.message.contains("bidirectional"), "{}", error.message);
        }
    }

    #[test]
    fn quoting_follows_quote_ident() {
        for (name, expected) in [
            ("tenants", "tenants"),
            ("_a1", "_a1"),
            ("a$b", "\"a$b\""),
            ("1a", "\"1a\""),
            ("Tenants", "\"Tenants\""),
            ("user", "\"user\""),
            ("left", "\"left\""),
            ("between", "\"between\""),
            ("name", "name"),
            ("a\"b", "\"a\"\"b\""),
            ("é", "\"é\""),
            ("", "\"\""),
        ] {
            assert_eq!(quote(name), expected);
        }
        assert_eq!(QualifiedName::new("public", "User").to_string(), "public.\"User\"");
    }

    #[test]
    fn references_are_read() {
        let read = |text| parse_reference(text).map_err(|error| (error.range, error.message));
        let parts = |schema: Option<&str>, name: &str| Ok((schema.map(str::to_owned), name.to_owned()));
        assert_eq!(read("tenants"), parts(None, "tenants"));
        assert_eq!(read("Public.Tenants"), parts(Some("public"), "tenants"));
        assert_eq!(read("\"Odd\".x"), parts(Some("Odd"), "x"));
        assert_eq!(read("\"a\"\"b\""), parts(None, "a\"b"));
        assert_eq!(read("U&\"\\0061\""), parts(None, "a"));
        assert_eq!(read(" a . b "), parts(Some("a"), "b"));
        assert_eq!(read("ÀB"), parts(None, "Àb"));
        for bad in ["", ".", "a.", ".a", "a.b.c", "a b", "1", "a;", "\"\"", "\"a", "a.'b'", "a--b", "\"a\nb\"", "$1"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
