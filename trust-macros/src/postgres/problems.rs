//! Several mistakes in one answer.

use std::fmt::Display;

use quote::ToTokens;

/// The mistakes found so far.
#[derive(Default)]
pub struct Problems {
    found: Option<syn::Error>,
}

impl Problems {
    /// Adds a mistake at these tokens.
    pub fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds a mistake.
    pub fn push(&mut self, error: syn::Error) {
        match &mut self.found {
            Some(found) => found.combine(error),
            None => self.found = Some(error),
        }
    }

    /// The value, if there was no mistake.
    pub fn or<T>(self, value: T) -> syn::Result<T> {
        match self.found {
            Some(found) => Err(found),
            None => Ok(value),
        }
    }
}
