create table public.readers (news_id uuid not null, at timestamptz not null default now());
alter table public.readers enable row level security;
revoke all on public.readers from anon, authenticated;
create table public.news (
  id uuid primary key default gen_random_uuid(),
  -- trust-schema: allow timestamp-without-time-zone the importer writes UTC
  published_at timestamp not null,
  body text not null
);
alter table public.news enable row level security;
revoke all on public.news from anon, authenticated;
grant select on public.news to anon, authenticated;

-- trust-schema: allow TL0203 news are for everybody
create policy "everybody reads" on public.news for select to anon, authenticated using (true);

-- trust-schema: allow write-not-dominated counting readers harms nobody
-- trust-schema: allow anon-executes-definer readers are not signed in
create function public.count_reader(p_news uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$ insert into public.readers (news_id) values (p_news) $$;
revoke execute on function public.count_reader(uuid) from public;
grant execute on function public.count_reader(uuid) to anon, authenticated;

-- trust-schema: allow policies-without-rls it has since been enabled
create table public.archive (id uuid primary key);
alter table public.archive enable row level security;
revoke all on public.archive from anon, authenticated; -- trust-schema: allow TL0103 stands behind a statement
-- trust-schema: allow truncate-grantd misspelt
-- trust-schema: allow no-primary-key
-- trust-schema: forget TL0101
create table public.log (at timestamptz not null);
alter table public.log enable row level security;
revoke all on public.log from anon, authenticated;
