//! Tables, columns, keys and indexes.

use crate::lint::rules::shared::group;

group! {
    "Tables, columns, keys and indexes";
    no_primary_key,
    unindexed_foreign_key,
    duplicate_index,
    redundant_prefix_index,
    int_primary_key,
    serial_used,
    timestamp_without_time_zone,
    time_with_time_zone,
    char_n,
    json_type,
    money_type,
    float_money,
    foreign_key_type_mismatch,
    set_null_on_not_null,
    unique_with_null,
    check_always_true,
    check_compares_with_null,
    tenant_not_leading_in_index,
    reserved_word,
    uppercase_identifier,
    reg_type_column,
    frozen_now_default,
    nullable_boolean,
    domain_with_check,
    table_without_comment,
    function_without_comment,
}
