//! The shape of an item, and of the types of its fields.

use syn::{Data, DeriveInput, Field, Fields, FieldsNamed, GenericArgument, Ident, PathArguments, Type, ext::IdentExt};

/// The named fields of a struct without generic parameters.
pub fn named_fields<'a>(input: &'a DeriveInput, derive: &str) -> syn::Result<&'a FieldsNamed> {
    no_generics(input, derive)?;
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields),
            _ => Err(syn::Error::new(input.ident.span(), format!("`{derive}` needs a struct with named fields"))),
        },
        _ => Err(syn::Error::new(input.ident.span(), format!("`{derive}` needs a struct"))),
    }
}

/// Refuses generic parameters: a generated type has none, and an `impl` for all of them would be wrong.
pub fn no_generics(input: &DeriveInput, derive: &str) -> syn::Result<()> {
    match input.generics.params.is_empty() {
        true => Ok(()),
        false => Err(syn::Error::new_spanned(&input.generics, format!("`{derive}` takes no generic parameters"))),
    }
}

/// A field's name, which a named field always has.
pub fn field_name(field: &Field) -> syn::Result<&Ident> {
    field.ident.as_ref().ok_or_else(|| syn::Error::new_spanned(&field.ty, "expected a named field"))
}

/// A name as text, without `r#`.
pub fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}

/// The `T` of an `Option<T>`, told by the name alone, as every derive must.
pub fn option_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ungrouped(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if last.ident == "Option" => Some(inner),
        _ => None,
    }
}

/// Whether the type is written `Vec<…>`.
pub fn is_vector(ty: &Type) -> bool {
    last_name_is(ty, "Vec")
}

/// Whether the type is written `String`.
pub fn is_string(ty: &Type) -> bool {
    last_name_is(ty, "String")
}

fn last_name_is(ty: &Type, name: &str) -> bool {
    matches!(ungrouped(ty), Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// A type without parentheses, and without the invisible ones that a `macro_rules!` puts around its `$ty:ty`.
fn ungrouped(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            _ => return ty,
        };
    }
}

/// An identifier of PostgreSQL, always quoted.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
