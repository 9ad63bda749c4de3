begin
  return query
    select m.tenant_id
    from public.tenant_members as m
    where m.user_id = (select trust_private.claimed_user_id())
      and m.role in ('owner', 'admin');
end
