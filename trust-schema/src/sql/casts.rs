//! Which types PostgreSQL casts to which, when it is asked to: `pg_cast` of PostgreSQL 15, which no later version has fewer of. Whatever is a text
//! casts to and from everything, by how values are written; a value may fail then, the statement does not.

use super::type_name::TypeName;

/// Source, and targets.
const CASTS: &[(&str, &[&str])] = &[
    ("bigint", &["bit", "double precision", "integer", "money", "numeric", "oid", "real", "smallint"]),
    ("bit varying", &["bit"]),
    ("bit", &["bigint", "bit varying", "integer"]),
    ("boolean", &["integer"]),
    ("box", &["circle", "lseg", "point", "polygon"]),
    ("cidr", &["inet"]),
    ("circle", &["box", "point", "polygon"]),
    ("date", &["timestamp with time zone", "timestamp without time zone"]),
    ("daterange", &["datemultirange"]),
    ("double precision", &["bigint", "integer", "numeric", "real", "smallint"]),
    ("inet", &["cidr"]),
    ("int4range", &["int4multirange"]),
    ("int8range", &["int8multirange"]),
    ("integer", &["bigint", "bit", "boolean", "double precision", "money", "numeric", "oid", "real", "smallint"]),
    ("interval", &["time without time zone"]),
    ("json", &["jsonb"]),
    ("jsonb", &["bigint", "boolean", "double precision", "integer", "json", "numeric", "real", "smallint"]),
    ("lseg", &["point"]),
    ("macaddr", &["macaddr8"]),
    ("macaddr8", &["macaddr"]),
    ("money", &["numeric"]),
    ("numeric", &["bigint", "double precision", "integer", "money", "real", "smallint"]),
    ("numrange", &["nummultirange"]),
    ("oid", &["bigint", "integer"]),
    ("path", &["polygon"]),
    ("point", &["box"]),
    ("polygon", &["box", "circle", "path", "point"]),
    ("real", &["bigint", "double precision", "integer", "numeric", "smallint"]),
    ("smallint", &["bigint", "double precision", "integer", "numeric", "oid", "real"]),
    ("time with time zone", &["time without time zone"]),
    ("time without time zone", &["interval", "time with time zone"]),
    ("timestamp with time zone", &["date", "time with time zone", "time without time zone", "timestamp without time zone"]),
    ("timestamp without time zone", &["date", "time without time zone", "timestamp with time zone"]),
    ("tsrange", &["tsmultirange"]),
    ("tstzrange", &["tstzmultirange"]),
    ("xid8", &["xid"]),
];

/// Types of texts, which cast to and from everything.
const TEXTS: [&str; 5] = ["text", "character varying", "character", "name", "\"char\""];

/// The pairs of the table.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    CASTS.iter().flat_map(|(source, targets)| targets.iter().map(move |target| (*source, *target)))
}

/// Whether values of one type can be cast to another; `None` where nobody knows, of types that are not PostgreSQL's own.
pub fn exists(from: &TypeName, to: &TypeName) -> Option<bool> {
    let (source, target) = (plain(from), plain(to));
    if is_text(from) || is_text(to) {
        return Some(true);
    }
    if !from.is_builtin() || !to.is_builtin() {
        return None;
    }
    if from.is_array() != to.is_array() {
        return Some(false);
    }
    let in_table = CASTS.iter().any(|(known, targets)| *known == source && targets.contains(&target.as_str()));
    Some(source == target || in_table || TEXTS.contains(&source.as_str()) || TEXTS.contains(&target.as_str()))
}

/// Whether it is a text, which casts to and from everything.
pub fn is_text(ty: &TypeName) -> bool {
    !ty.is_array() && ty.is_builtin() && TEXTS.contains(&plain(ty).as_str())
}

/// The name without modifiers and `[]`.
fn plain(ty: &TypeName) -> String {
    // Without a length these have other names in PostgreSQL.
    match ty.name.as_str() {
        "bit" if ty.schema.is_none() => return "bit".to_owned(),
        "bpchar" if ty.schema.is_none() => return "character".to_owned(),
        _ => {}
    }
    TypeName { modifiers: Vec::new(), interval_fields: None, array_dimensions: 0, ..ty.clone() }.to_string()
}
