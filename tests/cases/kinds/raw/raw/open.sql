-- A file of statements.
alter table public.events disable row level security;
grant select on table public.events to public;
