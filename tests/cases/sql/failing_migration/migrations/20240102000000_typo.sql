alter table public.lists enable row level security;

-- Ä character of two bytes in front, and the column has another name.
create policy "own lists" on public.lists for select to authenticated
  using (ownerid = (select auth.uid()));
create table public.never (id uuid);
