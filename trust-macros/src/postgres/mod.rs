//! The derives that map PostgreSQL's types, rows, functions and errors to Rust.
//!
//! Each `expand` is a function from the parsed item to its implementations. What the implementations need at run time is
//! in the module `support` of the generated crate; an item outside of that crate names it with `support = "path"`.

mod attributes;
pub mod composite;
pub mod domain;
pub mod enumeration;
pub mod errors;
pub mod matches;
mod problems;
pub mod row;
pub mod rpc;
mod shape;

use proc_macro2::TokenStream;

/// Parses the item, expands it, and turns the mistakes into compile errors.
pub fn derive(input: TokenStream, expand: fn(syn::DeriveInput) -> syn::Result<TokenStream>) -> TokenStream {
    syn::parse2(input).and_then(expand).unwrap_or_else(syn::Error::into_compile_error)
}
