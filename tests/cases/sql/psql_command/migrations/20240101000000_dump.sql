--
-- PostgreSQL database dump
--
\restrict kXQzNwW2ZSp

SET statement_timeout = 0;
create table public.a (id int primary key);
\i more.sql
COPY public.a (id) FROM stdin;
1
2
\.

\unrestrict kXQzNwW2ZSp
