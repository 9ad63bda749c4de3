-- PostgreSQL fills nothing in.
update public.notes set body = '${ADMIN}';
select (select bool_and(body = '$' || '{ADMIN}') from public.notes);
