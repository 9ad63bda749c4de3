select (select string_agg(state::text, ' ' order by id) from outside.things) = 'shut gone late' and (select count(*) from beyond.others) = 2
  and (select array_agg((pair).high order by id) from outside.things) = '{1,3,5}' and (select array_agg(large order by large) from public.pairs) = '{1,3}'
  and (select array_agg(first order by first) from public.firsts) = '{1,3}' and public.minus(1) and public.less(-1)
