-- How an amount reads depends on lc_monetary.
set local lc_monetary = 'C';
select 12.5::numeric::money::text = '$12.50' and (select context = 'user' from pg_settings where name = 'lc_monetary');
