insert into store.things (pair) values (row(1, 'a')::store.pair), (null);
