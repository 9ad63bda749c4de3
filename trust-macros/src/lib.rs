//! Procedural macros of trust-schema.

mod postgres;
mod spec;

use proc_macro::TokenStream;

/// Reads a value of the spec language from TOML: implements `trust_schema::spec::Decode`.
///
/// On a struct with named fields it reads a table: doc comments become the reference and the JSON Schema. Field attributes:
/// `#[spec(key = "type")]` renames the key, `#[spec(default)]` makes it optional with `Default`, `#[spec(span)]` fills the field with the
/// place of the table itself. A field of type `Option<T>` is optional. `#[spec(shorthand = "function")]` on the struct accepts a
/// string instead of the table and passes it to that associated function.
///
/// On an enum of unit variants it reads a string: the variant's name in snake case, or `#[spec(value = "…")]`.
#[proc_macro_derive(Spec, attributes(spec))]
pub fn derive_spec(input: TokenStream) -> TokenStream {
    spec::derive(syn::parse_macro_input!(input as syn::DeriveInput)).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Maps an enum to a PostgreSQL enum: `ToSql`, `FromSql`, `as_str`, `ALL`, `FromStr`, `Display`.
///
/// `#[postgres(schema = "public", name = "risk_tier")]`, and on a variant `#[postgres(label = "A")]` where the label is not
/// the variant's name.
#[proc_macro_derive(PostgresEnum, attributes(postgres))]
pub fn postgres_enum(input: TokenStream) -> TokenStream {
    postgres::derive(input.into(), postgres::enumeration::expand).into()
}

/// Maps a struct with named fields to a composite type: `ToSql`, `FromSql`.
///
/// `#[postgres(schema = "public", name = "address")]`, and on a field `#[postgres(attribute = "type")]` where the attribute
/// is not named as the field.
#[proc_macro_derive(PostgresComposite, attributes(postgres))]
pub fn postgres_composite(input: TokenStream) -> TokenStream {
    postgres::derive(input.into(), postgres::composite::expand).into()
}

/// Maps a struct with one unnamed field to a domain: `ToSql`, `FromSql`, `From` of the inner type.
///
/// `#[postgres(schema = "public", name = "positive")]`.
#[proc_macro_derive(PostgresDomain, attributes(postgres))]
pub fn postgres_domain(input: TokenStream) -> TokenStream {
    postgres::derive(input.into(), postgres::domain::expand).into()
}

/// Reads a struct from a row, by column name: `TryFrom<&tokio_postgres::Row>`, `COLUMNS`, `TABLE`, `SELECT_LIST`.
///
/// `#[row(schema = "public", table = "trust_profiles")]` (or `view`, or `function`), and on every field
/// `#[column(type = "numeric(5,2)")]` with `name = "…"`, `default` and `text` where they apply.
#[proc_macro_derive(Row, attributes(row, column))]
pub fn row(input: TokenStream) -> TokenStream {
    postgres::derive(input.into(), postgres::row::expand).into()
}

/// Calls a function of the database with the struct's fields as arguments: `new`, `with_…`, `query`, `call`.
///
/// `#[rpc(schema = "public", name = "record_risk_event_v1", returns = "scalar", output = "i64")]`, and on every field
/// `#[rpc(type = "public.actor_type")]` with `argument = "…"`, `default` and `text` where they apply.
#[proc_macro_derive(Rpc, attributes(rpc))]
pub fn rpc(input: TokenStream) -> TokenStream {
    postgres::derive(input.into(), postgres::rpc::expand).into()
}

/// Maps the errors that the database raises to an enum: `From<tokio_postgres::Error>`, `DECLARED`, `declared`, `Display`.
///
/// `#[declared(name = "actor_context_required", sqlstate = "PT403", status = 403)]` on every variant but the one that keeps
/// all other errors, which has `#[database]`.
#[proc_macro_derive(Errors, attributes(errors, declared, database))]
pub fn errors(input: TokenStream) -> TokenStream {
    postgres::derive(input.into(), postgres::errors::expand).into()
}

/// Checks at compile time that every field is a column of a table, with a fitting type and nullability.
///
/// `#[matches(trust_lite::tables::TRUST_PROFILES)]`, and on a field `#[matches(column = "type")]` or `#[matches(skip)]`.
#[proc_macro_derive(MatchesTable, attributes(matches))]
pub fn matches_table(input: TokenStream) -> TokenStream {
    postgres::derive(input.into(), postgres::matches::expand).into()
}
