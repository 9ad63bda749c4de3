//! Reads `#[name(key = "text", flag, …)]`: a closed set of keys, each at most once.

use std::{collections::BTreeMap, fmt::Display};

use proc_macro2::Span;
use syn::{Attribute, LitInt, LitStr, Path, parse::Parse, spanned::Spanned};

use super::problems::Problems;

/// What a key takes.
#[derive(Clone, Copy)]
pub enum Takes {
    /// `key = "text"`
    Text,
    /// `key = 403`
    Number,
    /// `key`
    Nothing,
}

/// A key that an attribute knows.
pub type Key = (&'static str, Takes);

enum Value {
    Text(LitStr),
    Number(LitInt),
    Flag,
}

/// The keys and values of an attribute, or of several of the same name.
pub struct Settings {
    /// Where to say that a key is missing: the first attribute, or the item itself.
    span: Span,
    name: &'static str,
    present: bool,
    /// Whether a mistake in it was reported: then a key that is missing is no second mistake.
    broken: bool,
    values: BTreeMap<&'static str, Value>,
}

/// Reads every attribute of this name. `owner` is the item's name, to point at if there is none.
pub fn read(attributes: &[Attribute], name: &'static str, keys: &[Key], owner: Span, problems: &mut Problems) -> Settings {
    let mut settings = Settings { span: owner, name, present: false, broken: false, values: BTreeMap::new() };
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        if !settings.present {
            settings.present = true;
            settings.span = attribute.meta.span();
        }
        if let Err(error) = attribute.meta.require_list() {
            let keys = listing(keys);
            settings.broken = true;
            problems.push(syn::Error::new(error.span(), format!("expected `#[{name}(…)]` with {keys}")));
            continue;
        }
        let parsed = attribute.parse_nested_meta(|meta| {
            let Some((key, takes)) = keys.iter().find(|(key, _)| meta.path.is_ident(key)) else {
                // The value is read anyway, or its tokens would be a second error.
                if meta.input.peek(syn::Token![=]) {
                    meta.value()?.parse::<syn::Expr>()?;
                }
                let found = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                problems.at(&meta.path, unknown_key(&found, keys));
                settings.broken = true;
                return Ok(());
            };
            let value = match takes {
                Takes::Text => literal(&meta, key, "a string, as in `key = \"text\"`").map(Value::Text)?,
                Takes::Number => literal(&meta, key, "a number, as in `key = 403`").map(Value::Number)?,
                Takes::Nothing if meta.input.peek(syn::Token![=]) => {
                    return Err(meta.error(format!("`{key}` takes no value")));
                }
                Takes::Nothing => Value::Flag,
            };
            if settings.values.insert(key, value).is_some() {
                problems.at(&meta.path, format!("`{key}` is given twice"));
            }
            Ok(())
        });
        if let Err(error) = parsed {
            settings.broken = true;
            problems.push(error);
        }
    }
    settings
}

impl Settings {
    /// Whether the attribute is there at all.
    pub fn present(&self) -> bool {
        self.present
    }

    /// Where the attribute is, or the item if it has none.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> Option<&LitStr> {
        match self.values.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The text of a key that must be there and must not be empty; the mistake is recorded.
    pub fn required(&self, key: &str, problems: &mut Problems) -> String {
        match self.text(key) {
            Some(text) if text.value().is_empty() => problems.at(text, format!("`{key}` is empty")),
            Some(text) => return text.value(),
            None => self.missing(key, "\"…\"", problems),
        }
        String::new()
    }

    /// The number of a key that must be there; the mistake is recorded.
    pub fn required_number(&self, key: &str, problems: &mut Problems) -> Option<LitInt> {
        match self.values.get(key) {
            Some(Value::Number(number)) => Some(number.clone()),
            _ => {
                self.missing(key, "…", problems);
                None
            }
        }
    }

    /// The text of a key as Rust; `what` is what it has to be, such as `a path`.
    pub fn parsed<T: Parse>(&self, key: &str, what: &str, problems: &mut Problems) -> Option<T> {
        let text = self.text(key)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            problems.at(text, format!("`{key}` takes {what}"));
        }
        parsed
    }

    /// The path of the generated crate's module `support`.
    pub fn support(&self, problems: &mut Problems) -> Path {
        self.parsed("support", "the path of a module", problems).unwrap_or_else(|| syn::parse_quote!(crate::support))
    }

    /// Whether a flag is there.
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.values.get(key), Some(Value::Flag))
    }

    /// Records that something is missing, unless a mistake in the attribute was reported already.
    pub fn incomplete(&self, message: impl Display, problems: &mut Problems) {
        if !self.broken {
            problems.push(syn::Error::new(self.span, message));
        }
    }

    fn missing(&self, key: &str, value: &str, problems: &mut Problems) {
        self.incomplete(format!("missing `{key}`: expected `#[{}({key} = {value})]`", self.name), problems);
    }
}

fn literal<T: Parse>(meta: &syn::meta::ParseNestedMeta<'_>, key: &str, what: &str) -> syn::Result<T> {
    let message = format!("`{key}` takes {}", what.replace("key", key));
    let value = meta.value().map_err(|_| meta.error(&message))?;
    let span = value.span();
    value.parse().map_err(|_| syn::Error::new(span, message))
}

fn unknown_key(found: &str, keys: &[Key]) -> String {
    let closest = keys.iter().map(|(key, _)| (edit_distance(found, key), *key)).min().filter(|(distance, _)| *distance <= found.len() / 3 + 1);
    match closest {
        Some((_, key)) => format!("unknown key `{found}`; did you mean `{key}`?"),
        None => format!("unknown key `{found}`: expected {}", listing(keys)),
    }
}

fn listing(keys: &[Key]) -> String {
    let names: Vec<_> = keys.iter().map(|(key, _)| format!("`{key}`")).collect();
    names.join(", ")
}

/// Levenshtein's distance.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, left) in left.chars().enumerate() {
        let mut next = vec![line + 1];
        for ((diagonal, right), above) in row.iter().zip(&right).zip(row.iter().skip(1)) {
            let before = next.last().copied().unwrap_or(line + 1);
            next.push((diagonal + usize::from(left != *right)).min(above + 1).min(before + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(left.chars().count())
}
