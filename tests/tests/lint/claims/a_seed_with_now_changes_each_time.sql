-- An upsert with a time that is computed changes the row each time.
create table public.t (a int primary key, made_at timestamptz);
insert into public.t values (1, clock_timestamp());
create temp table f as select made_at from public.t;
insert into public.t values (1, clock_timestamp()) on conflict (a) do update set made_at = excluded.made_at;
select (select f.made_at <> t.made_at from f, public.t);
