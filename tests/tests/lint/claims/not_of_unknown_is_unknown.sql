-- `not null` is null.
select 1;
select (not null::boolean) is null;
