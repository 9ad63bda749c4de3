-- The assertion raises, the handler of everything goes on, and the row is written.
create function private.refuse() returns void language plpgsql as $$ begin raise insufficient_privilege; end $$;
create function public.add_note() returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  begin
    perform private.refuse();
  exception when others then
    null;
  end;
  insert into public.notes (owner_id, tenant_id, body, shared)
  values ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000b', 'c', false);
end $$;
grant execute on function public.add_note() to authenticated;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', 'select public.add_note()');
select count(*) = 3 from public.notes;
