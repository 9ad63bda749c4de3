begin
  return exists (
    select
    from public.tenant_members as m
    where m.tenant_id = p_tenant_id
      and m.user_id = p_user_id
      and trust_private.role_rank(m.role) >= trust_private.role_rank(p_min_role)
  );
end
