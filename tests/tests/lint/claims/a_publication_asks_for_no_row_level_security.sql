-- The changes of a table go to subscribers whether or not it has row-level security, and no condition of a policy goes with them.
create table public.messages (message_id bigint primary key);
create publication everything for table public.messages, public.notes;
select count(*) = 2 and bool_and(p.rowfilter is null) from pg_publication_tables p where p.pubname = 'everything';
