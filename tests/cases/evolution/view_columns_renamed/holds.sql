select (select count(*) from public.long_texts) = 1 and (select array_agg("the note" order by "the note") from public.texts) = '{1,2}'
  and obj_description('public.long_texts'::regclass) = 'Stands on the other.'
