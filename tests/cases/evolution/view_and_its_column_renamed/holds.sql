select (select count(*) from public.long_texts) = 1 and (select string_agg(written, ' ' order by note_id) from public.writings) = 'shorta a longer textb'
