-- One `timestamp` is two moments under two settings.
create table public.t (made_at timestamp);
insert into public.t values ('2026-01-01 12:00');
set local timezone = 'UTC';
create temp table a as select extract(epoch from made_at::timestamptz) e from public.t;
set local timezone = 'Asia/Tokyo';
create temp table b as select extract(epoch from made_at::timestamptz) e from public.t;
select (select a.e - b.e = 9 * 3600 from a, b);
