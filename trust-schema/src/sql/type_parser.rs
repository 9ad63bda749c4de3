//! The reading of types; see [`type_name`](super::type_name). Follows `SimpleTypename` and `opt_array_bounds` of PostgreSQL's gram.y.

use std::ops::Range;

use super::Error;
use super::builtin::{self, TypeKind};
use super::identifier;
use super::keyword::{self, Category};
use super::lexer::{self, Token, TokenKind};
use super::type_name::{IntervalFields, Modifier, TypeName};
use super::value;

/// The longest `varchar(n)`, `char(n)` (`MaxAttrSize` in htup_details.h).
const MAXIMUM_CHARACTERS: i64 = 10_485_760;
/// The longest `bit(n)` (`MaxAttrSize` in bits, varbit.c).
const MAXIMUM_BITS: i64 = 83_886_080;
/// The highest precision of `numeric` (`NUMERIC_MAX_PRECISION`); since PostgreSQL 15 also the range of its scale in both directions.
const MAXIMUM_PRECISION: i64 = 1000;
/// The highest precision of seconds (`MAX_TIMESTAMP_PRECISION`); a higher one is reduced with a warning only.
const MAXIMUM_SECONDS: i64 = 6;

pub(super) fn parse(text: &str) -> Result<TypeName, Error> {
    let tokens = lexer::tokens(text)?;
    let mut parser = Parser { text, tokens: &tokens, position: 0 };
    let parsed = parser.type_name()?;
    match parser.peek() {
        None => Ok(parsed),
        Some(token) if parser.is_operator("%") => {
            Err(Error::new(token.range(), "`%type` and `%rowtype` are not supported").with_help("write the type itself"))
        }
        Some(token) => Err(Error::new(token.start..text.len(), format!("unexpected `{}` behind the type", token.text(text)))),
    }
}

