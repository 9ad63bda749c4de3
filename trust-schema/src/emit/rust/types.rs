//! `types.rs`, and the Rust types of PostgreSQL's own.

use super::context::{Context, LANGUAGE};
use super::names::field;
use super::writer::{code, document, literal, module as file};
use crate::diagnostic::Diagnostic;
use crate::emit::model::names::Taken;
use crate::emit::model::{Composite, Domain};

/// The Rust type of a type of `pg_catalog`: those for which the crates that the output depends on implement the binary format.
pub fn builtin(name: &str) -> Option<&'static str> {
    Some(match name {
        "bool" => "bool",
        "int2" => "i16",
        "int4" => "i32",
        "int8" => "i64",
        "float4" => "f32",
        "float8" => "f64",
        "numeric" => "rust_decimal::Decimal",
        "text" | "varchar" | "bpchar" | "name" => "String",
        "bytea" => "Vec<u8>",
        "uuid" => "uuid::Uuid",
        "json" | "jsonb" => "serde_json::Value",
        "timestamptz" => "jiff::Timestamp",
        "timestamp" => "jiff::civil::DateTime",
        "date" => "jiff::civil::Date",
        "time" => "jiff::civil::Time",
        "interval" => "crate::support::Interval",
        "inet" | "cidr" => "crate::support::Network",
        _ => return None,
    })
}

pub fn module(context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let model = context.model;
    let mut items = Vec::new();
    let mut imports = Vec::new();
    for object in &model.composites {
        if let Some(name) = context.composite_or_domain(&object.name) {
            items.push(composite(object, name, context, diagnostics));
            imports.push("PostgresComposite");
        }
    }
    for object in &model.domains {
        if let Some(name) = context.composite_or_domain(&object.name) {
            items.push(domain(object, name, context));
            imports.push("PostgresDomain");
        }
    }
    imports.dedup();
    file("The composite types and domains.", &imports, items)
}

fn composite(object: &Composite, name: &str, context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let mut text = String::new();
    let about = format!("The composite type {}.", code(&object.name.to_string()));
    document(&mut text, "", object.comment.as_deref().unwrap_or(&about));
    text.push_str("#[derive(Clone, Debug, PartialEq, PostgresComposite)]\n");
    text.push_str(&format!("#[postgres(schema = {}, name = {})]\n", literal(&object.name.schema), literal(&object.name.name)));
    if object.attributes.is_empty() {
        return text + &format!("pub struct {name} {{}}\n");
    }
    text.push_str(&format!("pub struct {name} {{\n"));
    let mut taken = Taken::default();
    for attribute in &object.attributes {
        let (field, renamed) = field(&attribute.name);
        taken.take(LANGUAGE, &field, format!("attribute `{}` of `{}`", attribute.name, object.name), object.span, diagnostics);
        document(&mut text, "    ", &code(&attribute.name));
        if renamed {
            text.push_str(&format!("    #[postgres(attribute = {})]\n", literal(&attribute.name)));
        }
        // PostgreSQL lets every attribute be NULL, whatever its type.
        let ty = context.rust_type(&attribute.data_type.form).nullable(true);
        text.push_str(&format!("    pub {field}: {ty},\n"));
    }
    text + "}\n"
}

fn domain(object: &Domain, name: &str, context: &Context<'_>) -> String {
    let mut text = String::new();
    let about = format!("The domain {}.", code(&object.name.to_string()));
    document(&mut text, "", object.comment.as_deref().unwrap_or(&about));
    text.push_str("#[derive(Clone, Debug, PartialEq, PostgresDomain)]\n");
    text.push_str(&format!("#[postgres(schema = {}, name = {})]\n", literal(&object.name.schema), literal(&object.name.name)));
    let base = context.rust_type(&object.base.form).text;
    text + &format!("pub struct {name}(pub {base});\n")
}
