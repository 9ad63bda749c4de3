//! `#[derive(Row)]`.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use super::{
    attributes::{self, Key, Settings, Takes},
    problems::Problems,
    shape,
};

const ROW_KEYS: &[Key] =
    &[("schema", Takes::Text), ("table", Takes::Text), ("view", Takes::Text), ("function", Takes::Text), ("support", Takes::Text)];
const COLUMN_KEYS: &[Key] = &[("name", Takes::Text), ("type", Takes::Text), ("default", Takes::Nothing), ("text", Takes::Nothing)];

/// Expands the derive.
pub fn expand(input: DeriveInput) -> syn::Result<TokenStream> {
    let fields = shape::named_fields(&input, "Row")?;
    let mut problems = Problems::default();
    let settings = attributes::read(&input.attrs, "row", ROW_KEYS, input.ident.span(), &mut problems);
    let schema = settings.required("schema", &mut problems);
    let relation = relation(&settings, &mut problems);
    let support = settings.support(&mut problems);

    let mut assignments = Vec::new();
    let mut columns = Vec::new();
    let mut select = Vec::new();
    let mut seen = BTreeSet::new();
    for field in &fields.named {
        let ident = shape::field_name(field)?;
        let settings = attributes::read(&field.attrs, "column", COLUMN_KEYS, ident.span(), &mut problems);
        let name = settings.text("name").map_or_else(|| shape::plain(ident), syn::LitStr::value);
        let postgres_type = settings.required("type", &mut problems);
        if !seen.insert(name.clone()) {
            problems.push(syn::Error::new(settings.span(), format!("the column `{name}` is used twice")));
        }
        let ty = &field.ty;
        let inner = shape::option_of(ty);
        let nullable = inner.is_some();
        let has_default = settings.flag("default");
        let as_text = settings.flag("text");
        let quoted = shape::quoted(&name);
        select.push(match (as_text, shape::is_vector(inner.unwrap_or(ty))) {
            (false, _) => quoted,
            (true, false) => format!("{quoted}::text as {quoted}"),
            (true, true) => format!("{quoted}::text[] as {quoted}"),
        });
        assignments.push(quote!(#ident: row.try_get::<&str, #ty>(#name)?));
        columns.push(quote! {
            #support::Column {
                name: #name,
                postgres_type: #postgres_type,
                nullable: #nullable,
                has_default: #has_default,
                as_text: #as_text,
            }
        });
    }
    let select = select.join(", ");
    let ident = &input.ident;
    problems.or(quote! {
        #[automatically_derived]
        impl #ident {
            /// The columns, in order.
            pub const COLUMNS: &'static [#support::Column] = &[#(#columns),*];

            /// What the row is of, with its columns.
            pub const TABLE: #support::Table =
                #support::Table { schema: #schema, name: #relation, columns: Self::COLUMNS };

            /// The columns as the list of a SELECT, with the casts that reading them needs.
            pub const SELECT_LIST: &'static str = #select;
        }

        #[automatically_derived]
        impl ::std::convert::TryFrom<&#support::tokio_postgres::Row> for #ident {
            type Error = #support::tokio_postgres::Error;

            fn try_from(row: &#support::tokio_postgres::Row) -> ::std::result::Result<Self, Self::Error> {
                ::std::result::Result::Ok(Self { #(#assignments),* })
            }
        }
    })
}

/// The name of the table, view or function: exactly one of them.
fn relation(settings: &Settings, problems: &mut Problems) -> String {
    let given: Vec<_> = ["table", "view", "function"].into_iter().filter(|key| settings.text(key).is_some()).collect();
    match given.as_slice() {
        [] => {
            settings.incomplete("missing `table`, `view` or `function`: what the row is of", problems);
            String::new()
        }
        [key] => settings.required(key, problems),
        [first, second, ..] => {
            let message = format!("a row is of one thing: `{first}` or `{second}`");
            problems.push(syn::Error::new(settings.span(), message));
            String::new()
        }
    }
}
