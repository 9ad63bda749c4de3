//! What a database holds that no spec can say: found in a live one, and in migrations written by hand.

use crate::lint::rules::shared::group;

group! {
    "What no spec can say: other relations, roles, publications";
    matview_exposed,
    foreign_table_exposed,
    procedure_executable,
    realtime_without_rls,
    client_role_bypasses,
    client_role_owns,
    default_privileges_open,
    policy_role_not_inherited,
    rewrite_rule,
    trigger_disabled,
    constraint_not_validated,
    storage_policy_unscoped,
}
