use super::TokenKind::*;
use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Vec<(TokenKind, &str)> {
    let lexed = lex(text);
    assert_eq!(lexed.errors, Vec::new(), "{text}");
    lexed.tokens.iter().map(|token| (token.kind, token.text(text))).collect()
}

fn operators(text: &str) -> Vec<&str> {
    read(text).into_iter().map(|(_, text)| text).collect()
}

#[test]
fn strings() {
    for (text, kind) in [
        ("'it''s'", String),
        ("'a\\'", String),
        ("E'a\\'b'", EscapeString),
        ("e'\\\\'", EscapeString),
        ("U&'\\0061'", UnicodeString),
        ("u&\"\\0061\"", UnicodeName),
        ("B'01'", BitString),
        ("x'1F'", HexString),
        ("N'a'", NationalString),
        ("\"a\"\"b\"", QuotedName),
        ("$$a'b$$", DollarString),
        ("$é1$ $x$ $ $é $é1$", DollarString),
        ("$a$x$$a$", DollarString),
        ("'a' -- c\n 'b'", String),
        ("E'a'\n'\\''", EscapeString),
    ] {
        assert_eq!(read(text), [(kind, text)]);
    }
    assert!(lex("'a'\n'b'").tokens.iter().all(|token| token.continued));
    assert_eq!(operators("'a' 'b'"), ["'a'", "'b'"]);
    assert_eq!(operators("'a' /* c */\n 'b'"), ["'a'", "/* c */", "'b'"]);
    assert_eq!(read("a$b$ $1"), [(Word, "a$b$"), (Parameter, "$1")]);
    assert_eq!(read("$a"), [(Unknown, "$"), (Word, "a")]);
    assert_eq!(read("U&x"), [(Word, "U"), (Operator, "&"), (Word, "x")]);
}

#[test]
fn numbers() {
    for text in ["1", "12_345", "0x1F", "0o17", "0b1_0", "0x_1"] {
        assert_eq!(read(text), [(Integer, text)]);
    }
    for text in ["1.5", ".5", "1.", "1e5", "1.e-5", ".5E+1_0"] {
        assert_eq!(read(text), [(Decimal, text)]);
    }
    assert_eq!(read("1..10"), [(Integer, "1"), (DotDot, ".."), (Integer, "10")]);
    for text in ["1a", "1e", "1e+", "1_", "1__0", "0x", "0xg", "0b12", "1.5x", "$1a", "1.x", "0x1$"] {
        assert_eq!(lex(text).errors.len(), 1, "{text}");
        assert_eq!(lex(text).tokens.len(), 1, "{text}");
    }
}

#[test]
fn operators_end_where_postgresql_ends_them() {
    assert_eq!(operators("a->>b"), ["a", "->>", "b"]);
    assert_eq!(operators("1+-2"), ["1", "+", "-", "2"]);
    assert_eq!(operators("a@-b"), ["a", "@-", "b"]);
    assert_eq!(operators("a=-1"), ["a", "=", "-", "1"]);
    assert_eq!(operators("a<>+-b"), ["a", "<>", "+", "-", "b"]);
    assert_eq!(operators("a*--b"), ["a", "*", "--b"]);
    assert_eq!(operators("a+/*b*/c"), ["a", "+", "/*b*/", "c"]);
    assert_eq!(read("a=>b"), [(Word, "a"), (EqualsGreater, "=>"), (Word, "b")]);
    assert_eq!(read("a::b:=c:d"), [(Word, "a"), (TypeCast, "::"), (Word, "b"), (ColonEquals, ":="), (Word, "c"), (Colon, ":"), (Word, "d")]);
    assert_eq!(operators("a>=b"), ["a", ">=", "b"]);
    assert_eq!(operators("-"), ["-"]);
}

#[test]
fn comments() {
    assert_eq!(operators("/* /* */ */x"), ["/* /* */ */", "x"]);
    assert_eq!(operators("-- a\rb"), ["-- a", "b"]);
    assert_eq!(read("\\").first().map(|token| token.0), Some(Unknown));
}

#[test]
fn what_is_not_closed_is_an_error_with_a_range() {
    for text in ["'a", "E'a\\'", "$$a", "$x$a$y$", "\"a", "/* /* */", "U&'", "U&\"", "'a'\n'b"] {
        let lexed = lex(text);
        assert_eq!(lexed.errors.len(), 1, "{text}");
        assert_eq!(lexed.errors.first().map(|error| error.range.clone()), Some(0..text.len()), "{text}");
    }
    assert_eq!(lex("\"\"").errors.len(), 1);
}

#[test]
fn a_megabyte_of_hostile_text_is_read_in_linear_time() {
    for pattern in ["$a", "'a' ", "/*", "$a$ $b", "+-", "1e", "U&"] {
        let text = pattern.repeat(500_000);
        let started = std::time::Instant::now();
        lex(&text);
        assert!(started.elapsed().as_secs() < 10, "{pattern}");
    }
}

proptest! {
    #[test]
    fn tokens_and_white_space_make_up_the_text(
        text in r#"([ \n]|'|"|\$|\$a\$|--|/\*|\*/|E'|U&"|\\|[a-z]|[0-9]|\.|:|=|\(|é|😀|\PC){0,40}"#
    ) {
        let lexed = lex(&text);
        let mut position = 0;
        for token in &lexed.tokens {
            prop_assert!(token.start >= position && token.end > token.start);
            prop_assert!(text[position..token.start].bytes().all(is_space));
            prop_assert!(text.is_char_boundary(token.end));
            position = token.end;
        }
        prop_assert!(text[position..].bytes().all(is_space));
        for error in &lexed.errors {
            prop_assert!(text.get(error.range.clone()).is_some());
        }
    }
}
