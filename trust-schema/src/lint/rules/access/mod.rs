//! Who reaches what: exposure and grants.

use crate::lint::rules::shared::group;

group! {
    "Who reaches what: exposure and grants";
    rls_disabled_on_exposed_table,
    policies_without_rls,
    grant_without_policy,
    policy_without_grant,
    truncate_granted,
    references_or_trigger_granted,
    grant_option_to_api_role,
    schema_create_granted,
    public_execute,
    trigger_function_executable,
    anon_executes_definer,
    public_grant_on_relation,
    column_grant_defeated,
    sensitive_column_exposed,
    view_runs_as_owner,
    auth_users_exposed,
    view_without_check_option,
    sequence_update_granted,
    schema_usage_unused,
    extension_in_api_schema,
    rls_disabled,
    raw_alters_protection,
}
