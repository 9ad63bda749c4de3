//! What is taken for an expression stays between the parentheses around it.

#![cfg_attr(feature = "libfuzzer", no_main)]

use trust_schema::sql::lexer::{TokenKind, lex};
use trust_schema::sql::{expression, query};

fn run(text: &str) {
    let _ = query::parse_query(text);
    if expression::parse(text).is_err() {
        return;
    }
    let lexed = lex(&format!("({text})"));
    assert!(lexed.errors.is_empty());
    let mut depth = 0_usize;
    for (index, token) in lexed.tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LeftParenthesis => depth += 1,
            TokenKind::RightParenthesis => depth -= 1,
            TokenKind::Semicolon => panic!("a `;` passed"),
            _ => {}
        }
        assert_eq!(depth == 0, index + 1 == lexed.tokens.len(), "the parenthesis closes early");
    }
}

trust_schema_fuzz::target!(run);
