//! The validation of scopes: every case, for every role that may ask.

use trust_lite::functions::{IssueDelegationTokenV1, ValidateScopesV1};

use crate::support::{Cell, OWNER, SERVICE, World};

const DELEGABLE: [&str; 7] = ["dm:create", "dm:read", "media:upload", "calls:initiate", "calls:answer", "presence:read", "profile:update"];

fn scopes(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

/// Lists that are refused, and with what.
fn refusals() -> Vec<(Vec<String>, &'static str)> {
    let mut refusals = vec![
        (scopes(&[]), "scopes_required"),
        (scopes(&[""]), "scope_blank"),
        (scopes(&["  "]), "scope_blank"),
        (scopes(&["dm:read", ""]), "scope_blank"),
        (scopes(&["*"]), "scope_wildcard"),
        (scopes(&["dm:*"]), "scope_wildcard"),
        (scopes(&["dm:read", "*:*"]), "scope_wildcard"),
        (scopes(&["dm:delete"]), "scope_unknown"),
        (scopes(&["DM:READ"]), "scope_unknown"),
        (scopes(&[" dm:read"]), "scope_unknown"),
        (scopes(&["dm:read,dm:create"]), "scope_unknown"),
        (scopes(&["dm:read' or 'x'='x"]), "scope_unknown"),
        (scopes(&["admin:users"]), "scope_not_delegable"),
        (scopes(&["dm:read", "system:impersonate"]), "scope_not_delegable"),
    ];
    refusals.push((vec!["dm:read".to_owned(); 101], "invalid_argument"));
    refusals
}

pub async fn validating(cell: Cell) {
    let world = World::open(cell).await;
    let user = world.user(OWNER).await;
    for session in [&user, &world.service, &world.operator] {
        for scope in DELEGABLE {
            session.call(ValidateScopesV1::new(scopes(&[scope]))).await;
        }
        session.call(ValidateScopesV1::new(scopes(&DELEGABLE))).await;
        session.call(ValidateScopesV1::new(scopes(&["dm:read", "dm:read"]))).await;
        session.call(ValidateScopesV1::new(vec!["dm:read".to_owned(); 100])).await;
        for (list, error) in refusals() {
            assert_eq!(session.refused(ValidateScopesV1::new(list.clone())).await, error, "{list:?}");
        }
        assert_eq!(session.refused_sql("validate_scopes_v1", "null").await, "scopes_required");
        assert_eq!(session.refused_sql("validate_scopes_v1", "array['dm:read', null]").await, "scope_blank");
        assert_eq!(session.refused_sql("validate_scopes_v1", "array[['dm:read', '*']]").await, "scope_wildcard");
    }
    // What the registry says decides.
    world.operate("update public.scope_definitions set is_delegable = not is_delegable where scope in ('dm:read', 'admin:users')").await;
    user.call(ValidateScopesV1::new(scopes(&["admin:users"]))).await;
    assert_eq!(user.refused(ValidateScopesV1::new(scopes(&["dm:read"]))).await, "scope_not_delegable");
}

/// Issuing refuses the same lists with the same errors, and leaves nothing behind.
pub async fn issuing(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    for (list, error) in refusals() {
        assert_eq!(team.member.refused(IssueDelegationTokenV1::new(SERVICE, list.clone())).await, error, "{list:?}");
    }
    assert_eq!(team.member.refused_sql("issue_delegation_token_v1", &format!("'{SERVICE}', null")).await, "scopes_required");
    assert_eq!(world.operator.count("select count(*) from public.delegations").await, 0);
    assert_eq!(world.operator.count("select count(*) from trust_private.rate_limit_counters").await, 0, "and costs nothing");
}
