//! A condition that a function asks, or something that a table refuses, is told where it is another one; how it is laid out is not.

use std::path::Path;
use std::sync::LazyLock;

use tests::compile::folder;
use trust_schema::access::{Access, Change, Direction, access, diff};
use trust_schema::resolve::resolve;
use trust_schema::source::SourceFile;

fn trust_lite() -> Vec<SourceFile> {
    folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec"))
}

fn of(files: Vec<SourceFile>) -> Access {
    let resolved = resolve(files);
    let told: Vec<String> = resolved.diagnostics.iter().map(|told| told.message.clone()).collect();
    let resolution = resolved.resolution.unwrap_or_else(|| panic!("{told:?}"));
    access(&resolution.catalog, &resolution.project.owner)
}

fn changed(file: &str, was: &str, is: &str) -> Vec<Change> {
    let mut files = trust_lite();
    let target = files.iter_mut().find(|source| source.path == file).unwrap_or_else(|| panic!("{file}"));
    assert!(target.text.contains(was), "{file}: {was}");
    target.text = target.text.replacen(was, is, 1);
    diff(&BEFORE, &of(files))
}

/// Of the spec as it is.
static BEFORE: LazyLock<Access> = LazyLock::new(|| of(trust_lite()));

/// Each of these let somebody past a tenant or an assertion, and no rule told of it.
const WEAKER: [(&str, &str, &str, &str); 18] = [
    ("functions/has_tenant_role.sql", "m.tenant_id = p_tenant_id\n      and", "", "has_tenant_role"),
    ("functions/has_tenant_role.sql", "and m.user_id = p_user_id", "or m.user_id = p_user_id", "has_tenant_role"),
    ("functions/has_tenant_role.sql", ">=", "<", "has_tenant_role"),
    ("functions/assert_actor_context_v1.sql", "v_kind = 'operator' and", "", "assert_actor_context_v1"),
    ("functions/assert_actor_context_v1.sql", "(v_kind = any (v_allowed)) is not true", "false", "assert_actor_context_v1"),
    ("functions/assert_service_active_v1.sql", "s.tenant_id = p_tenant_id", "true", "assert_service_active_v1"),
    ("functions/revoke_delegation_v1.sql", "if v_permitted is not true", "if v_permitted is true", "revoke_delegation_v1"),
    ("functions/revoke_delegation_v1.sql", "or trust_private.has_tenant_role(v_tenant_id, v_user_id, 'admin')", "or true", "revoke_delegation_v1"),
    ("functions/revoke_delegation_v1.sql", "d.delegation_id = p_delegation_id\n    and", "", "revoke_delegation_v1"),
    ("functions/revoke_delegation_v1.sql", "v_permitted := found", "v_permitted := true", "revoke_delegation_v1"),
    ("functions/consume_rate_limit.sql", "v_charged + v_cost <= v_capacity", "true", "consume_rate_limit"),
    (
        "functions/issue_delegation_token_v1.sql",
        "p_service_id, v_scopes, v_expires_at)",
        "p_service_id, p_scopes, v_expires_at)",
        "issue_delegation_token_v1",
    ),
    ("functions/create_tenant_v1.sql", "trust_private.claimed_user_id(), 'owner'", "trust_private.claimed_user_id(), 'admin'", "create_tenant_v1"),
    ("functions/revoke_delegation_v1.sql", "revoked_at = now()", "revoked_at = 'infinity'", "revoke_delegation_v1"),
    ("functions/rotate_service_key_v1.sql", "now() + p_overlap", "'infinity'", "rotate_service_key_v1"),
    ("tenant_model.toml", "\"'admin'\"", "\"'member'\"", "add_tenant_member_v1"),
    ("delegations.toml", "unique  = true", "unique  = true\nnulls_not_distinct = true", "delegations"),
    ("service_identities.toml", "check = \"length(key_id) between 1 and 128\", ", "", "service_keys"),
];

#[test]
fn a_weaker_condition_is_to_be_approved() {
    for (file, was, is, object) in WEAKER {
        let changes = changed(file, was, is);
        let is_told =
            |change: &Change| change.direction != Direction::Narrowed && change.object.as_ref().is_some_and(|known| known.name().contains(object));
        assert!(changes.iter().any(is_told), "{file}: {was} → {is}: {changes:?}");
    }
}

#[test]
fn a_key_that_is_dropped_is_to_be_approved() {
    let key = "[table.delegation_tokens.foreign_key.delegation_tokens_key_fkey]\ncolumns    = [\"tenant_id\", \"service_id\", \"key_id\"]\nreferences = \"service_keys\"\non_delete  = \"cascade\"\n";
    let told: Vec<String> = changed("delegations.toml", key, "").iter().map(ToString::to_string).collect();
    let refusal = "refuses no longer what is against `public.delegation_tokens.delegation_tokens_key_fkey`: (tenant_id, service_id, key_id) refer to public.service_keys (tenant_id, service_id, key_id) on delete cascade";
    assert!(told.iter().any(|line| line.contains(refusal)), "{told:#?}");
}

#[test]
fn layout_and_texts_for_people_are_no_change() {
    for (file, was, is) in [
        ("functions/has_tenant_role.sql", "m.tenant_id = p_tenant_id\n      and", "M.tenant_id=p_tenant_id AND"),
        (
            "functions/revoke_delegation_v1.sql",
            "d.delegation_id = p_delegation_id\n    and d.revoked_at is null",
            "(d.revoked_at is null) and d.delegation_id = p_delegation_id",
        ),
        ("functions/revoke_delegation_v1.sql", "-- The delegation before its tokens", "-- Before"),
        ("functions/revoke_delegation_v1.sql", "detail = 'There is no such delegation that the caller may revoke.'", "detail = 'None.'"),
        (
            "functions/assert_actor_context_v1.sql",
            "if (v_kind = any (v_allowed)) is not true then",
            "if ((v_kind = any(v_allowed)) is not true)\n  then",
        ),
    ] {
        assert_eq!(changed(file, was, is), [], "{file}: {was} → {is}");
    }
}

#[test]
fn another_name_of_a_variable_is_no_change() {
    let renamed = |file: &str, was: &str, is: &str| {
        let mut files = trust_lite();
        let target = files.iter_mut().find(|source| source.path == file).unwrap_or_else(|| panic!("{file}"));
        assert!(target.text.contains(was) && !target.text.contains(is), "{file}: {was}");
        target.text = target.text.replace(was, is);
        diff(&BEFORE, &of(files))
    };
    assert_eq!(renamed("functions/assert_actor_context_v1.sql", "v_kind", "v_actor"), []);
    assert_eq!(renamed("functions/issue_delegation_token_v1.sql", "v_user_id", "v_holder"), []);
    // Two that change places are others.
    let mut files = trust_lite();
    let target = files.iter_mut().find(|source| source.path == "functions/assert_service_active_v1.sql").expect("the file is there");
    let swapped = target.text.replace("into v_service_status, v_tenant_status", "into v_tenant_status, v_service_status");
    assert_ne!(target.text, swapped);
    target.text = swapped;
    assert_eq!(diff(&BEFORE, &of(files)).len(), 1);
}

#[test]
fn what_is_written_beside_that_is_no_change() {
    let (file, was, is) = ("functions/record_risk_event_v1.sql", "p_meta, p_request_id)", "coalesce(p_meta, '{}'), p_request_id)");
    assert_eq!(changed(file, was, is), []);
}
