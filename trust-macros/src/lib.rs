//! Procedural macros of trust-schema.

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
