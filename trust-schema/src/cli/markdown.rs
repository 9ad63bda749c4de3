//! The Markdown of explanations on a terminal: paragraphs at the width of a page, code and emphasis in colour.

use super::printer::{PLACE, STRONG};

/// Longest line.
const WIDTH: usize = 100;

/// Renders paragraphs (one for each line of the text), lists, code spans, emphasis and links.
pub fn render(text: &str) -> String {
    text.lines().map(|line| wrap(line.trim_end())).collect::<Vec<_>>().join("\n")
}

/// One line of Markdown as lines of at most [`WIDTH`] characters; what follows the first of a list item is indented.
fn wrap(line: &str) -> String {
    let indent = if line.starts_with("- ") || line.starts_with("* ") { "  " } else { "" };
    let mut wrapped = String::new();
    let mut column = 0;
    for word in words(line) {
        let width = inline(&word, false).chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            wrapped.push('\n');
            wrapped.push_str(indent);
            column = indent.len();
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(&inline(&word, true));
        column += width;
    }
    wrapped
}

/// Splits at spaces, but not within a code span.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut code) = (Vec::new(), String::new(), false);
    for character in line.chars() {
        code ^= character == '`';
        if character == ' ' && !code {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(character);
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// A word without its marks, with colours in their place where wanted.
fn inline(word: &str, coloured: bool) -> String {
    let word = match (word.find('<'), word.find('>')) {
        (Some(start), Some(end)) if word.get(start + 1..end).is_some_and(|link| link.starts_with("http")) => word.replace(['<', '>'], ""),
        _ => word.to_owned(),
    };
    let parts: Vec<&str> = word.split('`').collect();
    // A mark without its partner is text.
    if parts.len().is_multiple_of(2) {
        return word;
    }
    let paint = |index: usize, part: &str| match index % 2 {
        1 if coloured => format!("{PLACE}{part}{PLACE:#}"),
        1 => part.to_owned(),
        _ if coloured && part.contains("**") => part.replacen("**", &STRONG.to_string(), 1).replacen("**", &format!("{STRONG:#}"), 1),
        _ => part.replace("**", ""),
    };
    parts.iter().enumerate().map(|(index, part)| paint(index, part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(&render(text)).to_string()
    }

    #[test]
    fn marks_become_colours_and_code_stays_whole() {
        assert_eq!(plain("Use `a b` at <https://toml.io>, **now**."), "Use a b at https://toml.io, now.");
        assert_eq!(plain("a lone ` stays"), "a lone ` stays");
        assert!(render("`x`").contains("\u{1b}["));
    }

    #[test]
    fn lines_are_no_longer_than_a_page() {
        let text = format!("- {}", "word ".repeat(60));
        let wrapped = plain(&text);
        assert!(wrapped.lines().all(|line| line.chars().count() <= WIDTH), "{wrapped}");
        assert!(wrapped.lines().skip(1).all(|line| line.starts_with("  ")), "{wrapped}");
    }
}
