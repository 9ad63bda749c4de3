//! Tokens lie in the text, in order, on character boundaries.

#![cfg_attr(feature = "libfuzzer", no_main)]

use trust_schema::sql::lexer::lex;

fn run(text: &str) {
    let mut end = 0;
    for token in lex(text).tokens {
        assert!(token.start >= end && token.end > token.start, "{token:?} after {end}");
        assert!(text.get(token.range()).is_some(), "{token:?} is no part of the text");
        end = token.end;
    }
}

trust_schema_fuzz::target!(run);
