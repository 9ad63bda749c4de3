begin
  return (
    select m.tenant_id
    from public.tenant_members as m
    join public.tenants as t on t.tenant_id = m.tenant_id
    where m.user_id = coalesce(p_user_id, trust_private.claimed_user_id())
      and t.status <> 'deleted'
    order by m.created_at, m.tenant_id
    limit 1
  );
end
