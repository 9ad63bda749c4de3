//! Types of PostgreSQL as types of TypeScript, as `pgTypeToTsType` of `@supabase/postgrest-typegen` 0.2.2 maps them.

use std::collections::HashMap;

use super::layout::{Type, member};
use super::model::Model;
use super::text::string;
use crate::catalog::QualifiedName;
use crate::sql::identifier::{MAXIMUM_LENGTH, quote};
use crate::sql::type_name::TypeName;

/// A type as `pg_type` names it: arrays begin with `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeKey {
    /// None for `pg_catalog`.
    pub schema: Option<String>,
    pub name: String,
}

impl TypeKey {
    /// Reads a type as the Catalog holds it.
    pub fn read(text: &str) -> TypeKey {
        let Ok(parsed) = TypeName::parse(text) else { return TypeKey { schema: None, name: text.to_owned() } };
        let name = if parsed.is_array() { array_name(&parsed.name) } else { parsed.name };
        TypeKey { schema: parsed.schema, name }
    }

    /// The name with its schema, of a type outside `pg_catalog`.
    pub fn qualified(&self) -> Option<QualifiedName> {
        self.schema.as_deref().map(|schema| QualifiedName::new(schema, self.name.as_str()))
    }
}

/// The name that PostgreSQL gives to the array type of a type: `_` in front, the end cut off where it is too long (`makeArrayTypeName`).
fn array_name(element: &str) -> String {
    let mut name = format!("_{element}");
    let mut end = name.len().min(MAXIMUM_LENGTH);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    name
}

/// A type as `format_type` prints it for somebody whose `search_path` holds `public`.
pub fn displayed(text: &str) -> String {
    match TypeName::parse(text) {
        Ok(parsed) if parsed.schema.as_deref() == Some("public") => {
            let suffix = if parsed.is_array() { "[]" } else { "" };
            format!("{}{suffix}", quote(&parsed.name))
        }
        Ok(parsed) => parsed.to_string(),
        Err(_) => text.to_owned(),
    }
}

/// The types that are mapped by their name alone, whatever their schema.
fn by_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "bool" => "boolean",
        "int2" | "int4" | "int8" | "float4" | "float8" | "numeric" => "number",
        "bytea" | "bpchar" | "varchar" | "date" | "text" | "citext" | "time" | "timetz" | "timestamp" | "timestamptz" | "uuid" | "vector"
        | "interval" => "string",
        "json" | "jsonb" => "Json",
        "void" => "undefined",
        "record" => "Record<string, unknown>",
        _ => return None,
    })
}

impl Model<'_> {
    /// The type of a value that is not NULL. A domain is unknown here: only columns are seen through to the type beneath.
    pub fn value_type(&self, key: &TypeKey) -> Type {
        self.named_type(&key.name, key.schema.as_deref())
    }

    fn named_type(&self, name: &str, schema: Option<&str>) -> Type {
        if let Some(word) = by_name(name) {
            return Type::word(word);
        }
        if let Some(element) = name.strip_prefix('_') {
            return self.named_type(element, schema).array();
        }
        let unknown = Type::word("unknown");
        let Some(schema) = schema else { return unknown };
        let reference = |group: &str| format!("Database[{}][\"{group}\"][{}]", string(schema), string(name));
        let qualified = QualifiedName::new(schema, name);
        let exposed = self.schemas.contains_key(schema);
        if let Some(values) = self.enums.get(&qualified).filter(|values| !values.is_empty()) {
            if exposed {
                return Type::Word(reference("Enums"));
            }
            return Type::union(values.iter().map(|value| Type::Word(string(value))).collect());
        }
        if !exposed {
            return unknown;
        }
        if self.composites.contains(&qualified) {
            return Type::Word(reference("CompositeTypes"));
        }
        match self.relations.get(&qualified) {
            Some(relation) if relation.is_view() => Type::Word(format!("{}[\"Row\"]", reference("Views"))),
            Some(_) => Type::Word(format!("{}[\"Row\"]", reference("Tables"))),
            None => unknown,
        }
    }

    /// The type of a column's values: of a domain the type beneath, and whether the domain forbids NULL.
    fn column_key(&self, text: &str) -> (TypeKey, bool) {
        let key = TypeKey::read(text);
        match key.qualified().and_then(|name| self.domains.get(&name)) {
            Some(domain) => (TypeKey::read(&domain.base), domain.not_null),
            None => (key, false),
        }
    }

    /// The type of a column, and whether it may be NULL.
    pub fn column_type(&self, text: &str, not_null: bool) -> (Type, bool) {
        let (key, domain_not_null) = self.column_key(text);
        let nullable = !(not_null || domain_not_null);
        (nullability(self.value_type(&key), nullable), nullable)
    }

    /// The type of a column's values that are not NULL.
    pub fn domain_seen_through(&self, text: &str) -> Type {
        self.value_type(&self.column_key(text).0)
    }

    /// The members of a composite type.
    pub fn attributes(&self, attributes: &[(String, String)]) -> Vec<(String, Type)> {
        attributes.iter().map(|(name, ty)| member(name, nullability(self.value_type(&TypeKey::read(ty)), true))).collect()
    }
}

/// Adds null where it belongs. `Json` holds null already and is narrowed where there is none; `unknown` holds everything.
pub fn nullability(ty: Type, nullable: bool) -> Type {
    match &ty {
        Type::Word(word) if word == "Json" && !nullable => Type::word("NonNullable<Json>"),
        Type::Word(word) if word == "unknown" => ty,
        _ if nullable => ty.or_null(),
        _ => ty,
    }
}

/// `oid`s of the built-in types that arguments have (`pg_type.dat`): upstream tells conflicting overloads in their order.
static OIDS: &[(&str, u32)] = &[
    ("bool", 16),
    ("bytea", 17),
    ("char", 18),
    ("name", 19),
    ("int8", 20),
    ("int2", 21),
    ("int4", 23),
    ("text", 25),
    ("oid", 26),
    ("json", 114),
    ("xml", 142),
    ("_json", 199),
    ("point", 600),
    ("cidr", 650),
    ("float4", 700),
    ("float8", 701),
    ("money", 790),
    ("macaddr", 829),
    ("inet", 869),
    ("_bool", 1000),
    ("_bytea", 1001),
    ("_int2", 1005),
    ("_int4", 1007),
    ("_text", 1009),
    ("_bpchar", 1014),
    ("_varchar", 1015),
    ("_int8", 1016),
    ("_float4", 1021),
    ("_float8", 1022),
    ("_inet", 1041),
    ("bpchar", 1042),
    ("varchar", 1043),
    ("date", 1082),
    ("time", 1083),
    ("timestamp", 1114),
    ("_timestamp", 1115),
    ("_date", 1182),
    ("timestamptz", 1184),
    ("_timestamptz", 1185),
    ("interval", 1186),
    ("_numeric", 1231),
    ("timetz", 1266),
    ("bit", 1560),
    ("varbit", 1562),
    ("numeric", 1700),
    ("uuid", 2950),
    ("_uuid", 2951),
    ("jsonb", 3802),
    ("_jsonb", 3807),
];

/// Where a type stands among the types of a database: built-in ones by their number, others in the order of their creation.
pub fn rank(key: &TypeKey, created: &HashMap<QualifiedName, usize>) -> (u32, usize) {
    match key.qualified() {
        None => (OIDS.iter().find(|(name, _)| *name == key.name).map_or(u32::MAX - 1, |(_, oid)| *oid), 0),
        Some(name) => (u32::MAX, created.get(&name).copied().unwrap_or(usize::MAX)),
    }
}
