-- At once where it inherits, after SET ROLE where it does not.
create role claim_reader noinherit;
create role claim_owner;
grant claim_owner to claim_reader;
create table claim.secrets (secret text);
insert into claim.secrets values ('a');
grant select on claim.secrets to claim_owner;
grant claim_reader, claim_owner to current_user;
select pg_has_role('claim_reader', 'claim_owner', 'MEMBER') and not pg_has_role('claim_reader', 'claim_owner', 'USAGE')
   and claim.run_as('claim_reader', null, 'select from claim.secrets') = '42501' and claim.run_as('claim_owner', null, 'select from claim.secrets') = '1';
