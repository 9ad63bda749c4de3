//! Values as SQL literals.
//!
//! Everything here is right under both settings of `standard_conforming_strings`, which the session that runs our output may have set.

use std::collections::HashSet;
use std::fmt;

/// A text holds a NUL character, which PostgreSQL stores nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NulCharacter {
    /// The byte position of the first one.
    pub position: usize,
}

impl fmt::Display for NulCharacter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the text holds a NUL character, which PostgreSQL cannot store")
    }
}

impl std::error::Error for NulCharacter {}

fn refuse_nul(text: &str) -> Result<(), NulCharacter> {
    text.find('\0').map_or(Ok(()), |position| Err(NulCharacter { position }))
}

/// Writes a text as a string constant: `'…'`, or `E'…'` when it holds a backslash, since the plain form means something else with
/// `standard_conforming_strings = off` then.
///
/// # Errors
/// The text holds a NUL character.
pub fn string(text: &str) -> Result<String, NulCharacter> {
    refuse_nul(text)?;
    let escape = text.contains('\\');
    let mut literal = String::with_capacity(text.len() + 3);
    literal.push_str(if escape { "E'" } else { "'" });
    for character in text.chars() {
        if character == '\'' || character == '\\' {
            literal.push(character);
        }
        literal.push(character);
    }
    literal.push('\'');
    Ok(literal)
}

/// Writes a text between dollar quotes, `$tag$…$tag$`, so that it stays readable. The tag is `preferred_tag` (characters other than ASCII
/// letters, digits and `_` are dropped), or it with the smallest number behind it that the body does not use.
///
/// # Errors
/// The text holds a NUL character.
pub fn dollar_quote(body: &str, preferred_tag: &str) -> Result<String, NulCharacter> {
    refuse_nul(body)?;
    let tag: String =
        preferred_tag.chars().filter(|character| character.is_ascii_alphanumeric() || *character == '_').skip_while(char::is_ascii_digit).collect();
    let quoted = format!("${tag}${body}${tag}$");
    let delimiter_length = tag.len() + 2;
    // The closing delimiter must be the first one behind the opening one: this also finds a body that ends in the
    // delimiter's beginning (`$$` around `a$`).
    let closes_at = quoted.get(delimiter_length..).and_then(|rest| rest.find(&format!("${tag}$")));
    if closes_at == Some(body.len()) {
        return Ok(quoted);
    }
    let stem = if tag.is_empty() { "body" } else { &tag };
    let used = numbers_behind(body, &format!("${stem}"));
    let number = (1_u64..).find(|number| !used.contains(number)).unwrap_or(0);
    Ok(format!("${stem}{number}${body}${stem}{number}$"))
}

/// Every number that stands right behind `stem` in `text`.
fn numbers_behind(text: &str, stem: &str) -> HashSet<u64> {
    text.match_indices(stem)
        .filter_map(|(position, _)| text.get(position + stem.len()..))
        .filter_map(|rest| {
            let digits = rest.bytes().take(20).take_while(u8::is_ascii_digit).count();
            rest.get(..digits).and_then(|digits| digits.parse().ok())
        })
        .collect()
}

/// Writes a truth value.
pub fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// Writes a whole number; a negative one in parentheses, since `-1::int` is `-(1::int)` and `a--1` begins a comment.
pub fn integer(value: i64) -> String {
    if value < 0 { format!("({value})") } else { value.to_string() }
}

/// Writes a floating-point number so that PostgreSQL reads the same `double precision` from it: the shortest decimal form, and a
/// quoted constant with a cast for what has no numeric form.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        return "'NaN'::double precision".to_owned();
    }
    if value.is_infinite() {
        let name = if value > 0.0 { "Infinity" } else { "-Infinity" };
        return format!("'{name}'::double precision");
    }
    let digits = format!("{value:?}");
    if value.is_sign_negative() { format!("({digits})") } else { digits }
}

/// Writes bytes as a `bytea` constant in hex form. The backslash makes it an `E'…'` constant.
pub fn bytea(bytes: &[u8]) -> String {
    let mut literal = String::with_capacity(bytes.len() * 2 + 14);
    literal.push_str("E'\\\\x");
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            literal.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
    }
    literal.push_str("'::bytea");
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(string("it's"), Ok("'it''s'".to_owned()));
        assert_eq!(string("a\\'b"), Ok("E'a\\\\''b'".to_owned()));
        assert_eq!(string(""), Ok("''".to_owned()));
        assert_eq!(string("a\0b"), Err(NulCharacter { position: 1 }));
    }

    #[test]
    fn dollar_quotes_close_where_the_text_ends() {
        for (body, tag, expected) in [
            ("begin end", "body", "$body$begin end$body$"),
            ("a$$b", "", "$body1$a$$b$body1$"),
            ("a$", "", "$body1$a$$body1$"),
            ("a", "", "$$a$$"),
            ("a$b", "b", "$b1$a$b$b1$"), // the body ends in the delimiter's beginning
            ("x $t$ y $t1$ $t3", "t", "$t2$x $t$ y $t1$ $t3$t2$"),
            ("x", "1;drop é_t", "$drop_t$x$drop_t$"),
        ] {
            assert_eq!(dollar_quote(body, tag).as_deref(), Ok(expected));
        }
        assert!(dollar_quote("\0", "t").is_err());
    }

    #[test]
    fn numbers_keep_their_value() {
        assert_eq!(integer(7), "7");
        assert_eq!(integer(i64::MIN), "(-9223372036854775808)");
        assert_eq!(float(0.1), "0.1");
        assert_eq!(float(-0.0), "(-0.0)");
        assert_eq!(float(1e300), "1e300");
        assert_eq!(float(f64::NEG_INFINITY), "'-Infinity'::double precision");
        assert_eq!(float(f64::NAN), "'NaN'::double precision");
        assert_eq!(bytea(&[0, 0xAB, 0xFF]), "E'\\\\x00abff'::bytea");
        assert_eq!(boolean(true), "true");
    }
}
