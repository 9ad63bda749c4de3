create table public.notes (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null references auth.users (id) on delete cascade,
  body text not null
);
create index notes_owner_id_idx on public.notes (owner_id);
alter table public.notes enable row level security;
revoke all on public.notes from anon, authenticated;
grant select, insert, update, delete on public.notes to authenticated;

create policy "own notes" on public.notes
  to authenticated
  using (owner_id = (select auth.uid()))
  with check (owner_id = (select auth.uid()));

create function public.count_my_notes()
returns bigint
language sql
security definer
as $$
  select count(*) from notes where owner_id = auth.uid();
$$;
revoke execute on function public.count_my_notes() from public, anon;