/// What stands between the parentheses, and where they are.
type Modifiers = (Vec<Modifier>, Range<usize>);

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    position: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.position).copied()
    }

    fn take(&mut self, kind: TokenKind) -> Option<Token> {
        let token = self.peek().filter(|token| token.kind == kind)?;
        self.position += 1;
        Some(token)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_word(self.text, word));
        self.position += usize::from(found);
        found
    }

    fn is_operator(&self, operator: &str) -> bool {
        self.peek().is_some_and(|token| token.kind == TokenKind::Operator && token.text(self.text) == operator)
    }

    fn missing(&self, what: &str) -> Error {
        let range = self.peek().map_or(self.text.len()..self.text.len(), Token::range);
        Error::new(range, format!("{what} is missing here"))
    }

    fn expect_word(&mut self, word: &str) -> Result<(), Error> {
        if self.take_word(word) { Ok(()) } else { Err(self.missing(&format!("`{word}`"))) }
    }

    fn type_name(&mut self) -> Result<TypeName, Error> {
        let start = self.position;
        let first = self.peek().ok_or_else(|| Error::new(0..self.text.len(), "the type is missing"))?;
        let qualified = self.tokens.get(start + 1).is_some_and(|token| token.kind == TokenKind::Dot);
        let mut parsed = if first.kind == TokenKind::Word && !qualified {
            let word = identifier::fold(first.text(self.text)).into_owned();
            self.position += 1;
            match self.standard(&word)? {
                Some(parsed) => parsed,
                None => self.generic(first, None, word)?,
            }
        } else {
            let name = self.name(true)?;
            if self.take(TokenKind::Dot).is_some() {
                let second = self.peek().ok_or_else(|| self.missing("a name"))?;
                let inner = self.name(false)?;
                if let Some(dot) = self.take(TokenKind::Dot) {
                    return Err(Error::new(dot.range(), "the name of a type has at most two parts"));
                }
                self.generic(second, Some(name), inner)?
            } else {
                self.generic(first, None, name)?
            }
        };
        let bounds = self.array_bounds()?;
        if bounds > 0 && parsed.array_dimensions > 0 {
            return Err(self.before("the internal name of an array type takes no `[]`"));
        }
        parsed.array_dimensions += bounds;
        Ok(parsed)
    }

    /// The types that the grammar spells out: the aliases of the SQL standard.
    fn standard(&mut self, word: &str) -> Result<Option<TypeName>, Error> {
        let name = match word {
            "int" | "integer" => "int4",
            "smallint" => "int2",
            "bigint" => "int8",
            "real" => "float4",
            "boolean" => "bool",
            "double" => {
                self.expect_word("precision")?;
                "float8"
            }
            "float" => return self.float().map(Some),
            "decimal" | "dec" | "numeric" => return self.with_modifiers("numeric").map(Some),
            "bit" => {
                let name = if self.take_word("varying") { "varbit" } else { "bit" };
                return self.with_default_length(name, "bit").map(Some);
            }
            "character" | "char" | "nchar" => {
                let name = if self.take_word("varying") { "varchar" } else { "bpchar" };
                return self.with_default_length(name, "bpchar").map(Some);
            }
            "national" => {
                if !self.take_word("character") {
                    self.expect_word("char")?;
                }
                let name = if self.take_word("varying") { "varchar" } else { "bpchar" };
                return self.with_default_length(name, "bpchar").map(Some);
            }
            "varchar" => return self.with_modifiers("varchar").map(Some),
            "timestamp" | "time" => return self.time(word).map(Some),
            "interval" => return self.interval().map(Some),
            "json" => "json",
            "setof" => {
                return Err(self.before("`setof` is no part of a type here").with_help("say in the spec that the function returns a set"));
            }
            "serial" | "serial4" | "bigserial" | "serial8" | "smallserial" | "serial2" => {
                let integer = match word {
                    "serial" | "serial4" => "integer",
                    "bigserial" | "serial8" => "bigint",
                    _ => "smallint",
                };
                let help = format!("use `{integer}` with an identity, whose sequence belongs to the column");
                return Err(self.before(&format!("`{word}` is no type")).with_help(help));
            }
            _ => return Ok(None),
        };
        Ok(Some(plain(name)))
    }

    /// An error at the token that was read last.
    fn before(&self, message: &str) -> Error {
        let token = self.position.checked_sub(1).and_then(|position| self.tokens.get(position));
        Error::new(token.map_or(0..0, |token| token.range()), message)
    }

    fn float(&mut self) -> Result<TypeName, Error> {
        let Some((modifiers, range)) = self.modifiers()? else { return Ok(plain("float8")) };
        match modifiers.as_slice() {
            [Modifier::Number(1..=24)] => Ok(plain("float4")),
            [Modifier::Number(25..=53)] => Ok(plain("float8")),
            _ => Err(Error::new(range, "the precision of `float` is 1 to 53")),
        }
    }

    fn time(&mut self, word: &str) -> Result<TypeName, Error> {
        let modifiers = self.modifiers()?;
        let zone = if self.take_word("with") {
            true
        } else if self.take_word("without") {
            false
        } else {
            return self.finish(plain(word), modifiers);
        };
        self.expect_word("time")?;
        self.expect_word("zone")?;
        let name = if zone { format!("{word}tz") } else { word.to_owned() };
        self.finish(plain(&name), modifiers)
    }

    fn interval(&mut self) -> Result<TypeName, Error> {
        let mut parsed = plain("interval");
        let start = self.peek();
        let first = self.field();
        if let Some(first) = first {
            let mut words = first.to_owned();
            if self.take_word("to") {
                let second = self.field().ok_or_else(|| self.missing("the last field of the interval"))?;
                words = format!("{first} to {second}");
            }
            parsed.interval_fields = IntervalFields::ALL.into_iter().find(|fields| fields.as_str() == words);
            if parsed.interval_fields.is_none() {
                let range = start.map_or(0..0, Token::range);
                return Err(Error::new(range, format!("there is no `interval {words}`")));
            }
        }
        let modifiers = self.modifiers()?;
        if let (Some((_, range)), Some(fields)) = (&modifiers, parsed.interval_fields)
            && !fields.has_seconds()
        {
            return Err(Error::new(range.clone(), "only an interval with seconds has a precision"));
        }
        self.finish(parsed, modifiers)
    }

    fn field(&mut self) -> Option<&'static str> {
        ["year", "month", "day", "hour", "minute", "second"].into_iter().find(|field| self.take_word(field))
    }

    fn with_modifiers(&mut self, name: &str) -> Result<TypeName, Error> {
        let modifiers = self.modifiers()?;
        self.finish(plain(name), modifiers)
    }

    /// `bit` and `character` are one long when nothing is said.
    fn with_default_length(&mut self, name: &str, fixed: &str) -> Result<TypeName, Error> {
        let mut parsed = self.with_modifiers(name)?;
        if parsed.name == fixed && parsed.modifiers.is_empty() {
            parsed.modifiers.push(Modifier::Number(1));
        }
        Ok(parsed)
    }

    /// A name that is no alias of the standard.
    fn generic(&mut self, token: Token, schema: Option<String>, name: String) -> Result<TypeName, Error> {
        if schema.is_none()
            && token.kind == TokenKind::Word
            && let Some(keyword) = keyword::find(&name)
            && !matches!(keyword.category, Category::Unreserved | Category::TypeOrFunctionName)
        {
            return Err(Error::new(token.range(), format!("`{name}` is a key word")).with_help("put the name in double quotes"));
        }
        let schema = schema.filter(|schema| schema != "pg_catalog" || builtin::type_kind(&name).is_none());
        if schema.as_deref() == Some("pg_catalog") {
            return Err(Error::new(token.range(), format!("pg_catalog has no type `{name}`")));
        }
        let mut parsed = TypeName { schema, ..plain(&name) };
        // `_int4` is the internal name of `integer[]`.
        if parsed.builtin_kind() == Some(TypeKind::Array)
            && let Some(element) = name.strip_prefix('_')
        {
            parsed.name = element.to_owned();
            parsed.array_dimensions = 1;
        }
        let modifiers = self.modifiers()?;
        self.finish(parsed, modifiers)
    }

    fn name(&mut self, schema: bool) -> Result<String, Error> {
        let token = self.peek().ok_or_else(|| self.missing("a name"))?;
        let Some(name) = value::identifier(token.kind, token.text(self.text)) else {
            return Err(Error::new(token.range(), format!("`{}` is not the name of a type", token.text(self.text))));
        };
        let name = name.map_err(|error| error.moved_by(token.start))?;
        identifier::check(&name).map_err(|error| Error { range: token.range(), ..error })?;
        // A schema's name is a ColId, whose key words are fewer than those behind the dot.
        if schema
            && token.kind == TokenKind::Word
            && let Some(keyword) = keyword::find(&name)
            && matches!(keyword.category, Category::Reserved | Category::TypeOrFunctionName)
        {
            return Err(Error::new(token.range(), format!("`{name}` is a key word")).with_help("put the name in double quotes"));
        }
        self.position += 1;
        Ok(name)
    }

    /// `(…)`, with its range.
    fn modifiers(&mut self) -> Result<Option<Modifiers>, Error> {
        let Some(open) = self.take(TokenKind::LeftParenthesis) else { return Ok(None) };
        let mut modifiers = Vec::new();
        loop {
            modifiers.push(self.modifier()?);
            if let Some(close) = self.take(TokenKind::RightParenthesis) {
                return Ok(Some((modifiers, open.start..close.end)));
            }
            if self.take(TokenKind::Comma).is_none() {
                return Err(self.missing("`)`"));
            }
        }
    }

    fn modifier(&mut self) -> Result<Modifier, Error> {
        let negative = self.is_operator("-");
        self.position += usize::from(negative);
        let token = self.peek().ok_or_else(|| self.missing("a modifier"))?;
        let written = token.text(self.text);
        let wrong = || Error::new(token.range(), format!("`{written}` is no modifier of a type"));
        self.position += 1;
        if token.kind == TokenKind::Integer {
            let digits = written.replace('_', "");
            let number: i64 = digits.parse().map_err(|_| wrong())?;
            return Ok(Modifier::Number(if negative { -number } else { number }));
        }
        if negative {
            return Err(wrong());
        }
        if let Some(name) = value::identifier(token.kind, written) {
            return Ok(Modifier::Word(name.map_err(|error| error.moved_by(token.start))?));
        }
        match value::string(token.kind, written) {
            Some(text) => Ok(Modifier::Text(text.map_err(|error| error.moved_by(token.start))?)),
            None => Err(wrong()),
        }
    }

    /// Checks the modifiers of a built-in type; other types' modifiers are their own affair.
    fn finish(&self, mut parsed: TypeName, modifiers: Option<Modifiers>) -> Result<TypeName, Error> {
        let Some((modifiers, range)) = modifiers else { return Ok(parsed) };
        if !parsed.is_builtin() {
            parsed.modifiers = modifiers;
            return Ok(parsed);
        }
        let numbers: Option<Vec<i64>> =
            modifiers.iter().map(|modifier| if let Modifier::Number(number) = modifier { Some(*number) } else { None }).collect();
        let refuse = |message: &str| Err(Error::new(range.clone(), message.to_owned()));
        let numbers = numbers.unwrap_or_default();
        let checked = match (parsed.name.as_str(), numbers.as_slice()) {
            ("varchar" | "bpchar", [1..=MAXIMUM_CHARACTERS]) | ("bit" | "varbit", [1..=MAXIMUM_BITS]) => numbers,
            ("varchar" | "bpchar", _) => return refuse("the length is a number from 1 to 10485760"),
            ("bit" | "varbit", _) => return refuse("the length is a number from 1 to 83886080"),
            ("numeric", [precision @ 1..=MAXIMUM_PRECISION]) => vec![*precision, 0],
            ("numeric", [1..=MAXIMUM_PRECISION, scale]) if scale.abs() <= MAXIMUM_PRECISION => numbers,
            ("numeric", [1..=MAXIMUM_PRECISION, _]) => return refuse("the scale is a number from -1000 to 1000"),
            ("numeric", _) => return refuse("`numeric` takes a precision from 1 to 1000 and perhaps a scale"),
            ("time" | "timetz" | "timestamp" | "timestamptz" | "interval", [0..=MAXIMUM_SECONDS]) => numbers,
            ("time" | "timetz" | "timestamp" | "timestamptz" | "interval", _) => return refuse("the precision is a number from 0 to 6"),
            (name, _) => return refuse(&format!("`{name}` takes no modifier")),
        };
        parsed.modifiers = checked.into_iter().map(Modifier::Number).collect();
        Ok(parsed)
    }

    fn array_bounds(&mut self) -> Result<usize, Error> {
        if self.take_word("array") {
            if self.take(TokenKind::LeftBracket).is_some() {
                self.bound(true)?;
            }
            return Ok(1);
        }
        let mut dimensions = 0;
        while let Some(open) = self.take(TokenKind::LeftBracket) {
            self.bound(false)?;
            dimensions += 1;
            // MAXDIM of array.h.
            if dimensions > 6 {
                return Err(Error::new(open.range(), "an array has at most 6 dimensions"));
            }
        }
        Ok(dimensions)
    }

    /// The size of a dimension, which PostgreSQL reads and forgets.
    fn bound(&mut self, required: bool) -> Result<(), Error> {
        let size = self.take(TokenKind::Integer);
        if required && size.is_none() {
            return Err(self.missing("the size of the array"));
        }
        self.take(TokenKind::RightBracket).map(|_| ()).ok_or_else(|| self.missing("`]`"))
    }
}

