-- Neither row-level security nor a policy can be had.
create server elsewhere foreign data wrapper elsewhere;
create foreign table public.invoices (invoice_id bigint) server elsewhere;
create function claim.refused(p_sql text) returns text language plpgsql as $$ begin execute p_sql; return 'done'; exception when others then return sqlstate; end $$;
select claim.refused('alter table public.invoices enable row level security') = '42809'
   and claim.refused('create policy p on public.invoices using (false)') = '42809';
