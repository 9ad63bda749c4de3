begin
  if trust_private.actor_kind() = 'user' then
    perform public.assert_tenant_member_v1(p_tenant_id, 'admin');
  end if;
end
