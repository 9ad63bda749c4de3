-- Of two members of a role, that which does not inherit sees nothing of what the role's policy shows.
create role claim_editors;
create role claim_inherits inherit;
create role claim_does_not noinherit;
grant claim_editors to claim_inherits, claim_does_not;
grant select on public.notes to claim_inherits, claim_does_not;
grant claim_inherits, claim_does_not to current_user;
grant usage on schema claim to claim_inherits, claim_does_not;
create policy p on public.notes for select to claim_editors using (true);
select claim.run_as('claim_inherits', null, 'select from public.notes') = '2' and claim.run_as('claim_does_not', null, 'select from public.notes') = '0';
