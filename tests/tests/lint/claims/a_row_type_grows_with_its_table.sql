-- A column that is added becomes part of the answer.
create function public.f() returns setof public.notes language sql as $$ select * from public.notes $$;
alter table public.notes add column secret text default 's';
select (select bool_and(to_jsonb(f) ? 'secret') from public.f() f);
