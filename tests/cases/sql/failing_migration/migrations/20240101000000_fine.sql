create table public.lists (id uuid primary key, owner_id uuid not null);
