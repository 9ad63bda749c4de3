-- With the tenant in the key it is refused.
create table public.parents (parent_id int primary key, owner_id uuid, unique (owner_id, parent_id));
insert into public.parents values (1, '00000000-0000-0000-0000-00000000000a'), (2, '00000000-0000-0000-0000-00000000000b');
create table public.children (owner_id uuid, parent_id int , foreign key (owner_id, parent_id) references public.parents (owner_id, parent_id));
alter table public.parents enable row level security;
alter table public.children enable row level security;
alter table public.children force row level security;
grant select, insert, delete on public.parents, public.children to authenticated;
create policy p on public.parents to authenticated using (owner_id = auth.uid());
create policy p on public.children to authenticated using (owner_id = auth.uid());
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.children values ('00000000-0000-0000-0000-00000000000a', 2)$q$) = '23503'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.children values ('00000000-0000-0000-0000-00000000000a', 1)$q$) = '1';
