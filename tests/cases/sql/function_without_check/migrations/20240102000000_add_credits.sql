-- Called by the payment webhook.
create or replace function public.add_credits(p_user uuid, p_amount integer)
returns void
language plpgsql
security definer set search_path = ''
as $$
begin
  if p_amount <= 0 then
    raise exception 'amount must be positive';
  end if;

  update public.wallets
     set credits = credits + p_amount
   where user_id = p_user;
end;
$$;

-- Not a finding: the rows are the caller's own.
create or replace function public.spend_credits(p_amount integer)
returns void
language plpgsql
security definer set search_path = ''
as $$
begin
  update public.wallets
     set credits = credits - p_amount
   where user_id = auth.uid() and credits >= p_amount;
end;
$$;

-- NULL lets everybody pass who is not signed in.
create or replace function public.empty_wallet(p_user uuid)
returns void
language plpgsql
security definer set search_path = ''
as $$
begin
  if auth.uid() <> p_user then
    raise exception 'not yours';
  end if;
  update public.wallets set credits = 0 where user_id = p_user;
end;
$$;
