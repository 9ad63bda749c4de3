//! The API: names and versions of functions.

use crate::lint::rules::shared::group;

group! {
    "The API: names and versions of functions";
    api_no_version_suffix,
    api_version_gap,
    api_unnamed_argument,
    api_reserved_argument,
    api_looks_like_computed_field,
    api_returns_row_type,
}
