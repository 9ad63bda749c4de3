create extension if not exists pg_trgm with schema extensions;
create type order_state as enum ('open', 'paid');
create table orders (
  id uuid primary key default gen_random_uuid(),
  buyer uuid not null references auth.users,
  state order_state not null default 'open',
  note text
);
create index on orders (buyer);
alter table orders enable row level security;
revoke all on orders from anon, authenticated;

create function pay(p_order uuid, out p_state order_state)
language plpgsql security definer set search_path = public, extensions, pg_temp
as $$
declare
  v_state order_state;
begin
  update public.orders o set state = 'paid' where o.id = p_order and o.buyer = auth.uid() returning o.stat into v_state;
  p_state := v_state;
end $$;
revoke execute on function pay from public, anon;

create function search_orders(p_text text) returns setof uuid
language plpgsql stable security definer set search_path = public, extensions, pg_temp
as $$
begin
  return query select o.id from public.orders o where o.buyer = auth.uid() and similarity(o.note, p_text) > 0.3 and no_such_function(o.note);
end $$;
revoke execute on function search_orders from public, anon;
