-- `row.f` calls a function of the row.
create function public.size(n public.notes) returns int language sql as $$ select length(n.body) $$;
select (select bool_and(n.size = 1) from public.notes n);
