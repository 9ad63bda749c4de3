-- 0.1 + 0.2 is not 0.3.
select 1;
select 0.1::float8 + 0.2::float8 <> 0.3::float8 and 0.1::numeric + 0.2::numeric = 0.3::numeric;
