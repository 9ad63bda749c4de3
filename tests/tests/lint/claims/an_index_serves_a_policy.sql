-- The index on the column of a policy serves every query.
create table public.many as select g as many_id, (g % 1000)::int as key, 'Word' || g as word from generate_series(1, 20000) g;
create index many_key_idx on public.many (key);
create index many_word_idx on public.many (word);
create index many_two_idx on public.many (many_id, key);
analyze public.many;
alter table public.many enable row level security;
grant select on public.many to authenticated;
create policy p on public.many for select to authenticated using (key = (select 7));
set local role authenticated;
select claim.plan('select * from public.many') like '%many_key_idx%';
