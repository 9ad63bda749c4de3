declare
  v_name      text := btrim(p_name);
  v_tenant_id uuid;
begin
  if v_name is null or length(v_name) not between 1 and 200 then
    raise sqlstate 'PT400' using message = 'invalid_tenant_name', detail = 'A name has 1 to 200 characters and is not blank.';
  end if;

  insert into public.tenants as t (name)
  values (v_name)
  returning t.tenant_id into v_tenant_id;

  begin
    insert into public.tenant_members (tenant_id, user_id, role)
    values (v_tenant_id, trust_private.claimed_user_id(), 'owner');
  exception
    -- A token outlives the account of its user.
    when foreign_key_violation then
      raise sqlstate 'PT404' using message = 'user_not_found', detail = 'The account of the caller does not exist.';
  end;

  return v_tenant_id;
end
