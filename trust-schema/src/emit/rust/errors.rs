//! `errors.rs`.

use super::context::LANGUAGE;
use super::names::variant;
use super::writer::{code, document, literal, module as file};
use crate::diagnostic::Diagnostic;
use crate::emit::model::Model;
use crate::emit::model::names::Taken;

/// The variant that keeps what is not declared. A declared error of this name gets another one.
const DATABASE: &str = "Database";

pub fn module(model: &Model, diagnostics: &mut Vec<Diagnostic>) -> String {
    let mut text = "/// What a call fails with: a declared error by its name, or any other error of the database or the connection.\n".to_owned();
    text.push_str("#[derive(Debug, Errors)]\n#[non_exhaustive]\npub enum Error {\n");
    let mut taken = Taken::default();
    for error in &model.errors {
        let mut variant = variant(&error.name);
        if variant == DATABASE {
            variant.push('_');
        }
        taken.take(LANGUAGE, &variant, format!("error `{}`", error.name), None, diagnostics);
        let about = if error.summary.trim().is_empty() { code(&error.name) } else { error.summary.clone() };
        document(&mut text, "    ", &about);
        text.push_str(&format!(
            "    #[declared(name = {}, sqlstate = {}, status = {})]\n    {variant}(crate::support::Raised),\n",
            literal(&error.name),
            literal(&error.sqlstate),
            error.status
        ));
    }
    text.push_str(&format!("    /// Any other error.\n    #[database]\n    {DATABASE}(tokio_postgres::Error),\n}}\n"));
    file("The errors that the functions raise.", &["Errors"], [text])
}
