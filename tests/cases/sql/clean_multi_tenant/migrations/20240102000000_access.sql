create function private.my_teams() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select m.team_id from public.members m where m.user_id = (select auth.uid()) $$;
grant usage on schema private to authenticated;
grant execute on function private.my_teams() to authenticated;

grant select on public.teams, public.members to authenticated;
grant select, insert, delete on public.projects to authenticated;
grant update (title) on public.projects to authenticated;

create policy teams_read on public.teams for select to authenticated
  using (id = any (array(select private.my_teams())));
create policy members_read on public.members for select to authenticated
  using (team_id = any (array(select private.my_teams())));
create policy projects_all on public.projects for all to authenticated
  using (team_id = any (array(select private.my_teams())))
  with check (team_id = any (array(select private.my_teams())));

create function public.create_team(p_name text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  v_team uuid;
begin
  if auth.uid() is null then
    raise exception 'not signed in' using errcode = '42501';
  end if;
  insert into public.teams (name) values (p_name) returning id into v_team;
  insert into public.members (team_id, user_id, role) values (v_team, auth.uid(), 'admin');
  return v_team;
end;
$$;
grant execute on function public.create_team(text) to authenticated;

create function public.rename_team(p_team uuid, p_name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select 1 from public.members m where m.team_id = p_team and m.user_id = auth.uid() and m.role = 'admin') then
    raise exception 'only an admin may do this' using errcode = '42501';
  end if;
  update public.teams set name = p_name where id = p_team;
end;
$$;
grant execute on function public.rename_team(uuid, text) to authenticated;

create function public.leave_team(p_team uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$ delete from public.members where team_id = p_team and user_id = auth.uid(); $$;
grant execute on function public.leave_team(uuid) to authenticated;

select cron.schedule('forget-empty-teams', '0 3 * * *', $$ delete from public.teams t where not exists (select from public.members m where m.team_id = t.id) $$);
