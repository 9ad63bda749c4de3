//! `#[derive(Spec)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Data, DataEnum, DeriveInput, Error, Expr, Fields, FieldsNamed, Lit, LitStr, Meta, Result, Type};

pub fn derive(input: DeriveInput) -> Result<TokenStream> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => structure(&input, fields),
            _ => Err(Error::new_spanned(&input.ident, "Spec needs named fields: each is a key of the table")),
        },
        Data::Enum(data) => choice(&input, data),
        Data::Union(_) => Err(Error::new_spanned(&input.ident, "Spec reads structs and enums of unit variants")),
    }
}

/// What the attributes of one field say.
#[derive(Default)]
struct FieldOptions {
    key: Option<String>,
    default: bool,
    span: bool,
}

fn structure(input: &DeriveInput, fields: &FieldsNamed) -> Result<TokenStream> {
    let name = &input.ident;
    let doc = documentation(&input.attrs);
    let shorthand = shorthand(&input.attrs)?;
    let (mut keys, mut shapes, mut reads, mut builds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let options = field_options(&field.attrs)?;
        if options.span {
            builds.push(quote!(#ident: table.span()));
            continue;
        }
        let ty = &field.ty;
        let key = options.key.unwrap_or_else(|| unraw(ident));
        let field_doc = documentation(&field.attrs);
        if field_doc.is_empty() {
            return Err(Error::new_spanned(ident, "a key of the spec needs a doc comment: it is its reference"));
        }
        let read = format_ident!("read_{}", unraw(ident));
        let (inner, required) = match option_of(ty) {
            Some(inner) => {
                reads.push(quote!(let #read = table.optional::<#inner>(decoder, #key);));
                builds.push(quote!(#ident: #read?));
                (inner, false)
            }
            None if options.default => {
                reads.push(quote!(let #read = table.optional::<#ty>(decoder, #key);));
                builds.push(quote!(#ident: #read?.unwrap_or_default()));
                (ty, false)
            }
            None => {
                reads.push(quote!(let #read = table.required::<#ty>(decoder, #key);));
                builds.push(quote!(#ident: #read?));
                (ty, true)
            }
        };
        shapes.push(quote!(crate::spec::Field { key: #key, doc: #field_doc, required: #required, shape: <#inner as crate::spec::Decode>::shape }));
        keys.push(key);
    }
    let short = shorthand.as_ref().map(|function| {
        quote! {
            if let Some(text) = decoder.if_string(value) {
                return Self::#function(text?, decoder);
            }
        }
    });
    let has_shorthand = shorthand.is_some();
    Ok(quote! {
        impl crate::spec::Decode for #name {
            fn shape() -> crate::spec::Shape {
                crate::spec::Shape::Table(crate::spec::TableShape {
                    name: stringify!(#name),
                    doc: #doc,
                    shorthand: #has_shorthand,
                    fields: || vec![#(#shapes),*],
                })
            }
            fn decode(value: crate::spec::Value<'_, '_>, decoder: &mut crate::spec::Decoder<'_>) -> Option<Self> {
                #short
                let table = decoder.table(value, &[#(#keys),*])?;
                #(#reads)*
                Some(Self { #(#builds),* })
            }
        }
    })
}

fn choice(input: &DeriveInput, data: &DataEnum) -> Result<TokenStream> {
    let name = &input.ident;
    let doc = documentation(&input.attrs);
    let (mut labels, mut idents) = (Vec::new(), Vec::new());
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(variant, "Spec reads enums of unit variants: each is a string"));
        }
        labels.push(value_of(&variant.attrs)?.unwrap_or_else(|| snake_case(&variant.ident.to_string())));
        idents.push(&variant.ident);
    }
    Ok(quote! {
        impl crate::spec::Decode for #name {
            fn shape() -> crate::spec::Shape {
                crate::spec::Shape::Choice { doc: #doc, labels: &[#(#labels),*] }
            }
            fn decode(value: crate::spec::Value<'_, '_>, decoder: &mut crate::spec::Decoder<'_>) -> Option<Self> {
                const CHOICES: &[(&str, fn() -> #name)] = &[#((#labels, || #name::#idents)),*];
                decoder.choice(value, CHOICES)
            }
        }
        impl #name {
            /// The word that stands for it in a spec.
            pub fn label(&self) -> &'static str {
                match self { #(Self::#idents => #labels),* }
            }
        }
    })
}

fn field_options(attributes: &[Attribute]) -> Result<FieldOptions> {
    let mut options = FieldOptions::default();
    for attribute in spec_attributes(attributes) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("key") {
                options.key = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.path.is_ident("default") {
                options.default = true;
            } else if meta.path.is_ident("span") {
                options.span = true;
            } else {
                return Err(meta.error("expected `key = \"…\"`, `default` or `span`"));
            }
            Ok(())
        })?;
    }
    Ok(options)
}

fn shorthand(attributes: &[Attribute]) -> Result<Option<syn::Ident>> {
    let mut function = None;
    for attribute in spec_attributes(attributes) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("shorthand") {
                return Err(meta.error("expected `shorthand = \"function\"`"));
            }
            function = Some(meta.value()?.parse::<LitStr>()?.parse()?);
            Ok(())
        })?;
    }
    Ok(function)
}

fn value_of(attributes: &[Attribute]) -> Result<Option<String>> {
    let mut value = None;
    for attribute in spec_attributes(attributes) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("value") {
                return Err(meta.error("expected `value = \"…\"`"));
            }
            value = Some(meta.value()?.parse::<LitStr>()?.value());
            Ok(())
        })?;
    }
    Ok(value)
}

fn spec_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("spec"))
}

/// The doc comment as one text, lines joined by newlines.
fn documentation(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn option_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last()?;
    if segment.ident != "Option" {
        return None;
    }
    match &segment.arguments {
        syn::PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            syn::GenericArgument::Type(inner) => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

fn unraw(ident: &syn::Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
