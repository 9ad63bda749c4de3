-- A cascade deletes hidden rows under forced policies.
create table public.parents (parent_id int primary key, owner_id uuid, unique (owner_id, parent_id));
insert into public.parents values (1, '00000000-0000-0000-0000-00000000000a'), (2, '00000000-0000-0000-0000-00000000000b');
create table public.children (owner_id uuid, parent_id int references public.parents on delete cascade);
alter table public.parents enable row level security;
alter table public.children enable row level security;
alter table public.children force row level security;
grant select, insert, delete on public.parents, public.children to authenticated;
create policy p on public.parents to authenticated using (owner_id = auth.uid());
create policy p on public.children to authenticated using (owner_id = auth.uid());
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000b', $q$insert into public.children values ('00000000-0000-0000-0000-00000000000b', 1)$q$);
create temp table before as select * from public.children;
create temp table seen as select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.children$q$) as rows;
create temp table deleted as select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$delete from public.parents where parent_id = 1$q$) as rows;
select (select count(*) from before) = 1 and (select rows from seen) = '0' and (select rows from deleted) = '1' and not exists (select from public.children);
