create table rooms (id uuid primary key default gen_random_uuid(), name text not null);
create table participants (
  room_id uuid references rooms on delete cascade,
  user_id uuid references auth.users on delete cascade,
  primary key (room_id, user_id)
);
create table messages (
  id bigint generated always as identity primary key,
  room_id uuid not null references rooms on delete cascade,
  author_id uuid not null references auth.users,
  body text not null
);
do $$
declare t text;
begin
  foreach t in array array['rooms', 'participants', 'messages'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('revoke all on public.%I from anon, authenticated', t);
    execute format('grant select on public.%I to authenticated', t);
  end loop;
end $$;

create policy "participants see participants" on participants for select to authenticated
  using (exists (select 1 from participants p where p.room_id = participants.room_id and p.user_id = auth.uid()));
create policy "participants see messages" on messages for select to authenticated
  using (exists (select 1 from participants p where p.room_id = messages.room_id and p.user_id = auth.uid()));
