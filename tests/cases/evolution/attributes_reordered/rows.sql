insert into public.notes values (1, row('a', null, 'b', 'c'), row('l', row('d', null, 'e,"', 'f'), '{x,y}'), row('g', null, 'h', 'i'));
insert into public.notes values (2, row(null, null, null, null), row(null, null, null), null), (3, null, null, null);
