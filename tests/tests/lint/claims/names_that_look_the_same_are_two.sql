-- Latin and Cyrillic letters make two objects.
create table public.payments (a int);
create table public."pаyments" (a int);
select 'public.payments'::regclass <> 'public."pаyments"'::regclass;