fn plain(name: &str) -> TypeName {
    TypeName { schema: None, name: name.to_owned(), modifiers: Vec::new(), interval_fields: None, array_dimensions: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Result<String, String> {
        parse(text).map(|parsed| parsed.to_string()).map_err(|error| error.message)
    }

    #[test]
    fn types_outside_the_catalog_keep_their_schema() {
        for (text, expected) in [
            ("public.risk_tier[]", "public.risk_tier[]"),
            ("Public.\"Odd Type\"", "public.\"Odd Type\""),
            ("risk_tier", "risk_tier"),
            ("extensions.vector(1536)", "extensions.vector(1536)"),
            ("extensions.geometry(Point, 4326)", "extensions.geometry(point,4326)"),
            ("public.text", "public.text"),
            ("\"integer\"", "\"integer\""),
        ] {
            assert_eq!(printed(text), Ok(expected.to_owned()), "{text}");
            assert!(!parse(text).expect(text).is_builtin(), "{text}");
        }
    }

    #[test]
    fn wrong_types_are_refused() {
        for (text, message) in [
            ("", "missing"),
            ("varchar(0)", "1 to 10485760"),
            ("varchar(10485761)", "1 to 10485760"),
            ("numeric(0)", "1 to 1000"),
            ("numeric(1001)", "1 to 1000"),
            ("numeric(5,1001)", "scale"),
            ("numeric(5,2,1)", "precision"),
            ("numeric(a)", "precision"),
            ("timestamptz(7)", "0 to 6"),
            ("bit(0)", "83886080"),
            ("float(54)", "1 to 53"),
            ("text(3)", "takes no modifier"),
            ("interval day(3)", "only an interval with seconds"),
            ("interval day to year", "no `interval"),
            ("timestamp with zone", "`time` is missing"),
            ("double", "`precision` is missing"),
            ("serial", "no type"),
            ("bigserial", "no type"),
            ("setof int", "setof"),
            ("public.t.a%type", "two parts"),
            ("t%rowtype", "not supported"),
            ("int int", "unexpected"),
            ("int[", "`]` is missing"),
            ("int[a]", "`]` is missing"),
            ("int[][][][][][][]", "6 dimensions"),
            ("select", "key word"),
            ("between", "key word"),
            ("pg_catalog.integer", "no type"),
            ("'int'", "not the name"),
            ("int; drop", "unexpected"),
            ("varchar(", "modifier"),
            ("varchar(1", "`)` is missing"),
        ] {
            assert!(printed(text).is_err_and(|error| error.contains(message)), "{text}: {:?}", printed(text));
        }
        assert!(parse("serial").is_err_and(|error| error.help.is_some_and(|help| help.contains("identity"))));
    }

    #[test]
    fn pseudo_types_are_known() {
        assert!(parse("trigger").is_ok_and(|parsed| parsed.is_pseudo()));
        assert!(TypeName::parse_column("anyelement").is_err());
        assert!(TypeName::parse_column("record").is_err());
        assert!(TypeName::parse_column("text[]").is_ok());
    }

    #[test]
    fn dimensions_are_kept_and_not_printed() {
        let parsed = parse("text[][3]").expect("a type");
        assert_eq!((parsed.array_dimensions, parsed.to_string().as_str()), (2, "text[]"));
        assert_eq!(parse("int array[4]").map(|parsed| parsed.array_dimensions), Ok(1));
    }
}
