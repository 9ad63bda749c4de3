-- PostgreSQL takes a name with a newline.
create table public."a
; b" (a int);
select exists (select from pg_class where relname = E'a\n; b');
