insert into public.people (person_id, account) values (1, row('a', row('Street', '1', row(1, 2), 'Town'), array[row('Other', '2', null, 'Town')::public.address], null));
