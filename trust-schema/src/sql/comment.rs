//! Comments in generated SQL.

/// Writes `text` as one `--` comment line without the newline at its end.
///
/// Every character that ends a line anywhere (PostgreSQL: LF and CR; editors and other tools: also VT, FF, NEL, LS, PS) and every other
/// control or bidirectional character becomes a space, so no text can leave the comment or look as if it had. A run of such
/// characters and white space is one space.
pub fn line_comment(text: &str) -> String {
    let mut comment = String::with_capacity(text.len() + 3);
    comment.push_str("--");
    for word in text.split(|character: char| character.is_whitespace() || super::identifier::forbidden(character).is_some()) {
        if !word.is_empty() {
            comment.push(' ');
            comment.push_str(word);
        }
    }
    comment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_line() {
        assert_eq!(line_comment("one score per actor"), "-- one score per actor");
        assert_eq!(line_comment(""), "--");
        assert_eq!(line_comment("a\ndrop table t;"), "-- a drop table t;");
        assert_eq!(line_comment("a\r\n\tb\u{0B}c\u{0C}d\u{85}e\u{2028}f\u{2029}g\0h\u{202E}i"), "-- a b c d e f g h i");
    }
}
