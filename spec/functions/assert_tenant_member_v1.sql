declare
  v_needed integer := trust_private.role_rank(p_min_role);
  v_held   integer;
  v_status text;
begin
  if v_needed is null then
    raise sqlstate 'PT400' using message = 'invalid_role', detail = 'A role is one of owner, admin, member and guest.';
  end if;

  select trust_private.role_rank(m.role), t.status
  into v_held, v_status
  from public.tenant_members as m
  join public.tenants as t on t.tenant_id = m.tenant_id
  where m.tenant_id = p_tenant_id
    and m.user_id = trust_private.claimed_user_id();

  -- The same answer for a tenant of others and for none at all: the caller learns nothing about foreign tenants.
  if v_held is null then
    raise sqlstate 'PT403' using message = 'tenant_membership_required', detail = 'The caller is not a member of the tenant.';
  end if;
  if v_status is distinct from 'active' then
    raise sqlstate 'PT403' using message = 'tenant_not_active', detail = 'The tenant is ' || v_status || '.';
  end if;
  if v_held < v_needed then
    raise sqlstate 'PT403' using message = 'tenant_role_required', detail = 'The action needs the role ' || p_min_role || ' or a higher one.';
  end if;
end
