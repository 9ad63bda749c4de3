create table public.a (id int primary key);
do $$
begin
  execute 'alter table public.b add column x int';
end;
$$;
