//! `#[derive(Rpc)]`.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Field, Ident, Path, Type, ext::IdentExt};

use super::{
    attributes::{self, Key, Settings, Takes},
    problems::Problems,
    shape,
};

const FUNCTION_KEYS: &[Key] = &[
    ("schema", Takes::Text),
    ("name", Takes::Text),
    ("returns", Takes::Text),
    ("output", Takes::Text),
    ("text", Takes::Nothing),
    ("error", Takes::Text),
    ("support", Takes::Text),
];
const ARGUMENT_KEYS: &[Key] = &[("argument", Takes::Text), ("type", Takes::Text), ("default", Takes::Nothing), ("text", Takes::Nothing)];

/// How the answer of a function is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Returns {
    Void,
    Scalar,
    Set,
    Row,
    Rows,
}

struct Argument<'a> {
    field: &'a Ident,
    name: String,
    /// What the value is cast to; by way of `text` for a type that has no Rust type.
    cast: String,
    /// The type of a value that is passed: for a defaulted argument the `T` of its `Option<T>`.
    ty: &'a Type,
    defaulted: bool,
}

/// Expands the derive.
pub fn expand(input: DeriveInput) -> syn::Result<TokenStream> {
    let fields = shape::named_fields(&input, "Rpc")?;
    let mut problems = Problems::default();
    let settings = attributes::read(&input.attrs, "rpc", FUNCTION_KEYS, input.ident.span(), &mut problems);
    let schema = settings.required("schema", &mut problems);
    let name = settings.required("name", &mut problems);
    let returns = returns(&settings, &mut problems);
    let output = output(&settings, returns, &mut problems);
    let support = settings.support(&mut problems);
    let error: Path = settings.parsed("error", "the path of an enum", &mut problems).unwrap_or_else(|| syn::parse_quote!(crate::errors::Error));

    let mut arguments = Vec::new();
    let mut seen = BTreeSet::new();
    for field in &fields.named {
        let argument = argument(field, &mut problems)?;
        if !seen.insert(argument.name.clone()) {
            problems.push(syn::Error::new(argument.field.span(), format!("the argument `{}` is used twice", argument.name)));
        }
        arguments.push(argument);
    }
    let constructors = constructors(&arguments);
    let query = query(&format!("{}.{}", shape::quoted(&schema), shape::quoted(&name)), &arguments, &support, &settings, returns, &output);
    let call = call(&support, &error, returns, &output);
    let ident = &input.ident;
    problems.or(quote! {
        #[automatically_derived]
        impl #ident {
            /// The schema of the function.
            pub const SCHEMA: &'static str = #schema;
            /// The name of the function.
            pub const NAME: &'static str = #name;

            #constructors
            #query
            #call
        }
    })
}

fn returns(settings: &Settings, problems: &mut Problems) -> Returns {
    match settings.required("returns", problems).as_str() {
        "void" => return Returns::Void,
        "scalar" => return Returns::Scalar,
        "set" => return Returns::Set,
        "row" => return Returns::Row,
        "rows" => return Returns::Rows,
        other if !other.is_empty() => {
            let message = format!("`{other}` is none of `void`, `scalar`, `set`, `row`, `rows`");
            problems.at(settings.text("returns"), message);
        }
        _ => {}
    }
    Returns::Void
}

fn output(settings: &Settings, returns: Returns, problems: &mut Problems) -> Type {
    let unit = || syn::parse_quote!(());
    if returns == Returns::Void {
        if let (Some(output), Some("void")) = (settings.text("output"), settings.text("returns").map(syn::LitStr::value).as_deref()) {
            problems.at(output, "a function that returns `void` has no `output`");
        }
        return unit();
    }
    settings.required("output", problems);
    let empty = settings.text("output").is_none_or(|text| text.value().is_empty());
    let output = if empty { None } else { settings.parsed("output", "a Rust type", problems) };
    output.unwrap_or_else(unit)
}

fn argument<'a>(field: &'a Field, problems: &mut Problems) -> syn::Result<Argument<'a>> {
    let ident = shape::field_name(field)?;
    let settings = attributes::read(&field.attrs, "rpc", ARGUMENT_KEYS, ident.span(), problems);
    let name = settings.text("argument").map_or_else(|| shape::plain(ident), syn::LitStr::value);
    let postgres_type = settings.required("type", problems);
    let defaulted = settings.flag("default");
    let ty = match (defaulted, shape::option_of(&field.ty)) {
        (true, Some(inner)) => inner,
        (true, None) => {
            problems.at(&field.ty, "a defaulted argument is an `Option`: `None` leaves it to the function's default");
            &field.ty
        }
        (false, _) => &field.ty,
    };
    let cast = match (settings.flag("text"), shape::is_vector(shape::option_of(ty).unwrap_or(ty))) {
        (false, _) => postgres_type,
        (true, false) => format!("text::{postgres_type}"),
        (true, true) => format!("text[]::{postgres_type}"),
    };
    Ok(Argument { field: ident, name, cast, ty, defaulted })
}

