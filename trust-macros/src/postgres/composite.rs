//! `#[derive(PostgresComposite)]`.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use super::{
    attributes::{self, Key, Takes},
    problems::Problems,
    shape,
};

const TYPE_KEYS: &[Key] = &[("schema", Takes::Text), ("name", Takes::Text), ("support", Takes::Text)];
const FIELD_KEYS: &[Key] = &[("attribute", Takes::Text)];

/// Expands the derive.
pub fn expand(input: DeriveInput) -> syn::Result<TokenStream> {
    let fields = shape::named_fields(&input, "PostgresComposite")?;
    let mut problems = Problems::default();
    let settings = attributes::read(&input.attrs, "postgres", TYPE_KEYS, input.ident.span(), &mut problems);
    let schema = settings.required("schema", &mut problems);
    let name = settings.required("name", &mut problems);
    let support = settings.support(&mut problems);

    let mut names = Vec::new();
    let mut types = Vec::new();
    let mut attribute_names = Vec::new();
    let mut seen = BTreeSet::new();
    for field in &fields.named {
        let ident = shape::field_name(field)?;
        let settings = attributes::read(&field.attrs, "postgres", FIELD_KEYS, ident.span(), &mut problems);
        let attribute = settings.text("attribute").map_or_else(|| shape::plain(ident), syn::LitStr::value);
        if !seen.insert(attribute.clone()) {
            problems.push(syn::Error::new(settings.span(), format!("the attribute `{attribute}` is used twice")));
        }
        names.push(ident);
        types.push(&field.ty);
        attribute_names.push(attribute);
    }
    let ident = &input.ident;
    let type_name = format!("{schema}.{name}");
    problems.or(quote! {
        #[automatically_derived]
        impl<'a> #support::tokio_postgres::types::FromSql<'a> for #ident {
            fn from_sql(
                ty: &#support::tokio_postgres::types::Type,
                raw: &'a [u8],
            ) -> ::std::result::Result<Self, #support::ConversionError> {
                let reader = #support::CompositeReader::new(ty, raw)?;
                ::std::result::Result::Ok(Self { #(#names: reader.get::<#types>(#attribute_names)?),* })
            }

            fn accepts(ty: &#support::tokio_postgres::types::Type) -> bool {
                #support::composite_accepts(ty, #schema, #name, &[
                    #((#attribute_names, <#types as #support::tokio_postgres::types::FromSql>::accepts)),*
                ])
            }
        }

        #[automatically_derived]
        impl #support::tokio_postgres::types::ToSql for #ident {
            fn to_sql(
                &self,
                ty: &#support::tokio_postgres::types::Type,
                out: &mut #support::bytes::BytesMut,
            ) -> ::std::result::Result<#support::tokio_postgres::types::IsNull, #support::ConversionError> {
                #support::write_composite(ty, &[#((#attribute_names, &self.#names)),*], out)
            }

            fn accepts(ty: &#support::tokio_postgres::types::Type) -> bool {
                #support::composite_accepts(ty, #schema, #name, &[
                    #((#attribute_names, <#types as #support::tokio_postgres::types::ToSql>::accepts)),*
                ])
            }

            #support::tokio_postgres::types::to_sql_checked!();
        }

        #[automatically_derived]
        impl #support::Mapped for #ident {
            const SHAPE: #support::Shape =
                #support::Shape { names: &[#type_name], array: false, nullable: false };
        }
    })
}
