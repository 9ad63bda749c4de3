insert into inside.things values (1, 'thing');
insert into outside.others values (2, 'other', 1);
