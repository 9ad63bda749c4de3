//! Names that Prometheus takes, made of names that PostgreSQL takes.

use std::collections::BTreeSet;

/// Labels that Prometheus, the exporters or the rules set themselves.
const RESERVED_LABELS: &[&str] = &["alertname", "alertstate", "instance", "job", "le", "quantile", "server", "severity", "system", "target"];

/// Letters, digits and `_`, lower case, beginning with a letter; `otherwise` where nothing is left of the name.
pub fn slug(name: &str, otherwise: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for character in name.chars() {
        match character.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9') => text.push(letter),
            _ if text.is_empty() || text.ends_with('_') => {}
            _ => text.push('_'),
        }
    }
    let text = text.trim_end_matches('_');
    match text.bytes().next() {
        None => otherwise.to_owned(),
        Some(b'0'..=b'9') => format!("{otherwise}_{text}"),
        Some(_) => text.to_owned(),
    }
}

/// `risk_event_rate` as `RiskEventRate`.
pub fn camel(slug: &str) -> String {
    let mut text = String::with_capacity(slug.len());
    for word in slug.split('_') {
        let mut letters = word.chars();
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        text.extend(letters);
    }
    text
}

/// A name for a label; those that others set get a prefix.
pub fn label(name: &str) -> String {
    let slug = slug(name, "label");
    if RESERVED_LABELS.contains(&slug.as_str()) { format!("column_{slug}") } else { slug }
}

/// The name, or the name with the first number that makes it new; remembers it. `full` says what must be unique.
pub fn unique(name: String, taken: &mut BTreeSet<String>, full: impl Fn(&str) -> String) -> String {
    if taken.insert(full(&name)) {
        return name;
    }
    let mut number = 2_u32;
    loop {
        let candidate = format!("{name}_{number}");
        if taken.insert(full(&candidate)) {
            return candidate;
        }
        number = number.saturating_add(1);
    }
}

/// A text that Prometheus expands as a template to itself.
pub fn template_literal(text: &str) -> String {
    // `{{` opens an action wherever it stands; an action that prints it is the only way to write it.
    text.replace("{{", "{{ \"{{\" }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_names_of_metrics() {
        assert_eq!(slug("trust-lite", "system"), "trust_lite");
        assert_eq!(slug("§$%", "system"), "system");
        assert_eq!(slug("__1 a\"b", "system"), "system_1_a_b");
        assert_eq!(camel("risk_event_rate"), "RiskEventRate");
        assert_eq!(label("Job"), "column_job");
    }

    #[test]
    fn the_same_name_is_given_once() {
        let mut taken = BTreeSet::new();
        let names: Vec<String> = (0..3).map(|_| unique("a".to_owned(), &mut taken, str::to_owned)).collect();
        assert_eq!(names, ["a", "a_2", "a_3"]);
    }

    #[test]
    fn templates_print_braces() {
        assert_eq!(template_literal("a {{ b }}"), "a {{ \"{{\" }} b }}");
    }
}
