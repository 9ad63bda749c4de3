//! Values in Markdown: text stays text, whatever it holds.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, Output, State};

/// An environment whose templates escape every value as Markdown text unless a filter below has made it safe.
///
/// # Errors
/// None that a spec could cause.
pub fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("markdown".into()));
    environment.set_formatter(format);
    environment.add_filter("code", |value: &Value| Value::from_safe_string(code(&plain(value))));
    environment.add_filter("fenced", |value: &Value| Value::from_safe_string(fenced(&plain(value))));
    environment.add_filter("shell", |value: &Value| Value::from_safe_string(shell(&plain(value))));
    Ok(environment)
}

fn format(output: &mut Output<'_>, _state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let text = plain(value);
    let text = if value.is_safe() { text } else { escaped(&text) };
    output.write_str(&text).map_err(Error::from)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// One line of text without meaning to Markdown, HTML or a table's cells.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in one_line(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // CommonMark, 2.4: any of these may be escaped.
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Code inside a line. Where backticks could not hold it, as HTML: in a table's cell, `|` ends the cell even between backticks.
pub fn code(text: &str) -> String {
    let text = one_line(text);
    if text.is_empty() {
        return String::new();
    }
    if !text.contains(['`', '|', '\\']) && !text.starts_with(' ') && !text.ends_with(' ') {
        return format!("`{text}`");
    }
    let mut html = String::from("<code>");
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | ',' | '.' | '(' | ')' | '=' | ':' | '\'' | '-' | '/' => html.push(character),
            other => html.push_str(&format!("&#{};", u32::from(other))),
        }
    }
    html.push_str("</code>");
    html
}

/// A line inside a fenced block, which three backticks would end.
fn fenced(text: &str) -> String {
    one_line(text).replace("```", "'''")
}

/// A word of a shell command inside a fenced block.
fn shell(text: &str) -> String {
    let text = fenced(text);
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte));
    if is_plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// The text with every run of white space and control or bidirectional characters as one space.
fn one_line(text: &str) -> String {
    let words = text.split(|character: char| character.is_whitespace() || crate::sql::identifier::forbidden(character).is_some());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_place() {
        assert_eq!(escaped("a | b\n# c <script> *d* [e](f) `g`"), "a \\| b \\# c &lt;script&gt; \\*d\\* \\[e\\](f) \\`g\\`");
        assert_eq!(code("numeric(5,2)"), "`numeric(5,2)`");
        assert_eq!(code("a || b"), "<code>a &#124;&#124; b</code>");
        assert_eq!(code("`x`</code>"), "<code>&#96;x&#96;&#60;/code&#62;</code>");
        assert_eq!(code("a\n\u{202E}b"), "`a b`");
        assert_eq!(fenced("a\n```\nrm"), "a ''' rm");
        assert_eq!(shell("generated/a.sql"), "generated/a.sql");
        assert_eq!(shell("a'b; rm"), "'a'\\''b; rm'");
    }

    #[test]
    fn values_are_escaped_by_default() {
        let environment = environment().expect("an environment");
        let rendered = environment.render_str("| {{ a }} | {{ a|code }} |", minijinja::context! { a => "x|y\n|" }).expect("a template");
        assert_eq!(rendered, "| x\\|y \\| | <code>x&#124;y &#124;</code> |");
    }
}
