insert into public.people (name) select 'Name' || i || ' Last' || i from generate_series(1, 5000) as i;
