//! Functions.

use crate::lint::rules::shared::group;

group! {
    "Functions";
    search_path_unset,
    search_path_temporary_first,
    search_path_writable_schema,
    invoker_search_path_unset,
    identity_setting,
    overload_in_api,
    record_result,
    immutable_reads_session,
    identity_argument_default,
    definer_ignores_caller,
    search_path_foreign_schema,
    exception_swallowed,
    refusal_passes_null,
}