/// `new` with the required arguments, and a `with_…` for each defaulted one.
fn constructors(arguments: &[Argument<'_>]) -> TokenStream {
    let mut parameters = Vec::new();
    let mut values = Vec::new();
    let mut setters = TokenStream::new();
    for Argument { field, name, ty, defaulted, .. } in arguments {
        let (taken, value) = match shape::is_string(ty) {
            true => (quote!(impl ::std::convert::Into<#ty>), quote!(#field.into())),
            false => (quote!(#ty), quote!(#field)),
        };
        if *defaulted {
            let setter = format_ident!("with_{}", field.unraw());
            let documentation = format!("Passes `{name}`, which otherwise has the function's default.");
            values.push(quote!(#field: ::std::option::Option::None));
            setters.extend(quote! {
                #[doc = #documentation]
                #[must_use]
                pub fn #setter(mut self, #field: #taken) -> Self {
                    self.#field = ::std::option::Option::Some(#value);
                    self
                }
            });
        } else {
            parameters.push(quote!(#field: #taken));
            values.push(quote!(#field: #value));
        }
    }
    quote! {
        /// A call with the arguments that have no default.
        #[must_use]
        #[allow(clippy::too_many_arguments, clippy::new_without_default, reason = "as many as the function has")]
        pub fn new(#(#parameters),*) -> Self {
            Self { #(#values),* }
        }

        #setters
    }
}

fn query(function: &str, arguments: &[Argument<'_>], support: &Path, settings: &Settings, returns: Returns, output: &Type) -> TokenStream {
    let what = match returns {
        Returns::Row | Returns::Rows => quote!(::std::option::Option::Some(<#output>::SELECT_LIST)),
        _ => quote!(::std::option::Option::None),
    };
    let cast = match (settings.flag("text"), shape::is_vector(shape::option_of(output).unwrap_or(output))) {
        (false, _) => "",
        (true, false) => "::text",
        (true, true) => "::text[]",
    };
    let pushes = arguments.iter().map(|Argument { field, name, cast, defaulted, .. }| {
        let name = shape::quoted(name);
        match defaulted {
            true => quote! {
                if let ::std::option::Option::Some(value) = &self.#field {
                    call.argument(#name, #cast, value);
                }
            },
            false => quote!(call.argument(#name, #cast, &self.#field);),
        }
    });
    let binding = if arguments.is_empty() { quote!(let call) } else { quote!(let mut call) };
    quote! {
        /// The statement of the call, with the arguments that are passed.
        pub fn query(&self) -> #support::Query<'_> {
            #binding = #support::Call::new(#function, #what);
            #(#pushes)*
            call.finish(#cast)
        }
    }
}

fn call(support: &Path, error: &Path, returns: Returns, output: &Type) -> TokenStream {
    let ok = quote!(::std::result::Result::Ok);
    let (answer, read) = match returns {
        Returns::Void => (
            quote!(()),
            quote! {
                client.execute(query.text.as_str(), &query.parameters).await?;
                #ok(())
            },
        ),
        Returns::Scalar => (
            quote!(#output),
            quote! {
                #ok(client.query_one(query.text.as_str(), &query.parameters).await?.try_get(0)?)
            },
        ),
        Returns::Set => (
            quote!(::std::vec::Vec<#output>),
            quote! {
                let rows = client.query(query.text.as_str(), &query.parameters).await?;
                let values = rows.iter().map(|row| row.try_get(0));
                #ok(values.collect::<::std::result::Result<_, #support::tokio_postgres::Error>>()?)
            },
        ),
        Returns::Row => (
            quote!(#output),
            quote! {
                let row = client.query_one(query.text.as_str(), &query.parameters).await?;
                #ok(<#output>::try_from(&row)?)
            },
        ),
        Returns::Rows => (
            quote!(::std::vec::Vec<#output>),
            quote! {
                let rows = client.query(query.text.as_str(), &query.parameters).await?;
                let values = rows.iter().map(<#output>::try_from);
                #ok(values.collect::<::std::result::Result<_, #support::tokio_postgres::Error>>()?)
            },
        ),
    };
    quote! {
        /// Calls the function.
        ///
        /// # Errors
        /// The declared error that the function raised, or any other error of the database or the connection.
        pub async fn call(
            &self,
            client: &impl #support::tokio_postgres::GenericClient,
        ) -> ::std::result::Result<#answer, #error> {
            let query = self.query();
            #read
        }
    }
}
