//! Relations that SQL names in strings: `nextval('public.s')`, `'public.s'::regclass`. PostgreSQL looks them up when the object is created.

use std::collections::BTreeSet;

use super::Lowering;
use crate::catalog::{Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::Kind;
use crate::spec::Text;
use crate::sql::identifier::parse_reference;
use crate::sql::lexer::{self, Token, TokenKind};
use crate::sql::value;

/// Functions whose first argument is the name of a sequence.
const FUNCTIONS: [&str; 3] = ["nextval", "currval", "setval"];

impl Lowering<'_> {
    /// Resolves the names in strings; adds them to the needs.
    pub(super) fn resolve_strings(&mut self, text: &Text, needs: &mut BTreeSet<Id>) {
        let tokens = lexer::lex(&text.value).tokens;
        for (position, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind.is_string()) {
            let before = |back: usize| position.checked_sub(back).and_then(|position| tokens.get(position));
            let is_argument = before(1).is_some_and(|token| token.kind == TokenKind::LeftParenthesis)
                && before(2).is_some_and(|token| FUNCTIONS.iter().any(|function| token.is_word(&text.value, function)));
            if is_argument || is_cast(&text.value, tokens.get(position + 1..).unwrap_or_default()) {
                self.resolve_string(text, *token, needs);
            }
        }
    }

    fn resolve_string(&mut self, text: &Text, token: Token, needs: &mut BTreeSet<Id>) {
        let span = self.sources.inside(text, token.range());
        let Some(Ok(written)) = value::string(token.kind, token.text(&text.value)) else { return };
        let (schema, name) = match parse_reference(&written) {
            Ok(parts) => parts,
            Err(problem) => return self.report(Diagnostic::error(&codes::BAD_NAME, problem.message, span)),
        };
        let Some(schema) = schema else {
            let qualified = QualifiedName::new(self.default_schema.as_str(), name.as_str());
            let message = format!("`{written}` is named without its schema");
            return self.report(Diagnostic::error(&codes::UNQUALIFIED_NAME, message, span).help(format!("write `'{qualified}'`")));
        };
        if self.names.schemas.get(&schema).is_some_and(|declared| declared.external && schema != super::DEFAULT_SCHEMA) || schema == "pg_catalog" {
            return;
        }
        let qualified = QualifiedName::new(schema, name);
        match (self.names.relation_names.get(&qualified), self.names.relation(&qualified)) {
            (_, Some(relation)) if relation.external => {}
            (_, Some(relation)) => {
                needs.insert(relation.id.clone());
            }
            (Some(("sequence", _)), None) => {
                needs.insert(Id::of(Kind::Sequence, &qualified));
            }
            (Some(("index", _)), None) => {
                needs.insert(Id::of(Kind::Index, &qualified));
            }
            // The sequence of an identity column, the index of a key.
            (Some(_), None) => {}
            (None, None) => {
                let known: Vec<String> = self.names.relation_names.keys().map(ToString::to_string).collect();
                let message = format!("unknown sequence or relation `{qualified}`");
                self.report(Diagnostic::error(&codes::UNKNOWN_TABLE, message, span).suggest(
                    &qualified.to_string(),
                    known.iter().map(String::as_str),
                    None,
                ));
            }
        }
    }
}

/// `::regclass` or `::pg_catalog.regclass`.
fn is_cast(text: &str, behind: &[Token]) -> bool {
    let is = |position: usize, word: &str| behind.get(position).is_some_and(|token: &Token| token.is_word(text, word));
    behind.first().is_some_and(|token| token.kind == TokenKind::TypeCast) && (is(1, "regclass") || is(1, "pg_catalog") && is(3, "regclass"))
}
