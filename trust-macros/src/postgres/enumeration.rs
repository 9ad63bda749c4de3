//! `#[derive(PostgresEnum)]`.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use super::{
    attributes::{self, Key, Takes},
    problems::Problems,
    shape,
};

const ENUM_KEYS: &[Key] = &[("schema", Takes::Text), ("name", Takes::Text), ("support", Takes::Text)];
const VARIANT_KEYS: &[Key] = &[("label", Takes::Text)];

/// Expands the derive.
pub fn expand(input: DeriveInput) -> syn::Result<TokenStream> {
    shape::no_generics(&input, "PostgresEnum")?;
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new(input.ident.span(), "`PostgresEnum` needs an enum"));
    };
    let mut problems = Problems::default();
    let settings = attributes::read(&input.attrs, "postgres", ENUM_KEYS, input.ident.span(), &mut problems);
    let schema = settings.required("schema", &mut problems);
    let name = settings.required("name", &mut problems);
    let support = settings.support(&mut problems);

    let mut variants = Vec::new();
    let mut labels = Vec::new();
    let mut seen = BTreeSet::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            problems.at(&variant.fields, "a label of a PostgreSQL enum carries no fields");
        }
        let settings = attributes::read(&variant.attrs, "postgres", VARIANT_KEYS, variant.ident.span(), &mut problems);
        let label = settings.text("label").map_or_else(|| shape::plain(&variant.ident), syn::LitStr::value);
        if !seen.insert(label.clone()) {
            problems.push(syn::Error::new(settings.span(), format!("the label `{label}` is used twice")));
        }
        variants.push(&variant.ident);
        labels.push(label);
    }
    let ident = &input.ident;
    let type_name = format!("{schema}.{name}");
    problems.or(quote! {
        #[automatically_derived]
        impl #ident {
            /// Every label, in the order of the type.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            const LABELS: &'static [&'static str] = &[#(#labels),*];

            /// The label in PostgreSQL.
            pub const fn as_str(&self) -> &'static str {
                match *self {
                    #(Self::#variants => #labels,)*
                }
            }
        }

        #[automatically_derived]
        impl ::std::fmt::Display for #ident {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        #[automatically_derived]
        impl ::std::str::FromStr for #ident {
            type Err = #support::UnknownLabel;

            fn from_str(label: &str) -> ::std::result::Result<Self, Self::Err> {
                match label {
                    #(#labels => ::std::result::Result::Ok(Self::#variants),)*
                    _ => ::std::result::Result::Err(#support::UnknownLabel {
                        type_name: #type_name,
                        label: ::std::string::String::from(label),
                    }),
                }
            }
        }

        #[automatically_derived]
        impl<'a> #support::tokio_postgres::types::FromSql<'a> for #ident {
            fn from_sql(
                _: &#support::tokio_postgres::types::Type,
                raw: &'a [u8],
            ) -> ::std::result::Result<Self, #support::ConversionError> {
                ::std::result::Result::Ok(::std::str::FromStr::from_str(::std::str::from_utf8(raw)?)?)
            }

            fn accepts(ty: &#support::tokio_postgres::types::Type) -> bool {
                #support::enum_accepts(ty, #schema, #name, Self::LABELS)
            }
        }

        #[automatically_derived]
        impl #support::tokio_postgres::types::ToSql for #ident {
            fn to_sql(
                &self,
                _: &#support::tokio_postgres::types::Type,
                out: &mut #support::bytes::BytesMut,
            ) -> ::std::result::Result<#support::tokio_postgres::types::IsNull, #support::ConversionError> {
                out.extend_from_slice(self.as_str().as_bytes());
                ::std::result::Result::Ok(#support::tokio_postgres::types::IsNull::No)
            }

            fn accepts(ty: &#support::tokio_postgres::types::Type) -> bool {
                #support::enum_accepts(ty, #schema, #name, Self::LABELS)
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
