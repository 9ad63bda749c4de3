declare
  v_tenant_id  uuid;
  v_service_id text;
  v_owner_id   uuid;
  v_user_id    uuid;
  v_permitted  boolean;
  v_revoked    boolean;
begin
  select d.tenant_id, d.service_id, d.user_id
  into v_tenant_id, v_service_id, v_owner_id
  from public.delegations as d
  where d.delegation_id = p_delegation_id;
  v_permitted := found;

  if v_permitted and trust_private.actor_kind() = 'user' then
    v_user_id := trust_private.claimed_user_id();
    v_permitted := v_owner_id is not distinct from v_user_id
      or trust_private.has_tenant_role(v_tenant_id, v_user_id, 'admin');
  end if;
  -- To a user the delegation of others and no delegation at all look the same.
  if v_permitted is not true then
    raise sqlstate 'PT404' using message = 'delegation_not_found', detail = 'There is no such delegation that the caller may revoke.';
  end if;

  -- The delegation before its tokens: issuing takes the same order.
  update public.delegations as d
  set revoked_at = now()
  where d.delegation_id = p_delegation_id
    and d.revoked_at is null;
  v_revoked := found;

  -- Tokens that have expired are left to their purge, which may hold them.
  update public.delegation_tokens as t
  set revoked_at = now()
  where t.tenant_id = v_tenant_id
    and t.service_id = v_service_id
    and t.delegation_id = p_delegation_id
    and t.revoked_at is null
    and t.expires_at > now();

  return v_revoked;
end
