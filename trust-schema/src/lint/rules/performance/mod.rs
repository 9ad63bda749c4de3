//! Row-level security: what policies cost.

use crate::lint::rules::shared::group;

group! {
    "Row-level security: what policies cost";
    initplan_unwrapped,
    wrap_is_correlated,
    per_row_helper,
    in_subquery_instead_of_array,
    policy_column_unindexed,
    policy_wraps_column,
    multiple_permissive,
}
