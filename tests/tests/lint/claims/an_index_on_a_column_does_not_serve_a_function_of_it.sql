-- lower(column) is another expression.
create table public.many as select g as many_id, (g % 1000)::int as key, 'Word' || g as word from generate_series(1, 20000) g;
create index many_key_idx on public.many (key);
create index many_word_idx on public.many (word);
create index many_two_idx on public.many (many_id, key);
analyze public.many;
select claim.plan($q$select * from public.many where lower(word) = 'word7'$q$) like '%Seq Scan%'
   and claim.plan($q$select * from public.many where word = 'Word7'$q$) like '%many_word_idx%';
