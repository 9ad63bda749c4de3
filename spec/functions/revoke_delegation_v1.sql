declare
  v_delegation record;
  v_user_id    uuid;
  v_revoked    boolean;
begin
  select d.tenant_id, d.service_id, d.user_id
  into v_delegation
  from public.delegations as d
  where d.delegation_id = p_delegation_id;

  -- To a user the delegation of others and no delegation at all look the same.
  if found and trust_private.actor_kind() = 'user' then
    v_user_id := trust_private.claimed_user_id();
    if v_delegation.user_id is distinct from v_user_id
      and trust_private.has_tenant_role(v_delegation.tenant_id, v_user_id, 'admin') is not true
    then
      v_delegation := null;
    end if;
  end if;
  if v_delegation.tenant_id is null then
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
  where t.tenant_id = v_delegation.tenant_id
    and t.service_id = v_delegation.service_id
    and t.delegation_id = p_delegation_id
    and t.revoked_at is null
    and t.expires_at > now();

  return v_revoked;
end
