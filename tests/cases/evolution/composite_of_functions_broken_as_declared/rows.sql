insert into public.people (person_id, account) values (1, row('a', row('Street', '1', 'Town', row(1, 2)), array[row('Other', '2', 'Town', null)::public.address], null));
