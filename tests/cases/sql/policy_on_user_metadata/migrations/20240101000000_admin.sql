create table settings (key text primary key, value jsonb not null);
alter table settings enable row level security;
create policy "admins manage settings" on settings for all to authenticated
  using (((auth.jwt() -> 'user_metadata') ->> 'role') = 'admin');
