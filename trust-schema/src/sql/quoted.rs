//! Literals of texts that have passed the spec reader or come from a server, and so hold no NUL.

use super::literal;

/// A string constant. A NUL, which no reader lets through, would be left out rather than end the statement.
pub fn quoted(text: &str) -> String {
    literal::string(text).or_else(|_| literal::string(&text.replace('\0', ""))).unwrap_or_default()
}

/// Writes a string constant behind a text; see [`quoted`].
pub fn write_quoted(out: &mut String, text: &str) {
    if text.bytes().any(|byte| matches!(byte, b'\'' | b'\\' | 0)) {
        out.push_str(&quoted(text));
    } else {
        out.push('\'');
        out.push_str(text);
        out.push('\'');
    }
}

/// A text between dollar quotes; see [`quoted`] about NUL.
pub fn dollar_quoted(body: &str, tag: &str) -> String {
    literal::dollar_quote(body, tag).or_else(|_| literal::dollar_quote(&body.replace('\0', ""), tag)).unwrap_or_default()
}
