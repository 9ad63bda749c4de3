insert into public.notes values (1, array[row('a', row('b')), row(null, null)]::public.outer[], row('c', 'd'), array[row('e', 'f')]::public.worded[], '{g,h}');
insert into public.notes values (2, '{}', row(null, null), null, '{null}'), (3, null, null, null, null);
