//! The calls of the playbook, letter by letter, as the roles that it says.

use trust_lite::tables::RiskEvents;

use crate::support::{Cell, MEMBER, World};

pub async fn literal_calls(cell: Cell) {
    let world = World::open(cell).await;
    let member = world.user(MEMBER).await;
    let text = |value: &str| Ok(Some(value.to_owned()));

    // Step 7, check 6, in the SQL editor: as the operator; unqualified, as the playbook writes it.
    let tier = format!("SELECT get_trust_tier_v1('user', '{MEMBER}')");
    assert_eq!(world.operator.value(&tier).await, text("B"));

    // Step 8, as the service.
    let record = format!(
        "SELECT record_risk_event_v1(
  'user',
  '{MEMBER}',
  'failed_login',
  -5.0,
  '{{\"ip\":\"1.2.3.4\"}}'::jsonb,
  'req-test-001'
);"
    );
    let first = world.service.value(&record).await;
    assert!(first.is_ok());
    assert_eq!(world.service.value(&record).await, first, "recorded once");
    let event: RiskEvents = world.service.row("true").await;
    assert_eq!((event.weight, event.meta), ("-5.00".parse().expect("a number"), Some(serde_json::json!({"ip": "1.2.3.4"}))));
    assert_eq!(world.service.value(&format!("SELECT calculate_trust_score_v1('user', '{MEMBER}');")).await, text("45.00"));

    // Step 8, from the client: named arguments, the id a null, as PostgREST passes them on.
    let rpc = "select public.get_trust_tier_v1(p_actor_type => 'user', p_actor_id => null)";
    assert_eq!(member.value(rpc).await, text("C"));
    assert_eq!(member.value("select public.get_trust_tier_v1()").await, text("C"));
    assert_eq!(world.operator.value(&tier).await, text("C"));
    // What PostgREST really sends: a call built from a JSON body.
    let json = "with p as (select '{\"p_actor_type\": \"user\", \"p_actor_id\": null}'::json as body) \
                select r.t from p, lateral (select public.get_trust_tier_v1(p_actor_type => j.p_actor_type, p_actor_id => j.p_actor_id) as t \
                from json_to_record(p.body) as j (p_actor_type public.actor_type, p_actor_id text)) as r";
    assert_eq!(member.value(json).await, text("C"));

    // Its kill switches.
    world.operate("UPDATE rate_limit_configs SET enabled = false; UPDATE trust_profiles SET enforcement_level = 'E0';").await;
    assert_eq!(world.service.value(&format!("select public.enforce_rate_limit_v1('dm:create', 'user', '{MEMBER}', 1000000)")).await, text("t"));
    // Step 7, check 5.
    assert_eq!(member.run("INSERT INTO tenants (name) VALUES ('test-tenant')").await, Err("42501".to_owned()));
    // Step 7, check 4.
    assert_eq!(world.operator.count("SELECT COUNT(*) as scope_count FROM scope_definitions").await, 9);
    assert_eq!(world.operator.count("SELECT COUNT(*) as config_count FROM rate_limit_configs").await, 12);
}
