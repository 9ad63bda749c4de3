//! Renderers of diagnostics: one file for each format.

pub mod concise;
pub mod full;
pub mod github;
pub mod json;
pub mod sarif;
