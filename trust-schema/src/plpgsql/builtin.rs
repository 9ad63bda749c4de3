//! Functions of PostgreSQL and of the platform by what they do.

/// Volatile functions of `pg_catalog` (15 to 18) that change nothing: time, random numbers, waiting, and looking at the server. Every
/// other volatile one counts as a write.
const HARMLESS_VOLATILE: &[&str] = &[
    "clock_timestamp",
    "current_query",
    "currval",
    "gen_random_uuid",
    "lastval",
    "pg_blocking_pids",
    "pg_column_size",
    "pg_database_size",
    "pg_indexes_size",
    "pg_is_in_recovery",
    "pg_notification_queue_usage",
    "pg_relation_size",
    "pg_sequence_last_value",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "pg_stat_file",
    "pg_table_size",
    "pg_tablespace_size",
    "pg_total_relation_size",
    "pg_xact_status",
    "random",
    "timeofday",
    "txid_status",
    "uuidv4",
    "uuidv7",
];

/// Volatile functions of `pg_catalog` that change data, the session, the server or a lock, or run a text as SQL.
const EFFECTS: &[&str] = &[
    "cursor_to_xml",
    "cursor_to_xmlschema",
    "lastval_reset",
    "loread",
    "lowrite",
    "nextval",
    "query_to_xml",
    "query_to_xml_and_xmlschema",
    "query_to_xmlschema",
    "set_config",
    "setseed",
    "setval",
    "system",
    "table_to_xml",
    "schema_to_xml",
    "database_to_xml",
    "ts_rewrite",
    "ts_stat",
    "pg_nextoid",
    "pg_promote",
    "pg_reload_conf",
    "pg_switch_wal",
    "pg_notify",
    "pg_export_snapshot",
    "pg_create_restore_point",
    "pg_backup_start",
    "pg_backup_stop",
    "pg_import_system_collations",
    "gin_clean_pending_list",
    "pg_cancel_backend",
    "pg_terminate_backend",
    "pg_log_backend_memory_contexts",
    "pg_logical_emit_message",
    "pg_read_file",
    "pg_read_binary_file",
    "pg_current_xact_id",
    "pg_prewarm",
    "pg_rotate_logfile",
    "pg_rotate_logfile_old",
];

/// The beginnings of names of functions that change something.
const EFFECT_PREFIXES: &[&str] = &[
    "lo_",
    "pg_advisory_",
    "pg_try_advisory_",
    "pg_replication_",
    "pg_stat_reset",
    "pg_stat_clear",
    "pg_stat_force",
    "pg_logical_slot_",
    "pg_create_",
    "pg_copy_",
    "pg_drop_",
    "pg_wal_replay_",
    "pg_sync_",
    "pg_restore_",
    "pg_clear_",
    "pg_set_",
    "pg_ls_",
    "brin_",
    "binary_upgrade_",
    "dblink",
];

/// Functions of platforms and extensions that change nothing, by schema and beginning of the name.
const HARMLESS_ELSEWHERE: &[(&str, &str)] = &[
    ("auth", "uid"),
    ("auth", "role"),
    ("auth", "email"),
    ("auth", "jwt"),
    ("extensions", "pgp_"),
    ("extensions", "digest"),
    ("extensions", "hmac"),
    ("extensions", "crypt"),
    ("extensions", "gen_salt"),
    ("extensions", "gen_random_"),
    ("extensions", "encrypt"),
    ("extensions", "decrypt"),
    ("extensions", "armor"),
    ("extensions", "dearmor"),
    ("extensions", "uuid_generate_"),
    ("extensions", "similarity"),
    ("extensions", "unaccent"),
    ("storage", "foldername"),
    ("storage", "filename"),
    ("storage", "extension"),
    ("realtime", "topic"),
];

/// Functions that say who calls.
const IDENTITY: &[(&str, &str)] = &[("auth", "uid"), ("auth", "role"), ("auth", "email"), ("auth", "jwt")];

/// Whether a function of `pg_catalog` has another result, or an effect, each time.
pub fn is_volatile(name: &str) -> bool {
    HARMLESS_VOLATILE.contains(&name) || has_effect(name)
}

/// Whether a function of `pg_catalog` may change something.
pub(super) fn has_effect(name: &str) -> bool {
    if HARMLESS_VOLATILE.contains(&name) || name == "pg_advisory_locks" {
        return false;
    }
    EFFECTS.contains(&name) || EFFECT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a function that nobody describes is known to change nothing.
pub(super) fn is_harmless(schema: &str, name: &str) -> bool {
    HARMLESS_ELSEWHERE.iter().any(|(known, prefix)| *known == schema && name.starts_with(prefix))
}

/// Whether a function says who calls.
pub(super) fn is_identity(schema: &str, name: &str) -> bool {
    IDENTITY.contains(&(schema, name))
}
