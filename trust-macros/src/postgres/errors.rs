//! `#[derive(Errors)]`.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitInt, Variant};

use super::{
    attributes::{self, Key, Settings, Takes},
    problems::Problems,
    shape,
};

const ENUM_KEYS: &[Key] = &[("support", Takes::Text)];
const DECLARED_KEYS: &[Key] = &[("name", Takes::Text), ("sqlstate", Takes::Text), ("status", Takes::Number)];

struct Declared<'a> {
    variant: &'a Ident,
    name: String,
    sqlstate: String,
    status: Option<LitInt>,
}

/// Expands the derive.
pub fn expand(input: DeriveInput) -> syn::Result<TokenStream> {
    shape::no_generics(&input, "Errors")?;
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new(input.ident.span(), "`Errors` needs an enum"));
    };
    let mut problems = Problems::default();
    let settings = attributes::read(&input.attrs, "errors", ENUM_KEYS, input.ident.span(), &mut problems);
    let support = settings.support(&mut problems);
    let mut declared = Vec::new();
    let mut database = None;
    let mut seen = BTreeSet::new();
    for variant in &data.variants {
        if !matches!(&variant.fields, Fields::Unnamed(fields) if fields.unnamed.len() == 1) {
            problems.at(&variant.ident, "a variant of `Errors` has one unnamed field");
        }
        if let Some(marker) = variant.attrs.iter().find(|attribute| attribute.path().is_ident("database")) {
            database_variant(marker, variant, &mut database, &mut problems);
            continue;
        }
        let settings = attributes::read(&variant.attrs, "declared", DECLARED_KEYS, variant.ident.span(), &mut problems);
        if !settings.present() {
            let message = "expected `#[declared(name = \"…\", sqlstate = \"…\", status = …)]` or `#[database]`";
            problems.push(syn::Error::new(variant.ident.span(), message));
            continue;
        }
        let error = declared_variant(&variant.ident, &settings, &mut problems);
        if !seen.insert((error.sqlstate.clone(), error.name.clone())) {
            problems.push(syn::Error::new(settings.span(), format!("the error `{}` is declared twice", error.name)));
        }
        declared.push(error);
    }
    let Some(database) = database else {
        let message = "expected a variant with `#[database]`, which keeps every other error";
        problems.push(syn::Error::new(input.ident.span(), message));
        return problems.or(TokenStream::new());
    };
    problems.or(implementations(&input.ident, &support, &declared, database))
}

fn database_variant<'a>(marker: &Attribute, variant: &'a Variant, database: &mut Option<&'a Ident>, problems: &mut Problems) {
    if let Err(error) = marker.meta.require_path_only() {
        problems.push(syn::Error::new(error.span(), "`#[database]` takes no keys"));
    }
    if database.replace(&variant.ident).is_some() {
        problems.push(syn::Error::new(variant.ident.span(), "only one variant keeps the errors that are not declared"));
    }
}

fn declared_variant<'a>(variant: &'a Ident, settings: &Settings, problems: &mut Problems) -> Declared<'a> {
    let name = settings.required("name", problems);
    let sqlstate = settings.required("sqlstate", problems);
    let status = settings.required_number("status", problems);
    if let Some(literal) = settings.text("sqlstate") {
        let valid = sqlstate.len() == 5 && sqlstate.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        if !valid && !sqlstate.is_empty() {
            problems.at(literal, "a SQLSTATE is five digits or capital letters");
        }
    }
    if let Some(status) = &status {
        let number = status.base10_parse::<u16>().ok();
        // PostgREST answers with status xyz for the SQLSTATE PTxyz, so the two must not disagree.
        let answered = sqlstate.strip_prefix("PT").and_then(|digits| digits.parse().ok());
        if number.is_none_or(|number| !(100..=599).contains(&number)) {
            problems.at(status, "an HTTP status is a number from 100 to 599");
        } else if answered.is_some() && answered != number {
            problems.at(status, format!("PostgREST answers {} for `{sqlstate}`", answered.unwrap_or_default()));
        }
    }
    Declared { variant, name, sqlstate, status }
}

fn implementations(ident: &Ident, support: &syn::Path, declared: &[Declared<'_>], database: &Ident) -> TokenStream {
    let variants: Vec<_> = declared.iter().map(|error| error.variant).collect();
    let names: Vec<_> = declared.iter().map(|error| &error.name).collect();
    let sqlstates: Vec<_> = declared.iter().map(|error| &error.sqlstate).collect();
    let statuses = declared.iter().map(|error| &error.status);
    let entries = declared.iter().zip(statuses).map(|(error, status)| {
        let (name, sqlstate) = (&error.name, &error.sqlstate);
        quote!(#support::DeclaredError { name: #name, sqlstate: #sqlstate, status: #status })
    });
    let positions = 0..declared.len();
    quote! {
        #[automatically_derived]
        impl #ident {
            /// Every declared error.
            pub const DECLARED: &'static [#support::DeclaredError] = &[#(#entries),*];

            /// The declared error of this SQLSTATE and message; both must agree.
            pub fn from_parts(
                sqlstate: &str,
                message: &str,
                raised: #support::Raised,
            ) -> ::std::option::Option<Self> {
                match (sqlstate, message) {
                    #((#sqlstates, #names) => ::std::option::Option::Some(Self::#variants(raised)),)*
                    _ => ::std::option::Option::None,
                }
            }

            /// Which declared error this is; `None` for any other error of the database.
            pub fn declared(&self) -> ::std::option::Option<&'static #support::DeclaredError> {
                match self {
                    #(Self::#variants(_) => Self::DECLARED.get(#positions),)*
                    Self::#database(_) => ::std::option::Option::None,
                }
            }

            /// What the database said beyond the name of a declared error.
            pub fn raised(&self) -> ::std::option::Option<&#support::Raised> {
                match self {
                    #(Self::#variants(raised) => ::std::option::Option::Some(raised),)*
                    Self::#database(_) => ::std::option::Option::None,
                }
            }
        }

        #[automatically_derived]
        impl ::std::convert::From<#support::tokio_postgres::Error> for #ident {
            fn from(error: #support::tokio_postgres::Error) -> Self {
                error
                    .as_db_error()
                    .and_then(|raised| Self::from_parts(raised.code().code(), raised.message(), raised.into()))
                    .unwrap_or(Self::#database(error))
            }
        }

        #[automatically_derived]
        impl ::std::fmt::Display for #ident {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self {
                    #(Self::#variants(raised) => raised.describe(#names, formatter),)*
                    Self::#database(error) => ::std::fmt::Display::fmt(error, formatter),
                }
            }
        }

        #[automatically_derived]
        impl ::std::error::Error for #ident {
            fn source(&self) -> ::std::option::Option<&(dyn ::std::error::Error + 'static)> {
                match self {
                    Self::#database(error) => ::std::option::Option::Some(error),
                    #[allow(unreachable_patterns, reason = "an enum without declared errors has this variant alone")]
                    _ => ::std::option::Option::None,
                }
            }
        }
    }
}
