select count(*) = 3 and bool_and((place).road like 'Street _') and bool_and(((place).at)."x place" = person_id) and bool_and(street = upper((place).road))
from public.people
