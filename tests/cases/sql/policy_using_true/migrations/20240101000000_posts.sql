create table posts (
  id uuid primary key default gen_random_uuid(),
  author_id uuid not null default auth.uid() references auth.users,
  title text not null,
  published boolean not null default false
);
create index on posts (author_id);
alter table posts enable row level security;

create policy "Enable read access for all users" on "public"."posts"
as permissive for select
to public
using (true);

create policy "Enable update for users based on nothing" on "public"."posts"
as permissive for update
to authenticated
using (true)
with check (true);

create policy "Enable delete for authenticated users only" on posts for delete to authenticated using (auth.role() = 'authenticated');
