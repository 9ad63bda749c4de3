select (select count(*) from public.notes) = 3 and (select count(*) from public.drafts) = 2 and public.count_notes() = 3
  and (select string_agg(last, ' ' order by person_id) from public.people) = 'Ada Plato'
  and (select string_agg(one, ' ' order by person_id) from public.names) = 'Ada Plato' and (select one from public."both") = 'Plato'
  and pg_get_serial_sequence('public.notes', 'id') = 'public.notes_id_seq' and nextval('public.notes_id_seq') = 4
