-- Equal moments of a day under two offsets are two values.
select 1;
select '12:00+00'::timetz <> '13:00+01'::timetz;
