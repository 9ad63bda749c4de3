//! `#[derive(MatchesTable)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DeriveInput, ExprPath};

use super::{
    attributes::{self, Key, Takes},
    problems::Problems,
    shape,
};

const FIELD_KEYS: &[Key] = &[("column", Takes::Text), ("skip", Takes::Nothing)];

/// Expands the derive. One constant for each field, so that every mistake is reported; everything but the table's path has
/// the span of the field, since a failing constant is reported at the call in it.
pub fn expand(input: DeriveInput) -> syn::Result<TokenStream> {
    let fields = shape::named_fields(&input, "MatchesTable")?;
    let table = table(&input)?;
    let mut problems = Problems::default();
    let mut checks = TokenStream::new();
    for field in &fields.named {
        let ident = shape::field_name(field)?;
        let settings = attributes::read(&field.attrs, "matches", FIELD_KEYS, ident.span(), &mut problems);
        if settings.flag("skip") {
            if let Some(column) = settings.text("column") {
                problems.at(column, "a field that is skipped has no column");
            }
            continue;
        }
        let column = settings.text("column").map_or_else(|| shape::plain(ident), syn::LitStr::value);
        let ty = &field.ty;
        let get = quote!(let table = &#table;);
        checks.extend(quote_spanned! {ident.span()=>
            const _: () = {
                #get
                table.check_field::<#ty>(#column)
            };
        });
    }
    problems.or(checks)
}

/// The path of the table's constant, from exactly one `#[matches(path)]`.
fn table(input: &DeriveInput) -> syn::Result<ExprPath> {
    let mut attributes = input.attrs.iter().filter(|attribute| attribute.path().is_ident("matches"));
    let expected = "expected `#[matches(path::of::TABLE)]`, the constant of a table in the generated crate";
    let Some(attribute) = attributes.next() else {
        return Err(syn::Error::new(input.ident.span(), expected));
    };
    if let Some(second) = attributes.next() {
        return Err(syn::Error::new_spanned(second, "a struct matches one table"));
    }
    attribute.parse_args().map_err(|error| syn::Error::new(error.span(), expected))
}
