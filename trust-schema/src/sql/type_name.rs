//! Names of types: every spelling that PostgreSQL takes, printed as PostgreSQL prints it.

use std::fmt;

use super::Error;
use super::builtin::{self, TypeKind};
use super::identifier::{self, quote};
use super::lexer::{self, TokenKind};
use super::value;

/// The type of a column, an argument, a result or a cast, with the aliases of the SQL standard resolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName {
    /// The schema as written; `None` for a built-in type (also when written `pg_catalog.int4`) and for an unqualified name.
    pub schema: Option<String>,
    /// The internal name without quotes: `int4` for `integer`, `bpchar` for `character`.
    pub name: String,
    /// What stands between the parentheses, with defaults filled in (`character` is `character(1)`, `numeric(5)` is `numeric(5,0)`).
    pub modifiers: Vec<Modifier>,
    /// The fields of an `interval`.
    pub interval_fields: Option<IntervalFields>,
    /// How many `[]` are written; `array` is one. PostgreSQL does not distinguish `text[]` and `text[][]`, and both print as `text[]`.
    pub array_dimensions: usize,
}

/// One modifier of a type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Modifier {
    /// A whole number.
    Number(i64),
    /// A word, as in PostGIS' `geometry(Point, 4326)`, folded.
    Word(String),
    /// A string constant.
    Text(String),
}

/// The fields that an `interval` keeps, in the words of the type's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntervalFields {
    /// `year`
    Year,
    /// `month`
    Month,
    /// `day`
    Day,
    /// `hour`
    Hour,
    /// `minute`
    Minute,
    /// `second`
    Second,
    /// `year to month`
    YearToMonth,
    /// `day to hour`
    DayToHour,
    /// `day to minute`
    DayToMinute,
    /// `day to second`
    DayToSecond,
    /// `hour to minute`
    HourToMinute,
    /// `hour to second`
    HourToSecond,
    /// `minute to second`
    MinuteToSecond,
}

impl IntervalFields {
    /// Every combination that the grammar has.
    pub const ALL: [Self; 13] = [
        Self::Year,
        Self::Month,
        Self::Day,
        Self::Hour,
        Self::Minute,
        Self::Second,
        Self::YearToMonth,
        Self::DayToHour,
        Self::DayToMinute,
        Self::DayToSecond,
        Self::HourToMinute,
        Self::HourToSecond,
        Self::MinuteToSecond,
    ];

    /// The fields in SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
            Self::YearToMonth => "year to month",
            Self::DayToHour => "day to hour",
            Self::DayToMinute => "day to minute",
            Self::DayToSecond => "day to second",
            Self::HourToMinute => "hour to minute",
            Self::HourToSecond => "hour to second",
            Self::MinuteToSecond => "minute to second",
        }
    }

    /// Whether the fields include seconds, which alone take a precision.
    pub fn has_seconds(self) -> bool {
        self.as_str().ends_with("second")
    }
}

