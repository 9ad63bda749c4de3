//! What values lose in a cast that fails for none of them: `1.25::numeric(3,1)` is 1.3 (PostgreSQL: Data Types; measured by the tests of the casts).
//! Casts that fail for what does not fit lose nothing, but for blanks at the end of a text, which PostgreSQL cuts off wherever a length is given.

use super::type_name::{IntervalFields, Modifier, TypeName};

const DIGITS: &str = "digits";
const FRACTION: &str = "digits behind the point";
const SECONDS: &str = "fractions of seconds";
const TIME: &str = "the time of day";
const DATE: &str = "the date";
const ZONE: &str = "the time zone";
const SHAPE: &str = "the shape";
const UNITS: &str = "units";
const KEYS: &str = "the order of keys, and keys given twice";

/// The digits that a `timestamp`, `time` or `interval` without a precision has behind the second.
const MOST_SECONDS: i64 = 6;

/// Types whose values are never written with more than the 63 bytes of a `name`.
const SHORT: [&str; 22] = [
    "bool",
    "char",
    "cidr",
    "date",
    "float4",
    "float8",
    "inet",
    "int2",
    "int4",
    "int8",
    "interval",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "oid",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "uuid",
    "xid",
];

/// The units of an `interval`, each finer than the one before.
const INTERVAL_UNITS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];

/// What values of one type lose in another; `None` where a value that is cast and cast back is what it was. Of arrays, what their elements lose.
pub fn lost(from: &TypeName, to: &TypeName) -> Option<&'static str> {
    if !to.is_builtin() {
        return None;
    }
    let (source, target) = (from.name.as_str(), to.name.as_str());
    let is_own = from.is_builtin();
    match (source, target) {
        // Whatever type it is, it is written, and cut off.
        ("char" | "bool" | "int4", "char") if is_own => None,
        (_, "char") => Some("all but the first byte"),
        (_, "name") => (!is_own || !SHORT.contains(&source)).then_some("what is behind 63 bytes"),
        // An extension's, in any schema.
        ("citext", _) => parsed(to),
        _ if !is_own => None,
        ("text" | "varchar" | "bpchar" | "name", _) => parsed(to),
        ("numeric", _) => numeric(from, to),
        ("int2" | "int4" | "int8", "numeric") => (scale(to)? < 0).then_some(DIGITS),
        ("int4" | "int8", "float4") | ("int8", "float8") => Some(DIGITS),
        ("int4", "bool") => Some("numbers other than 0 and 1"),
        ("int4", "bit") => (number(to, 0)? < 32).then_some("bits"),
        ("int8", "bit") => (number(to, 0)? < 64).then_some("bits"),
        ("money", "numeric") => (scale(to)? < 2).then_some(FRACTION),
        ("float8", "float4") | ("float4" | "float8", "numeric") => Some(DIGITS),
        ("float4" | "float8", "int2" | "int4" | "int8") => Some(FRACTION),
        ("jsonb", "int2" | "int4" | "int8") => Some(FRACTION),
        ("jsonb", "float4" | "float8") => Some(DIGITS),
        // From PostgreSQL 18 on JSON's null becomes NULL.
        ("jsonb", "bool") => Some("nulls of JSON"),
        ("jsonb", "numeric") => Some(if scale(to).is_some() { FRACTION } else { "nulls of JSON" }),
        ("timestamp" | "timestamptz", "date") => Some(TIME),
        ("timestamp" | "timestamptz", "time" | "timetz") => Some(DATE),
        // Of the two hours that are written alike when summer ends, which one it is. The hour that is left out when it begins is nothing that is lost.
        ("timestamptz", "timestamp") => Some(ZONE),
        ("interval", "time") => Some("days"),
        ("timetz", "time") => Some(ZONE),
        ("interval" | "time", "interval") if finest(to) < finest(from) => Some(UNITS),
        ("timestamp" | "timestamptz", "timestamp" | "timestamptz") | ("time", "time" | "timetz" | "interval") | ("timetz", "timetz") => {
            (seconds(to) < seconds(from)).then_some(SECONDS)
        }
        ("interval", "interval") => (has_seconds(from) && seconds(to) < seconds(from)).then_some(SECONDS),
        ("json", "jsonb") => Some(KEYS),
        ("inet", "cidr") => Some("the bits to the right of the netmask"),
        ("box" | "polygon", "circle" | "point") | ("circle" | "polygon", "box") | ("circle", "polygon" | "point") | ("lseg", "point") => Some(SHAPE),
        ("xid8", "xid") => Some("the epoch"),
        _ => None,
    }
}

/// As [`lost`], of types as they are written; `None` where a text is no type.
pub fn between(from: &str, to: &str) -> Option<&'static str> {
    lost(&TypeName::parse(from).ok()?, &TypeName::parse(to).ok()?)
}

fn numeric(from: &TypeName, to: &TypeName) -> Option<&'static str> {
    let before = scale(from);
    match to.name.as_str() {
        "numeric" => {
            let after = scale(to)?;
            before.is_none_or(|before| after < before).then_some(if after < 0 { DIGITS } else { FRACTION })
        }
        "int2" | "int4" | "int8" => before.is_none_or(|before| before > 0).then_some(FRACTION),
        "money" => before.is_none_or(|before| before > 2).then_some(FRACTION),
        // As many decimal digits as always survive (C: FLT_DIG, DBL_DIG).
        "float4" => number(from, 0).is_none_or(|precision| precision > 6).then_some(DIGITS),
        "float8" => number(from, 0).is_none_or(|precision| precision > 15).then_some(DIGITS),
        _ => None,
    }
}

/// What a text loses that is read as a value of a type, besides how it was written.
fn parsed(to: &TypeName) -> Option<&'static str> {
    match to.name.as_str() {
        "numeric" => scale(to).map(|_| FRACTION),
        "money" => Some(FRACTION),
        "float4" | "float8" | "point" | "lseg" | "box" | "path" | "polygon" | "circle" => Some(DIGITS),
        "jsonb" => Some(KEYS),
        "tsvector" => Some("the order of words, and words given twice"),
        "date" | "daterange" | "datemultirange" => Some(TIME),
        "time" | "timetz" => Some(DATE),
        "timestamp" | "tsrange" | "tsmultirange" => Some(ZONE),
        "interval" if !has_seconds(to) => Some(UNITS),
        "timestamptz" | "interval" => (seconds(to) < MOST_SECONDS).then_some(SECONDS),
        _ => None,
    }
}

/// Of an `interval` the place of the unit below which PostgreSQL cuts off; what stands before the coarsest one stays.
fn finest(ty: &TypeName) -> usize {
    let last = ty.interval_fields.and_then(|fields| fields.as_str().rsplit(' ').next()).unwrap_or("second");
    INTERVAL_UNITS.iter().position(|unit| *unit == last).unwrap_or_default()
}

/// Whether an `interval` keeps seconds, and so a fraction of them.
fn has_seconds(ty: &TypeName) -> bool {
    ty.interval_fields.is_none_or(IntervalFields::has_seconds)
}

/// Of a `numeric`; `None` where it takes digits without end.
fn scale(ty: &TypeName) -> Option<i64> {
    number(ty, 1)
}

fn seconds(ty: &TypeName) -> i64 {
    number(ty, 0).unwrap_or(MOST_SECONDS)
}

fn number(ty: &TypeName, place: usize) -> Option<i64> {
    match ty.modifiers.get(place) {
        Some(Modifier::Number(number)) => Some(*number),
        _ => None,
    }
}
