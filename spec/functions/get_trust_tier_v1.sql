declare
  -- The guard lets nobody but a user leave the id out.
  v_actor_id text := trust_private.normalized_actor_id(p_actor_type, coalesce(p_actor_id, trust_private.claimed_user_id()::text));
  v_tier     public.risk_tier;
begin
  select p.risk_tier
  into v_tier
  from public.trust_profiles as p
  where p.actor_type = p_actor_type
    and p.actor_id = v_actor_id;
  return coalesce(v_tier, 'B');
end