impl TypeName {
    /// Reads a type in any spelling of PostgreSQL.
    ///
    /// # Errors
    /// The text is no type, its modifiers are not those of the type, or it is one of `serial` (no type: it creates a sequence),
    /// `setof` and `%type`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parsed = super::type_parser::parse(text)?;
        check_names(&parsed).map_err(|error| Error::new(0..text.len(), error.message))?;
        Ok(parsed)
    }

    /// Reads a type that a column can have.
    ///
    /// # Errors
    /// As [`TypeName::parse`], and for pseudo-types.
    pub fn parse_column(text: &str) -> Result<Self, Error> {
        let parsed = Self::parse(text)?;
        if parsed.is_pseudo() {
            let message = format!("no column can have the pseudo-type `{parsed}`");
            return Err(Error::new(0..text.len(), message));
        }
        Ok(parsed)
    }

    /// The name that a text gives a type in one word and without a schema, as `point` and `point[]` do: PostgreSQL looks into `pg_catalog` first.
    pub fn bare_name(text: &str) -> Option<String> {
        let tokens = lexer::tokens(text).ok()?;
        let (first, next) = (tokens.first()?, tokens.get(1));
        if next.is_some_and(|next| matches!(next.kind, TokenKind::Dot | TokenKind::Word)) {
            return None;
        }
        value::identifier(first.kind, first.text(text))?.ok()
    }

    /// The type with its schema, which no other type can be meant by.
    pub fn qualified(&self) -> String {
        let schema = self.schema.clone().unwrap_or_else(|| "pg_catalog".to_owned());
        TypeName { schema: Some(schema), ..self.clone() }.to_string()
    }

    /// What the type (of the elements) is in `pg_catalog`, `None` when it is none of its types.
    pub fn builtin_kind(&self) -> Option<TypeKind> {
        if self.schema.is_none() { builtin::type_kind(&self.name) } else { None }
    }

    /// Whether the type (of the elements) is one of `pg_catalog`.
    pub fn is_builtin(&self) -> bool {
        self.builtin_kind().is_some()
    }

    /// Whether the type is a pseudo-type such as `record`, `trigger` or `anyelement`.
    pub fn is_pseudo(&self) -> bool {
        self.builtin_kind() == Some(TypeKind::Pseudo)
    }

    /// Whether the type is an array.
    pub fn is_array(&self) -> bool {
        self.array_dimensions > 0
    }

    /// The type of the elements of an array; of another type itself.
    #[must_use]
    pub fn element(&self) -> Self {
        Self { array_dimensions: 0, ..self.clone() }
    }

    /// Writes the modifiers, or nothing.
    fn write_modifiers(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, modifier) in self.modifiers.iter().enumerate() {
            formatter.write_str(if position == 0 { "(" } else { "," })?;
            match modifier {
                Modifier::Number(number) => write!(formatter, "{number}")?,
                Modifier::Word(word) => formatter.write_str(&quote(word))?,
                Modifier::Text(text) => {
                    formatter.write_str(&super::literal::string(text).map_err(|_| fmt::Error)?)?;
                }
            }
        }
        if self.modifiers.is_empty() { Ok(()) } else { formatter.write_str(")") }
    }

    /// The name as `format_type_extended` of PostgreSQL writes it: before and behind the modifiers.
    fn builtin_spelling(&self) -> Option<(&'static str, &'static str)> {
        Some(match self.name.as_str() {
            "bit" if !self.modifiers.is_empty() => ("bit", ""),
            "bool" => ("boolean", ""),
            "bpchar" if !self.modifiers.is_empty() => ("character", ""),
            "float4" => ("real", ""),
            "float8" => ("double precision", ""),
            "int2" => ("smallint", ""),
            "int4" => ("integer", ""),
            "int8" => ("bigint", ""),
            "interval" => ("interval", ""),
            "json" => ("json", ""),
            "numeric" => ("numeric", ""),
            "time" => ("time", " without time zone"),
            "timetz" => ("time", " with time zone"),
            "timestamp" => ("timestamp", " without time zone"),
            "timestamptz" => ("timestamp", " with time zone"),
            "varbit" => ("bit varying", ""),
            "varchar" => ("character varying", ""),
            _ => return None,
        })
    }
}

impl fmt::Display for TypeName {
    /// Writes the type as `format_type(oid, typmod)` does for a type of `pg_catalog`, others with their schema when they have one.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spelling = if self.schema.is_none() { self.builtin_spelling() } else { None };
        match (spelling, &self.schema) {
            (Some((before, behind)), _) => {
                formatter.write_str(before)?;
                if let Some(fields) = self.interval_fields {
                    write!(formatter, " {}", fields.as_str())?;
                }
                self.write_modifiers(formatter)?;
                formatter.write_str(behind)?;
            }
            (None, Some(schema)) => {
                write!(formatter, "{}.{}", quote(schema), quote(&self.name))?;
                self.write_modifiers(formatter)?;
            }
            (None, None) => {
                formatter.write_str(&quote(&self.name))?;
                self.write_modifiers(formatter)?;
            }
        }
        if self.is_array() { formatter.write_str("[]") } else { Ok(()) }
    }
}

impl std::str::FromStr for TypeName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

/// Whether two names of types are equal as PostgreSQL sees them: the number of `[]` does not count.
pub fn same_type(left: &TypeName, right: &TypeName) -> bool {
    left.is_array() == right.is_array() && left.element() == right.element()
}

/// Checks the parts of a type that was not read from text.
///
/// # Errors
/// A part is no name.
pub fn check_names(type_name: &TypeName) -> Result<(), Error> {
    type_name.schema.as_deref().map_or(Ok(()), identifier::check)?;
    identifier::check(&type_name.name)
}
