//! `#[derive(PostgresDomain)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use super::{
    attributes::{self, Key, Takes},
    problems::Problems,
    shape,
};

const KEYS: &[Key] = &[("schema", Takes::Text), ("name", Takes::Text), ("support", Takes::Text)];

/// Expands the derive.
pub fn expand(input: DeriveInput) -> syn::Result<TokenStream> {
    shape::no_generics(&input, "PostgresDomain")?;
    let inner = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first(),
            _ => None,
        },
        _ => None,
    };
    let Some(inner) = inner.map(|field| &field.ty) else {
        let message = "`PostgresDomain` needs a struct with one unnamed field";
        return Err(syn::Error::new(input.ident.span(), message));
    };
    let mut problems = Problems::default();
    let settings = attributes::read(&input.attrs, "postgres", KEYS, input.ident.span(), &mut problems);
    let schema = settings.required("schema", &mut problems);
    let name = settings.required("name", &mut problems);
    let support = settings.support(&mut problems);

    let ident = &input.ident;
    let type_name = format!("{schema}.{name}");
    let types = quote!(#support::tokio_postgres::types);
    // A parameter or attribute of the domain has the domain's type, a result column the base type.
    let accepts = |of: TokenStream| {
        quote! {
            fn accepts(ty: &#types::Type) -> bool {
                let base = #support::domain_base(ty);
                let same = ::std::ptr::eq(base, ty) || #support::is_type(ty, #schema, #name);
                same && <#inner as #of>::accepts(base)
            }
        }
    };
    let from_sql_accepts = accepts(quote!(#types::FromSql));
    let to_sql_accepts = accepts(quote!(#types::ToSql));
    problems.or(quote! {
        #[automatically_derived]
        impl ::std::convert::From<#inner> for #ident {
            /// Wraps the value; whether the domain allows it is for the database to say.
            fn from(value: #inner) -> Self {
                Self(value)
            }
        }

        #[automatically_derived]
        impl<'a> #types::FromSql<'a> for #ident {
            fn from_sql(ty: &#types::Type, raw: &'a [u8]) -> ::std::result::Result<Self, #support::ConversionError> {
                <#inner as #types::FromSql>::from_sql(#support::domain_base(ty), raw).map(Self)
            }

            #from_sql_accepts
        }

        #[automatically_derived]
        impl #types::ToSql for #ident {
            fn to_sql(
                &self,
                ty: &#types::Type,
                out: &mut #support::bytes::BytesMut,
            ) -> ::std::result::Result<#types::IsNull, #support::ConversionError> {
                <#inner as #types::ToSql>::to_sql(&self.0, #support::domain_base(ty), out)
            }

            #to_sql_accepts

            #types::to_sql_checked!();
        }

        #[automatically_derived]
        impl #support::Mapped for #ident {
            const SHAPE: #support::Shape =
                #support::Shape { names: &[#type_name], array: false, nullable: false };
        }
    })
}
