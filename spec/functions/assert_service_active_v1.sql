declare
  v_service_status text;
  v_tenant_status  text;
begin
  select s.status, t.status
  into v_service_status, v_tenant_status
  from public.service_identities as s
  join public.tenants as t on t.tenant_id = s.tenant_id
  where s.tenant_id = p_tenant_id
    and s.service_id = p_service_id;

  if not found then
    raise sqlstate 'PT404' using message = 'service_not_found', detail = 'The tenant has no such service.';
  end if;
  if v_tenant_status is distinct from 'active' then
    raise sqlstate 'PT403' using message = 'tenant_not_active', detail = 'The tenant is ' || v_tenant_status || '.';
  end if;
  if v_service_status is distinct from 'active' then
    raise sqlstate 'PT403' using message = 'service_not_active', detail = 'The service is ' || v_service_status || '.';
  end if;
end
