-- A privilege alone opens every row.
grant select, insert, update, delete on public.notes to anon, authenticated;
alter table public.notes disable row level security;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$select * from public.notes$q$) = '2';
