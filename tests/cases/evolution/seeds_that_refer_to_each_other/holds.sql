select (select array_agg(kid order by kid) from public.bkids) = '{1,3}'
