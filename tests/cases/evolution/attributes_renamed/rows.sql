insert into public.people (person_id, place, others, home)
select number, ('Street ' || number, 'Town', format('(%s,2)', number)::public.spot)::public.address, array['(a,b,"(1,2)")', '(c,d,"(3,4)")']::public.address[], '(h,i,)'
from generate_series(1, 3) as number;
