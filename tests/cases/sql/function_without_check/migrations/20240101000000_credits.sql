create table public.wallets (
  user_id uuid primary key references auth.users on delete cascade,
  credits integer not null default 0
);
alter table public.wallets enable row level security;

create policy "Users see their wallet"
  on public.wallets for select
  to authenticated
  using ((select auth.uid()) = user_id);
