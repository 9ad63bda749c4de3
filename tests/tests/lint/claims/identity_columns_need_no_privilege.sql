-- An insert needs USAGE on the sequence of serial, and nothing for identity.
create table public.s (s_id bigserial, body text);
create table public.i (i_id bigint generated always as identity, body text);
revoke all on sequence public.s_s_id_seq, public.i_i_id_seq from anon, authenticated;
grant insert on public.s, public.i to authenticated;
select claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.s (body) values ('x')$q$) = '42501'
   and claim.run_as('authenticated', '00000000-0000-0000-0000-00000000000a', $q$insert into public.i (body) values ('x')$q$) = '1';
