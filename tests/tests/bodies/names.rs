//! Names in bodies: those of correct bodies are all known, and of misspelt ones most are told.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use tests::compile::{compile, folder};
use trust_schema::catalog::Object;
use trust_schema::kinds::function::Function;
use trust_schema::plpgsql::Language;
use trust_schema::plpgsql::names::{Declared, Looked, look_up};
use trust_schema::resolve::body_names::Known;
use trust_schema::sql::keyword;
use trust_schema::sql::lexer::{self, TokenKind};

use super::shapes::{shapes, world};

struct World;

impl Declared for World {
    fn columns(&self, schema: &str, relation: &str) -> Option<Vec<String>> {
        let columns: &[&str] = match (schema, relation) {
            ("app", "notes") => &["id", "owner", "note"],
            ("app", "members") => &["user_id", "is_admin"],
            ("app", "nothing") => &["a"],
            _ => return None,
        };
        Some(columns.iter().map(|column| (*column).to_owned()).collect())
    }
    fn accepts(&self, schema: &str, function: &str, arguments: usize) -> Option<bool> {
        let world = world();
        let found = world.function.iter().find(|known| schema == "app" && known.name == function)?;
        Some(found.arguments.len() == arguments)
    }
    fn arguments(&self, schema: &str, function: &str) -> Option<Vec<String>> {
        let world = world();
        let found = world.function.iter().find(|known| schema == "app" && known.name == function)?;
        Some(found.arguments.clone())
    }
}

#[test]
fn bodies_that_postgresql_runs_have_no_unknown_name() {
    for shape in shapes() {
        let looked = look_up(&shape.body, Language::of(&shape.language), &["p_user"], &World);
        assert!(looked.unknown.is_empty(), "{}: {:?}", shape.name, looked.unknown);
    }
}

/// A body and the names in it that mean nothing.
#[derive(Deserialize)]
pub struct Body {
    pub text: String,
    #[serde(default)]
    pub unknown: Vec<String>,
}

#[derive(Deserialize)]
struct Bodies {
    body: Vec<Body>,
}

pub fn bodies() -> Vec<Body> {
    toml::from_str::<Bodies>(include_str!("names.toml")).expect("the bodies are TOML").body
}

#[test]
fn names_that_mean_nothing_are_told_and_no_others() {
    for body in bodies() {
        let looked = look_up(&body.text, Language::Plpgsql, &["p_user"], &World);
        let unknown: Vec<&str> = looked.unknown.iter().map(|unknown| unknown.name.as_str()).collect();
        assert_eq!(unknown, body.unknown, "{}: {:?}", body.text, looked.unknown);
    }
}

/// The body with one of its names misspelt: every one but those behind AS and in declarations, once each.
pub fn misspellings(text: &str, schemas: &BTreeSet<&str>) -> Vec<String> {
    let tokens: Vec<_> = lexer::lex(text).tokens.into_iter().filter(|token| !token.kind.is_comment()).collect();
    let begin = tokens.iter().position(|token| token.is_word(text, "begin")).unwrap_or_default();
    let mut misspelt = Vec::new();
    for (at, token) in tokens.iter().enumerate().skip(begin) {
        // Words of PL/pgSQL, and relations, which are looked up with their schema elsewhere.
        let structure =
            ["raise", "exception", "elsif", "perform", "exit", "loop", "foreach", "get", "diagnostics", "row_count", "epoch", "found", "continue"];
        let qualifier = at.checked_sub(2).map(|before| tokens[before].text(text)).filter(|_| tokens[at - 1].kind == TokenKind::Dot);
        if structure.iter().any(|word| token.is_word(text, word)) || qualifier.is_some_and(|name| schemas.contains(name)) {
            continue;
        }
        let is_name = token.kind == TokenKind::Word && keyword::find(&token.text(text).to_ascii_lowercase()).is_none();
        // Qualifiers and functions are looked up elsewhere.
        let next = tokens.get(at + 1).map(|next| next.kind);
        if matches!(next, Some(TokenKind::Dot | TokenKind::LeftParenthesis)) {
            continue;
        }
        let gives_name = at.checked_sub(1).is_some_and(|before| tokens[before].is_word(text, "as") || tokens[before].is_word(text, "for"));
        if !is_name || gives_name {
            continue;
        }
        let mut wrong = text.to_owned();
        wrong.insert_str(token.end, "_zz");
        misspelt.push(wrong);
    }
    misspelt
}

pub fn looked(function: &Function, text: &str, names: &Known<'_>) -> Looked {
    look_up(text, Language::of(&function.language), &function.parameter_names(), names)
}

#[test]
fn misspelt_names_of_the_spec_are_told() {
    let compiled = compile(folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")));
    let resolution = compiled.0.resolution.as_ref().expect("the spec has no mistakes");
    let schemas: BTreeSet<&str> = resolution
        .catalog
        .objects()
        .filter_map(|object| if let Object::Function(function) = object { Some(&*function.name.schema) } else { None })
        .collect();
    let declared = Known::new(&resolution.names, &resolution.catalog);
    let (mut known, mut unresolved, mut misspelt, mut told) = (0, 0, 0, 0);
    for object in resolution.catalog.objects() {
        let Object::Function(function) = object else { continue };
        let text = &function.body;
        let right = looked(function, text, &declared);
        assert!(right.unknown.is_empty(), "{}: {:?}", function.name, right.unknown);
        known += right.known;
        unresolved += right.unresolved;
        for wrong in misspellings(text, &schemas) {
            misspelt += 1;
            let found = looked(function, &wrong, &declared);
            told += usize::from(!found.unknown.is_empty());
        }
    }
    println!("{known} names known, {unresolved} unresolved; of {misspelt} misspelt ones {told} told");
    assert!(told * 100 > misspelt * 98, "of {misspelt} misspelt names {told} are told");
    assert!(unresolved * 20 < known, "{unresolved} of {known}");
}
