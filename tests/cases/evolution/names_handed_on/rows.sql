insert into inside.things (id, pair, "right") values (1, (1, 2), true);
insert into inside.things (id, pair, state, "right") values (2, (3, 4), 'shut', true), (3, (5, 6), 'gone', false);
insert into outside.others values (1), (2);
