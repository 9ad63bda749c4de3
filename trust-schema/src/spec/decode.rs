//! Decoding with several errors at once.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use super::shape::Shape;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{At, FileId, Span};

/// A value of a TOML file.
pub type Value<'v, 'i> = &'v Spanned<DeValue<'i>>;

/// A type that can be read from a spec. `None` means that a diagnostic was given.
pub trait Decode: Sized {
    /// What it accepts, for the reference.
    fn shape() -> Shape;
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self>;
}

/// A word and what it means.
pub type Choice<T> = (&'static str, fn() -> T);

/// Collects the mistakes of one file.
pub struct Decoder<'d> {
    file: FileId,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'d> Decoder<'d> {
    pub fn new(file: FileId, diagnostics: &'d mut Vec<Diagnostic>) -> Decoder<'d> {
        Decoder { file, diagnostics }
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub fn span<T>(&self, value: &Spanned<T>) -> Span {
        Span::new(self.file, value.span())
    }

    /// A table with the given keys; other keys are errors.
    pub fn table<'v, 'i>(&mut self, value: Value<'v, 'i>, keys: &'static [&'static str]) -> Option<Table<'v, 'i>> {
        let DeValue::Table(entries) = value.get_ref() else {
            self.wrong_type(value, "a table");
            return None;
        };
        let table = Table { entries, span: self.span(value) };
        for (key, _) in entries.iter().filter(|(key, _)| !keys.contains(&key.get_ref().as_ref())) {
            let word = key.get_ref().as_ref();
            let span = self.span(key);
            let known = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let diagnostic = Diagnostic::error(&codes::UNKNOWN_KEY, format!("unknown key `{}`", printable(word)), span)
                .suggest(word, keys.iter().copied().filter(|key| !entries.contains_key(*key)), Some(span))
                .help(if keys.is_empty() { "nothing is expected here".to_owned() } else { format!("expected: {known}") });
            self.report(diagnostic);
        }
        Some(table)
    }

    /// Text. Characters that no database object can hold, or that hide what a reviewer sees, are refused.
    pub fn string(&mut self, value: Value<'_, '_>) -> Option<At<String>> {
        let DeValue::String(text) = value.get_ref() else {
            self.wrong_type(value, "a string");
            return None;
        };
        let span = self.span(value);
        self.clean(text, span).then(|| At::new(text.clone().into_owned(), span))
    }

    /// `Some` when the value is a string: what it holds, or `None` when it is not acceptable.
    pub fn if_string(&mut self, value: Value<'_, '_>) -> Option<Option<At<String>>> {
        matches!(value.get_ref(), DeValue::String(_)).then(|| self.string(value))
    }

    /// One of several words.
    pub fn choice<T>(&mut self, value: Value<'_, '_>, choices: &[Choice<T>]) -> Option<T> {
        let word = self.string(value)?;
        if let Some((_, make)) = choices.iter().find(|(label, _)| *label == word.value) {
            return Some(make());
        }
        let labels = choices.iter().map(|(label, _)| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        let message = format!("unknown value `{}`", printable(&word.value));
        let mut diagnostic = Diagnostic::error(&codes::UNKNOWN_VALUE, message, word.span).help(format!("expected one of {labels}"));
        if let Some(best) = crate::diagnostic::similar(&word.value, choices.iter().map(|(label, _)| *label)) {
            diagnostic = diagnostic.patch(word.span, format!("\"{best}\""));
        }
        self.report(diagnostic);
        None
    }

    pub fn wrong_type(&mut self, value: Value<'_, '_>, expected: &str) {
        let span = self.span(value);
        let found = type_name(value.get_ref());
        self.report(Diagnostic::error(&codes::WRONG_TYPE, format!("expected {expected}, found {found}"), span));
    }

    /// Reports characters that are not allowed in any text of a spec; whether there were none.
    pub fn clean(&mut self, text: &str, span: Span) -> bool {
        let Some((offset, character)) = text.char_indices().find(|(_, character)| forbidden(*character)) else { return true };
        // A whole file is shown at the character; a string of TOML may be written with escapes, and is shown as a whole.
        let span = if span.range().len() == text.len() {
            Span::new(span.file, span.start as usize + offset..span.start as usize + offset + character.len_utf8())
        } else {
            span
        };
        let code = u32::from(character);
        let (kind, why) = match character {
            '\0' => (&codes::NUL_CHARACTER, "PostgreSQL cannot store it, and a statement would end there"),
            character if is_bidirectional(character) => {
                (&codes::BIDIRECTIONAL_CHARACTER, "it makes a reviewer see another text than PostgreSQL reads")
            }
            _ => (&codes::CONTROL_CHARACTER, "only newline and tab are allowed"),
        };
        self.report(Diagnostic::error(kind, format!("character U+{code:04X} is not allowed in a spec"), span).help(why));
        false
    }
}

/// A table being read.
pub struct Table<'v, 'i> {
    entries: &'v DeTable<'i>,
    span: Span,
}

impl Table<'_, '_> {
    pub fn span(&self) -> Span {
        self.span
    }

    /// Outer `None`: a diagnostic was given; inner `None`: the key is absent.
    pub fn optional<T: Decode>(&self, decoder: &mut Decoder<'_>, key: &str) -> Option<Option<T>> {
        match self.entries.get(key) {
            None => Some(None),
            Some(value) => T::decode(value, decoder).map(Some),
        }
    }

    pub fn required<T: Decode>(&self, decoder: &mut Decoder<'_>, key: &str) -> Option<T> {
        match self.entries.get(key) {
            Some(value) => T::decode(value, decoder),
            None => {
                decoder.report(Diagnostic::error(&codes::MISSING_KEY, format!("missing key `{key}`"), self.span));
                None
            }
        }
    }
}

fn forbidden(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t') || is_bidirectional(character)
}

/// The characters of the "Trojan Source" attack (CVE-2021-42574) and the invisible marks.
fn is_bidirectional(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

/// A user's word for a message: characters that would garble the terminal are escaped.
pub fn printable(text: &str) -> String {
    text.chars().flat_map(|c| if forbidden(c) || c == '\n' { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
