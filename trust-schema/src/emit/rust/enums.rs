//! `enums.rs`.

use super::context::{Context, LANGUAGE};
use super::names::variant;
use super::writer::{code, document, literal, module as file};
use crate::diagnostic::Diagnostic;
use crate::emit::model::Enum;
use crate::emit::model::names::Taken;

pub fn module(context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let items: Vec<String> =
        context.model.enums.iter().filter_map(|object| Some(item(object, context.enumeration(&object.name)?, diagnostics))).collect();
    let imports: &[&str] = if items.is_empty() { &[] } else { &["PostgresEnum"] };
    file("The enums.", imports, items)
}

fn item(object: &Enum, name: &str, diagnostics: &mut Vec<Diagnostic>) -> String {
    let mut text = String::new();
    let about = format!("The enum {}.", code(&object.name.to_string()));
    document(&mut text, "", object.comment.as_deref().unwrap_or(&about));
    text.push_str("#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, PostgresEnum)]\n");
    text.push_str(&format!("#[postgres(schema = {}, name = {})]\n", literal(&object.name.schema), literal(&object.name.name)));
    if object.labels.is_empty() {
        return text + &format!("pub enum {name} {{}}\n");
    }
    text.push_str(&format!("pub enum {name} {{\n"));
    let mut taken = Taken::default();
    for label in &object.labels {
        let variant = variant(label);
        taken.take(LANGUAGE, &variant, format!("value `{label}` of enum `{}`", object.name), object.span, diagnostics);
        document(&mut text, "    ", &code(label));
        text.push_str(&format!("    #[postgres(label = {})]\n    {variant},\n", literal(label)));
    }
    text + "}\n"
}
