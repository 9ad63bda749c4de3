begin
  if trust_private.role_rank(p_role) is null then
    raise sqlstate 'PT400' using message = 'invalid_role', detail = 'A role is one of owner, admin, member and guest.';
  end if;
  if p_user_id is null then
    raise sqlstate 'PT400' using message = 'invalid_argument', detail = 'p_user_id is missing.';
  end if;
  if p_role = 'owner' then
    perform public.assert_tenant_member_v1(p_tenant_id, 'owner');
  end if;

  begin
    insert into public.tenant_members (tenant_id, user_id, role)
    values (p_tenant_id, p_user_id, p_role)
    on conflict (tenant_id, user_id) do nothing;
  exception
    when foreign_key_violation then
      raise sqlstate 'PT404' using message = 'user_not_found', detail = 'There is no user with this id.';
  end;
  if not found then
    raise sqlstate 'PT409' using message = 'member_exists', detail = 'The user is a member of the tenant already.';
  end if;
end
